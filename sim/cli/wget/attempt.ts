import { type Errno, strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { headerValue } from '../../wire/http.ts';
import { acceptable } from './acceptance.ts';
import { type Document, parseHttpDate, rememberFile } from './document.ts';
import { type Answer, end, exchange, type ExchangeFailure, finishWithout, rangeStart } from './exchange.ts';
import { fileExists, fileNameOf, uniqueName } from './file-name.ts';
import { sizeText } from './progress.ts';
import { saveBody } from './save.ts';
import type { Session } from './session.ts';
import { mayClobber } from './settings.ts';
import type { WgetUrl } from './url.ts';

/** What is asked for in one try. */
export interface Request {
  url: WgetUrl;
  headOnly: boolean;
  referer: string | undefined;
  proxy: WgetUrl | undefined;
  method: string | undefined;
  /** The document is only wanted if it is newer than the file. */
  conditional: boolean;
}

/** How a try ended; `file` is a file that can't be written. */
export type Outcome = ExchangeFailure | 'finished' | 'unneeded' | 'redirected' | 'redirected-as-is' | { file: Errno };

/** One try: a request, its answer, and the document in its file (gethttp in http.c). */
export function* attempt(session: Session, document: Document, request: Request): Blocking<Outcome> {
  Object.assign(document, { length: 0, total: undefined, readError: undefined, ok: false });
  const { headOnly, conditional } = request;
  const modifiedSince = conditional ? document.before?.modified : undefined;
  const answer = yield* exchange(session, request.url, document, { ...request, modifiedSince });
  if (typeof answer === 'string') return answer;
  if ((yield* chooseFile(session, document, request.url, answer)) === 'there') {
    end(session, answer.connection);
    return 'unneeded';
  }
  learn(document, answer);
  if (answer.status === 204) {
    yield* finishWithout(session, answer, true);
    Object.assign(document, { from: 0, length: 0, received: 0, took: 0 });
    return 'finished';
  }
  const redirected = yield* redirection(session, document, answer, request);
  if (redirected) return redirected;
  const { log } = session;
  if (conditional && answer.status === 304) {
    yield* log.write('verbose', `File ${log.quote(document.file ?? '')} not modified on server. Omitting download.\n\n`);
    document.ok = true;
    yield* finishWithout(session, answer, true);
    return 'unneeded';
  }
  readType(session, document, answer);
  const { before } = document;
  if (conditional && before && answer.status === 200 && (yield* ignoredCondition(session, document, before, answer))) return 'unneeded';
  const start = rangeStart(answer);
  const size = answer.contentLength;
  const beyond = !session.settings.timestamping && document.from > 0 && answer.status === 200 && start === 0;
  if (answer.status === 416 || (beyond && size !== undefined && document.from >= size)) {
    yield* log.write('verbose', '\n    The file is already fully retrieved; nothing to do.\n\n');
    document.ok = true;
    yield* finishWithout(session, answer, headOnly);
    return 'unneeded';
  }
  if ((start !== 0 && start !== document.from) || (answer.status === 206 && start === 0 && document.from > 0)) {
    end(session, answer.connection);
    return 'again';
  }
  document.total = size === undefined ? undefined : size + start;
  yield* tellLength(session, document, answer, start);
  return yield* take(session, document, answer, request, start);
}

/** The document, or not even that. */
function* take(session: Session, document: Document, answer: Answer, { headOnly }: Request, start: number): Blocking<Outcome> {
  const { settings } = session;
  const only = headOnly || (settings.spider && !settings.recursive);
  if ((!document.ok && !settings.contentOnError) || only) {
    Object.assign(document, { from: 0, length: 0, received: 0 });
    yield* finishWithout(session, answer, headOnly);
    return answer.status === 504 ? 'again' : 'finished';
  }
  const failed = yield* saveBody(session, answer, document, start);
  return failed ? { file: failed } : 'finished';
}

/** Settles the file's name, now that the server has said what it says (check_file_output). */
function* chooseFile(session: Session, document: Document, url: WgetUrl, answer: Answer): Blocking<'there' | undefined> {
  const { settings, process } = session;
  if (document.file === undefined)
    document.file = fileNameOf(process, settings, url, dispositionName(headerValue(answer.headers, 'Content-Disposition')));
  document.temporary = settings.deleteAfter || settings.spider || !acceptable(settings, document.file);
  if (document.temporary) document.file += '.tmp';
  if (!document.existenceChecked && fileExists(process, document.file)) {
    if (settings.noClobber && settings.outputDocument === undefined) return 'there';
    if (!mayClobber(settings)) document.file = uniqueName(process, document.file);
  }
  document.existenceChecked = true;
  if (settings.timestamping && !document.timestampChecked) rememberFile(process, document, settings.backupConverted);
  return undefined;
}

/** The name in a Content-Disposition (RFC 6266), its directories left out. */
function dispositionName(header: string | undefined): string | undefined {
  const match = /(?:^|;)\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(header ?? '');
  const name = (match?.[1] ?? match?.[2])?.replace(/\\(.)/g, '$1').replace(/^.*[/\\]/, '');
  return name === '' ? undefined : name;
}

function learn(document: Document, answer: Answer): void {
  document.status = answer.status;
  document.reason = answer.reason === '' ? '(no description)' : answer.reason;
  document.location = headerValue(answer.headers, 'Location');
  document.lastModified = headerValue(answer.headers, 'Last-Modified');
  document.ok = answer.status >= 200 && answer.status < 300;
}

function* redirection(session: Session, document: Document, answer: Answer, request: Request): Blocking<Outcome | undefined> {
  const { status } = answer;
  if (![300, 301, 302, 303, 307, 308].includes(status)) return undefined;
  if (status === 300 && document.location === undefined) {
    document.ok = true;
    return undefined;
  }
  const { location } = document;
  yield* session.log.write('verbose', `Location: ${location === undefined ? 'unspecified' : `${location} [following]`}\n`);
  Object.assign(document, { from: 0, length: 0, received: 0 });
  yield* finishWithout(session, answer, request.headOnly);
  const given = request.method !== undefined && request.method !== 'POST';
  return status === 307 || status === 308 || (given && (status === 301 || status === 302)) ? 'redirected-as-is' : 'redirected';
}

/** What kind of document it is; without a word about it, it is HTML (set_content_type). */
function readType(session: Session, document: Document, answer: Answer): void {
  const type = contentType(answer);
  document.html = type === undefined || /^(text\/html|application\/xhtml\+xml)$/i.test(type);
  document.css = type !== undefined && /^text\/css$/i.test(type);
  if (!session.settings.adjustExtension || document.file === undefined) return;
  const wanted = document.html ? /\.html?$/i : document.css ? /\.css$/i : undefined;
  if (!wanted || wanted.test(document.file)) return;
  const suffix = document.html ? '.html' : '.css';
  const plain = document.file;
  document.file = plain + suffix;
  for (let count = 1; !mayClobber(session.settings) && fileExists(session.process, document.file); count++)
    document.file = `${plain}.${count}${suffix}`;
  document.suffixed = true;
}

function contentType(answer: Answer): string | undefined {
  return headerValue(answer.headers, 'Content-Type')?.replace(/\s*;.*/s, '');
}

/** A server that doesn't know If-Modified-Since sends the document all the same. */
function* ignoredCondition(
  session: Session,
  document: Document,
  before: { size: number; modified: number },
  answer: Answer,
): Blocking<boolean> {
  const remote = document.lastModified === undefined ? undefined : parseHttpDate(document.lastModified);
  const sameSize = answer.contentLength === undefined || answer.contentLength === before.size;
  if (remote === undefined || remote > before.modified || !sameSize) return false;
  const { log } = session;
  const shown = log.quote(document.file ?? '');
  yield* log.write(
    'verbose',
    `Server ignored If-Modified-Since header for file ${shown}.\nYou might want to add --no-if-modified-since option.\n\n`,
  );
  document.ok = true;
  end(session, answer.connection);
  return true;
}

function* tellLength(session: Session, document: Document, answer: Answer, start: number): Blocking<void> {
  if (!document.ok) return;
  const { total } = document;
  const size = answer.contentLength ?? 0;
  const human = (bytes: number): string => (bytes >= 1024 ? ` (${sizeText(bytes)})` : '');
  let text = session.settings.ignoreLength ? 'ignored' : 'unspecified';
  if (total !== undefined) text = `${total}${human(total)}${start > 0 ? `, ${size}${human(size)} remaining` : ''}`;
  const type = contentType(answer);
  yield* session.log.write('verbose', `Length: ${text}${type === undefined ? '' : ` [${type}]`}\n`);
}

/** What is said when a file can't be written. */
export function* tellUnwritable(session: Session, document: Document, error: Errno): Blocking<void> {
  const { log } = session;
  yield* log.write('verbose', '\n');
  yield* log.write('notquiet', `Cannot write to ${log.quote(document.file ?? '')} (${strerror(error)}).\n`);
}
