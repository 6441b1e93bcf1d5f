import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Host } from '../../host/host.ts';
import { commands as iptables } from '../iptables/iptables.ts';
import { run, testMachine } from '../harness.ts';
import { parseRecordings, type Recording } from '../recorded.ts';
import { nft } from './nft.ts';

/** As much of /etc as the recordings name. */
const FILES = {
  '/etc/services': 'ssh 22/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp www\nhttps 443/tcp\nhttps 443/udp\n',
  '/etc/protocols':
    'icmp 1\nigmp 2\nipencap 4\ntcp 6\nudp 17\nipv6 41\ngre 47\nesp 50\nipv6-icmp 58\nospf 89\nvrrp 112\nsctp 132\nudplite 136\n',
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost ip6-localhost\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/group': 'root:x:0:\nusers:x:100:\n',
};

const machine = (files: Record<string, string> = {}): Host => testMachine([nft, ...iptables], { ...FILES, ...files });

function call(host: Host, ...args: string[]) {
  const { stdout, stderr, status } = run(host, '/usr/sbin/nft', args);
  return { stdout, stderr, status };
}

const recordings = (name: string) => parseRecordings(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** What differs from one call to the next. */
const steady = (text: string): string => text.replace(/expires \S+/g, 'expires X').replace(/generation .*/g, 'generation X');

function expectSame(host: Host, { args, stdout, stderr, status, line }: Recording): void {
  const got = call(host, ...args);
  expect({ ...got, stdout: steady(got.stdout) }, `line ${line}: nft ${args.join(' ')}`).toEqual({ stdout, stderr, status });
}

describe('rules as the real nft lists them', () => {
  const host = machine();
  for (const table of ['ip a', 'inet b']) call(host, `add table ${table}; add chain ${table} c; add chain ${table} d`);
  for (const { args, stdout, stderr, status } of recordings('recorded-rules.txt').cases) {
    const [family = '', table = '', rule = ''] = args;
    it(`${family}: ${rule}`, () => {
      const added = call(host, 'add', 'rule', family, table, 'c', rule);
      const lines = call(host, 'list', 'chain', family, table, 'c').stdout.match(/^\t\t.*\n/gm) ?? [];
      call(host, 'flush', 'chain', family, table, 'c');
      expect({ stderr: added.stderr, status: added.status, stdout: lines.map((line) => line.slice(2)).join('') }).toEqual({
        stdout,
        stderr,
        status,
      });
    });
  }
});

describe('lists in JSON', () => {
  it('are taken back by nft, rule for rule', () => {
    const host = machine();
    const tables = ['ip a', 'inet b'];
    for (const table of tables) call(host, `add table ${table}; add chain ${table} c; add chain ${table} d`);
    for (const { args } of recordings('recorded-rules.txt').cases) {
      const [family = '', table = '', rule = ''] = args;
      call(host, 'add', 'rule', family, table, 'c', rule);
    }
    const text = call(host, 'list', 'ruleset').stdout;
    const json = call(host, '-j', 'list', 'ruleset').stdout;
    call(host, 'flush', 'ruleset');
    expect(call(host, '-j', json)).toEqual({ stdout: '', stderr: '', status: 0 });
    // A set of one range, as is left of two that meet, is a range to who reads it anew.
    expect(call(host, 'list', 'ruleset').stdout).toBe(text.replace(/\{ ([\d.]+-[\d.]+) \}/g, '$1'));
  });
});

describe('what iptables has written, as the real nft lists it', () => {
  const host = machine();
  for (const { args, stdout } of recordings('recorded-iptables.txt').cases) {
    const name = args[0] === '-t' ? (args[1] as string) : 'filter';
    it(args.join(' '), () => {
      run(host, '/usr/sbin/iptables', ['-t', name, '-N', 'FOO']);
      run(host, '/usr/sbin/iptables', args);
      // The recording has both streams; warnings go to standard error.
      const { stdout: table, stderr: warning } = call(host, 'list', 'table', 'ip', name);
      call(host, 'flush', 'ruleset');
      expect(warning + table).toBe(stdout);
    });
  }
});

describe('calls one after another print and end as recorded', () => {
  it('what goes wrong', () => {
    const host = machine();
    for (const recording of recordings('recorded-errors.txt').cases) expectSame(host, recording);
  });

  it('sets, maps, objects and priorities', () => {
    const host = machine();
    for (const recording of recordings('recorded-sets.txt').cases) expectSame(host, recording);
  });

  it('slips of the pen, files and --echo', () => {
    const { cases, files } = recordings('recorded-files.txt');
    const host = machine(Object.fromEntries(Object.entries(files).map(([name, text]) => [`/root/${name}`, text])));
    for (const recording of cases) expectSame(host, recording);
  });
});

describe('tables that nft and iptables share', () => {
  const save = (host: Host, ...args: string[]) => run(host, '/usr/sbin/iptables', args).stdout;

  it('rules that nft adds to chains of iptables are rules of iptables', () => {
    const host = machine();
    save(host, '-A', 'INPUT', '-j', 'ACCEPT');
    call(host, 'add rule ip filter INPUT tcp dport 22 accept; insert rule ip filter INPUT ip saddr 10.0.0.0/8 counter drop');
    expect(save(host, '-S', 'INPUT')).toBe(
      '-P INPUT ACCEPT\n-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n',
    );
    call(host, 'delete rule ip filter INPUT handle 2');
    expect(save(host, '-S', 'INPUT')).not.toContain('-A INPUT -j ACCEPT');
    expect(call(host, 'add rule ip filter INPUT tcp dport { 22, 80 } accept').stderr).toContain('in a chain of iptables is not modelled');
    call(host, 'delete table ip filter');
    expect(call(host, 'list ruleset').stdout).toBe('');
  });

  it('iptables says when it cannot show what nft has put into its tables', () => {
    const host = machine();
    call(host, 'add table ip filter; add chain ip filter mine { type filter hook input priority 5; }');
    const note = "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n";
    expect(save(host, '-S')).toBe(`${note}-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n`);
    call(
      host,
      'add table ip nat; add chain ip nat POSTROUTING { type nat hook postrouting priority srcnat; }; add rule ip nat POSTROUTING masquerade',
    );
    expect(run(host, '/usr/sbin/iptables', ['-t', 'nat', '-S'])).toMatchObject({
      stderr: "iptables v1.8.13 (nf_tables): table `nat' is incompatible, use 'nft' tool.\n",
      status: 1,
    });
  });

  it('what both have put into a table is listed together', () => {
    const host = machine();
    save(host, '-A', 'INPUT', '-j', 'ACCEPT');
    call(host, 'add chain ip filter mine { type filter hook input priority 5; }');
    expect(call(host, 'list ruleset').stdout).toBe(
      'table ip filter {\n\tchain INPUT {\n\t\ttype filter hook input priority filter; policy accept;\n\t\tcounter packets 0 bytes 0 accept\n\t}\n\n' +
        '\tchain mine {\n\t\ttype filter hook input priority filter + 5; policy accept;\n\t}\n}\n',
    );
  });
});

describe('what is not modelled', () => {
  it.each(['ct event set new', 'meta cgroup 3', 'flow add @f', 'dup to 1.1.1.1', 'socket transparent 1'])('%s says so', (rule) => {
    const host = machine();
    call(host, 'add table ip t; add chain ip t c');
    const { stderr, status } = call(host, 'add', 'rule', 'ip', 't', 'c', rule);
    expect(stderr).toMatch(/^nft: .* is not modelled \(see sim\/FIDELITY.md\)\n$/);
    expect(status).toBe(1);
  });

  it.each([['-o'], ['-d', 'netlink']])('the option %s says so', (...option) => {
    expect(call(machine(), ...option, 'list', 'ruleset').stderr).toMatch(/^nft: option "--?\w( netlink)?" is not modelled/);
  });
});

describe('what else can be asked', () => {
  it('describe tells an expression by its type and the names of its values', () => {
    const { stdout } = call(machine(), 'describe', 'ct direction');
    expect(stdout).toBe(
      'ct expression, datatype ct_dir (conntrack direction) (basetype integer), 8 bits\n\npre-defined symbolic constants (in decimal):\n' +
        '\toriginal                      \t                   0\n\treply                         \t                   1\n',
    );
    expect(call(machine(), 'describe', 'nonsense').stdout).toBe('symbol expression, datatype invalid (invalid)\n');
  });

  it('a set of values has no verdicts, and a map of verdicts nothing else', () => {
    const host = machine();
    call(host, 'add table ip t; add chain ip t c');
    expect(call(host, 'add rule ip t c tcp dport { 2 : accept }').stderr).toContain('Error: mapping outside of map context');
    expect(call(host, 'add rule ip t c tcp dport vmap { 2 : 3 }').stderr).toContain('unexpected number\nexpected any of: accept, drop,');
    expect(call(host, 'list chain ip t c').stdout).toBe('table ip t {\n\tchain c {\n\t}\n}\n');
  });

  it('a meter is a dynamic set that its rule declares', () => {
    const host = machine();
    call(host, 'add table ip t; add chain ip t c');
    call(host, 'add rule ip t c meter m size 10 { ip saddr limit rate 3/second } accept');
    expect(call(host, 'list meter ip t m').stdout).toBe(
      'table ip t {\n\tset m {\n\t\ttype ipv4_addr\n\t\tsize 10\n\t\tflags dynamic\n\t}\n}\n',
    );
    expect(call(host, 'list chain ip t c').stdout).toContain('\t\tadd @m { ip saddr limit rate 3/second burst 5 packets } accept\n');
  });
});
