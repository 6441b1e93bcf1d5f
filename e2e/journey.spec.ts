import { readFileSync } from 'node:fs';
import { cellWith, expect, run, test } from './book.ts';

test('a packet is followed stop by stop, with the keyboard alone', async ({ page }) => {
  await page.goto('');
  const drawing = page.locator('nd-topology[data-ready]').first();
  const journey = drawing.locator('.nd-journey');
  await expect(journey).toContainText('echo request');
  await journey.locator('.nd-stops').focus();
  for (const device of ['eth0', 'eth0']) {
    await page.keyboard.press('ArrowDown');
    await expect(drawing.locator('.nd-figure:visible .nd-here')).toContainText(device);
  }
  const here = journey.locator('[aria-current="step"]');
  await expect(here).toContainText('eth0 of one → veth');
  const bridge = journey.locator('.nd-stop', { hasText: 'docker0 knows that address' });
  for (let steps = 0; steps < 12 && !(await bridge.getAttribute('aria-current')); steps++) await page.keyboard.press('ArrowDown');
  await expect(here).toContainText('docker0 knows that address');
  await expect(drawing.locator('.nd-figure:visible .nd-here')).toContainText('docker0');
  await page.keyboard.press('ArrowUp');
  await expect(here).not.toContainText('docker0 knows');
});

test('another line of the list, another journey', async ({ page }) => {
  await page.goto('');
  const drawing = page.locator('nd-topology[data-ready]').first();
  await drawing.locator('.nd-follow', { hasText: 'who has 172.17.0.3' }).first().click();
  await expect(drawing.locator('.nd-journey-head')).toContainText('who has 172.17.0.3');
  await drawing.locator('.nd-journey [data-act="close"]').click();
  await expect(drawing.locator('.nd-journey')).toBeHidden();
});

test('a rule of the reader’s shows in the journey of the next packet, with where it ended', async ({ page }) => {
  await page.goto('');
  const cell = await cellWith(page, 'ping -c 1 172.17.0.3');
  await cell.locator('textarea').last().fill('iptables -I FORWARD -s 172.17.0.2 -j DROP; docker exec one ping -c 1 -W 1 172.17.0.3');
  await run(cell);
  const journey = page.locator('nd-topology').first().locator('.nd-journey');
  await expect(journey).toContainText('-s 172.17.0.2/32 -j DROP');
  await expect(journey.locator('.nd-outcome')).toHaveText('dropped');
  await expect(page.locator('nd-topology .nd-log').first()).toContainText('dropped at');
});

test('what passed a device can be saved for Wireshark', async ({ page }) => {
  await page.goto('');
  await run(await cellWith(page, 'ping -c 1 172.17.0.3'));
  const menu = page.locator('nd-topology').first().locator('.nd-capture');
  await expect(menu).toContainText('eth0 of one');
  const saving = page.waitForEvent('download');
  await menu.selectOption({ label: 'eth0 of one' });
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe('host1-one-eth0.pcap');
  const bytes = readFileSync(await saved.path());
  expect(bytes.readUInt32LE(0)).toBe(0xa1b2c3d4);
  expect(bytes.length).toBeGreaterThan(24 + 4 * 58);
});
