import { type Connection, Tracked } from '../conntrack/connection.ts';
import { isProblem, LARGEST, not, numberRange, problem, type Range } from '../options.ts';
import type { MatchExtension } from './match.ts';

const MODES = ['packets', 'bytes', 'avgpkt'] as const;
const DIRECTIONS = ['original', 'reply', 'both'] as const;

interface Connbytes extends Range {
  inverted: boolean;
  mode: (typeof MODES)[number];
  direction: (typeof DIRECTIONS)[number];
}

const rangeText = ({ min, max }: Range): string => (max === Number.MAX_SAFE_INTEGER ? String(min) : `${min}:${max}`);

/** How much has passed in a direction. */
function amount(connection: Connection, { mode, direction }: Connbytes): number {
  const counters = connection.accounting;
  if (!counters) return 0;
  const packets = (direction === 'reply' ? 0 : counters.packets) + (direction === 'original' ? 0 : counters.replyPackets);
  if (mode === 'packets') return packets;
  const bytes = (direction === 'reply' ? 0 : counters.bytes) + (direction === 'original' ? 0 : counters.replyBytes);
  if (mode === 'bytes') return bytes;
  return packets === 0 ? 0 : Math.floor(bytes / packets);
}

/**
 * The connbytes match: how much a connection has carried (net/netfilter/xt_connbytes.c). The rule turns net.netfilter.nf_conntrack_acct on;
 * connections that began before count nothing.
 */
export const connbytes: MatchExtension<Connbytes> = {
  name: 'connbytes',
  conntrack: true,
  accounting: true,
  options: [
    { name: 'connbytes', mandatory: true, invert: true },
    { name: 'connbytes-dir', mandatory: true },
    { name: 'connbytes-mode', mandatory: true },
  ],
  parse(given) {
    const text = given.value('connbytes') as string;
    const range = numberRange('connbytes', 'connbytes', text, Number.MAX_SAFE_INTEGER, LARGEST);
    if (isProblem(range)) return range;
    if (!text.includes(':')) range.max = Number.MAX_SAFE_INTEGER;
    const direction = DIRECTIONS.find((name) => name === given.value('connbytes-dir'));
    if (!direction) return problem(`Unknown --connbytes-dir \`${given.value('connbytes-dir')}'`);
    const mode = MODES.find((name) => name === given.value('connbytes-mode'));
    if (!mode) return problem(`Unknown --connbytes-mode \`${given.value('connbytes-mode')}'`);
    return { ...range, direction, mode, inverted: given.find('connbytes')?.inverted ?? false };
  },
  save: (data) => `${not(data.inverted)} --connbytes ${rangeText(data)} --connbytes-mode ${data.mode} --connbytes-dir ${data.direction}`,
  list: (data) => `${not(data.inverted)} connbytes ${rangeText(data)} connbytes mode ${data.mode} connbytes direction ${data.direction}`,
  matches(data, skb) {
    const connection = skb.conntrack instanceof Tracked ? skb.conntrack.connection : undefined;
    if (!connection) return false;
    const value = amount(connection, data);
    return (value >= data.min && value <= data.max) !== data.inverted;
  },
};
