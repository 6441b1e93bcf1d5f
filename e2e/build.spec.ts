import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { folderOf, pagesOf } from './book.ts';

/** What the first page's first cell may need of the simulation, compressed. */
const SIMULATION_BUDGET = 420 * 1024;
/** JavaScript that a page loads before its first use, compressed. */
const BUDGET = 30 * 1024;

function read(folder: string, page: string): string {
  return readFileSync(join(folder, page.endsWith('.html') ? page : `${page}index.html`), 'utf8');
}

test('every link of the build leads somewhere', ({ browserName: _ }, { project }) => {
  const folder = folderOf(project.metadata);
  const { base } = project.metadata as { base: string };
  const broken: string[] = [];
  for (const page of pagesOf(folder)) {
    const html = read(folder, page);
    for (const [, link] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      const url = new URL((link ?? '').replaceAll('&amp;', '&'), `http://book${base}${page}`);
      if (url.host !== 'book') continue;
      const problem = targetProblem(folder, base, url);
      if (problem) broken.push(`${page || 'index.html'}: ${link} ${problem}`);
    }
  }
  expect(broken).toEqual([]);
});

function targetProblem(folder: string, base: string, url: URL): string | undefined {
  if (!url.pathname.startsWith(base)) return 'leaves the base';
  let file = join(folder, decodeURIComponent(url.pathname.slice(base.length)));
  if (!existsSync(file)) return 'does not exist';
  if (statSync(file).isDirectory()) file = join(file, 'index.html');
  if (!existsSync(file)) return 'is a folder without a page';
  const anchor = decodeURIComponent(url.hash.slice(1));
  if (anchor === '' || !file.endsWith('.html')) return undefined;
  return new RegExp(`\\sid="${anchor.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"`).test(readFileSync(file, 'utf8'))
    ? undefined
    : 'has no such anchor';
}

test('a page is small before its first use', ({ browserName: _ }, { project }) => {
  const folder = folderOf(project.metadata);
  const { base } = project.metadata as { base: string };
  for (const page of pagesOf(folder)) {
    const html = read(folder, page);
    const seen = new Set<string>();
    const scripts = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"/g), ...html.matchAll(/rel="modulepreload"[^>]*href="([^"]+)"/g)];
    for (const [, source] of scripts) gather(folder, (source ?? '').slice(base.length), seen);
    const inline = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(([, text]) => text).join('');
    const size = [...seen].reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file))).length, gzipSync(inline).length);
    expect(size, `${page || 'index.html'}: ${size} bytes of JavaScript`).toBeLessThan(BUDGET);
  }
});

/** A script and what it imports statically. */
function gather(folder: string, file: string, seen: Set<string>): void {
  if (seen.has(file)) return;
  seen.add(file);
  const text = readFileSync(join(folder, file), 'utf8');
  for (const [, path] of text.matchAll(/(?:^|[;\s}])(?:import|export)\s*(?:[\w$*{}\s,]+from\s*)?["'](\.\/[^"']+)["']/g)) {
    gather(folder, join(file, '..', path ?? ''), seen);
  }
}

test('the first cell needs a part of the simulation only', async ({ page }, { project }) => {
  const folder = folderOf(project.metadata);
  const { base } = project.metadata as { base: string };
  const asked = new Set<string>();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js')) asked.add(pathname.slice(base.length));
  });
  await page.goto(base);
  await page.locator('nd-cell[data-ready]').first().waitFor();
  const before = new Set(asked);
  await page.locator('nd-cell [data-act="run"]').first().click();
  // What nobody waits for is only asked for some time after that.
  await expect(page.locator('nd-cell').first()).toHaveAttribute('data-state', 'ran');
  const needed = [...asked].filter((file) => !before.has(file) && !/\/(live|pane|page|dock)\./.test(file));
  expect(needed.some((file) => file.includes('/worker-'))).toBe(true);
  const size = needed.reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);
  expect(size, `${needed.length} files, ${size} bytes of the simulation: ${needed.join(' ')}`).toBeLessThan(SIMULATION_BUDGET);
  expect(size).toBeGreaterThan(SIMULATION_BUDGET / 2);
});

test('every page carries its own policy, and nothing is inlined that it forbids', ({ browserName: _ }, { project }) => {
  const folder = folderOf(project.metadata);
  for (const page of pagesOf(folder)) {
    const html = read(folder, page);
    expect(html).toContain('http-equiv="content-security-policy"');
    expect(html).not.toMatch(/\son\w+="/);
  }
});

test('no source map, secret path or test page is shipped', ({ browserName: _ }, { project }) => {
  const files = readdirSync(folderOf(project.metadata), { recursive: true, encoding: 'utf8' });
  expect(files.filter((file) => /\.(map|ts|mdx)$/.test(file))).toEqual([]);
});
