import { quote } from '../../kernel/netfilter/options.ts';
import fc from 'fast-check';
import { fuzzMachine } from '../machine.ts';
import { nearText, nearWords } from '../mutate.ts';
import { demandSame, target } from '../target.ts';
import { argumentsOf, recordedRules } from '../valid.ts';

const TABLES = ['raw', 'mangle', 'nat', 'filter', 'security'];

/** `-S` of every table without counters; what stands there must make the same rules again in a new machine. */
function saveAndReload(family: '' | '6', machine: ReturnType<typeof fuzzMachine>): void {
  const saved = machine
    .run([`ip${family}tables-save`])
    .stdout.replace(/^#.*\n/gm, '')
    .replace(/\[\d+:\d+\]/g, '[0:0]');
  // iptables saves a line break within a comment as it is, and doesn't read that back.
  if (saved === '' || !/^(?:[*:#-].*\n|COMMIT\n)*$/.test(saved)) return;
  const fresh = fuzzMachine(PROGRAMS);
  const { stderr, status } = fresh.run([`ip${family}tables-restore`], saved);
  demandSame({ stderr, status }, { stderr: '', status: 0 }, `restoring\n${saved}`);
  const again = fresh
    .run([`ip${family}tables-save`])
    .stdout.replace(/^#.*\n/gm, '')
    .replace(/\[\d+:\d+\]/g, '[0:0]');
  demandSame(again, saved, 'what was saved, restored and saved');
  for (const table of TABLES) fresh.run([`ip${family}tables`, '-t', table, '-L', '-n', '-v']);
}

const PROGRAMS = ['iptables', 'ip6tables', 'iptables-save', 'ip6tables-save', 'iptables-restore', 'ip6tables-restore', 'ipset'];

/** A few calls one after another in one namespace. */
export const iptablesArguments = target(
  'iptables arguments',
  6,
  () => {
    const rules = recordedRules().map((words) => (words.includes('-A') || words.includes('-I') ? words : ['-A', 'INPUT', ...words]));
    const six = rules.map((words) =>
      words.map((word) => (/^\d+\.\d+\.\d+\.\d+/.test(word) ? 'fd00::1/64' : word === 'icmp' ? 'icmpv6' : word)),
    );
    const four = nearWords([...rules, ...argumentsOf('iptables')], 3);
    return fc.record({
      family: fc.constantFrom('' as const, '' as const, '6' as const),
      calls: fc.array(four, { minLength: 1, maxLength: 3 }),
      calls6: fc.array(nearWords([...six, ...argumentsOf('ip6tables')], 3), { minLength: 1, maxLength: 3 }),
    });
  },
  ({ family, calls, calls6 }) => {
    const machine = fuzzMachine(PROGRAMS);
    machine.run([`ip${family}tables`, '-N', 'FOO']);
    machine.run(['ipset', 'create', 'blocked', 'hash:ip']);
    let changed = false;
    const given = family === '6' ? calls6 : calls;
    for (const words of given) changed = machine.run([`ip${family}tables`, ...words]).status === 0 || changed;
    // iptables quotes comments, prefixes and the like; other names with blanks and quotes it takes, and saves as they can't be read back.
    const saved = machine.run([`ip${family}tables-save`]).stdout;
    const weird = given.flat().some((word) => /[\s"'\\]/.test(word) && !saved.includes(quote(word)));
    if (changed && !weird && !given.flat().some((word) => word.includes('set'))) saveAndReload(family, machine);
  },
);

const RESTORE = [
  '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [1:2]\n:OUTPUT ACCEPT [0:0]\n:FOO - [0:0]\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT\n-A FOO -j RETURN\nCOMMIT\n',
  '*nat\n:PREROUTING ACCEPT\n:KUBE-SVC - [0:0]\n:KUBE-SEP - [0:0]\n-A PREROUTING -m comment --comment "a service" -j KUBE-SVC\n-A KUBE-SVC -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP\n-A KUBE-SEP -p tcp -m tcp -j DNAT --to-destination 10.244.1.2:8080\nCOMMIT\n',
  '# a comment\n*mangle\n[3:4] -A PREROUTING -i eth0 -j MARK --set-xmark 0x1/0xff\n-X\n-F OUTPUT\nCOMMIT\n*raw\n-A OUTPUT -d 10.0.0.1 -j CT --notrack\nCOMMIT\n',
  '*filter\n-I INPUT 1 -s 10.0.0.0/8 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -j REJECT --reject-with icmp-host-prohibited\n-D INPUT 1\nCOMMIT\n',
];

/** iptables-restore's text. */
export const iptablesRestore = target(
  'iptables-restore',
  4,
  () => fc.record({ text: nearText(RESTORE, 4), options: fc.subarray(['-n', '-c', '-t', '-v']) }),
  ({ text, options }) => {
    const machine = fuzzMachine(PROGRAMS);
    machine.run(['iptables-restore', ...options], text);
    if (!text.includes('set')) saveAndReload('', machine);
  },
);
