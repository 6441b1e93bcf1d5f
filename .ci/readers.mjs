// The real readers of captures, tcpdump and tshark, with which the simulation's captures are checked. They are a bonus: where they
// can't be had, the tests that need them are skipped by name.
import { spawnSync } from 'node:child_process';

/** Debian's packages. */
const READERS = ['tcpdump', 'tshark'];

/** Longer than an installation takes, and short enough for a machine without a network. */
const PATIENCE = 90_000;

/** Installs those that are missing, where apt is and may be used; never fails. */
export function ensureReaders() {
  const missing = READERS.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore', timeout: 10_000 }).status !== 0);
  if (missing.length === 0 || process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env, stdio: 'ignore', timeout: PATIENCE });
}
