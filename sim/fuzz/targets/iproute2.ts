import fc from 'fast-check';
import { type FuzzMachine, fuzzMachine } from '../machine.ts';
import { nearWords } from '../mutate.ts';
import { demandSame, target } from '../target.ts';
import { argumentsOf } from '../valid.ts';

const PROGRAMS = ['ip', 'bridge', 'ss', 'sysctl'];

function prepared(): FuzzMachine {
  const machine = fuzzMachine(PROGRAMS);
  for (const line of [
    'link add eth0 type veth peer name eth1',
    'link add br0 type bridge',
    'link set eth0 up',
    'link set eth1 up',
    'addr add 10.0.0.1/24 dev eth0',
  ])
    machine.run(['ip', ...line.split(' ')]);
  return machine;
}

/** Flags that only tell of the moment, and what `add` doesn't take. */
const MOMENTARY =
  / (linkdown|dead|offload|pervasive|notify|rt_offload|trap)\b| error -?\d+| (users|age|used) \S+| expires \S+| hoplimit \d+(?= pref)/g;

/** Routes as shown by `ip route show table all` go back into a machine that has lost them, and show the same. */
function routesFedBack(machine: FuzzMachine, family: '-4' | '-6'): void {
  const shown = () =>
    machine
      .run(['ip', family, 'route', 'show'])
      .stdout.split(/\n(?=\S)/)
      .map((route) =>
        route
          .replace(/\s*\n\s*/g, ' ')
          .replace(MOMENTARY, '')
          .trim(),
      )
      .filter((route) => route !== '');
  const before = shown();
  if (before.some((route) => /\b(encap|nhid|via inet6)\b/.test(route))) return;
  machine.run(['ip', family, 'route', 'flush', 'table', 'main']);
  // The kernel lists routes in its own order; those to gateways need the others first.
  const rest = before.filter((route) => route.includes(' via '));
  for (const route of [...before.filter((each) => !rest.includes(each)), ...rest]) {
    const { stderr } = machine.run(['ip', family, 'route', 'append', ...route.split(' ')]);
    demandSame(stderr, '', `ip ${family} route append ${route}`);
  }
  demandSame(shown().sort(), before.sort(), 'routes fed back');
}

function rulesFedBack(machine: FuzzMachine, family: '-4' | '-6'): void {
  const shown = () =>
    machine
      .run(['ip', '-N', family, 'rule', 'show'])
      .stdout.split('\n')
      .filter((line) => line !== '');
  const before = shown();
  machine.run(['ip', family, 'rule', 'flush']);
  const wordsOf = (rule: string) => {
    const [preference = '', rest = ''] = rule.split(':\t');
    // Read back, too, what ip only prints: marks in brackets, unnamed protocols, realms that are too large for the form with a slash.
    const words = rest
      .replace(/\[(detached|unresolved)\]/g, '')
      .replace('lookup [l3mdev-table]', 'l3mdev')
      .replace('ipproto ipproto-', 'ipproto ')
      .replace(/realms (\d+)\/(\d+)/, (_, from, to) => `realms ${Number(from) * 0x10000 + Number(to)}`);
    return `${words} pref ${preference}`.trim().split(/\s+/);
  };
  for (const rule of before) {
    if (/^0:/.test(rule)) continue;
    const { stderr } = machine.run(['ip', family, 'rule', 'add', ...wordsOf(rule)]);
    demandSame(stderr.replace(/^RTNETLINK answers: File exists\n$/, ''), '', `ip ${family} rule add ${wordsOf(rule).join(' ')}`);
  }
  // Rules that differ in who made them alone are one when fed back.
  demandSame([...new Set(shown())], [...new Set(before)], 'rules fed back');
}

function addressesFedBack(machine: FuzzMachine): void {
  const shown = () =>
    machine
      .run(['ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0'])
      .stdout.split('\n')
      .filter((line) => line !== '');
  const before = shown();
  if (before.length === 0 || !before.every((line) => line.includes(' eth0 ') && line.includes('valid_lft forever'))) return;
  machine.run(['ip', '-4', 'addr', 'flush', 'dev', 'eth0']);
  for (const line of before) {
    const words = line
      .replace(/^.* inet /, '')
      .replace(/\\.*/, '')
      .replace(/ (secondary|dynamic|tentative|deprecated)\b/g, '')
      .trim()
      .split(/\s+/);
    // The last word is the label.
    const args = [...words.slice(0, -1), 'label', words.at(-1) as string, 'dev', 'eth0'];
    demandSame(machine.run(['ip', 'addr', 'add', ...args]).stderr, '', `ip addr add ${args.join(' ')}`);
  }
  demandSame(shown(), before, 'addresses fed back');
}

const MORE_IP = [
  'route add 10.9.0.0/16 via 10.0.0.2 metric 50',
  'route add default via 10.0.0.254 dev eth0 src 10.0.0.1 mtu 1400',
  'route add 10.8.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via 10.0.0.3',
  'route add blackhole 10.7.0.0/16 table 5',
  'route replace unreachable default metric 4278198272',
  'rule add from 10.0.0.0/24 iif eth0 fwmark 0x1/0xff lookup 100 pref 500',
  'rule add not to 10.1.0.0/16 ipproto tcp dport 80-90 blackhole',
  'rule add uidrange 0-10 suppress_prefixlength 0 table main goto 32766',
  'addr add 10.0.5.1/24 brd + dev eth0 label eth0:1',
  'addr add 10.0.6.1 peer 10.0.6.2/32 dev eth0 scope link',
  '-6 addr add fd00::1/64 dev eth0 nodad',
  '-6 route add fd01::/64 via fd00::2 dev eth0 metric 5 pref high',
  'neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev eth0 nud permanent',
  'link add link eth0 name v5 type vlan id 5',
  'link add vx type vxlan id 5 dstport 4789 remote 10.0.0.2 dev eth0',
];

/** ip(8), a few calls one after another; what it shows then goes back in. */
export const ip = target(
  'ip arguments',
  8,
  () => fc.array(nearWords(argumentsOf('ip', [...MORE_IP, ...MORE_IP, ...MORE_IP]), 2), { minLength: 1, maxLength: 5 }),
  (calls) => {
    const machine = prepared();
    for (const words of calls) machine.run(['ip', ...words]);
    for (const family of ['-4', '-6'] as const) {
      rulesFedBack(machine, family);
      machine.run(['ip', family, '-d', '-s', 'addr']);
    }
    addressesFedBack(machine);
    routesFedBack(machine, '-4');
  },
);

const MORE_BRIDGE = [
  'fdb show',
  'fdb add 02:00:00:00:00:09 dev eth0 master static',
  'vlan add dev eth0 vid 5-9 pvid untagged',
  'link set dev eth0 cost 5 hairpin on',
  'mdb show',
];
const MORE_SS = [
  '-tlnp',
  '-tan state established',
  '-o state all ( dport = :80 or sport > :1024 ) and not dst 10.0.0.0/8',
  '-4 -u src 127.0.0.1:53',
  '-s',
];

/** bridge(8) and ss(8) with its filters. */
export const bridgeAndSs = target(
  'bridge and ss arguments',
  4,
  () =>
    fc.oneof(
      nearWords(argumentsOf('bridge', MORE_BRIDGE), 3).map((words) => ['bridge', ...words]),
      nearWords(argumentsOf('ss', MORE_SS), 3).map((words) => ['ss', ...words]),
    ),
  (words) => {
    const machine = prepared();
    machine.run('ip link set eth0 master br0'.split(' '));
    machine.run(words);
    machine.run(['bridge', '-d', 'link']);
  },
);
