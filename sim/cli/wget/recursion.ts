import type { Blocking } from '../../host/wait.ts';
import { unlink } from '../tool/filesystem.ts';
import { byteString } from '../tool/byte-string.ts';
import { acceptable, directoryAllowed, domainAllowed, hasHtmlSuffix, isBelow } from './acceptance.ts';
import { htmlLinks } from './html-links.ts';
import { cssLinks, type Link, LinkCollector } from './links.ts';
import { RejectedLog, type Rejection } from './rejected-log.ts';
import { retrieveUrl } from './retrieve-url.ts';
import type { Robots } from './robots.ts';
import type { Session } from './session.ts';
import { ENDLESS } from './settings.ts';
import { parseWgetUrl, splitPath, urlText, type WgetUrl } from './url.ts';

interface Queued {
  url: string;
  referer: string | undefined;
  depth: number;
  html: boolean;
  css: boolean;
}

/** Patterns of --accept-regex and --reject-regex, compiled. */
export interface UrlPatterns {
  accept: RegExp | undefined;
  reject: RegExp | undefined;
}

/** What a retrieval came to, as far as its links matter. */
interface Fetched {
  file: string | undefined;
  /** The page that its links belong to; absent when they aren't followed. */
  descend: 'html' | 'css' | undefined;
  url: string;
}

/** A page and what it links to, breadth first (retrieve_tree in recur.c). */
export class Tree {
  readonly #session: Session;
  readonly #patterns: UrlPatterns;
  readonly #robots: Robots;
  readonly #start: WgetUrl;
  readonly #seen = new Set<string>();
  readonly #queue: Queued[] = [];
  readonly #rejected: RejectedLog;
  /** Broken links, for --spider. */
  readonly broken: string[];

  constructor(session: Session, start: WgetUrl, robots: Robots, patterns: UrlPatterns, broken: string[]) {
    this.#session = session;
    this.#start = start;
    this.#robots = robots;
    this.#patterns = patterns;
    this.broken = broken;
    this.#rejected = new RejectedLog(session);
  }

  *run(): Blocking<void> {
    yield* this.#rejected.open();
    const url = urlText(this.#start);
    this.#queue.push({ url, referer: undefined, depth: 0, html: true, css: false });
    this.#seen.add(url);
    for (let next = this.#queue.shift(); next && !this.#session.overQuota; next = this.#queue.shift()) {
      const fetched = yield* this.#fetch(next);
      if (fetched === 'unwritable') break;
      yield* this.#follow(next, fetched);
      yield* this.#removeUnwanted(fetched.file);
    }
    this.#rejected.close();
  }

  *#fetch(next: Queued): Blocking<Fetched | 'unwritable'> {
    const session = this.#session;
    const before = session.fileOfUrl.get(next.url);
    if (before !== undefined) {
      const css = next.css && session.cssFiles.has(before);
      const html = next.html && session.htmlFiles.has(before);
      return { file: before, descend: css ? 'css' : html ? 'html' : undefined, url: next.url };
    }
    const url = parseWgetUrl(next.url);
    if ('error' in url) return { file: undefined, descend: undefined, url: next.url };
    const { status, file, ok, html, css, redirected } = yield* retrieveUrl(session, url, next.referer);
    if (session.settings.spider && status === 8) this.broken.push(next.url);
    let descend: Fetched['descend'];
    if (file !== undefined && status === 0 && ok) descend = css || next.css ? 'css' : next.html && html ? 'html' : undefined;
    if (redirected !== undefined && descend && !(yield* this.#descendsInto(redirected, url, next))) descend = undefined;
    return { file, descend, url: redirected ?? next.url };
  }

  /** Whether the links of a page are followed that a redirection led to. */
  *#descendsInto(redirected: string, from: WgetUrl, next: Queued): Blocking<boolean> {
    const place = parseWgetUrl(redirected);
    if ('error' in place) return false;
    const reason = yield* this.#whyNot({ url: place, inline: false, relative: false }, from, next.depth);
    if (reason !== undefined && reason !== 'LIST' && reason !== 'REGEX') {
      yield* this.#rejected.write(reason, from, this.#start);
      return false;
    }
    this.#seen.add(redirected);
    this.#seen.add(next.url);
    return true;
  }

  *#follow(next: Queued, { file, descend, url }: Fetched): Blocking<void> {
    const { settings, process, log } = this.#session;
    if (!descend || file === undefined) return;
    const { level, pageRequisites } = settings;
    const deepest = level !== ENDLESS && next.depth >= level;
    // What a page needs may lie two levels deeper: itself, and in its frames.
    if (deepest && !(pageRequisites && next.depth <= level + 1)) return;
    const bytes = yield* process.readFile(file);
    if (typeof bytes === 'string') {
      yield* log.about(file, bytes);
      return;
    }
    const parent = parseWgetUrl(url);
    if ('error' in parent) return;
    const links = yield* this.#linksOf(byteString(bytes), url, file, descend);
    const referer = urlText({ ...parent, user: undefined, password: undefined });
    for (const link of links) {
      if (link.ignored || (deepest && !link.inline)) continue;
      yield* process.spend(1);
      const text = urlText(link.url);
      const reason = yield* this.#whyNot(link, parent, next.depth);
      if (reason !== undefined) {
        yield* this.#rejected.write(reason, link.url, parent);
        continue;
      }
      this.#seen.add(text);
      this.#queue.push({ url: text, referer, depth: next.depth + 1, html: link.expectHtml, css: link.expectCss });
    }
  }

  *#linksOf(text: string, url: string, file: string, kind: 'html' | 'css'): Blocking<Link[]> {
    const { settings, log } = this.#session;
    if (kind === 'css') {
      const collector = new LinkCollector(url);
      cssLinks(collector, text);
      return collector.links;
    }
    const { links, nofollow } = htmlLinks(text, url, { follow: settings.followTags, ignore: settings.ignoreTags });
    if (!settings.robots || !nofollow) return links;
    yield* log.write('verbose', `nofollow attribute found in ${file}. Will not follow any links on this page\n`);
    return [];
  }

  /** Why a link isn't followed; the costly questions come last (download_child). */
  *#whyNot(link: Pick<Link, 'url' | 'inline' | 'relative'>, parent: WgetUrl, depth: number): Blocking<Rejection | undefined> {
    const { settings } = this.#session;
    const { url } = link;
    const text = urlText(url);
    const { directory, file } = splitPath(url.path);
    if (this.#seen.has(text)) return 'BLACKLIST';
    if (settings.relativeOnly && !link.relative) return 'ABSOLUTE';
    if (!domainAllowed(settings, url.host)) return 'DOMAIN';
    const start = this.#start;
    const sameHost = url.host === start.host && url.port === start.port;
    const needed = settings.pageRequisites && link.inline;
    if (settings.noParent && sameHost && !needed && !isBelow(splitPath(start.path).directory, directory, settings.ignoreCase))
      return 'PARENT';
    if (!directoryAllowed(settings, directory)) return 'LIST';
    const { accept, reject } = this.#patterns;
    if ((accept && !accept.test(text)) || reject?.test(text)) return 'REGEX';
    const leadsOn = settings.level === ENDLESS || depth < settings.level - 1 || settings.pageRequisites;
    if (file !== '' && !(hasHtmlSuffix(file) && leadsOn) && !acceptable(settings, file)) return 'RULES';
    if (!settings.spanHosts && url.host !== parent.host) return 'SPANNEDHOST';
    if (settings.robots && !(yield* this.#robots.allows(url))) {
      this.#seen.add(text);
      return 'ROBOTS';
    }
    return undefined;
  }

  /** A file that was only read for its links goes again. */
  *#removeUnwanted(file: string | undefined): Blocking<void> {
    const { settings, log, process } = this.#session;
    if (file === undefined || !(settings.deleteAfter || settings.spider || !acceptable(settings, file))) return;
    const why = settings.deleteAfter || settings.spider ? '' : ' since it should be rejected';
    yield* log.write('verbose', `Removing ${file}${why}.\n`);
    const failed = unlink(process, file);
    if (failed) yield* log.about('unlink', failed);
    yield* log.write('verbose', '\n');
    this.#session.unregister(file);
  }
}
