import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lab as labCommand } from './lab-command.ts';

const LAB = join(import.meta.dirname, 'lab.ts');
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netdive-lab-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function lab(args: readonly string[]): Promise<{ stdout: string; stderr: string; status: number }> {
  let stdout = '';
  let stderr = '';
  const out = (text: string): void => {
    stdout += text;
  };
  const error = (text: string): void => {
    stderr += text;
  };
  return { status: await labCommand(args, { out, error, folder }), stdout, stderr };
}

/** The same as a process of its own. */
function labProcess(args: readonly string[], input = ''): { stdout: string; stderr: string; status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [LAB, ...args], {
    input,
    encoding: 'utf8',
    timeout: 15_000,
    env: { ...process.env, INIT_CWD: folder },
  });
  return { stdout, stderr, status };
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe('lab run', () => {
  test('prints the new transcript, whatever the old one said', async () => {
    const name = file('loop.console', '# world: linux\n# a loop\nhost1$ for i in 1 2; do\n> echo $i\n> done\nwrong\nhost1$ true\n');
    const expected = '# world: linux\n# a loop\nhost1$ for i in 1 2; do\n> echo $i\n> done\n1\n2\nhost1$ true\n';
    expect(await lab(['run', name])).toEqual({ stdout: expected, stderr: '', status: 0 });
  });

  test('takes several files, one after another, each in a world of its own', async () => {
    const one = file('one.console', '# world: linux\nhost1$ X=1; echo "x $X"\n');
    const two = file('two.console', '# world: lan\nhost2$ echo "x $X"\n');
    expect((await lab(['run', one, two])).stdout).toBe(
      '# world: linux\nhost1$ X=1; echo "x $X"\nx 1\n# world: lan\nhost2$ echo "x $X"\nx \n',
    );
  });

  test('interrupts a command that does not end, says so, and goes on', async () => {
    const name = file('endless.console', '# world: linux\nhost1$ echo before; while true; do :; done\nhost1$ echo after\n');
    const { stdout, status } = await lab(['run', name]);
    expect(stdout).toMatch(/^before\n\[netdive: interrupted, since it did not end within .*\]\nhost1\$ echo after\nafter\n$/m);
    expect(status).toBe(0);
  });

  test.each([
    ['a file that does not exist', () => 'missing.console', 'lab: missing.console: no such file\n'],
    [
      'a world that does not exist',
      () => file('world.console', '# world: moon\nhost1$ true\n'),
      /^lab: world.console: unknown world 'moon'; there are: .*\n$/,
    ],
    [
      'a host that does not exist',
      () => file('host.console', '# world: linux\nhost7$ true\n'),
      "lab: host.console: world 'linux' has no host 'host7'; it has host1\n",
    ],
    [
      'something else before the first command',
      () => file('bad.console', '# world: linux\nhello\nhost1$ true\n'),
      'lab: bad.console:2: neither a comment (#) nor a command (HOST$ …): hello\n',
    ],
  ])('refuses %s in one line', async (_, make, expected) => {
    const { stdout, stderr, status } = await lab(['run', make()]);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(expected);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

test('as a process: one line on standard error and exit status 2, nothing on standard output', () => {
  expect(labProcess(['run', 'missing.console'])).toEqual({ stdout: '', stderr: 'lab: missing.console: no such file\n', status: 2 });
});

describe('lab shell', () => {
  test('types what comes in on a terminal of the host, until the shell ends', () => {
    const { stdout, status } = labProcess(['shell', 'linux'], 'echo $((40 + 2)) on $HOSTNAME\r');
    expect(stdout).toContain('42 on host1');
    expect(status).toBe(0);
  });

  test('ends with its shell, whatever else goes on in the world', () => {
    const { stdout, status } = labProcess(['shell', 'lan', 'host2'], 'sleep 1000 & ping -c 1 192.168.50.1\rexit\rexit\r');
    expect(stdout).toContain('1 packets transmitted, 1 received');
    expect(status).toBe(0);
  });

  test.each([
    [['shell', 'moon'], /^lab: unknown world 'moon'/],
    [['shell', 'linux', 'host9'], /^lab: unknown host 'host9' in world 'linux'/],
    [[], /^usage|^lab: usage/],
    [['fly'], /^lab: usage/],
  ])('refuses %j', async (args, message) => {
    const { stdout, stderr, status } = await lab(args);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

test('lab worlds lists them', async () => {
  const { stdout, status } = await lab(['worlds']);
  expect(stdout).toMatch(/^linux +one Linux host/m);
  expect(stdout.trim().split('\n').length).toBeGreaterThanOrEqual(3);
  expect(status).toBe(0);
});
