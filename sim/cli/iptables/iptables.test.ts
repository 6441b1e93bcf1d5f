import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MATCHES } from '../../kernel/netfilter/match/registry.ts';
import { TARGETS } from '../../kernel/netfilter/target/registry.ts';
import type { Host } from '../../host/host.ts';
import { run, testMachine } from '../harness.ts';
import { commands } from './iptables.ts';

/** As much of /etc as the recordings name. */
const FILES = {
  '/etc/services':
    'domain 53/tcp\ndomain 53/udp\nbootpc 68/udp\nhttp 80/tcp www\nhttps 443/tcp\nhttps 443/udp\nhttp-alt 8080/tcp\nhttp-alt 8080/udp\n',
  '/etc/protocols':
    'icmp 1\nigmp 2\nipencap 4\ntcp 6\nudp 17\nipv6 41\ngre 47\nesp 50\nipv6-icmp 58\nospf 89\nvrrp 112\nsctp 132\nudplite 136\n',
  '/etc/hosts': '127.0.0.1 localhost\n::1 localhost ip6-localhost\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/etc/group': 'root:x:0:\nusers:x:100:\n',
  '/etc/xtables/connlabel.conf': '1 web\n',
};

const machine = () => testMachine(commands, FILES);

/** Words as a shell makes them, for what the recordings need: quotes, and backslashes in double quotes. */
function words(line: string): string[] {
  const found = line.match(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return found.map((word) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, double?: string, single?: string) => double?.replace(/\\(.)/g, '$1') ?? single ?? '',
    ),
  );
}

function call(host: Host, line: string, stdin = '') {
  const [program = '', ...args] = words(line);
  return run(host, `/usr/sbin/${program}`, args, { stdin });
}

function lines(name: string): string[] {
  return readFileSync(new URL(name, import.meta.url), 'utf8').split('\n');
}

describe('rules as the real iptables saves and lists them', () => {
  const recorded: { given: string; saved: string[]; verbose: string[]; plain: string[] }[] = [];
  for (const line of lines('recorded-rules.txt')) {
    const last = recorded.at(-1);
    if (line.startsWith('$ ')) recorded.push({ given: line.slice(2), saved: [], verbose: [], plain: [] });
    else if (line.startsWith('= ')) last?.saved.push(line.slice(2));
    else if (line.startsWith('v ')) last?.verbose.push(line.slice(2, -1));
    else if (line.startsWith('l ')) last?.plain.push(line.slice(2, -1));
  }

  for (const { given, saved, verbose, plain } of recorded) {
    it(given, () => {
      const host = machine();
      const table = /^-t (\S+)/.exec(given)?.[1] ?? 'filter';
      call(host, `iptables -t ${table} -N FOO`);
      expect(call(host, `iptables ${given}`)).toMatchObject({ stderr: '', status: 0 });
      const shown = (command: string, start: RegExp) =>
        call(host, `iptables -t ${table} ${command}`)
          .stdout.split('\n')
          .filter((line) => !start.test(line) && line !== '');
      expect(shown('-S', /^-[PN]/)).toEqual(saved);
      expect(shown('-L -n -v', /^Chain|^ pkts/)).toEqual(verbose);
      expect(shown('-L', /^Chain|^target/)).toEqual(plain);
    });
  }

  it('what was saved makes the same rules again', () => {
    const host = machine();
    for (const { saved, given } of recorded) {
      const table = /^-t (\S+)/.exec(given)?.[1] ?? 'filter';
      const text = `*${table}\n:FOO - [0:0]\n${saved.join('\n')}\nCOMMIT\n`;
      expect(call(host, 'iptables-restore', text), given).toMatchObject({ stderr: '', status: 0 });
      const again = call(host, `iptables-save -t ${table}`)
        .stdout.split('\n')
        .filter((line) => line.startsWith('-A'));
      expect(again).toEqual(saved);
    }
  });

  it('the recordings have something of every match and target', () => {
    const text = recorded.flatMap(({ saved }) => saved).join('\n');
    // The recording kernel has no IPVS and no accounting objects.
    const elsewhere = ['nfacct', 'icmp6', 'hl', 'ipvs', 'set', 'HL', 'SET', 'SECMARK', 'tcp'];
    for (const { name, family } of MATCHES) if (family !== 6 && !elsewhere.includes(name)) expect(text).toContain(` -m ${name}`);
    for (const { name, family } of TARGETS) if (family !== 6 && !elsewhere.includes(name)) expect(text).toContain(` -j ${name}`);
  });
});

describe('calls one after another', () => {
  it('print and end as recorded', () => {
    const host = machine();
    const steps: { given: string; output: string[] }[] = [];
    for (const line of lines('recorded-calls.txt').slice(2)) {
      if (line.startsWith('$ ')) steps.push({ given: line.slice(2), output: [] });
      else steps.at(-1)?.output.push(line);
    }
    for (const { given, output } of steps) {
      const { stdout, stderr, status } = call(host, given);
      expect(`${stderr}${stdout}?${status}`, given).toBe(output.join('\n').trimEnd());
    }
  });
});

describe('iptables-restore', () => {
  it('takes a table whole or not at all', () => {
    const host = machine();
    call(host, 'iptables -A INPUT -s 10.0.0.1 -j ACCEPT');
    const text = '*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\n-A FORWARD -j MASQUERADE\nCOMMIT\n';
    expect(call(host, 'iptables-restore', text)).toEqual({
      stdout: '',
      stderr: 'iptables-restore v1.8.13 (nf_tables): \nline 4: RULE_APPEND failed (Invalid argument): rule in chain FORWARD\n',
      status: 4,
      took: expect.any(Number),
    });
    expect(call(host, 'iptables -S').stdout).toBe(
      '-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -s 10.0.0.1/32 -j ACCEPT\n',
    );
  });

  it('a jump may come before its chain', () => {
    const host = machine();
    expect(call(host, 'iptables-restore', '*filter\n-A INPUT -j LATER\n-N LATER\nCOMMIT\n')).toMatchObject({ stderr: '', status: 0 });
    expect(call(host, 'iptables -L LATER').stdout).toMatch(/^Chain LATER \(1 references\)/);
    expect(call(host, 'iptables-restore', '*filter\n-A INPUT -j NEVER\nCOMMIT\n').stderr).toBe(
      "iptables-restore v1.8.13 (nf_tables): Chain 'NEVER' does not exist\nError occurred at line: 3\nTry `iptables-restore -h' or 'iptables-restore --help' for more information.\n",
    );
  });

  it('-n leaves what is there, but empties the chains it names', () => {
    const host = machine();
    call(host, 'iptables-restore', '*nat\n:A - [0:0]\n:B - [0:0]\n-A A -j ACCEPT\n-A B -j ACCEPT\nCOMMIT\n');
    call(host, 'iptables-restore -n', '*nat\n:A - [0:0]\n-A A -j RETURN\nCOMMIT\n');
    expect(
      call(host, 'iptables-save -t nat')
        .stdout.split('\n')
        .filter((line) => line.startsWith('-A')),
    ).toEqual(['-A A -j RETURN', '-A B -j ACCEPT']);
  });

  it('says which line it stumbled over', () => {
    const host = machine();
    expect(call(host, 'iptables-restore', '*filter\n-A NOSUCH -j ACCEPT\nCOMMIT\n')).toMatchObject({
      stderr: 'iptables-restore: line 2 failed: No chain/target/match by that name.\n',
      status: 1,
    });
    expect(call(host, 'iptables-restore', '*filter\n').stderr).toBe('iptables-restore: COMMIT expected at line 2\n');
  });
});

describe('ip6tables', () => {
  it('has matches and targets of its own', () => {
    const host = machine();
    for (const rule of [
      '-s fe80::1 -p icmpv6 --icmpv6-type echo-request -j ACCEPT',
      '-p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j REJECT',
      '! -s 2001:db8::/32 -d ::1 -m hl --hl-eq 5 -j REJECT --reject-with icmp6-adm-prohibited',
    ])
      expect(call(host, `ip6tables -A INPUT ${rule}`)).toMatchObject({ stderr: '', status: 0 });
    call(host, 'ip6tables -t nat -A PREROUTING -p tcp -j DNAT --to-destination [fd00::1]:80');
    call(host, 'ip6tables -t mangle -A PREROUTING -j HL --hl-set 5');
    expect(call(host, 'ip6tables -S INPUT').stdout).toBe(`-P INPUT ACCEPT
-A INPUT -s fe80::1/128 -p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT
-A INPUT -p ipv6-icmp -m icmp6 --icmpv6-type 1/4 -j REJECT --reject-with icmp6-port-unreachable
-A INPUT ! -s 2001:db8::/32 -d ::1/128 -m hl --hl-eq 5 -j REJECT --reject-with icmp6-adm-prohibited
`);
    expect(call(host, 'ip6tables -L INPUT -n').stdout).toContain(
      'ACCEPT     ipv6-icmp --  fe80::1              ::/0                 ipv6-icmptype 128\n',
    );
    expect(call(host, 'ip6tables -t nat -S PREROUTING').stdout).toContain('-j DNAT --to-destination [fd00::1]:80\n');
    expect(call(host, 'ip6tables -t mangle -S PREROUTING').stdout).toContain('-j HL --hl-set 5\n');
  });
});

describe('help of extensions', () => {
  const added = (line: string) => {
    const host = machine();
    const general = call(host, `${line.split(' ')[0]} -h`).stdout;
    const { stdout } = call(host, line);
    expect(stdout.startsWith(general)).toBe(true);
    return stdout.slice(general.length);
  };

  it('exists for every match and target, in each of its families', () => {
    const missing = [...MATCHES.map((each) => [each, '-m'] as const), ...TARGETS.map((each) => [each, '-j'] as const)].flatMap(
      ([{ name, family }, option]) =>
        (family ? [family] : [4, 6]).flatMap((each) =>
          added(`${each === 4 ? 'iptables' : 'ip6tables'} ${option} ${name} -h`).includes('\n') ? [] : [`${each} ${option} ${name}`],
        ),
    );
    expect(missing).toEqual([]);
  });

  it('stands behind the general help, the target first', () => {
    expect(added('iptables -m comment -j CHECKSUM -h')).toBe(`
CHECKSUM target options
  --checksum-fill\t\t\tFill in packet checksum.

comment match options:
--comment COMMENT             Attach a comment to a rule
`);
    expect(added('iptables -p udp -j ACCEPT -h')).toBe(`
standard match options:
(If target is DROP, ACCEPT, RETURN or nothing)

udp match options:
[!] --source-port port[:port]
 --sport ...
\t\t\t\tmatch source port(s)
[!] --destination-port port[:port]
 --dport ...
\t\t\t\tmatch destination port(s)
`);
  });
});

describe('what is not modelled', () => {
  it('is named', () => {
    const host = machine();
    expect(call(host, 'iptables -A INPUT -m rateest --rateest x -j DROP')).toMatchObject({
      stderr: 'iptables: the match rateest is not modelled (see sim/FIDELITY.md)\n',
      status: 2,
    });
  });
});

describe('iptables-translate', () => {
  it('says rules in the words that the real one has for them', () => {
    const host = machine();
    const recorded = lines('./recorded-translations.txt').join('\n').split(/^\$ /m).slice(1);
    expect(recorded.length).toBeGreaterThan(100);
    for (const text of recorded) {
      const [line = '', ...expected] = text.trimEnd().split('\n');
      expect(call(host, line).stdout.trimEnd(), line).toBe(expected.join('\n'));
    }
  });
});

describe('labels of connections', () => {
  it('have the names of the file, and are told as numbers where it has none', () => {
    const host = machine();
    call(host, 'iptables -A INPUT -m connlabel --label web -j ACCEPT');
    call(host, 'iptables -A INPUT -m connlabel ! --label 9 --set');
    expect(call(host, 'iptables -S INPUT').stdout).toBe(
      '-P INPUT ACCEPT\n-A INPUT -m connlabel --label "web" -j ACCEPT\n-A INPUT -m connlabel ! --label "9" --set\n',
    );
    expect(call(host, 'iptables -L INPUT').stdout).toContain("connlabel 'web'\n");
    expect(call(host, 'iptables -A INPUT -m connlabel --label nope').stderr).toContain("label 'nope' not found or invalid value\n");
    expect(call(host, 'iptables -A INPUT -m connlabel --label 128').stderr).toContain('Numerical result out of range');
  });
});

describe('iptables-apply', () => {
  const RULES = '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -s 2.2.2.2/32 -j DROP\nCOMMIT\n';
  const ready = () => testMachine(commands, { ...FILES, '/tmp/rules': RULES, '/tmp/.keep': '' });
  const rules = (host: Host) => call(host, 'iptables -S INPUT').stdout;

  it('keeps the rules when somebody says in time that the machine can be reached', () => {
    const host = ready();
    const { stdout, status } = call(host, 'iptables-apply /tmp/rules', 'y\n');
    expect([status, stdout]).toEqual([
      0,
      "Applying new iptables rules from '/tmp/rules'... done.\nCan you establish NEW connections to the machine? (y/N) \n... then my job is done. See you next time.\n",
    ]);
    expect(rules(host)).toBe('-P INPUT ACCEPT\n-A INPUT -s 2.2.2.2/32 -j DROP\n');
  });

  it('takes them back when nobody does, or somebody says no', () => {
    const host = ready();
    call(host, 'iptables -A INPUT -s 1.1.1.1 -j DROP');
    expect(call(host, 'iptables-apply /tmp/rules', 'n\n')).toMatchObject({ status: 255 });
    expect(rules(host)).toBe('-P INPUT ACCEPT\n-A INPUT -s 1.1.1.1/32 -j DROP\n');
    expect(call(host, 'iptables-apply -t 1 /tmp/rules').stdout).toContain('Timeout! Something happened (or did not).');
    expect(call(host, 'iptables-apply').stderr).toBe('Error: rulesfile not readable: /etc/network/iptables.up.rules\n');
  });
});
