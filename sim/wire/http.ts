import { decode, encode } from '../base/bytes.ts';
import { type WireError, wireError } from './wire-error.ts';

/** HTTP/1.0 and 1.1 messages (RFC 9112): heads here, chunked bodies in http-chunked.ts. */

/** In the order sent; names keep their letters' case and compare without regard to it. */
export type HttpHeader = [name: string, value: string];

export interface HttpRequestHead {
  method: string;
  /** The request target as sent: `/path?query`, an absolute URL to a proxy, or `*`. */
  target: string;
  version: string;
  headers: HttpHeader[];
}

export interface HttpResponseHead {
  version: string;
  /** Three digits. */
  status: number;
  reason: string;
  headers: HttpHeader[];
}

const LF = 10;
const CR = 13;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VERSION = /^HTTP\/[0-9]\.[0-9]$/;

/**
 * Where a head that starts at `at` ends: after its blank line. -1 when that hasn't arrived. Blank lines before the head belong to it, and a
 * bare LF ends a line as well (RFC 9112 §2.2).
 */
export function headEnd(b: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && (b[i] === LF || (b[i] === CR && i + 1 < end && b[i + 1] === LF))) i++;
  for (; i < end; i++) {
    if (b[i] !== LF) continue;
    if (i + 1 < end && b[i + 1] === LF) return i + 2;
    if (i + 2 < end && b[i + 1] === CR && b[i + 2] === LF) return i + 3;
  }
  return -1;
}

/** @param end as `headEnd` found it */
export function parseRequestHead(b: Uint8Array, at: number, end: number): HttpRequestHead | WireError {
  const lines = splitLines(b, at, end);
  const match = /^(\S+) (\S+) (\S+)$/.exec(lines[0] ?? '');
  if (!match) return wireError('malformed request line', at);
  const [, method, target, version] = match as unknown as [string, string, string, string];
  if (!TOKEN.test(method)) return wireError('malformed method', at);
  if (!VERSION.test(version)) return wireError('malformed HTTP version', at);
  const headers = parseHeaders(lines, at);
  return 'malformed' in headers ? headers : { method, target, version, headers };
}

/** @param end as `headEnd` found it */
export function parseResponseHead(b: Uint8Array, at: number, end: number): HttpResponseHead | WireError {
  const lines = splitLines(b, at, end);
  const match = /^(\S+) (\d{3})(?: (.*))?$/s.exec(lines[0] ?? '');
  if (!match || !VERSION.test(match[1] as string)) return wireError('malformed status line', at);
  const headers = parseHeaders(lines, at);
  return 'malformed' in headers ? headers : { version: match[1] as string, status: Number(match[2]), reason: match[3] ?? '', headers };
}

/** The lines before the blank one, blank lines in front left out. */
function splitLines(b: Uint8Array, at: number, end: number): string[] {
  const lines = decode(b.subarray(at, end)).split(/\r?\n/);
  while (lines[0] === '') lines.shift();
  const blank = lines.indexOf('');
  return blank < 0 ? lines : lines.slice(0, blank);
}

function parseHeaders(lines: readonly string[], at: number): HttpHeader[] | WireError {
  const headers: HttpHeader[] = [];
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon));
    if (!TOKEN.test(name)) return wireError(`malformed header line: ${line}`, at);
    headers.push([name, line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')]);
  }
  return headers;
}

/** The head's bytes, blank line included. */
export function encodeRequestHead(head: HttpRequestHead): Uint8Array {
  return encodeHead(`${head.method} ${head.target} ${head.version}`, head.headers);
}

/** The head's bytes, blank line included. */
export function encodeResponseHead(head: HttpResponseHead): Uint8Array {
  return encodeHead(`${head.version} ${head.status} ${head.reason}`, head.headers);
}

function encodeHead(first: string, headers: readonly HttpHeader[]): Uint8Array {
  let text = `${first}\r\n`;
  for (const [name, value] of headers) text += `${name}: ${value}\r\n`;
  return encode(`${text}\r\n`);
}

/** The first header of that name, in whatever case. */
export function headerValue(headers: readonly HttpHeader[], name: string): string | undefined {
  const wanted = name.toLowerCase();
  return headers.find(([each]) => each.toLowerCase() === wanted)?.[1];
}

/** Whether a comma-separated header lists a token: `Connection: close`. */
export function headerHas(headers: readonly HttpHeader[], name: string, token: string): boolean {
  const wanted = name.toLowerCase();
  return headers.some(
    ([each, value]) => each.toLowerCase() === wanted && value.split(',').some((part) => part.trim().toLowerCase() === token),
  );
}

/** How a body ends: after that many bytes, by its chunks, or with the connection. */
export type BodyLength = number | 'chunked' | 'close';

/** RFC 9112 §6.3 for requests: without a length there is no body. */
export function requestBody(head: HttpRequestHead): BodyLength | WireError {
  const length = declaredLength(head.headers);
  return length === 'close' ? 0 : length;
}

/** RFC 9112 §6.3 for responses. @param method of the request that is answered */
export function responseBody(head: HttpResponseHead, method: string): BodyLength | WireError {
  if (method === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304) return 0;
  if (method === 'CONNECT' && head.status < 300) return 0;
  return declaredLength(head.headers);
}

function declaredLength(headers: readonly HttpHeader[]): BodyLength | WireError {
  if (headerValue(headers, 'Transfer-Encoding') !== undefined) {
    if (headerHas(headers, 'Transfer-Encoding', 'chunked')) return 'chunked';
    return wireError(`unsupported transfer encoding ${headerValue(headers, 'Transfer-Encoding')}`, 0);
  }
  const lengths = headers.filter(([name]) => name.toLowerCase() === 'content-length').map(([, value]) => value);
  if (lengths.length === 0) return 'close';
  const length = lengths[0] as string;
  if (!/^\d{1,15}$/.test(length) || lengths.some((other) => other !== length)) return wireError('bad Content-Length', 0);
  return Number(length);
}

/** Whether the connection stays open after this message (RFC 9112 §9.3). */
export function keepsAlive(head: { version: string; headers: HttpHeader[] }): boolean {
  if (headerHas(head.headers, 'Connection', 'close')) return false;
  return head.version !== 'HTTP/1.0' || headerHas(head.headers, 'Connection', 'keep-alive');
}
