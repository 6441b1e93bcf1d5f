import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, expectedErrors, folderOf, openTerminal, pagesOf, run, test } from './book.ts';

const STANDARD = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(STANDARD).analyze();
  return found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`));
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`every page is accessible, ${colorScheme}`, async ({ page }, { project }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of pagesOf(folderOf(project.metadata))) {
      expectedErrors.add(page);
      await page.goto(path);
      await page.waitForLoadState('networkidle');
      expect(await violations(page), path).toEqual([]);
    }
  });

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

test('every page is accessible on a phone', async ({ page }, { project }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of pagesOf(folderOf(project.metadata))) {
    expectedErrors.add(page);
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    expect(await violations(page), path).toEqual([]);
  }
});
