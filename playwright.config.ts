import { existsSync } from 'node:fs';
import { defineConfig, devices } from '@playwright/test';
import { sites } from './e2e/sites.ts';

/** The built book, at the root and under `/fork/`, each served as a plain static host would. */
export default defineConfig({
  testDir: './e2e',
  testMatch: '*.spec.ts',
  fullyParallel: true,
  workers: 2,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  // Generous: a test that passes doesn't wait, and machines differ.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  use: {
    ...devices['Desktop Chrome'],
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? (existsSync('/usr/bin/chromium') ? '/usr/bin/chromium' : undefined),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: sites.map(({ name, folder, base, port }) => ({
    name,
    // The build at `/fork/` has the same pages: those of the root are looked at one by one.
    testIgnore: name === 'root' ? [] : 'every-page.spec.ts',
    metadata: { folder, base },
    use: { baseURL: `http://127.0.0.1:${port}${base}` },
  })),
  webServer: sites.map(({ folder, base, port }) => ({
    command: `node e2e/serve.ts ${folder} ${base} ${port}`,
    url: `http://127.0.0.1:${port}${base}`,
    reuseExistingServer: false,
  })),
});
