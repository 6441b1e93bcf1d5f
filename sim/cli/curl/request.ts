import { decode, encode } from '../../base/bytes.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { base64, type Url } from '../http/url.ts';

/**
 * The headers of a request in curl's order: its own, without those that -H replaces or takes away, then those of -H, then the body's.
 *
 * @param length of the body, if there is one
 */
export function requestHeaders(parsed: Parsed, url: Url, version: string, length: number | undefined): [string, string][] {
  const json = hasOption(parsed, 'json');
  const user = optionValue(parsed, 'user') ?? url.user;
  const headers: [string, string][] = [['Host', url.authority]];
  if (user !== undefined) headers.push(['Authorization', `Basic ${base64(encode(user.includes(':') ? user : `${user}:`))}`]);
  const agent = optionValue(parsed, 'user-agent') ?? `curl/${version}`;
  if (agent !== '') headers.push(['User-Agent', agent]);
  headers.push(['Accept', json ? 'application/json' : '*/*']);
  const referer = optionValue(parsed, 'referer');
  if (referer) headers.push(['Referer', referer]);
  const own = parsed.options.filter(({ name }) => name === 'header').map(({ value }) => value);
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
  if (length !== undefined) {
    kept.push(['Content-Length', String(length)]);
    if (!own.some((line) => /^content-type:/i.test(line)))
      kept.push(['Content-Type', json ? 'application/json' : 'application/x-www-form-urlencoded']);
  }
  return kept;
}

/** `-d @FILE`: the file's text without its line ends; --data-binary keeps them. @param hint the last line of a complaint; @returns an exit status if one can't be read */
export function* readDataFiles(process: Process, parsed: Parsed, hint: string): Blocking<number | undefined> {
  for (const option of parsed.options) {
    if (!['data', 'data-binary', 'json'].includes(option.name) || !option.value.startsWith('@')) continue;
    const file = option.value.slice(1);
    const bytes = yield* process.readFile(file === '-' ? '/dev/stdin' : file);
    if (typeof bytes === 'string') {
      const letter = option.name === 'data' ? '-d' : `--${option.name}`;
      yield* process.write(2, `curl: Failed to open ${file}\ncurl: option ${letter}: error encountered when reading a file\n${hint}`);
      return 26;
    }
    option.value = option.name === 'data' ? decode(bytes).replace(/[\r\n]/g, '') : decode(bytes);
  }
  return undefined;
}
