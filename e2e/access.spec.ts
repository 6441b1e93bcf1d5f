import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, expectedErrors, openTerminal, pagesOfTheBook, run, test } from './book.ts';

const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(STANDARD).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`));
}

/** The build at `/fork/` has the same pages: one of the two is looked at. */
for (const path of pagesOfTheBook()) {
  const name = path === '' ? 'the first page' : path;
  test(`${name} is accessible, wide and light`, ({ page }, { project }) =>
    look(page, path, project.name, 'light', { width: 1280, height: 800 }));
  test(`${name} is accessible, on a phone and dark`, ({ page }, { project }) =>
    look(page, path, project.name, 'dark', { width: 360, height: 740 }));
}

async function look(
  page: Page,
  path: string,
  project: string,
  colorScheme: 'light' | 'dark',
  size: { width: number; height: number },
): Promise<void> {
  test.skip(project !== 'root', 'the same pages as at the root');
  test.slow();
  expectedErrors.add(page);
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(size);
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  expect(await violations(page)).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`a page in use is accessible, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.goto('');
    const cells = page.locator('nd-cell[data-ready]');
    await run(cells.first());
    await cells.first().locator('textarea').first().fill('false');
    await run(cells.first());
    await openTerminal(page);
    await page.locator('[data-act="terminal"]').first().click();
    await expect(page.locator('.nd-dock .xterm-rows')).toContainText('#');
    expect(await violations(page)).toEqual([]);
  });
}
