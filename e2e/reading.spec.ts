import { expect, expectedErrors, test } from './book.ts';

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('outputs, the first diagram and the prose are all there', async ({ page }) => {
    await page.goto('');
    const ping = page.locator('nd-cell').filter({ hasText: 'ping -c 1' }).first();
    await expect(ping.locator('.nd-output').last()).toContainText('bytes from');
    await expect(ping.locator('.nd-output').last()).toContainText('0% packet loss');
    await expect(page.locator('nd-topology .nd-figure:visible').first()).toContainText('docker0');
    await expect(page.locator('h1')).toBeVisible();
  });

  test('nothing offers to run', async ({ page }) => {
    await page.goto('');
    await expect(page.locator('nd-cell').first()).toBeVisible();
    await expect(page.locator('nd-cell button')).toHaveCount(0);
    await expect(page.getByText(/Open a terminal on/)).toBeHidden();
  });
});

test('the sidebar leads from page to page, and only to pages that exist', async ({ page }) => {
  await page.goto('');
  const links = page.locator('nav.sidebar a');
  expect(await links.count()).toBeGreaterThan(1);
  await links.last().click();
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('nav.sidebar a[aria-current="page"]')).toHaveCount(1);
});

test('an unknown address gets the 404 page, and status 404', async ({ page }) => {
  expectedErrors.add(page);
  const response = await page.goto('no/such/page/');
  expect(response?.status()).toBe(404);
  await expect(page.locator('h1')).toHaveText('No such page');
});

test('search finds what a command printed, and is not loaded before', async ({ page }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto('docker/bridge/');
  await page.waitForLoadState('networkidle');
  expect(requests.filter((url) => url.includes('pagefind'))).toEqual([]);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.keyboard.type('conntrack UNREPLIED');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('link', { name: 'Remembering connections' })).toBeVisible();
  await expect(dialog.getByRole('status')).toContainText(/\d pages?/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.locator('h1')).toBeVisible();
  await expect(dialog).toBeHidden();
});

test('a reader who is faster than the search still opens what was asked for', async ({ page }) => {
  await page.goto('docker/bridge/');
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('searchbox');
  await field.pressSequentially('conntrack UNREPLIED');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.locator('h1')).toContainText('Remembering connections');
});

test('what is found anew does not take the reader’s place in the list away', async ({ page }) => {
  await page.goto('docker/bridge/');
  await page.keyboard.press('Control+k');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('searchbox').pressSequentially('conntrack');
  const links = dialog.locator('ol a');
  await expect(links.nth(2)).toBeVisible();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
  await expect(links.nth(1)).toBeFocused();
  const old = await links.first().elementHandle();
  await dialog.getByRole('searchbox').dispatchEvent('input');
  await page.waitForFunction((element) => !element?.isConnected, old);
  await expect(links.nth(1)).toBeFocused();
  for (const key of ['ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
  await expect(dialog.getByRole('searchbox')).toBeFocused();
});

test('a phone’s width is enough: nothing scrolls sideways', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ['', 'docker/bridge/']) {
    await page.goto(path);
    await expect(page.locator('nd-cell[data-ready]').first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    const figure = page.locator('.nd-figure:visible').first();
    const box = await figure.boundingBox();
    expect(box?.width).toBeLessThanOrEqual(360);
  }
});

test('no text in a diagram is wider than its box', async ({ page }) => {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of ['', 'docker/bridge/']) {
      await page.goto(path);
      await expect(page.locator('.nd-figure:visible').first()).toBeVisible();
      const overflows = await page.evaluate(() =>
        [...document.querySelectorAll<SVGGElement>('.nd-device')]
          .filter((device) => device.getBoundingClientRect().width > 0)
          .flatMap((device) => {
            const rect = device.querySelector('rect')?.getBoundingClientRect();
            if (!rect) return [];
            return [...device.querySelectorAll('text')]
              .filter((text) => text.getBoundingClientRect().right > rect.right + 0.5)
              .map((text) => text.textContent);
          }),
      );
      expect(overflows).toEqual([]);
    }
  }
});
