import { decode, encode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND, type Micros } from '../../base/time.ts';
import type { Blocking } from '../../host/wait.ts';
import { type BodyLength, type HttpHeader, headerHas, headerValue } from '../../wire/http.ts';
import { notModelled } from '../command.ts';
import { type Connection, type ConnectFailure, connectTo, dropKept } from './connection.ts';
import type { Document } from './document.ts';
import { basicCredentials, requestBytes, type RequestParts } from './request.ts';
import type { Session } from './session.ts';
import type { WgetUrl } from './url.ts';

/** The head of an answer, read as leniently as wget does. */
export interface Answer {
  status: number;
  reason: string;
  headers: HttpHeader[];
  /** The lines as they came, the status line first. */
  lines: string[];
  connection: Connection;
  /** Bytes of the body that came before anybody knew that there is no head. */
  early: Uint8Array | undefined;
  /** How long the body is; absent when only its end tells. */
  contentLength: number | undefined;
  chunked: boolean;
  keepAlive: boolean;
}

export type ExchangeFailure = ConnectFailure | 'authentication' | 'no-body-file';

/** A request, and what is answered: with the user's name and password when the server asks for them (the first half of gethttp). */
export function* exchange(
  session: Session,
  url: WgetUrl,
  document: Document,
  wanted: {
    headOnly: boolean;
    referer: string | undefined;
    modifiedSince: Micros | undefined;
    proxy: WgetUrl | undefined;
    method: string | undefined;
  },
): Blocking<Answer | ExchangeFailure> {
  const { settings, log, process } = session;
  const body = yield* bodyOf(session, wanted.method);
  if (body === 'missing') return 'no-body-file';
  const user = url.user ?? settings.httpUser ?? settings.user;
  const password = url.password ?? settings.httpPassword ?? settings.password;
  const known = user !== undefined && password !== undefined;
  const outright = known && (settings.authNoChallenge || (url.user === undefined && session.challenged.has(url.host)));
  const parts: RequestParts = {
    ...wanted,
    from: document.from,
    cookie: yield* session.cookiesFor(url),
    authorization: outright ? basicCredentials(user, password) : undefined,
    answer: undefined,
    body,
  };
  for (;;) {
    const connection = yield* connectTo(session, wanted.proxy ?? url);
    if (typeof connection === 'string') return connection;
    process.onSignal('SIGPIPE', 'ignore');
    yield* process.write(connection.fd, requestBytes(settings, url, parts));
    yield* log.write('verbose', `${wanted.proxy ? 'Proxy' : 'HTTP'} request sent, awaiting response... `);
    const answer = yield* readAnswer(session, connection, wanted.headOnly);
    if (typeof answer === 'string') {
      process.close(connection.fd);
      return answer;
    }
    for (const [name, value] of answer.headers) if (name.toLowerCase() === 'set-cookie') session.takeCookie(value, url);
    if (answer.status !== 401) return answer;
    yield* finishWithout(session, answer, wanted.headOnly);
    const challenge = yield* chooseChallenge(session, answer, known, parts.authorization !== undefined || parts.answer !== undefined);
    if (!challenge || !known) return 'authentication';
    session.challenged.add(url.host);
    parts.answer = basicCredentials(user, password);
  }
}

/** @returns whether another request with credentials makes sense (check_auth) */
function* chooseChallenge(session: Session, answer: Answer, known: boolean, tried: boolean): Blocking<boolean> {
  const challenges = answer.headers.filter(([name]) => name.toLowerCase() === 'www-authenticate').map(([, value]) => value.trim());
  if (tried || !known) return false;
  const { log } = session;
  const basic = challenges.find((value) => /^basic(\s|$)/i.test(value));
  if (challenges.some((value) => /^(digest|ntlm)(\s|$)/i.test(value))) {
    yield* log.write('notquiet', notModelled('wget', 'authentication other than Basic'));
    return false;
  }
  if (basic === undefined) {
    if (challenges.length > 0) yield* log.write('notquiet', 'Unknown authentication scheme.\n');
    return false;
  }
  yield* log.write('notquiet', `Authentication selected: ${basic}\n`);
  return true;
}

function* bodyOf(session: Session, method: string | undefined): Blocking<Uint8Array | undefined | 'missing'> {
  const { settings, log, process } = session;
  if (method === undefined) return undefined;
  if (settings.bodyData !== undefined) return encode(settings.bodyData);
  if (settings.bodyFile === undefined) return undefined;
  const bytes = yield* process.readFile(settings.bodyFile);
  if (typeof bytes !== 'string') return bytes;
  yield* log.write('notquiet', `BODY data file ${log.quote(settings.bodyFile)} missing: ${strerror(bytes)}\n`);
  return 'missing';
}

/** When to stop waiting for something to come; the timeout is in seconds, with fractions, and 0 is none. */
export function readDeadline(session: Session): Micros | undefined {
  const { readTimeout } = session.settings;
  return readTimeout > 0 ? session.process.host.now + Math.round(readTimeout * SECOND) : undefined;
}

function* readAnswer(session: Session, connection: Connection, headOnly: boolean): Blocking<Answer | 'again'> {
  const { log, settings } = session;
  for (;;) {
    const read = yield* readHead(session, connection);
    if (typeof read === 'string' || read === undefined) {
      const why = read === undefined ? 'No data received' : `Read error (${strerror(read)}) in headers`;
      yield* log.write('notquiet', `${why}.\n`);
      return 'again';
    }
    const answer = understood(read, connection, session);
    if (answer.status < 0) {
      yield* log.write('verbose', '-1\n');
      yield* log.write('notquiet', `${log.time} ERROR -1: Malformed status line.\n`);
      return 'again';
    }
    if (answer.status >= 100 && answer.status < 200) continue;
    if (settings.serverResponse) {
      yield* log.write('verbose', '\n');
      yield* log.write('always', answer.lines.map((line) => `  ${line}\n`).join(''));
    } else yield* log.write('verbose', `${String(answer.status).padStart(2)} ${answer.reason}\n`);
    if (headOnly) Object.assign(answer, { chunked: false });
    return answer;
  }
}

function* readHead(session: Session, { http }: Connection): Blocking<Uint8Array | undefined | Errno> {
  const bytes = yield* http.head(readDeadline(session));
  if (bytes !== undefined) return bytes;
  // An end within the head: what has come is the head, or a document without one.
  const held = http.held.length > 0 ? yield* http.more() : undefined;
  return held;
}

function understood(bytes: Uint8Array, connection: Connection, session: Session): Answer {
  const text = decode(bytes);
  const plain: Answer = {
    status: 200,
    reason: 'No headers, assuming HTTP/0.9',
    headers: [],
    lines: [],
    connection,
    early: bytes,
    contentLength: undefined,
    chunked: false,
    keepAlive: false,
  };
  if (!text.startsWith('HTTP')) return plain;
  const lines = text.replace(/\r?\n\r?\n$/, '').split(/\r?\n/);
  const match = /^HTTP(?:\/\d+(?:\.\d+)?)?\s+(\d{3})(?:\s+(.*?))?\s*$/s.exec(lines[0] ?? '');
  const headers = lines.slice(1).flatMap((line): HttpHeader[] => {
    const colon = line.indexOf(':');
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()]];
  });
  const { settings } = session;
  const length = headerValue(headers, 'Content-Length');
  const range = /^(?:bytes\s+)?(\d+)-(\d+)\/(?:\d+|\*)/i.exec(headerValue(headers, 'Content-Range') ?? '');
  const counted = length !== undefined && /^\d/.test(length) && !settings.ignoreLength ? Number.parseInt(length, 10) : undefined;
  return {
    ...plain,
    status: match ? Number(match[1]) : -1,
    reason: match?.[2] ?? '',
    headers,
    lines,
    early: undefined,
    contentLength: range ? Number(range[2]) - Number(range[1]) + 1 : counted,
    chunked: headerHas(headers, 'Transfer-Encoding', 'chunked'),
    keepAlive: settings.keepAlive && !settings.ignoreLength && !/^close$/i.test(headerValue(headers, 'Connection') ?? ''),
  };
}

/** The first byte of the document that an answer holds: from a Content-Range. */
export function rangeStart(answer: Answer): number {
  const range = /^(?:bytes\s+)?(\d+)-(\d+)\/(?:\d+|\*)/i.exec(headerValue(answer.headers, 'Content-Range') ?? '');
  return Number(range?.[1] ?? 0);
}

/** How the body of an answer ends. */
export function bodyLength(answer: Answer): BodyLength {
  return answer.chunked ? 'chunked' : (answer.contentLength ?? 'close');
}

/** Bodies up to this size are read to keep the connection; longer ones cost more than a new one. */
const SHORT_BODY = 4096;

/** Done with an answer whose body nobody wants: a short one is read, so that the connection can be kept. */
export function* finishWithout(session: Session, answer: Answer, headOnly: boolean): Blocking<void> {
  const { connection, contentLength, chunked, keepAlive } = answer;
  const short = headOnly || chunked || (contentLength !== undefined && contentLength <= SHORT_BODY);
  if (!keepAlive || !short) return end(session, connection);
  const missing = headOnly ? 0 : yield* connection.http.body(bodyLength(answer), nothing, () => readDeadline(session));
  if (missing === 0) keep(session, connection);
  else end(session, connection);
}

function* nothing(): Blocking<undefined> {
  return undefined;
}

export function keep(session: Session, connection: Connection): void {
  dropKept(session);
  session.kept = connection;
}

export function end(session: Session, connection: Connection): void {
  session.process.close(connection.fd);
}
