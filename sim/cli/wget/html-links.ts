import { cssLinks, type Link, LinkCollector } from './links.ts';
import { mergeUrl } from './url.ts';

/** An attribute of a tag: its value with entities read, and where the value stands, quotes included. */
interface Attribute {
  name: string;
  value: string;
  at: number;
  length: number;
}

interface Tag {
  name: string;
  closing: boolean;
  attributes: Attribute[];
  /** Where it begins and ends. */
  from: number;
  to: number;
}

const INLINE = { inline: true };
const PAGE = { expectHtml: true };
const FRAME = { inline: true, expectHtml: true };

/** Attributes that hold URLs, by tag (tag_url_attributes in html-url.c). */
const URL_ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, Partial<Link>>>>> = {
  a: { href: PAGE },
  applet: { code: INLINE },
  area: { href: PAGE },
  bgsound: { src: INLINE },
  body: { background: INLINE },
  embed: { href: PAGE, src: FRAME },
  fig: { src: INLINE },
  frame: { src: FRAME },
  iframe: { src: FRAME },
  img: { href: INLINE, lowsrc: INLINE, src: INLINE },
  input: { src: INLINE },
  layer: { src: FRAME },
  object: { data: INLINE },
  overlay: { src: FRAME },
  script: { src: INLINE },
  table: { background: INLINE },
  td: { background: INLINE },
  th: { background: INLINE },
  video: { src: INLINE, poster: INLINE },
  audio: { src: INLINE, poster: INLINE },
  source: { src: INLINE },
};

const TAG = /<!--[\s\S]*?-->|<![^>]*>|<(\/?)([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g;
const ATTRIBUTE = /([^\s=/>"']+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s>]+))?/g;
const ENTITIES: Readonly<Record<string, string>> = { gt: '>', lt: '<', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

/** Entities read, blanks at the ends and line breaks left out (MHT_TRIM_VALUES in html-parse.c). */
function attributeText(raw: string): string {
  return raw
    .trim()
    .replace(/[\r\n]/g, '')
    .replace(/&(?:#(\d+)|#x([0-9a-fA-F]+)|(gt|lt|amp|quot|apos|nbsp));?/gi, (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code < 256 ? String.fromCharCode(code) : all;
    });
}

function* tagsOf(html: string): Generator<Tag> {
  for (const match of html.matchAll(TAG)) {
    const [all, slash, name, inside = ''] = match;
    if (name === undefined) continue;
    const start = match.index + 1 + (slash as string).length + name.length;
    const attributes: Attribute[] = [];
    for (const part of inside.matchAll(ATTRIBUTE)) {
      const raw = part[2];
      if (raw === undefined) continue;
      const at = start + part.index + part[0].length - raw.length;
      const text = /^["']/.test(raw) ? raw.slice(1, -1) : raw;
      attributes.push({ name: (part[1] as string).toLowerCase(), value: attributeText(text), at, length: raw.length });
    }
    yield { name: name.toLowerCase(), closing: slash === '/', attributes, from: match.index, to: match.index + all.length };
  }
}

/** The links of a page, and what it says about following them. */
export interface PageLinks {
  links: Link[];
  nofollow: boolean;
  incomplete: string[];
}

/** Which tags count: --follow-tags and --ignore-tags. */
export interface TagFilter {
  follow: readonly string[];
  ignore: readonly string[];
}

/** Reads a page's links (get_urls_html). @param url where the page came from; `<base>` changes what links stand against */
export function htmlLinks(html: string, url: string | undefined, filter: TagFilter = { follow: [], ignore: [] }): PageLinks {
  const collector = new LinkCollector(url);
  const reader = new PageReader(html, collector, url);
  const has = (list: readonly string[], name: string): boolean => list.some((each) => each.toLowerCase() === name);
  for (const tag of tagsOf(html)) {
    if ((filter.follow.length === 0 || has(filter.follow, tag.name)) && !has(filter.ignore, tag.name)) reader.read(tag);
    reader.readStyle(tag);
  }
  return { links: collector.links, nofollow: reader.nofollow, incomplete: collector.incomplete };
}

class PageReader {
  readonly #html: string;
  readonly #collector: LinkCollector;
  readonly #url: string | undefined;
  #styleFrom: number | undefined;
  nofollow = false;

  constructor(html: string, collector: LinkCollector, url: string | undefined) {
    this.#html = html;
    this.#collector = collector;
    this.#url = url;
  }

  read(tag: Tag): void {
    if (tag.closing) return;
    const attribute = (name: string) => tag.attributes.find((each) => each.name === name);
    const add = (found: Attribute | undefined, more: Partial<Link>, text = found?.value) =>
      found && text !== undefined ? this.#collector.add(text, found.at, found.length, more) : undefined;
    const urls = URL_ATTRIBUTES[tag.name];
    if (urls) for (const each of tag.attributes) if (urls[each.name]) add(each, urls[each.name] as Partial<Link>);
    if (tag.name === 'img' || tag.name === 'source') this.#readSourceSet(attribute('srcset'));
    if (tag.name === 'form') add(attribute('action'), { ignored: true });
    if (tag.name === 'link') add(attribute('href'), linkKind(attribute('rel')?.value, attribute('type')?.value));
    if (tag.name === 'meta') this.#readMeta(attribute('name')?.value, attribute('http-equiv')?.value, attribute('content'));
    const href = attribute('href');
    if (tag.name === 'base' && href && add(href, { ignored: true, base: true }))
      this.#collector.base = this.#url === undefined ? href.value : mergeUrl(this.#url, href.value);
  }

  /** A `style` attribute, and the text between `<style>` and `</style>`. */
  readStyle(tag: Tag): void {
    const style = tag.attributes.find(({ name }) => name === 'style');
    if (style) {
      const mark = /["']/.test(this.#html[style.at] as string) ? 1 : 0;
      cssLinks(this.#collector, this.#html.slice(style.at + mark, style.at + style.length - mark), style.at + mark);
    }
    if (tag.name !== 'style') return;
    if (!tag.closing) this.#styleFrom = tag.to;
    else if (this.#styleFrom !== undefined) {
      cssLinks(this.#collector, this.#html.slice(this.#styleFrom, tag.from), this.#styleFrom);
      this.#styleFrom = undefined;
    }
  }

  /** `small.png 1x, large.png 2x`. */
  #readSourceSet(found: Attribute | undefined): void {
    if (!found) return;
    const raw = this.#html.slice(found.at, found.at + found.length);
    const start = /^["']/.test(raw) ? 1 : 0;
    const text = raw.slice(start, raw.length - start);
    for (const match of text.matchAll(/([^\s,]\S*?)(?=,*(?:\s|$))(?:,+|[^,(]*(?:\([^)]*\)[^,(]*)*)/g)) {
      const link = match[1] as string;
      this.#collector.add(link, found.at + start + match.index, link.length, { inline: true, plain: true });
    }
  }

  #readMeta(name: string | undefined, equivalent: string | undefined, content: Attribute | undefined): void {
    if (!content) return;
    if (/^refresh$/i.test(equivalent ?? '')) {
      const match = /^\s*(\d+)\s*;\s*url=\s*(.*)$/i.exec(content.value);
      const refresh = Number(match?.[1]);
      if (match) this.#collector.add(match[2] as string, content.at, content.length, { expectHtml: true, refresh });
    } else if (/^robots$/i.test(name ?? '')) {
      const words = content.value.toLowerCase().split(/[\s,]+/);
      if (words.includes('none') || words.includes('nofollow')) this.nofollow = true;
    }
  }
}

/** What a `<link>` is for. */
function linkKind(relation: string | undefined, type: string | undefined): Partial<Link> {
  if (relation === undefined) return {};
  if (/^(alternate )?stylesheet$/i.test(relation)) return { inline: true, expectCss: true };
  if (/^(shortcut )?icon$|^manifest$/i.test(relation)) return { inline: true };
  return type === undefined || /^text\/html$/i.test(type) ? { expectHtml: true } : {};
}
