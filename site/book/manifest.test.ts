import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { placeOf, readBook, sidebarOf } from './manifest.ts';

function book(manifest: unknown, pages: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'book-'));
  writeFileSync(join(folder, 'book.json'), JSON.stringify(manifest));
  for (const page of pages) {
    mkdirSync(join(folder, page, '..'), { recursive: true });
    writeFileSync(join(folder, `${page}.mdx`), '');
  }
  return folder;
}

const manifest = {
  title: 'A book',
  description: '',
  parts: [
    { title: 'Start', pages: [{ page: 'index', number: '0' }] },
    {
      title: 'Docker',
      pages: [
        { page: 'docker/host', number: '1.1' },
        { page: 'docker/bridge', number: '1.2' },
      ],
    },
    { title: 'Later', pages: [{ page: 'later' }] },
  ],
};

test('the sidebar shows the pages that are written, in the order of the book', () => {
  const folder = book(manifest, ['index', 'docker/bridge']);
  expect(sidebarOf(readBook(folder), folder)).toEqual([
    { label: 'Start', items: [{ slug: '', attrs: { 'data-number': '0' } }] },
    { label: 'Docker', items: [{ slug: 'docker/bridge', attrs: { 'data-number': '1.2' } }] },
  ]);
  expect(placeOf(readBook(folder), 'docker/bridge')).toEqual({ part: 'Docker', number: '1.2' });
});

test('a slip in the manifest is named', () => {
  const folder = book({ ...manifest, parts: [{ title: 'Start', pages: [{ pgae: 'index' }] }] }, []);
  expect(() => readBook(folder)).toThrow('unknown key `pgae`; known are page, number');
});
