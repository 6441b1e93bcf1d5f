import { concat, encode } from '../../base/bytes.ts';
import { EPOCH_SECONDS, SECOND, type Micros } from '../../base/time.ts';
import { base64 } from '../http/url.ts';
import { httpDate } from '../http/files.ts';
import { VERSION } from './help.ts';
import type { Settings } from './settings.ts';
import { authorityOf, targetOf, urlText, type WgetUrl } from './url.ts';

/** What a request says beside what the settings say. */
export interface RequestParts {
  headOnly: boolean;
  referer: string | undefined;
  /** The file's time, for a document that is only wanted when it is newer. */
  modifiedSince: Micros | undefined;
  /** The first byte that is wanted. */
  from: number;
  cookie: string;
  authorization: string | undefined;
  /** The answer to a challenge, which stands at the end. */
  answer: string | undefined;
  /** The proxy's URL, when it goes through one. */
  proxy: WgetUrl | undefined;
  /** None behind a redirection that ends in a GET. */
  method: string | undefined;
  body: Uint8Array | undefined;
}

/** `Basic dXNlcjpwYXNz`. */
export function basicCredentials(user: string, password: string): string {
  return `Basic ${base64(encode(`${user}:${password}`))}`;
}

/** A request in wget's order: its own headers, those of --header in their place or behind, then the body (initialize_request). */
export function requestBytes(settings: Settings, url: WgetUrl, parts: RequestParts): Uint8Array {
  const { proxy, body } = parts;
  const method = parts.headOnly ? 'HEAD' : (parts.method ?? 'GET');
  const headers: [string, string][] = [['Host', authorityOf(url)]];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) headers.push([name, value]);
  };
  add('Referer', parts.referer);
  if (!settings.cache) {
    add('Cache-Control', 'no-cache');
    add('Pragma', 'no-cache');
  }
  if (parts.modifiedSince !== undefined) add('If-Modified-Since', httpDate(EPOCH_SECONDS + Math.floor(parts.modifiedSince / SECOND)));
  if (parts.from > 0) add('Range', `bytes=${parts.from}-`);
  if (settings.userAgent !== '') add('User-Agent', settings.userAgent ?? `Wget/${VERSION}`);
  add('Accept', '*/*');
  add('Accept-Encoding', settings.compression === 'none' ? 'identity' : 'gzip');
  add('Authorization', parts.authorization);
  const keeps = settings.keepAlive && !settings.ignoreLength;
  add('Connection', keeps ? 'Keep-Alive' : 'Close');
  if (keeps && proxy) add('Proxy-Connection', 'Keep-Alive');
  if (body !== undefined) {
    add('Content-Type', 'application/x-www-form-urlencoded');
    add('Content-Length', String(body.length));
  } else if (parts.method !== undefined && /^(POST|PUT|PATCH)$/.test(parts.method)) add('Content-Length', '0');
  if (parts.cookie !== '') add('Cookie', parts.cookie);
  for (const line of settings.headers) replaceHeader(headers, line);
  if (proxy) add('Proxy-Authorization', proxyCredentials(settings, proxy));
  add('Authorization', parts.answer);
  const target = proxy ? urlText({ ...url, user: undefined, password: undefined }) : targetOf(url);
  const head = `${method} ${target} HTTP/1.1\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return body && !parts.headOnly ? concat([encode(head), body]) : encode(head);
}

/** Given by the options, else by the proxy's URL. */
function proxyCredentials(settings: Settings, proxy: WgetUrl): string | undefined {
  const user = settings.proxyUser ?? proxy.user;
  const password = settings.proxyPassword ?? proxy.password;
  return user !== undefined && password !== undefined ? basicCredentials(user, password) : undefined;
}

function replaceHeader(headers: [string, string][], line: string): void {
  const colon = line.indexOf(':');
  const own: [string, string] = [line.slice(0, colon), line.slice(colon + 1).trim()];
  const at = headers.findIndex(([known]) => known.toLowerCase() === own[0].toLowerCase());
  if (at < 0) headers.push(own);
  else headers[at] = own;
}
