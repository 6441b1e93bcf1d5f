import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `content/book.json`: the whole book in order, written or not. */
export interface Book {
  title: string;
  description: string;
  /** Where a reader can edit a page: this, then `content/NAME.mdx`. Left out, there is no such link. */
  edit?: string;
  /** The address the book is published at, for canonical links and the site map. */
  site?: string;
  parts: Part[];
}

export interface Part {
  title: string;
  pages: PageEntry[];
}

/** A page: its name under `content/` (`docker/bridge` is `content/docker/bridge.mdx`) and its number in the book. */
export interface PageEntry {
  page: string;
  number?: string;
}

type SidebarItem = { label: string; items: { slug: string; attrs?: Record<string, string> }[] };

const KEYS = { book: ['title', 'description', 'edit', 'site', 'parts'], part: ['title', 'pages'], page: ['page', 'number'] };

/**
 * Reads the book's manifest.
 *
 * @param content the folder the chapters are in
 * @throws Error that names the place in `book.json`
 */
export function readBook(content: string): Book {
  const path = join(content, 'book.json');
  const book = JSON.parse(readFileSync(path, 'utf8')) as Book;
  checkKeys(book, KEYS.book, 'the book');
  if (typeof book.title !== 'string' || !Array.isArray(book.parts))
    throw new Error('content/book.json: the book needs a `title` and `parts`');
  for (const part of book.parts) {
    checkKeys(part, KEYS.part, `part “${part.title}”`);
    for (const page of part.pages) checkKeys(page, KEYS.page, `page “${page.page}”`);
  }
  return book;
}

/** The pages that exist, grouped as in the book; parts without any are left out. */
export function sidebarOf(book: Book, content: string): SidebarItem[] {
  return book.parts
    .map((part) => ({
      label: part.title,
      items: part.pages
        .filter(({ page }) => existsSync(join(content, `${page}.mdx`)))
        .map(({ page, number }) => ({ slug: page === 'index' ? '' : page, ...(number ? { attrs: { 'data-number': number } } : {}) })),
    }))
    .filter((part) => part.items.length > 0);
}

/** Where a page stands: its part and number. */
export function placeOf(book: Book, page: string): { part: string; number: string | undefined } | undefined {
  for (const part of book.parts) {
    const entry = part.pages.find((each) => each.page === page);
    if (entry) return { part: part.title, number: entry.number };
  }
  return undefined;
}

function checkKeys(value: object, known: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown) throw new Error(`content/book.json: ${what} has an unknown key \`${unknown}\`; known are ${known.join(', ')}`);
}
