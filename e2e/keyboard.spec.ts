import { cellWith, expect, test } from './book.ts';

test('a reader without a mouse: into the command, change it, run it, stop it, on to the next', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  await cell.locator('[data-act="reset"]').focus();
  const editor = cell.locator('textarea').last();
  for (let presses = 0; presses < 12 && !(await editor.evaluate((area) => area === document.activeElement)); presses++) {
    await page.keyboard.press('Tab');
  }
  await expect(editor).toBeFocused();
  await page.keyboard.press('End');
  await page.keyboard.type(' -c 9');
  await page.keyboard.press('Shift+Enter');
  await expect(cell.locator('.nd-output').last()).toContainText('bytes from');
  await page.keyboard.press('Escape');
  await expect(cell.locator('[data-act="stop"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(cell).toHaveAttribute('data-state', 'ran');
  await expect(cell.locator('[data-act="run"]')).toBeFocused();
});

test('focus is always to be seen', async ({ page }) => {
  await page.goto('');
  await expect(page.locator('nd-cell[data-ready]').first()).toBeVisible();
  for (let presses = 0; presses < 25; presses++) {
    await page.keyboard.press('Tab');
    const unseen = await page.evaluate(() => {
      const at = document.activeElement as HTMLElement;
      if (!at || at === document.body || at.classList.contains('nd-edit')) return null;
      const style = getComputedStyle(at);
      return style.outlineStyle === 'none' && style.boxShadow === 'none' ? at.outerHTML.slice(0, 120) : null;
    });
    expect(unseen).toBeNull();
  }
});
