import type { Page } from '@playwright/test';
import { violations } from './accessibility.ts';
import { expect, expectedErrors, pagesOfTheBook, test } from './book.ts';

for (const path of pagesOfTheBook()) {
  const name = path === '' ? 'the first page' : path;
  test(`${name} is accessible, wide and light`, ({ page }) => look(page, path, 'light', { width: 1280, height: 800 }));
  test(`${name} is accessible, on a phone and dark`, ({ page }) => look(page, path, 'dark', { width: 360, height: 740 }));
}

async function look(page: Page, path: string, colorScheme: 'light' | 'dark', size: { width: number; height: number }): Promise<void> {
  test.slow();
  expectedErrors.add(page);
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(size);
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  expect(await violations(page)).toEqual([]);
}
