import { formatIPv4, type IPv4, type IPv6, ipv4Mask } from '../../base/address.ts';
import type { RouteInfo } from '../netlink/messages.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { FibTrie, isFull, type TrieNode } from './fib-trie.ts';

/** RTF_* (include/uapi/linux/route.h, ipv6_route.h). */
const RTF = { UP: 1, GATEWAY: 2, HOST: 4, REJECT: 0x200, NONEXTHOP: 0x20_0000, EXPIRES: 0x40_0000, LOCAL: 0x8000_0000 };
const TABLE = { DEFAULT: 253, MAIN: 254, LOCAL: 255 };

/** Numbers of addresses are shown in the machine's byte order, reversed. */
export function reversedHex(address: IPv4): string {
  const bytes = [address & 255, (address >>> 8) & 255, (address >>> 16) & 255, address >>> 24];
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** fib_route_seq_show in net/ipv4/fib_trie.c: the main table, which doesn't exist before the first address or route. */
export function routes4(rt: RtNetlink): string[] {
  if (rt.routes(4).length === 0) return [];
  const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT';
  const shown = rt.routes(4).filter((route) => route.table === TABLE.MAIN && route.type !== 'broadcast' && route.type !== 'multicast');
  return [header, ...shown.map((route) => line4(rt, route))].map((line) => line.padEnd(127));
}

/** Of several next hops only the first is shown. */
function line4(rt: RtNetlink, { destination, nexthops, type, priority, metrics }: RouteInfo): string {
  const [hop] = nexthops;
  const gateway = (hop?.gateway as IPv4 | undefined) ?? 0;
  const { address, length } = destination;
  const reject = type === 'unreachable' || type === 'prohibit';
  const flags = RTF.UP | (reject ? RTF.REJECT : 0) | (gateway ? RTF.GATEWAY : 0) | (length === 32 ? RTF.HOST : 0);
  const fields = [
    hop ? (rt.link(hop.ifindex)?.name ?? '*') : '*',
    reversedHex(address as IPv4),
    reversedHex(gateway),
    flags.toString(16).padStart(4, '0'),
    0,
    0,
    priority,
    reversedHex(ipv4Mask(length)),
    metrics.advmss ? metrics.advmss + 40 : 0,
    metrics.window ?? 0,
    metrics.rtt ?? 0,
  ];
  return fields.join('\t');
}

// ---- IPv6 -------------------------------------------------------------------------------------------------------------

const hex = (value: number, digits: number) => (value >>> 0).toString(16).padStart(digits, '0');
const hex6 = (address: IPv6) => address.toString(16).padStart(32, '0');

/** ipv6_route_native_seq_show in net/ipv6/ip6_fib.c: every table, with the null entry of those that have no default route. */
export function routes6(rt: RtNetlink): string[] {
  const routes = rt.routes(6);
  return rt
    .tables(6)
    .toSorted((a, b) => a - b)
    .flatMap((table) => {
      const own = routes.filter((route) => route.table === table);
      const lines = own.map((route) => line6(rt, route));
      const none = own.some(({ destination }) => destination.length === 0);
      return none
        ? lines
        : [
            ...lines,
            text6({
              destination: 0n,
              length: 0,
              gateway: 0n,
              metric: 0xffff_ffff,
              references: 1,
              device: 'lo',
              flags: RTF.REJECT | RTF.NONEXTHOP,
            }),
          ];
    });
}

function line6(rt: RtNetlink, { destination, nexthops, type, priority, expires }: RouteInfo): string {
  const [hop] = nexthops;
  const reject = type === 'unreachable' || type === 'prohibit' || type === 'blackhole' || type === 'throw';
  const local = type === 'local' || type === 'anycast';
  const gateway = (hop?.gateway as IPv6 | undefined) ?? 0n;
  let flags = reject ? RTF.REJECT | RTF.NONEXTHOP : RTF.UP;
  if (local) flags |= RTF.LOCAL | RTF.NONEXTHOP;
  if (gateway !== 0n) flags |= RTF.GATEWAY;
  if (expires !== undefined) flags |= RTF.EXPIRES;
  const device = hop ? (rt.link(hop.ifindex)?.name ?? '') : 'lo';
  // Who holds a route isn't counted here: an address holds its local one.
  const references = local ? 2 : 1;
  return text6({
    destination: destination.address as IPv6,
    length: destination.length,
    gateway,
    metric: priority,
    references,
    device,
    flags,
  });
}

function text6(route: {
  destination: IPv6;
  length: number;
  gateway: IPv6;
  metric: number;
  references: number;
  device: string;
  flags: number;
}): string {
  const figures = [route.metric, route.references, 0, route.flags].map((value) => hex(value, 8)).join(' ');
  return `${hex6(route.destination)} ${hex(route.length, 2)} ${hex6(0n)} 00 ${hex6(route.gateway)} ${figures} ${route.device.padStart(8)}`;
}

// ---- the trie ---------------------------------------------------------------------------------------------------------

interface ShownTable {
  title: string;
  trie: FibTrie<RouteInfo>;
}

/** The tables by number. The main and the local one are one trie until the first rule of one's own splits them (fib_unmerge). */
function tables(rt: RtNetlink): ShownTable[] {
  const routes = rt.routes(4);
  const split = rt.rules(4).some(({ priority }) => priority !== 0 && priority < 32_766);
  return rt
    .tables(4)
    .filter((table) => table !== TABLE.DEFAULT || routes.some((route) => route.table === table))
    .toSorted((a, b) => a - b)
    .map((table) => {
      const merged = !split && (table === TABLE.MAIN || table === TABLE.LOCAL);
      const own = routes.filter(
        (route) => route.table === table || (merged && (route.table === TABLE.MAIN || route.table === TABLE.LOCAL)),
      );
      return { title: TITLES[table] ?? `Id ${table}:`, trie: trieOf(own) };
    });
}

const TITLES: Record<number, string> = { [TABLE.MAIN]: 'Main:', [TABLE.LOCAL]: 'Local:' };

/** Routes of one key stand in a leaf longest prefix first, then by table, downwards. */
function trieOf(routes: readonly RouteInfo[]): FibTrie<RouteInfo> {
  const trie = new FibTrie<RouteInfo>();
  const sorted = routes.toSorted(
    (a, b) =>
      (a.destination.address as IPv4) - (b.destination.address as IPv4) || b.destination.length - a.destination.length || b.table - a.table,
  );
  for (const route of sorted) trie.add(route.destination.address as IPv4, route);
  return trie;
}

const SCOPES: Record<RouteInfo['scope'], string> = { global: 'universe', site: 'site', link: 'link', host: 'host', nowhere: 'nowhere' };

/** fib_trie_seq_show: an internal node with its prefix, its bits, its full and its empty children; a leaf with its routes. */
export function fibTrie(rt: RtNetlink): string[] {
  return tables(rt).flatMap(({ title, trie }) => (trie.root ? [title, ...nodeLines(trie.root, trie.root.bits > 0 ? 1 : 0)] : []));
}

function nodeLines(node: TrieNode<RouteInfo>, depth: number): string[] {
  const indent = (by: number) => `${'   '.repeat(by)}  `;
  if (node.bits === 0) {
    const routes = node.entries.map(({ destination, scope, type, tos }) => {
      const more = tos === 0 ? '' : ` tos=${tos}`;
      return `${indent(depth + 1)}/${destination.length} ${SCOPES[scope]} ${type.toUpperCase()}${more}`;
    });
    return [`${indent(depth)}|-- ${formatIPv4(node.key)}`, ...routes];
  }
  const full = node.children.filter((child) => isFull(node, child)).length;
  const empty = node.children.filter((child) => child === undefined).length;
  const head = `${indent(depth - 1)}+-- ${formatIPv4(node.key)}/${32 - node.pos - node.bits} ${node.bits} ${full} ${empty}`;
  return [head, ...node.children.flatMap((child) => (child ? nodeLines(child, child.bits > 0 ? depth + 1 : depth) : []))];
}

/** Bytes of a leaf, of a bare internal node, of a route in a leaf and of a pointer on a 64-bit machine. */
const SIZE = { leaf: 48, inner: 40, route: 56, pointer: 8 };

/** fib_triestat_seq_show */
export function fibTriestat(rt: RtNetlink): string[] {
  return [
    `Basic info: size of leaf: ${SIZE.leaf} bytes, size of tnode: ${SIZE.inner} bytes.`,
    ...tables(rt).flatMap(({ title, trie }) => [title, ...figures(trie)]),
  ];
}

function figures({ root }: FibTrie<RouteInfo>): string[] {
  const depths: number[] = [];
  const bits: number[] = [];
  let [prefixes, empty] = [0, 0];
  const visit = (node: TrieNode<RouteInfo>, depth: number) => {
    if (node.bits === 0) {
      depths.push(depth);
      prefixes += node.entries.length;
      return;
    }
    bits[node.bits] = (bits[node.bits] ?? 0) + 1;
    for (const child of node.children) {
      if (child) visit(child, depth + 1);
      else empty++;
    }
  };
  if (root) visit(root, 0);
  const inner = bits.reduce((sum, count) => sum + (count ?? 0), 0);
  const pointers = bits.reduce((sum, count, width) => sum + (count ?? 0) * 2 ** width, 0);
  const bytes = SIZE.leaf * depths.length + SIZE.route * prefixes + SIZE.inner * inner + SIZE.pointer * pointers;
  const total = depths.reduce((sum, depth) => sum + depth, 0);
  const average = depths.length === 0 ? 0 : Math.trunc((total * 100) / depths.length);
  const widths = bits.map((count, width) => `  ${width}: ${count}`).filter((text) => text !== '');
  return [
    `\tAver depth:     ${Math.trunc(average / 100)}.${String(average % 100).padStart(2, '0')}`,
    `\tMax depth:      ${Math.max(0, ...depths)}`,
    `\tLeaves:         ${depths.length}`,
    `\tPrefixes:       ${prefixes}`,
    `\tInternal nodes: ${inner}`,
    `\t${Object.values(widths).join('')}`,
    `\tPointers: ${pointers}`,
    `Null ptrs: ${empty}`,
    `Total size: ${Math.ceil(bytes / 1024)}  kB`,
  ];
}
