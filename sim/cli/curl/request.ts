import { encode } from '../../base/bytes.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { base64, type Url } from '../http/url.ts';
import type { Body } from './body.ts';
import type { HttpProxy } from './proxy.ts';

/** What the headers speak of beside options and URL. */
export interface Given {
  version: string;
  /** `''` for none. */
  cookie: string;
  body: Body | undefined;
  proxy: HttpProxy | undefined;
}

/**
 * The headers of a request in curl's order: its own, without those that -H replaces or takes away, then those of -H, then the body's.
 */
export function requestHeaders(parsed: Parsed, url: Url, given: Given): [string, string][] {
  const { version, cookie, body, proxy } = given;
  const json = hasOption(parsed, 'json');
  const user = optionValue(parsed, 'user') ?? url.user;
  const headers: [string, string][] = [['Host', url.authority]];
  const basic = (who: string) => `Basic ${base64(encode(who.includes(':') ? who : `${who}:`))}`;
  if (proxy?.user !== undefined) headers.push(['Proxy-Authorization', basic(proxy.user)]);
  if (user !== undefined) headers.push(['Authorization', basic(user)]);
  const range = optionValue(parsed, 'range');
  if (range !== undefined) headers.push(['Range', `bytes=${range}`]);
  const agent = optionValue(parsed, 'user-agent') ?? `curl/${version}`;
  if (agent !== '') headers.push(['User-Agent', agent]);
  if (!json) headers.push(['Accept', '*/*']);
  const referer = optionValue(parsed, 'referer');
  if (hasOption(parsed, 'compressed')) headers.push(['Accept-Encoding', 'deflate, gzip, br, zstd']);
  if (referer) headers.push(['Referer', referer]);
  if (proxy) headers.push(['Proxy-Connection', 'Keep-Alive']);
  if (cookie !== '') headers.push(['Cookie', cookie]);
  const own = parsed.options.filter(({ name }) => name === 'header').map(({ value }) => value);
  // --json stands for two headers, unless they are given.
  const types = json ? ['Content-Type', 'Accept'] : [];
  own.push(
    ...types
      .filter((name) => !own.some((line) => line.toLowerCase().startsWith(`${name.toLowerCase()}:`)))
      .map((name) => `${name}: application/json`),
  );
  const kept = headers.filter(
    ([name]) =>
      !own.some((line) => line.split(/[:;]/)[0]?.trim().toLowerCase() === name.toLowerCase()) ||
      (name === 'Host' && !own.some((line) => /^host:\s*\S/i.test(line)) && !own.some((line) => /^host:\s*$/i.test(line))),
  );
  const host = own.find((line) => /^host:\s*\S/i.test(line));
  if (host) kept.unshift(['Host', host.slice(5).trim()]);
  for (const line of own) {
    const match = /^([^:;]+)[:](.*)$/.exec(line);
    if (match && (match[2] as string).trim() !== '' && match[1]?.toLowerCase() !== 'host')
      kept.push([match[1] as string, (match[2] as string).trim()]);
    else if (/^[^:;]+;$/.test(line)) kept.push([line.slice(0, -1), '']);
  }
  if (body) {
    kept.push(['Content-Length', String(body.bytes.length)]);
    if (body.type !== undefined && !own.some((line) => /^content-type:/i.test(line))) kept.push(['Content-Type', body.type]);
  }
  return kept;
}
