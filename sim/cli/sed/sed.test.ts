import { describe, expect, test } from 'vitest';
import { decode } from '../../base/bytes.ts';
import { RegularFile } from '../../host/inode.ts';
import { runBriefly } from '../brief-run.ts';
import { run, testMachine } from '../harness.ts';
import { parseRecordings } from '../recorded.ts';
import { commands } from '../registry.ts';
import recorded from './recorded.txt?raw';

const SED = '/usr/bin/sed';
const HOSTS = '127.0.0.1 localhost\n10.0.0.2 web\n';

function machine(files: Record<string, string> = {}) {
  return testMachine(commands, files);
}

describe('sed prints what GNU sed 4.9 prints', () => {
  const { files, cases } = parseRecordings(recorded);
  const placed = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text]));
  test.each(cases.map((one) => [`line ${one.line}: sed ${one.args.join(' ')}`, one] as const))('%s', (_name, one) => {
    const { stdout, stderr, status } = run(machine({ '/etc/hostname': 'vm\n', ...placed }), SED, one.args, { stdin: one.stdin });
    expect({ stdout, stderr, status }).toEqual({ stdout: one.stdout, stderr: one.stderr, status: one.status });
  });
});

describe('editing files in place', () => {
  function edited(args: string[], host = machine({ '/etc/hosts': HOSTS })) {
    const outcome = run(host, SED, args);
    const read = (path: string) => {
      const target = host.init.namespaces.mnt.resolve(host.init, path);
      return typeof target !== 'string' && target.inode instanceof RegularFile ? decode(target.inode.bytes) : undefined;
    };
    return { ...outcome, read, host };
  }

  test('-i rewrites the file and leaves nothing else behind', () => {
    const { read, host, stdout } = edited(['-i', 's/web/nginx/', '/etc/hosts']);
    expect(stdout).toBe('');
    expect(read('/etc/hosts')).toBe('127.0.0.1 localhost\n10.0.0.2 nginx\n');
    const etc = host.init.namespaces.mnt.resolve(host.init, '/etc');
    expect(typeof etc !== 'string' && etc.inode && 'names' in etc.inode && (etc.inode.names as () => string[])()).toEqual(['hosts']);
  });

  test('-i.bak keeps the old file, and a suffix with * is a pattern', () => {
    expect(edited(['-i.bak', '1d', '/etc/hosts']).read('/etc/hosts.bak')).toBe(HOSTS);
    expect(edited(['-iold_*', '1d', '/etc/hosts']).read('/etc/old_hosts')).toBe(HOSTS);
  });

  test('each file has its own line numbers and its own last line', () => {
    const host = machine({ '/tmp/a': '1\n2\n', '/tmp/b': '3\n4\n' });
    const { read } = edited(['-i', '$d', '/tmp/a', '/tmp/b'], host);
    expect([read('/tmp/a'), read('/tmp/b')]).toEqual(['1\n', '3\n']);
  });

  test("a file that is mounted, as a container's /etc/hosts, can't be replaced", () => {
    const host = machine({ '/etc/hosts': 'from the image\n' });
    host.init.namespaces.mnt.mount(host.init, '/etc/hosts', new RegularFile(), 'bind', 'hosts');
    const { stderr, status } = edited(['-i', 's/a/b/', '/etc/hosts'], host);
    expect(stderr).toMatch(/^sed: cannot rename \/etc\/sed[A-Za-z0-9]{6}: Device or resource busy\n$/);
    expect(status).toBe(4);
  });

  test('a symbolic link is replaced by a file unless --follow-symlinks is given', () => {
    const setup = () => {
      const host = machine({ '/etc/hosts': HOSTS });
      run(host, '/usr/bin/ln', ['-s', '/etc/hosts', '/tmp/link']);
      return host;
    };
    expect(edited(['-i', 's/web/x/', '/tmp/link'], setup()).read('/etc/hosts')).toBe(HOSTS);
    expect(edited(['-i', '--follow-symlinks', 's/web/x/', '/tmp/link'], setup()).read('/etc/hosts')).toContain('10.0.0.2 x');
  });
});

describe('sed in a pipeline', () => {
  test('passes lines on as they come, and ends with its reader', () => {
    const { stdout, took } = run(machine(), '/usr/bin/bash', ['-c', 'yes | sed s/y/n/ | head -2']);
    expect(stdout).toBe('n\nn\n');
    expect(took).toBeLessThan(1_000_000);
  });

  test('a loop without end takes virtual time and can be interrupted', () => {
    const { status } = runBriefly(machine(), SED, [':a;ba'], 'x\n');
    expect(status).toBeUndefined();
  });

  test('a pattern space that doubles for ever is given up', () => {
    const { stderr, status } = run(machine(), SED, [':a;s/x*/&&x/;ta'], { stdin: 'x\n' });
    expect({ stderr, status }).toEqual({ stderr: 'sed: memory exhausted\n', status: 4 });
  });

  test('bytes that are no text come through unchanged', () => {
    const { stdout } = run(machine(), SED, ['s/a/b/'], { stdin: Uint8Array.of(0x61, 0xff, 0xc3, 0x0a) });
    expect(stdout).toBe('b\udcff\udcc3\n');
  });
});

test('what is not modelled is named', () => {
  expect(run(machine(), SED, ['--debug', 'p']).stderr).toBe('sed: --debug is not modelled (see sim/FIDELITY.md)\n');
  expect(run(machine(), SED, ['1e date'], { stdin: 'x\n' }).stderr).toContain("the `e' command is not modelled");
});
