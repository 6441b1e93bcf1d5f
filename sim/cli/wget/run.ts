import { concat, decode } from '../../base/bytes.ts';
import type { Errno } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { fileExists } from './file-name.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString } from '../tool/byte-string.ts';
import { unlink } from '../tool/filesystem.ts';
import { dropKept } from './connection.ts';
import { htmlLinks } from './html-links.ts';
import { Tree, type UrlPatterns } from './recursion.ts';
import { retrieveUrl, withScheme } from './retrieve-url.ts';
import { Robots } from './robots.ts';
import { EXIT, type Session } from './session.ts';
import { mergeUrl, parseWgetUrl, urlText, type WgetUrl } from './url.ts';

/** All URLs of the command line, and then those of -i. @param broken gets the broken links that --spider finds */
export function* retrieveAll(session: Session, urls: readonly string[], patterns: UrlPatterns, broken: string[]): Blocking<void> {
  const { settings, log, process } = session;
  const robots = new Robots(session);
  function* retrieve(text: string): Blocking<void> {
    const url = parseWgetUrl(text);
    if ('error' in url) {
      yield* log.write('notquiet', `${text}: ${url.error}.\n`);
      session.fail(EXIT.generic);
      return;
    }
    if (settings.recursive || settings.pageRequisites) {
      yield* new Tree(session, url, robots, patterns, broken).run();
      return;
    }
    const { file } = yield* retrieveUrl(session, url);
    if (settings.deleteAfter && file !== undefined && fileExists(process, file)) yield* remove(session, file);
  }
  for (const operand of urls) yield* retrieve(yield* withScheme(session, operand));
  if (settings.inputFile !== undefined) {
    const listed = yield* readList(session, settings.inputFile);
    if (listed.length === 0) yield* log.write('notquiet', `No URLs found in ${settings.inputFile}.\n`);
    for (const url of listed) {
      if (session.overQuota) break;
      yield* retrieve(urlText(url));
    }
  }
  dropKept(session);
}

function* remove(session: Session, file: string): Blocking<void> {
  const { log, process } = session;
  yield* log.write('verbose', `Removing ${file}.\n`);
  const failed = unlink(process, file);
  if (failed) yield* log.about('unlink', failed);
}

/** The URLs of -i: a line each, or the links of a page (retrieve_from_file). */
function* readList(session: Session, name: string): Blocking<WgetUrl[]> {
  const { settings, log, process } = session;
  let file = name;
  let html = settings.forceHtml;
  if (/^http:\/\//i.test(name)) {
    const url = parseWgetUrl(name);
    if ('error' in url) return [];
    settings.base ??= name;
    const got = yield* retrieveUrl(session, url);
    if (got.file === undefined || got.status !== 0) return [];
    file = got.file;
    html ||= got.html;
  }
  const bytes = file === '-' ? yield* readInput(process) : yield* process.readFile(file);
  if (typeof bytes === 'string') {
    yield* log.about(file, bytes);
    return [];
  }
  return html ? yield* linksOfPage(session, file, bytes) : yield* lines(session, decode(bytes));
}

/** All of standard input. */
function* readInput(process: Process): Blocking<Uint8Array | Errno> {
  const parts: Uint8Array[] = [];
  for (;;) {
    const part = yield* process.read(0);
    if (typeof part === 'string') return part;
    if (part.length === 0) return concat(parts);
    parts.push(part);
  }
}

function* linksOfPage(session: Session, file: string, bytes: Uint8Array): Blocking<WgetUrl[]> {
  const { links, incomplete } = htmlLinks(byteString(bytes), session.settings.base);
  for (const link of incomplete) yield* session.log.write('notquiet', `${file}: Cannot resolve incomplete link ${link}.\n`);
  return links.filter(({ ignored }) => !ignored).map(({ url }) => url);
}

function* lines(session: Session, text: string): Blocking<WgetUrl[]> {
  const { settings, log } = session;
  const urls: WgetUrl[] = [];
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const given = settings.base === undefined ? yield* withScheme(session, line) : mergeUrl(settings.base, line);
    const url = parseWgetUrl(given);
    if ('error' in url) yield* log.write('notquiet', `${line}: Invalid URL ${given}: ${url.error}\n`);
    else urls.push(url);
  }
  return urls;
}
