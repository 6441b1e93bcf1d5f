// Finds a Chromium for the browser tests, or gets one: the system's, else Playwright's own, else Debian's package.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { environment, nodeCommand, packageCommand, ROOT } from './bootstrap.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @returns the browser's path, or the reason why there is none */
export function ensureBrowser() {
  const system = systemBrowser();
  if (system) return { path: system };
  const own = playwrightBrowser();
  if (own && runs(own)) return { path: own };
  process.stderr.write("Downloading Playwright's Chromium …\n");
  const [node, args] = nodeCommand(packageCommand('@playwright/test', 'playwright'), ['install', 'chromium']);
  spawnSync(node, args, { cwd: ROOT, stdio: ['ignore', 2, 2], env: environment(), timeout: 240_000 });
  const downloaded = playwrightBrowser();
  if (downloaded && runs(downloaded)) return { path: downloaded };
  if (isDebianRoot()) {
    process.stderr.write('Installing Debian’s Chromium …\n');
    const options = { stdio: ['ignore', 2, 2], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    spawnSync('apt-get', ['update', '-qq'], options);
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], options);
    const installed = systemBrowser();
    if (installed) return { path: installed };
  }
  return { reason: 'no Chromium: none installed, and neither Playwright’s download nor apt-get gave one' };
}

function systemBrowser() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of NAMES) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name);
      if (folder && existsSync(path)) return path;
    }
  }
  return undefined;
}

/** Where Playwright has, or would have, its own Chromium. */
function playwrightBrowser() {
  const require = createRequire(join(ROOT, 'package.json'));
  const path = require('@playwright/test').chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

/** A download may still lack the system's libraries. */
function runs(path) {
  return spawnSync(path, ['--version'], { stdio: 'ignore' }).status === 0;
}

function isDebianRoot() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/os-release')) return false;
  return /^(ID|ID_LIKE)=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
}
