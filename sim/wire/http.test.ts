import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../base/bytes.ts';
import { captured } from './captured.ts';
import {
  encodeRequestHead,
  encodeResponseHead,
  type HttpRequestHead,
  headEnd,
  headerValue,
  keepsAlive,
  parseRequestHead,
  parseResponseHead,
  requestBody,
  responseBody,
} from './http.ts';
import { ChunkedReader, encodeChunk, LAST_CHUNK } from './http-chunked.ts';
import { isWireError } from './wire-error.ts';

fc.configureGlobal({ seed: 20260101, numRuns: 300 });

function request(text: string) {
  const b = encode(text);
  return parseRequestHead(b, 0, headEnd(b, 0, b.length));
}

function response(text: string) {
  const b = encode(text);
  const head = parseResponseHead(b, 0, headEnd(b, 0, b.length));
  if (isWireError(head)) throw new Error(head.malformed);
  return head;
}

describe('a request', () => {
  it('that curl sent is read, and written again byte for byte', () => {
    const b = captured('httpRequest').slice(66);
    expect(headEnd(b, 0, b.length)).toBe(b.length);
    const head = parseRequestHead(b, 0, b.length) as HttpRequestHead;
    expect(head).toMatchObject({ method: 'GET', target: '/f.txt', version: 'HTTP/1.1' });
    expect(headerValue(head.headers, 'host')).toBe('10.0.2.2:8080');
    expect(requestBody(head)).toBe(0);
    expect(decode(encodeRequestHead(head))).toBe(decode(b));
  });

  it('ends at the blank line, wherever the packets were cut', () => {
    const b = encode('GET / HTTP/1.1\r\nHost: a\r\n\r\nbody');
    for (let end = 0; end < 27; end++) expect(headEnd(b, 0, end)).toBe(-1);
    for (let end = 27; end <= b.length; end++) expect(headEnd(b, 0, end)).toBe(27);
  });

  it('may be typed by hand with bare line feeds, after a stray blank line', () => {
    expect(request('\r\n\nGET / HTTP/1.0\nHost:  a \n\n')).toEqual({
      method: 'GET',
      target: '/',
      version: 'HTTP/1.0',
      headers: [['Host', 'a']],
    });
  });

  it.each([
    ['GET /', 'malformed request line'],
    ['GET  / HTTP/1.1', 'malformed request line'],
    ['GE(T / HTTP/1.1', 'malformed method'],
    ['GET / HTTQ/1.1', 'malformed HTTP version'],
    ['GET / HTTP/1.1\r\nnonsense', 'malformed header line: nonsense'],
    ['GET / HTTP/1.1\r\nHost : a', 'malformed header line: Host : a'],
    ['GET / HTTP/1.1\r\n folded: a', 'malformed header line:  folded: a'],
  ])('%j is refused', (text, malformed) => {
    expect(request(`${text}\r\n\r\n`)).toMatchObject({ malformed });
  });

  it('with two different lengths is refused: two servers could disagree on where it ends', () => {
    const head = request('POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n') as HttpRequestHead;
    expect(requestBody(head)).toMatchObject({ malformed: 'bad Content-Length' });
  });
});

describe('a response', () => {
  it('that a real server sent is read, and written again byte for byte', () => {
    const b = captured('httpResponse').slice(66);
    const head = response(decode(b));
    expect(head).toMatchObject({ version: 'HTTP/1.1', status: 200, reason: 'OK' });
    expect(responseBody(head, 'GET')).toBe(6);
    expect(keepsAlive(head)).toBe(false);
    expect(decode(encodeResponseHead(head))).toBe(decode(b));
  });

  it('ends by its length, by its chunks or with the connection', () => {
    const body = (head: string, method = 'GET') => responseBody(response(`HTTP/1.1 ${head}\r\n\r\n`), method);
    expect(body('200 OK')).toBe('close');
    expect(body('200 OK\r\ncontent-length: 12')).toBe(12);
    expect(body('200 OK\r\nContent-Length: 12\r\nTransfer-Encoding: gzip, Chunked')).toBe('chunked');
    expect(body('200 OK\r\nContent-Length: 12', 'HEAD')).toBe(0);
    expect(body('204 No Content')).toBe(0);
    expect(body('304 Not Modified\r\nContent-Length: 12')).toBe(0);
    expect(body('200 OK\r\nContent-Length: -1')).toMatchObject({ malformed: 'bad Content-Length' });
  });

  it('needs no reason', () => {
    expect(response('HTTP/1.1 200\r\n\r\n')).toMatchObject({ status: 200, reason: '' });
    expect(response('HTTP/1.0 404 Not Found\r\n\r\n')).toMatchObject({ reason: 'Not Found' });
  });

  it('keeps the connection by default in 1.1, on request in 1.0', () => {
    expect(keepsAlive({ version: 'HTTP/1.1', headers: [] })).toBe(true);
    expect(keepsAlive({ version: 'HTTP/1.0', headers: [] })).toBe(false);
    expect(keepsAlive({ version: 'HTTP/1.0', headers: [['connection', 'Keep-Alive']] })).toBe(true);
    expect(keepsAlive({ version: 'HTTP/1.1', headers: [['Connection', 'upgrade, close']] })).toBe(false);
  });
});

describe('a chunked body', () => {
  it('arrives whole, however packets cut it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        (chunks, cuts) => {
          const wire = Uint8Array.from([...chunks.flatMap((chunk) => [...encodeChunk(chunk)]), ...LAST_CHUNK, ...encode('next')]);
          const reader = new ChunkedReader();
          const got: number[] = [];
          let at = 0;
          for (let n = 0; !reader.done; n++) {
            const next = at + (cuts[n % cuts.length] as number);
            const data = reader.push(wire.subarray(at, next));
            if (isWireError(data)) throw new Error(data.malformed);
            got.push(...data);
            at = next;
          }
          expect(got).toEqual(chunks.flatMap((chunk) => [...chunk]));
          expect(decode(reader.rest) + decode(wire.subarray(at))).toBe('next');
        },
      ),
    );
  });

  it('may name extensions and end in trailers', () => {
    const reader = new ChunkedReader();
    expect(decode(reader.push(encode('5;q=1\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n')) as Uint8Array)).toBe('hello');
    expect([reader.done, reader.trailers]).toEqual([true, [['X-Sum', '1']]]);
  });

  it.each([
    ['xyz\r\n', 'a chunk has no valid size'],
    ['2\r\nabc\r\n', 'a chunk does not end where its size says'],
    ['1'.repeat(9000), 'a chunk size or trailer line is too long'],
  ])('%.10j is refused', (text, malformed) => {
    expect(new ChunkedReader().push(encode(text))).toMatchObject({ malformed });
  });
});
