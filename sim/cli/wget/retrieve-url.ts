import { parseIP, parsePrefix, samePrefix } from '../../base/address.ts';
import type { Blocking } from '../../host/wait.ts';
import { Retrieval } from './retrieval.ts';
import { EXIT, type Session } from './session.ts';
import { mergeUrl, parseWgetUrl, urlText, type WgetUrl } from './url.ts';

/** A document that has been retrieved, or not. */
export interface Retrieved {
  status: number;
  /** The file it is in. */
  file: string | undefined;
  ok: boolean;
  html: boolean;
  css: boolean;
  /** Where it was in the end, behind redirections. */
  redirected: string | undefined;
}

/** A URL with its redirections (retrieve_url in retr.c). @param counts whether a failure shows in the exit status */
export function* retrieveUrl(session: Session, original: WgetUrl, referer?: string, counts = true): Blocking<Retrieved> {
  const { settings, log } = session;
  let url = original;
  let { method } = settings;
  const end = (status: number, found: Partial<Retrieved> = {}): Retrieved => {
    if (counts) session.fail(status);
    return { status, file: undefined, ok: false, html: false, css: false, redirected: undefined, ...found };
  };
  for (let redirections = 0; ; ) {
    const proxy = yield* proxyFor(session, url);
    if (proxy && 'error' in proxy) {
      yield* log.write('notquiet', `Error parsing proxy URL ${proxy.text}: ${proxy.error}.\n`);
      return end(EXIT.server);
    }
    const retrieval = new Retrieval(session, { url, original, referer: referer ?? settings.referer, proxy, method });
    const result = yield* retrieval.run();
    if ('status' in result) {
      const { file, ok, html, css } = retrieval.document;
      const got = result.status === 0 || settings.contentOnError ? file : undefined;
      if (got !== undefined && ok) register(session, urlText(url), got, { html, css });
      return end(result.status, { file: got, ok, html, css, redirected: redirections > 0 ? urlText(url) : undefined });
    }
    const text = mergeUrl(urlText(url), result.location);
    const next = parseWgetUrl(text);
    if ('error' in next) {
      yield* log.write('notquiet', `${text}: ${next.error}.\n`);
      return end(EXIT.generic);
    }
    if (++redirections > settings.maxRedirect) {
      yield* log.write('notquiet', `${settings.maxRedirect} redirections exceeded.\n`);
      return end(EXIT.server);
    }
    if (!result.keepMethod) method = undefined;
    url = next;
  }
}

function register(session: Session, url: string, file: string, { html, css }: { html: boolean; css: boolean }): void {
  session.register(url, file);
  if (html) session.htmlFiles.add(file);
  if (css) session.cssFiles.add(file);
}

/** What comes without a scheme is for http (maybe_prepend_scheme, rewrite_shorthand_url). */
export function* withScheme(session: Session, url: string): Blocking<string> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
  yield* session.log.write('always', `Prepended http:// to '${url}'\n`);
  return `http://${url}`;
}

/** The proxy for a URL: of -e http_proxy, else of the environment, unless no_proxy names the host. */
function* proxyFor(session: Session, url: WgetUrl): Blocking<WgetUrl | { error: string; text: string } | undefined> {
  const { settings, process } = session;
  const spared = settings.noProxy ?? process.env.get('no_proxy') ?? '';
  const text = settings.httpProxy ?? process.env.get('http_proxy') ?? '';
  if (!settings.useProxy || text === '' || isSpared(url.host, spared)) return undefined;
  const parsed = parseWgetUrl(yield* withScheme(session, text));
  return 'error' in parsed ? { ...parsed, text } : parsed;
}

/** Whether a host is in no_proxy: the end of a name, an address or a prefix (no_proxy_match). */
function isSpared(host: string, list: string): boolean {
  const address = parseIP(host);
  return list.split(',').some((entry) => {
    const name = entry.trim().toLowerCase();
    if (name === '' || name === '*') return name === '*';
    const prefix = name.includes('/') ? parsePrefix(name) : undefined;
    if (prefix && address !== undefined && typeof prefix.address === typeof address)
      return samePrefix(prefix.address, address, prefix.length);
    return host === name || host.endsWith(name.startsWith('.') ? name : `.${name}`);
  });
}
