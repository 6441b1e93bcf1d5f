import { renderCell } from '../components/cell/render.ts';
import { button, cellWith, expect, expectedErrors, openTerminal, run, test } from './book.ts';

test('a container started in the terminal has its own eth0', async ({ page }) => {
  await page.goto('');
  const rows = await openTerminal(page);
  await page.keyboard.type('docker run --rm busybox ip addr\n');
  await expect(rows).toContainText(/eth0@if\d+/);
  await expect(rows).toContainText('172.17.0.2/16');
});

test('Ctrl-C stops a ping, which prints its statistics', async ({ page }) => {
  await page.goto('');
  const rows = await openTerminal(page);
  await page.keyboard.type('ping 192.168.50.1\n');
  await expect(rows).toContainText('bytes from');
  await page.keyboard.press('Control+c');
  await expect(rows).toContainText('ping statistics');
  await expect(rows).toContainText('packet loss');
});

test('Ctrl-C stops an endless loop', async ({ page }) => {
  await page.goto('');
  const rows = await openTerminal(page);
  await page.keyboard.type('echo begun; while true; do :; done\n');
  await expect(rows).toContainText(/begun;.*begun/s);
  await page.keyboard.press('Control+c');
  await expect(rows).toContainText(/\^C.*# /s);
  await page.keyboard.type('echo still here\n');
  await expect(rows).toContainText(/still here.*still here/s);
});

test('Tab is the shell’s; Escape, then Tab leaves', async ({ page }) => {
  await page.goto('');
  await openTerminal(page);
  const inside = () => page.evaluate(() => document.activeElement?.closest('nd-terminal') !== null);
  await page.keyboard.press('Tab');
  expect(await inside()).toBe(true);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  expect(await page.evaluate(() => document.activeElement?.classList.contains('xterm-helper-textarea'))).toBe(false);
});

test('text can be pasted', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('');
  const rows = await openTerminal(page);
  await page.evaluate(() => navigator.clipboard.writeText('echo from the clipboard'));
  await page.keyboard.press('Control+v');
  await expect(rows).toContainText('echo from the clipboard');
});

test('the drawer opens at a cell’s host, takes a second terminal, and closes', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1');
  await button(cell, 'terminal').click();
  const dock = page.locator('.nd-dock');
  await expect(dock.locator('.xterm-rows')).toContainText('#');
  await dock.getByRole('button', { name: 'New' }).click();
  await expect(dock.getByRole('tab')).toHaveCount(2);
  await page.keyboard.type('echo second\n');
  await expect(dock.locator('.nd-screen:visible .xterm-rows')).toContainText('second');
  await dock.getByRole('button', { name: 'Close the terminals' }).click();
  await expect(dock).toBeHidden();
  await expect(button(cell, 'terminal')).toBeFocused();
});

test('a command left in its terminal goes on while other cells run, until it is stopped', async ({ page }) => {
  await page.goto('');
  const above = await cellWith(page, 'ping -c 1');
  await run(above);
  const steps = [{ command: 'ping 172.17.0.3', output: '', status: undefined }];
  const html = renderCell({ number: 99, host: 'host1', terminal: 'watch', steps });
  await above.evaluate((cell, text) => cell.insertAdjacentHTML('afterend', text), html);
  const watching = page.locator('#cell-99[data-ready]');
  await button(watching, 'run').click();
  await expect(watching.locator('.nd-output')).toContainText('icmp_seq=1');
  await expect(watching).toHaveAttribute('data-state', 'running');
  await run(above);
  await expect(watching).toHaveAttribute('data-state', 'running');
  await expect(watching.locator('.nd-output')).toContainText('icmp_seq=3');
  await button(watching, 'stop').click();
  await expect(watching.locator('.nd-output')).toContainText('packet loss');
  await expect(watching).toHaveAttribute('data-state', 'ran');
});

test('a terminal whose simulation can’t be loaded says so; opened again, it works', async ({ page }) => {
  await page.goto('');
  expectedErrors.add(page);
  const cell = await cellWith(page, 'ping -c 1');
  await page.route(/worker-/, (route) => route.abort('internetdisconnected'));
  await button(cell, 'terminal').click();
  const rows = page.locator('.nd-dock .xterm-rows');
  await expect(rows).toContainText('could not be loaded');
  await page.unroute(/worker-/);
  await button(cell, 'terminal').click();
  await expect(rows).toContainText('root@host1');
});
