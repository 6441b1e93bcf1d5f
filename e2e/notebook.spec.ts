import type { Page } from '@playwright/test';
import { expectedErrors, button, cellWith, expect, openTerminal, outputOf, run, test } from './book.ts';

test('a cell runs here, and prints what was printed at the build', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  const outputs = async () => (await cell.locator('.nd-output').allTextContents()).map(withoutTimes);
  const baked = await outputs();
  await run(cell);
  await expect(outputOf(cell)).toContainText('0% packet loss');
  expect(await outputs()).toEqual(baked);
});

/** Round trips differ by microseconds with the moment a command is run at. */
function withoutTimes(text: string): string {
  return text.replace(/\d+\.\d+(?= ms|\/)/g, 'N');
}

test('cells above that have not run yet run first', async ({ page }) => {
  await page.goto('');
  const cells = page.locator('nd-cell[data-ready]');
  const cell = await cellWith(page, 'ping -c 1');
  await run(cell);
  await expect(cells.first()).toHaveAttribute('data-state', 'ran');
  await expect(cells.first().locator('.nd-status')).toContainText('ran here');
});

test('an edited command prints something else: three pings instead of one', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  const editor = cell.locator('textarea').last();
  await editor.fill((await editor.inputValue()).replace('-c 1', '-c 3'));
  await expect(cell).toHaveAttribute('data-edited', '');
  await editor.press('Control+Enter');
  await expect(outputOf(cell)).toContainText('3 packets transmitted, 3');
  expect((await outputOf(cell).textContent())?.match(/bytes from/g)).toHaveLength(3);
  await button(cell, 'restore').click();
  await expect(editor).toHaveValue(/-c 1/);
  await expect(cell).not.toHaveAttribute('data-edited');
});

test('replies come as time passes, not all at the end', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  const editor = cell.locator('textarea').last();
  await editor.fill((await editor.inputValue()).replace('-c 1', '-c 8'));
  await editor.press('Shift+Enter');
  await expect(outputOf(cell)).toContainText('seq=');
  expect(await outputOf(cell).textContent()).not.toContain('packets transmitted');
  await expect(cell).toHaveAttribute('data-state', 'running');
  await expect(outputOf(cell)).toContainText('packets transmitted');
});

test('a ping without an end is stopped, and says what it saw', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  await cell.locator('textarea').last().fill('ping 172.17.0.3');
  await cell.locator('textarea').last().press('Control+Enter');
  await expect(outputOf(cell)).toContainText('bytes from');
  await button(cell, 'stop').click();
  await expect(outputOf(cell)).toContainText('packet loss');
  await expect(cell).toHaveAttribute('data-state', 'ran');
});

/** Resolves when the page has been drawn twenty times: at once on a page that is alive, never on one that hangs. */
function twentyFrames(page: Page): Promise<void> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 20; frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

test('an endless loop never freezes the page and ends with Ctrl-C', async ({ page }) => {
  await page.goto('');
  const cell = page.locator('nd-cell[data-ready]').first();
  const editor = cell.locator('textarea').first();
  await editor.fill('while true; do :; done');
  await editor.press('Control+Enter');
  await expect(cell).toHaveAttribute('data-state', 'running');
  await twentyFrames(page);
  await expect(cell).toHaveAttribute('data-state', 'running');
  await editor.press('Control+c');
  await expect(cell).toHaveAttribute('data-state', 'ran');
  await expect(cell).toContainText('exit status 130');
});

test('a flood of output is shown and can be stopped', async ({ page }) => {
  await page.goto('');
  const cell = page.locator('nd-cell[data-ready]').first();
  const editor = cell.locator('textarea').first();
  await editor.fill('while true; do echo flood; done');
  await editor.press('Control+Enter');
  await expect(cell.locator('.nd-output').first()).toContainText('flood');
  await expect(cell.locator('.nd-output').first()).toContainText('earlier output is not kept');
  await twentyFrames(page);
  await expect(cell).toHaveAttribute('data-state', 'running');
  await button(cell, 'stop').click();
  await expect(cell).toHaveAttribute('data-state', 'ran');
});

test('a failing command shows its exit status, and the world lives on', async ({ page }) => {
  await page.goto('');
  const cell = page.locator('nd-cell[data-ready]').first();
  const editor = cell.locator('textarea').first();
  await editor.fill('nosuchcommand');
  await run(cell);
  await expect(cell.locator('.nd-output').first()).toContainText('command not found');
  await expect(cell).toContainText('exit status 127');
  await editor.fill('echo alive');
  await run(cell);
  await expect(cell.locator('.nd-output').first()).toHaveText('alive\n');
});

test('reset puts the page’s world back to its start', async ({ page }) => {
  await page.goto('');
  const first = page.locator('nd-cell[data-ready]').first();
  const output = first.locator('.nd-output').first();
  const baked = await output.textContent();
  await run(first);
  expect(await output.textContent()).toBe(baked);
  await run(first); // a second container of the same name is refused
  expect(await output.textContent()).not.toBe(baked);
  await button(first, 'reset').click();
  await expect(first.locator('.nd-status')).toContainText('back at its start');
  expect(await output.textContent()).toBe(baked);
  await run(first);
  expect(await output.textContent()).toBe(baked);
});

test('what a cell starts, the terminal sees: one world for the page', async ({ page }) => {
  await page.goto('');
  await run(page.locator('nd-cell[data-ready]').first());
  const rows = await openTerminal(page);
  await page.keyboard.type('docker ps\n');
  await expect(rows).toContainText('sleep infinity');
});

test('the drawing follows the world, and frames cross its cables', async ({ page }) => {
  await page.goto('');
  const drawing = page.locator('nd-topology[data-ready]').first();
  await run(await cellWith(page, 'ping -c 1'));
  await expect(drawing.locator('.nd-mark').first()).toBeAttached();
  const log = drawing.locator('.nd-log');
  await expect(log).toContainText('who has');
  await expect(log).toContainText(/echo reply/i);
  await expect(drawing.getByRole('button', { name: 'Replay' })).toBeVisible();
  await expect(drawing.locator('.nd-mark')).toHaveCount(0);
  await drawing.getByRole('button', { name: 'Replay' }).click();
  await expect(drawing.locator('.nd-mark').first()).toBeAttached();
});

test('a container that is started appears in the drawing', async ({ page }) => {
  await page.goto('');
  const cell = page.locator('nd-cell[data-ready]').first();
  await cell.locator('textarea').first().fill('docker run -d --name third busybox sleep infinity');
  await run(cell);
  await expect(page.locator('nd-topology .nd-figure').first()).toContainText('third');
});

test('with reduced motion nothing moves, and frames are listed', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('');
  await run(await cellWith(page, 'ping -c 1'));
  const drawing = page.locator('nd-topology').first();
  await expect(drawing.locator('.nd-track').first()).toBeAttached();
  expect(await drawing.locator('.nd-mark').count()).toBe(0);
  await expect(drawing.locator('.nd-log')).toContainText('who has');
});

test('a page that loses the network before its first run says so, and runs when it is back', async ({ page, context }) => {
  await page.goto('');
  expectedErrors.add(page);
  const cell = await cellWith(page, 'ping -c 1');
  await context.setOffline(true);
  await button(cell, 'run').hover();
  await button(cell, 'run').click();
  await expect(cell.locator('.nd-status')).toContainText('could not be loaded');
  await context.setOffline(false);
  await run(cell);
  await expect(outputOf(cell)).toContainText('1 packets received');
  await expect(cell.locator('.nd-status')).toContainText('ran here');
});
