import { type NftNotification, OpenNftMonitor } from '../../host/nftables/monitor.ts';
import type { KnownChain, KnownTable } from '../../host/nftables/ruleset.ts';
import type { RulesetEvent } from '../../host/nftables/ruleset-events.ts';
import { xtablesWords } from '../../host/nftables/xtables-write.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NftRule } from '../../kernel/netfilter/nftables/rule.ts';
import type { TracedVerdict, TraceMessage } from '../../kernel/netfilter/packet-trace.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { saveRule } from '../../kernel/netfilter/tables/save.ts';
import { getopt, hasOption, isFailure, type OptionSpec } from '../getopt.ts';
import { tracedPacketText } from './monitor-packet.ts';

const NAME = 'xtables-monitor 1.8.13';
const USAGE = `${NAME} (nf_tables)
Usage: xtables-monitor [ -t | -e ]
        --trace    -t    trace ruleset traversal of packets tagged via -j TRACE rule
        --event    -e    show events that modify the ruleset
Optional arguments:
        --ipv4     -4    only monitor IPv4
        --ipv6     -6    only monitor IPv6
	--counters -c    show counters in rules
`;
const BAD_ARGUMENT = `${NAME}: Bad argument.\nTry \`xtables-monitor -h' for more information.\n`;

const option = (short: string, long: string): OptionSpec => ({ name: long, short, long });
const OPTIONS: readonly OptionSpec[] = [
  option('c', 'counters'),
  option('t', 'trace'),
  option('e', 'event'),
  option('4', 'ipv4'),
  option('6', 'ipv6'),
  option('V', 'version'),
  option('h', 'help'),
];

/** The numbers of families (NFPROTO_*). */
const FAMILY: Record<string, number> = { inet: 1, ip: 2, arp: 3, netdev: 5, bridge: 7, ip6: 10 };

interface Wanted {
  /** NFPROTO_*, or 0 for all. */
  family: number;
  counters: boolean;
}

/** xtables-monitor(8): what changes in the tables of iptables, and what becomes of packets that met TRACE. */
export function* monitorProgram(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, BAD_ARGUMENT);
    return 2;
  }
  const asked = parsed.options.find(({ name }) => name === 'help' || name === 'version')?.name;
  if (asked === 'version') {
    yield* process.write(1, `${NAME}\n`);
    return 0;
  }
  const groups = { trace: hasOption(parsed, 'trace'), ruleset: hasOption(parsed, 'event') };
  if (asked === 'help' || (!groups.trace && !groups.ruleset)) {
    yield* process.write(1, USAGE);
    return 1;
  }
  const last = parsed.options.findLast(({ name }) => name === 'ipv4' || name === 'ipv6')?.name;
  const family = last === undefined ? 0 : last === 'ipv4' ? 2 : 10;
  return yield* follow(process, groups, { family, counters: hasOption(parsed, 'counters') });
}

function* follow(process: Process, groups: { trace: boolean; ruleset: boolean }, wanted: Wanted): Blocking<number> {
  const socket = new OpenNftMonitor(process, process.namespaces.net, groups);
  process.install(socket);
  for (;;) {
    for (let next = socket.next(); next; next = socket.next()) {
      const { said, text } = show(next, wanted);
      if (said !== '') yield* process.write(2, said);
      if (text !== '' && (yield* process.write(1, text))) return 1;
    }
    yield { on: [socket.readable] };
  }
}

/** What goes to standard output, and what libxtables says to standard error of families that it doesn't know. */
interface Shown {
  said: string;
  text: string;
}

const STRANGE = 'libxtables: unhandled NFPROTO in xtables_set_nfproto\n';

function show(next: NftNotification, wanted: Wanted): Shown {
  switch (next.kind) {
    case 'generation': {
      const { number, pid, name } = next.generation;
      return { said: '', text: `NEWGEN: GENID=${number} PID=${pid} NAME=${name}\n` };
    }
    case 'change':
      return changeText(next.event, wanted);
    case 'trace':
      return traceText(next.message, wanted);
  }
}

function isWanted(family: string, wanted: Wanted): boolean {
  return wanted.family === 0 || wanted.family === FAMILY[family];
}

function changeText(event: RulesetEvent, wanted: Wanted): Shown {
  const { table, verb } = event;
  const silent = { said: '', text: '' };
  if (!isWanted(table.family, wanted)) return silent;
  switch (event.kind) {
    case 'table':
      return { said: '', text: ` EVENT: nft: ${verb === 'delete' ? 'DEL' : 'NEW'} table: ${tableText(table, verb === 'delete')}\n` };
    case 'chain':
      return { said: '', text: ` EVENT: ${chainText(table, event.chain, verb === 'delete')}\n` };
    case 'rule': {
      if (!isXtables(table.family)) return { said: STRANGE, text: '' };
      const { rule } = event.rule;
      return { said: '', text: ` EVENT: ${ruleLine(table, event.chain.name, rule, verb === 'delete' ? '-D' : '-A', wanted)}\n` };
    }
    default:
      return silent;
  }
}

const isXtables = (family: string): boolean => family === 'ip' || family === 'ip6';
const programOf = (family: string): string => (family === 'ip' ? 'iptables' : 'ip6tables');

function tableText({ family, name, handle, dormant, chains, sets, objects }: KnownTable, gone: boolean): string {
  const use = gone ? 0 : chains.size + sets.size + objects.size;
  return `table ${name} ${family} flags ${dormant ? 1 : 0} use ${use} handle ${handle}`;
}

/** User chains of iptables' families as a call of iptables, others as libnftnl shows them. */
function chainText(table: KnownTable, { name, hook, rules, references }: KnownChain, gone: boolean): string {
  // Of a chain that goes, nobody says where it stood.
  const place = gone ? undefined : hook;
  if (isXtables(table.family) && !place) return `${programOf(table.family)} -t ${table.name} ${gone ? '-X' : '-N'} ${name}`;
  const use = gone ? 0 : rules.length + references;
  const head = `nft: ${gone ? 'DEL' : 'NEW'} chain: ${table.family} ${table.name} ${name} use ${use}`;
  if (!place) return head;
  const { type, hook: at, priority, policy } = place;
  return `${head} type ${type} hook ${at} prio ${priority} policy ${policy} packets 0 bytes 0 flags 1`;
}

/** A rule as a call of iptables. */
function ruleLine(
  { family, name }: Pick<KnownTable, 'family' | 'name'>,
  chain: string,
  rule: Rule | NftRule,
  verb: string,
  { counters }: Wanted,
): string {
  const counts = counters && 'packets' in rule ? `[${rule.packets}:${rule.bytes}] ` : '';
  const text = 'statements' in rule ? nativeText(rule) : saveRule(rule);
  return `${programOf(family)} -t ${name} ${counts}${verb} ${chain}${text === '' ? '' : ` ${text}`}`;
}

/** What iptables understands of a rule of nft; the rest it passes over. */
function nativeText({ statements }: NftRule): string {
  return statements.flatMap((statement) => xtablesWords(statement) ?? []).join(' ');
}

function traceText(message: TraceMessage, wanted: Wanted): Shown {
  const { id, family, table, chain, packet, rule, handle, verdict, mark } = message;
  if (!isWanted(family, wanted)) return { said: '', text: '' };
  const number = `${FAMILY[family] ?? 0} ${id.toString(16).padStart(8, '0')}`;
  let text = packet ? `PACKET: ${number} ${tracedPacketText(packet, family === 'inet', mark)}\n` : '';
  text += ` TRACE: ${number} ${table}:${chain}`;
  if (!rule) return { said: '', text: `${text}:policy:${verdictText(verdict)} \n` };
  text += `:rule:0x${handle.toString(16)}:${verdictText(verdict)} `;
  if (!isXtables(family)) return { said: STRANGE, text: `${text} ` };
  const line = ruleLine({ family: family as 'ip' | 'ip6', name: table }, chain, rule as Rule | NftRule, '-A', wanted);
  return { said: '', text: `${text} ${line}\n` };
}

/** In capitals; for RETURN the tool has no name. */
function verdictText({ kind, chain }: TracedVerdict): string {
  if (kind === 'return') return '0xfffffffb';
  return chain === undefined ? kind.toUpperCase() : `${kind.toUpperCase()}:${chain}`;
}
