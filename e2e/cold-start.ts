import { existsSync } from 'node:fs';
import { chromium, type Page } from '@playwright/test';
import { serve } from './serve.ts';

/**
 * Measures, on the built site, what a reader waits for: from the click on Run to the first line of output in the page, in a
 * fresh browser context each time (nothing cached, nothing warm). Prints one line for each way of clicking.
 */
const RUNS = 10;
const PORT = 4713;

const server = serve('dist', '/', PORT);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** Milliseconds from the click event to the first text in the cell's output, as the page itself sees them. */
async function measure(page: Page, click: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const cell = document.querySelector('nd-cell') as HTMLElement;
    const state = window as unknown as { waited?: number };
    cell.addEventListener(
      'click',
      () => {
        const clicked = performance.now();
        new MutationObserver((_, observer) => {
          if (cell.dataset.state === 'baked' || cell.dataset.state === 'waiting') return;
          if ((cell.querySelector('.nd-output')?.textContent ?? '') === '') return;
          observer.disconnect();
          state.waited = performance.now() - clicked;
        }).observe(cell, { subtree: true, childList: true, characterData: true, attributes: true });
      },
      { capture: true, once: true },
    );
  });
  await click();
  await page.waitForFunction(() => (window as unknown as { waited?: number }).waited !== undefined);
  return page.evaluate(() => (window as unknown as { waited: number }).waited);
}

const ways: Record<string, (page: Page) => Promise<void>> = {
  'the pointer comes to the button and clicks at once': (page) => page.locator('nd-cell [data-act="run"]').first().click(),
  'a click without any sign before it': (page) =>
    page.evaluate(() => document.querySelector<HTMLElement>('nd-cell [data-act="run"]')?.click()),
};

for (const [way, click] of Object.entries(ways)) {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${PORT}/`);
    await page.locator('nd-cell[data-ready]').first().waitFor();
    await page.waitForTimeout(300);
    times.push(await measure(page, () => click(page)));
    await context.close();
  }
  times.sort((a, b) => a - b);
  const at = (index: number): number => Math.round(times[index] ?? Number.NaN);
  console.log(`click on Run to first output: ${at(RUNS / 2)} ms (median of ${RUNS}, ${at(0)} to ${at(RUNS - 1)}); ${way}`);
}

await browser.close();
server.close();
