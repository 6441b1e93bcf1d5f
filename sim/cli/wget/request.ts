import { encode } from '../../base/bytes.ts';
import { optionValue, type Parsed } from '../getopt.ts';
import type { Url } from '../http/url.ts';

/** A request in wget's order: its own headers, those of --header in their place or behind, then the body. */
export function requestText(parsed: Parsed, url: Url): string {
  const post = optionValue(parsed, 'post-data');
  const body = post ?? optionValue(parsed, 'body-data');
  const spider = parsed.options.some(({ name }) => name === 'spider');
  const method = post !== undefined ? 'POST' : (optionValue(parsed, 'method')?.toUpperCase() ?? (spider ? 'HEAD' : 'GET'));
  const referer = optionValue(parsed, 'referer');
  const agent = optionValue(parsed, 'user-agent') ?? 'Wget/1.25.0';
  const headers: [string, string][] = [
    ['Host', url.authority],
    ...(referer === undefined ? [] : ([['Referer', referer]] as [string, string][])),
    ...(agent === '' ? [] : ([['User-Agent', agent]] as [string, string][])),
    ['Accept', '*/*'],
    ['Accept-Encoding', 'identity'],
    ['Connection', parsed.options.some(({ name }) => name === 'no-http-keep-alive') ? 'Close' : 'Keep-Alive'],
  ];
  if (body !== undefined) {
    headers.push(['Content-Type', 'application/x-www-form-urlencoded'], ['Content-Length', String(encode(body).length)]);
  }
  for (const { name, value } of parsed.options) {
    if (name !== 'header') continue;
    const colon = value.indexOf(':');
    const key = value.slice(0, colon);
    const own: [string, string] = [key, value.slice(colon + 1).trim()];
    const at = headers.findIndex(([known]) => known.toLowerCase() === key.toLowerCase());
    if (at < 0) headers.push(own);
    else headers[at] = own;
  }
  return `${method} ${url.target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body ?? ''}`;
}
