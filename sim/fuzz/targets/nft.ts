import fc from 'fast-check';
import { fuzzMachine } from '../machine.ts';
import { nearText, nearWords } from '../mutate.ts';
import { demandSame, target } from '../target.ts';

const PROGRAMS = ['nft', 'iptables', 'iptables-save', 'iptables-restore'];

/** Texts from which inputs are made: what nft lists, and what people write. */
const RULESETS = [
  'table inet fw {\n\tset s {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 10.0.0.0/8, 192.0.2.1-192.0.2.9 }\n\t}\n\tmap m {\n\t\ttype inet_service : verdict\n\t\telements = { 22 : accept, 80 : jump web }\n\t}\n\tchain in {\n\t\ttype filter hook input priority filter; policy drop;\n\t\tct state vmap { established : accept, related : accept, invalid : drop }\n\t\tiifname "lo" accept\n\t\tip saddr @s counter drop\n\t\ttcp dport vmap @m\n\t}\n\tchain web {\n\t\tlimit rate 10/second burst 5 packets log prefix "web: " accept\n\t}\n}\n',
  'table ip nat {\n\tmap forwards {\n\t\ttype inet_service : ipv4_addr . inet_service\n\t\telements = { 8080 : 10.0.0.2 . 80 }\n\t}\n\tchain pre {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tdnat to tcp dport map @forwards\n\t}\n\tchain post {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\t\toifname "eth0" ip saddr 10.0.0.0/24 masquerade random\n\t\tip daddr != { 10.1.0.0/16, 10.2.0.0/16 } snat to 192.0.2.1:1024-2048\n\t}\n}\n',
  'flush ruleset\ndefine web = { 80, 443 }\ndefine lan = 192.168.0.0/16\nadd table ip6 t\nadd counter ip6 t hits { comment "all of it" }\nadd quota ip6 t much { over 10 mbytes }\nadd set ip6 t seen { type ipv6_addr . inet_service; flags dynamic,timeout; timeout 1m; size 100; }\nadd chain ip6 t c { type filter hook forward priority -10; policy accept; comment "through"; }\nadd rule ip6 t c tcp dport $web counter name hits update @seen { ip6 saddr . tcp dport timeout 30s }\ninsert rule ip6 t c meta l4proto { tcp, udp } th dport 53 quota name much drop\n',
  'table bridge b {\n\tchain f {\n\t\ttype filter hook forward priority 0;\n\t\tether type arp counter accept\n\t\tether saddr 52:54:00:00:00:01 meta mark set 0x1 vlan id 10 drop\n\t}\n}\n',
  'add table t\nadd chain t c\nadd rule t c ip dscp cs1 ct mark set meta mark & 0xff | 0x100\nadd rule t c icmp type { echo-request, echo-reply } ip ttl < 5 reject with icmp host-prohibited\nadd rule t c fib daddr . iif type local numgen inc mod 2 vmap { 0 : accept, 1 : drop }\nadd rule t c tcp flags & (syn | ack) == syn tcp option maxseg size set rt mtu meta nftrace set 1\nadd rule t c @th,16,16 0x50 log group 2 queue-threshold 3 snaplen 80\n',
];

const CALLS = [
  'add table inet t',
  'list ruleset',
  '-a list table inet fw',
  '-nn -s list chain inet fw in',
  'add element inet fw s { 1.2.3.4, 172.16.0.0/12 }',
  'get element inet fw s { 10.1.2.3 }',
  'insert rule inet fw in index 1 udp dport 53 counter accept',
  'delete rule inet fw in handle 5',
  'rename chain inet fw web shop',
  'reset rules',
  'flush set inet fw s',
  'monitor new chains vm json now',
  'list counters table inet fw',
  '-c add rule inet fw in ip saddr . tcp dport { 10.0.0.1 . 80 } accept',
  'destroy table ip6 none',
].map((line) => line.split(' '));

type Machine = ReturnType<typeof fuzzMachine>;

/** The rules as they are listed, without what counts and what ends. */
const listing = (machine: Machine) => machine.run(['nft', '-s', 'list', 'ruleset']).stdout.replace(/\t# count \d+/g, '');

/** What is listed must make the same rules again in a new machine. */
function listAndReload(machine: Machine): void {
  const listed = listing(machine);
  // Line breaks in comments, and quotation marks, are not read back by nft either.
  if (listed === '' || /"[^"\n]*\n/.test(listed)) return;
  const fresh = fuzzMachine(PROGRAMS);
  const { stderr, status } = fresh.run(['nft', '-f', '-'], listed);
  demandSame({ stderr, status }, { stderr: '', status: 0 }, `loading\n${listed}`);
  demandSame(listing(fresh), listed, 'what was listed, loaded and listed');
}

/** Files of rules. */
export const nftFiles = target(
  'nft files',
  6,
  () => nearText(RULESETS, 4),
  (text) => {
    const machine = fuzzMachine(PROGRAMS);
    if (machine.run(['nft', '-f', '-'], text).status === 0) listAndReload(machine);
  },
);

/** Calls of nft one after another, on rules that are there. */
export const nftCalls = target(
  'nft calls',
  4,
  () => fc.array(nearWords(CALLS, 3), { minLength: 1, maxLength: 3 }),
  (calls) => {
    const machine = fuzzMachine(PROGRAMS);
    machine.run(['nft', '-f', '-'], RULESETS[0] as string);
    // What listens never ends by itself.
    for (const words of calls) if (!words.some((word) => word.includes('monitor'))) machine.run(['nft', ...words]);
    listAndReload(machine);
  },
);
