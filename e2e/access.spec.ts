import { violations } from './accessibility.ts';
import { expect, openTerminal, run, test } from './book.ts';

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
