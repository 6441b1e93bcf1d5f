import { formatIP, parseIP } from '../../base/address.ts';
import type { Errno } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import { procLine } from '../../kernel/netfilter/conntrack/describe.ts';
import { GROUP_LOGGER, LOGGERS } from '../../kernel/netfilter/groups.ts';
import type { Family } from '../../kernel/netfilter/hooks.ts';
import { type HashlimitTable, hashlimitTables } from '../../kernel/netfilter/match/hashlimit.ts';
import { forgetRecent, recentLists, rememberRecent } from '../../kernel/netfilter/match/recent.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { ComputedFile, type Inode } from '../inode.ts';
import { directory, text } from './computed.ts';
import { procIpvs } from './proc-ipvs.ts';

/** Ticks a second, and what the counter stood at when the machine started (CONFIG_HZ, INITIAL_JIFFIES). */
const HZ = 250;
const INITIAL_JIFFIES = 2 ** 32 - 300 * HZ;
/** What a microsecond of waiting is worth in the credits of xt_hashlimit. */
const CREDITS = 137_438_953n;

const jiffies = (time: number) => INITIAL_JIFFIES + Math.floor(time / (SECOND / HZ));

/** The files of netfilter below /proc/net. */
export function procNetfilter(): Record<string, Inode> {
  return {
    ...procIpvs(),
    nf_conntrack: text(({ host, namespaces }) => conntrackLines(namespaces.net, host.now)),
    nf_conntrack_expect: text(() => ''),
    netfilter: directory(() => NETFILTER_FILES),
    xt_recent: directory(({ namespaces }) => recentFiles(namespaces.net)),
    ipt_hashlimit: directory(({ namespaces }) => hashlimitFiles(namespaces.net, 4)),
    ip6t_hashlimit: directory(({ namespaces }) => hashlimitFiles(namespaces.net, 6)),
  };
}

/** The files of /proc/net/netfilter. */
const NETFILTER_FILES: Record<string, Inode> = {
  nf_log: text(({ namespaces }) => logLines(namespaces.net)),
  nfnetlink_log: text(({ namespaces }) => logGroupLines(namespaces.net)),
  // Nobody reads queues.
  nfnetlink_queue: text(() => ''),
};
for (const name of ['nfnetlink_log', 'nfnetlink_queue']) (NETFILTER_FILES[name] as Inode).mode = 0o440;

/** A line for each family: what logs for it, and what could (net/netfilter/nf_log.c `seq_show`). */
function logLines({ netfilter }: NetNamespace): string {
  return LOGGERS.map((own, family) => {
    const possible = [own, GROUP_LOGGER].filter((name) => name !== '');
    return `${String(family).padStart(2)} ${netfilter.groups.loggers[family]} (${possible.join(',')})\n`;
  }).join('');
}

/** A line for each group that somebody reads: group, port, messages waiting, copy mode, copy range, timeout, users (nfnetlink_log.c). */
function logGroupLines({ netfilter }: NetNamespace): string {
  return [...netfilter.groups.logs]
    .sort(([a], [b]) => a - b)
    .map(([group, { port, waiting, copyMode, copyRange, flushTimeout }]) => {
      const columns = [
        [group, 5],
        [port, 6],
        [waiting, 5],
        [copyMode, 1],
        [copyRange, 5],
        [flushTimeout, 6],
        [1, 2],
      ] as const;
      return `${columns.map(([value, width]) => String(value).padStart(width)).join(' ')}\n`;
    })
    .join('');
}

function conntrackLines(net: NetNamespace, now: number): string {
  return net.netfilter.conntrack.table
    .list()
    .map((connection) => `${procLine(connection, now)}\n`)
    .join('');
}

/** A list reads as one line for each address (recent_seq_show), and takes `+ADDRESS`, `-ADDRESS` and `/` (recent_mt_proc_write). */
function recentFiles(net: NetNamespace): Record<string, Inode> {
  const contents = (name: string) => {
    const lines = [...(recentLists(net).get(name) ?? [])].map(([address, { stamps, ttl }]) => {
      const times = stamps.map(jiffies);
      return `src=${formatIP(address)} ttl: ${ttl} last_seen: ${times.at(-1)} oldest_pkt: ${times.length} ${times.join(', ')}\n`;
    });
    return lines.join('');
  };
  const names = [...recentLists(net).keys()];
  return Object.fromEntries(
    names.map((name) => [
      name,
      new ComputedFile(
        () => contents(name),
        (_viewer, written) => writeRecent(net, name, written),
      ),
    ]),
  );
}

function writeRecent(net: NetNamespace, name: string, written: string): Errno | undefined {
  const line = written.replace(/\n.*$/s, '');
  if (line === '/') {
    forgetRecent(net, name, undefined);
    return undefined;
  }
  const address = /^[+-]/.test(line) ? parseIP(line.slice(1)) : undefined;
  if (address === undefined) return 'EINVAL';
  if (line.startsWith('+')) rememberRecent(net, name, address, 0);
  else forgetRecent(net, name, address);
  return undefined;
}

/** Seconds to live, ends, credit, most credit, price of a packet (dl_seq_real_show). */
function hashlimitFiles(net: NetNamespace, family: Family): Record<string, Inode> {
  const line = ({ average, burst }: HashlimitTable, ends: string, credit: number, left: number) =>
    `${left} ${ends} ${[credit, average * burst, average].map((value) => BigInt(Math.floor(value)) * CREDITS).join(' ')}\n`;
  return Object.fromEntries(
    [...hashlimitTables(net, family)].map(([name, table]) => [
      name,
      text(({ host }) =>
        table
          .live(host.now)
          .map(({ ends, credit, left }) => line(table, ends, credit, Math.floor(left / SECOND)))
          .join(''),
      ),
    ]),
  );
}
