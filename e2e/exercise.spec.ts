import { button, cellWith, expect, run, test } from './book.ts';

test('an exercise is graded by what the network does', async ({ page }) => {
  await page.goto('');
  const exercise = page.locator('nd-exercise[data-ready]');
  const goals = exercise.locator('.nd-goal');
  await button(exercise, 'check').click();
  await expect(exercise).toHaveAttribute('data-state', 'ran');
  await expect(goals).toHaveCount(3);
  await expect(goals.first()).toHaveAttribute('data-reached', 'false');

  // The cells above have run for it. Any way to the goals will do: here through an edited cell.
  const cell = await cellWith(page, 'ping -c 1');
  await cell
    .locator('textarea')
    .last()
    .fill('for port in $(ls /sys/class/net/docker0/brif); do bridge link set dev $port isolated on; done');
  await cell.locator('textarea').first().fill('true');
  await cell.locator('textarea').nth(1).fill('true');
  await run(cell);
  await expect(cell).toHaveAttribute('data-state', 'ran');
  await button(exercise, 'check').click();
  await expect(exercise.locator('.nd-status')).toContainText('every goal is reached');
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('goals, checks and a solution can be read', async ({ page }) => {
    await page.goto('');
    await expect(page.locator('.nd-goal')).toHaveCount(3);
    await page.locator('.nd-solution summary').click();
    await expect(page.locator('.nd-solution')).toContainText('isolated on');
  });
});
