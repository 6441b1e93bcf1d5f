import type { Blocking } from '../../host/wait.ts';
import { bytesOf, byteString } from '../tool/byte-string.ts';
import { rename } from '../tool/filesystem.ts';
import { htmlLinks } from './html-links.ts';
import { cssLinks, type Link, LinkCollector } from './links.ts';
import { decimalText } from './progress.ts';
import type { Session } from './session.ts';
import { urlText } from './url.ts';

/** A link's new text: to a file, to the server, or nothing for `<base>`. */
type Conversion = { to: 'file'; name: string } | { to: 'server' } | { to: 'nothing' };

/** Makes the links of all pages and style sheets point to what has been retrieved, or back to the server (-k, convert_all_links). */
export function* convertAll(session: Session): Blocking<void> {
  let count = 0;
  for (const [files, css] of [
    [session.htmlFiles, false],
    [session.cssFiles, true],
  ] as const) {
    for (const file of files) {
      const url = session.urlOfFile.get(file);
      if (url === undefined) continue;
      yield* convertFile(session, file, url, css);
      count++;
    }
  }
  yield* session.log.write('verbose', `Converted links in ${count} files in ${decimalText(0)} seconds.\n`);
}

function* convertFile(session: Session, file: string, url: string, css: boolean): Blocking<void> {
  const { process, log, settings } = session;
  const bytes = yield* process.readFile(file);
  if (typeof bytes === 'string') return;
  const text = byteString(bytes);
  const links = css ? linksOfSheet(text, url) : htmlLinks(text, url).links;
  const chosen = links.map((link) => [link, conversionOf(session, link)] as const);
  const changing = chosen.filter(([, conversion]) => conversion !== undefined).length;
  yield* log.write('verbose', `Converting links in ${file}... ${changing === 0 ? 'nothing to do.\n' : `${changing}.\n`}`);
  if (changing === 0) return;
  if (settings.backupConverted) backUp(session, file);
  const counts = { file: 0, server: 0, nothing: 0 };
  let result = '';
  let at = 0;
  for (const [link, conversion] of chosen) {
    if (!conversion) continue;
    counts[conversion.to]++;
    result += text.slice(at, link.at) + replacement(session, file, text, link, conversion);
    at = link.at + link.length;
  }
  const fd = process.open(file, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return;
  yield* process.write(fd, bytesOf(result + text.slice(at)));
  process.close(fd);
  yield* log.write('verbose', `${counts.file}-${counts.server}\n`);
}

function linksOfSheet(text: string, url: string): Link[] {
  const collector = new LinkCollector(url);
  cssLinks(collector, text);
  return collector.links;
}

/** `page.html` becomes `page.html.orig`; what -E has named `page.html` becomes `page.orig`. */
function backUp(session: Session, file: string): void {
  const written = session.written.get(file);
  if (written !== undefined) rename(session.process, file, written === 'suffixed' ? file.replace(/html$/, 'orig') : `${file}.orig`);
}

function conversionOf(session: Session, link: Link): Conversion | undefined {
  if (link.base) return { to: 'nothing' };
  const name = session.fileOfUrl.get(urlText(link.url));
  if (name !== undefined) return { to: 'file', name };
  return link.complete ? undefined : { to: 'server' };
}

function replacement(session: Session, file: string, text: string, link: Link, conversion: Conversion): string {
  const raw = text.slice(link.at, link.at + link.length);
  if (conversion.to === 'nothing') return quoted(raw, '');
  const address =
    conversion.to === 'file'
      ? localAddress(relativePath(file, conversion.name), link.css, session.settings.adjustExtension)
      : link.css || link.plain
        ? urlText(link.url)
        : escapeHtml(urlText(link.url));
  if (link.plain || link.css) return address;
  return quoted(raw, link.refresh === undefined ? address : `${link.refresh}; URL=${address}`);
}

/** In the quotes that were there, the fragment kept (replace_attr). */
function quoted(raw: string, text: string): string {
  const mark = /^["']/.exec(raw)?.[0];
  const inside = mark === undefined ? raw : raw.slice(1, -1);
  const fragment = /(?<!&)#.*$/s.exec(inside)?.[0] ?? '';
  return `${mark ?? '"'}${text}${fragment}${mark ?? '"'}`;
}

/** How one file is reached from the directory of another (construct_relative). */
export function relativePath(from: string, to: string): string {
  const [a, b] = [from.split('/'), to.split('/')];
  let common = 0;
  while (common < a.length - 1 && common < b.length - 1 && a[common] === b[common]) common++;
  const up = a.length - 1 - common;
  const rest = b.slice(common).join('/');
  return up === 0 && /^[^/]*:/.test(rest) ? `./${rest}` : '../'.repeat(up) + rest;
}

const LOCAL: Readonly<Record<string, string>> = { '%': '%25', '#': '%23', ';': '%3B', ' ': '%20', '?': '%3F' };

function localAddress(path: string, css: boolean, queries: boolean): string {
  const escaped = path.replace(queries ? /[%#; ?]/g : /[%#; ]/g, (char) => LOCAL[char] as string);
  return css ? escaped : escapeHtml(escaped);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', ' ': '&#32;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>" ]/g, (char) => HTML[char] as string);
}
