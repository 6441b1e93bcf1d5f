import { mergeUrl, parseWgetUrl, schemeOf, type WgetUrl } from './url.ts';

/** A link in a page or a style sheet (struct urlpos). */
export interface Link {
  /** Absent for what wget can't retrieve: other schemes and what isn't a URL. */
  url: WgetUrl;
  /** Where its text stands in the file, quotes included for an attribute. */
  at: number;
  length: number;
  /** Needed to show the page. */
  inline: boolean;
  expectHtml: boolean;
  expectCss: boolean;
  /** In a style sheet, or one of several in an attribute: written without quotes. */
  plain: boolean;
  css: boolean;
  /** `<base href>`. */
  base: boolean;
  /** Converted, but never followed: `<form action>`, `<base href>`. */
  ignored: boolean;
  relative: boolean;
  complete: boolean;
  /** The seconds of `<meta http-equiv=refresh>`. */
  refresh: number | undefined;
}

/** Collects links in the order in which they stand in the text. */
export class LinkCollector {
  readonly #links: Link[] = [];
  /** What relative links stand against. */
  base: string | undefined;
  /** Links that have nothing to stand against. */
  readonly incomplete: string[] = [];

  constructor(base: string | undefined) {
    this.base = base;
  }

  add(text: string, at: number, length: number, more: Partial<Link> = {}): Link | undefined {
    const complete = schemeOf(text) !== undefined;
    if (this.base === undefined && !complete) {
      this.incomplete.push(text);
      return undefined;
    }
    const url = parseWgetUrl(this.base === undefined ? text : mergeUrl(this.base, text));
    if ('error' in url) return undefined;
    const link: Link = {
      url,
      at,
      length,
      inline: false,
      expectHtml: false,
      expectCss: false,
      plain: false,
      css: false,
      base: false,
      ignored: false,
      relative: !complete && !text.startsWith('/'),
      complete,
      refresh: undefined,
      ...more,
    };
    this.#links.push(link);
    return link;
  }

  get links(): Link[] {
    return this.#links.sort((a, b) => a.at - b.at);
  }
}

const CSS_TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|(@import\s+)?(?:url\(\s*("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|[^\s"')]*)\s*\)|("(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'))/gi;

/** `@import` and `url(…)` in a style sheet, or in a part of a page. @param at where the sheet stands in its file */
export function cssLinks(collector: LinkCollector, sheet: string, at = 0): void {
  for (const match of sheet.matchAll(CSS_TOKEN)) {
    const [all, imports, address, string] = match;
    const quoted = address ?? (imports === undefined ? undefined : string);
    if (quoted === undefined) continue;
    const bare = /^["']/.test(quoted) ? quoted.slice(1, -1) : quoted;
    const place = match.index + all.lastIndexOf(quoted) + (bare === quoted ? 0 : 1);
    collector.add(bare, at + place, bare.length, { inline: true, css: true, plain: true, expectCss: imports !== undefined });
  }
}
