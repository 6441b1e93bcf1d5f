import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test as base, expect, type Locator, type Page } from '@playwright/test';

/** Every test also fails when a request leaves the site, or when the page reports an error. */
export const test = base.extend<{ watched: undefined }>({
  watched: [
    async ({ page, baseURL }, use) => {
      const origin = new URL(baseURL ?? '').origin;
      const strangers: string[] = [];
      const errors: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(`${origin}/`) && !/^(data|blob):/.test(request.url())) strangers.push(request.url());
      });
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      await use(undefined);
      expect(strangers, 'requests that left the site').toEqual([]);
      expect(
        errors.filter((text) => !expectedErrors.has(page) || !/404|ERR_INTERNET_DISCONNECTED/.test(text)),
        'errors of the page',
      ).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };

/** Pages on which a 404, or a lost network, is what the test asks for. */
export const expectedErrors = new WeakSet<Page>();

/** Addresses of every page in a build, relative to its base. */
export function pagesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => (name === 'index.html' ? '' : name.endsWith('/index.html') ? name.slice(0, -'index.html'.length) : name))
    .sort();
}

/** Addresses of the chapters' pages, and of the one for what isn't there, known before anything is built. */
export function pagesOfTheBook(): string[] {
  return readdirSync(join(process.cwd(), 'content'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mdx'))
    .map((name) => name.slice(0, -'.mdx'.length))
    .map((name) => (name === 'index' ? '' : name === '404' ? '404.html' : `${name}/`))
    .sort();
}

export function folderOf(metadata: unknown): string {
  return join(process.cwd(), (metadata as { folder: string }).folder);
}

/** The cell one of whose commands contains `text`, brought to life. It stays the same cell when its commands are edited. */
export async function cellWith(page: Page, text: string): Promise<Locator> {
  const id = await page.locator('nd-cell').filter({ hasText: text }).first().getAttribute('id');
  const cell = page.locator(`nd-cell#${id}[data-ready]`);
  await expect(cell).toBeVisible();
  return cell;
}

export function outputOf(cell: Locator): Locator {
  return cell.locator('.nd-output').last();
}

export function button(cell: Locator, act: string): Locator {
  return cell.locator(`[data-act="${act}"]`);
}

/** Runs a cell and waits until it has ended. */
export async function run(cell: Locator): Promise<void> {
  await button(cell, 'run').click();
  await expect(cell).toHaveAttribute('data-state', 'ran');
}

/** Opens the page's own terminal and returns its rows of text. */
export async function openTerminal(page: Page): Promise<Locator> {
  const terminal = page.locator('nd-terminal[data-ready]').first();
  await terminal.locator('.nd-terminal-start').click();
  const rows = terminal.locator('.xterm-rows');
  await expect(rows).toContainText('#');
  return rows;
}
