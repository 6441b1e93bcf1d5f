import { formatIPv4, formatMac, type IPv4, type IPv6 } from '../../base/address.ts';
import type { ComputedDirectory } from '../inode.ts';
import type { LinkInfo, Scope } from '../netlink/messages.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { directory, text } from './computed.ts';
import { fibTrie, fibTriestat, reversedHex, routes4, routes6 } from './proc-net-routes.ts';
import { procNetKernel } from './proc-net-kernel.ts';
import { procNetfilter } from './proc-netfilter.ts';
import { netstat, snmp, snmp6 } from './proc-net-snmp.ts';
import { packetTable, unixTable } from './proc-net-local.ts';
import { protocolTable } from './proc-net-protocols.ts';
import { socketStatistics, socketTable } from './proc-net-sockets.ts';

/** /proc/net (proc_pid_net(5)), of the network namespace of whoever looks. */
export function procNet(): ComputedDirectory {
  const table = (lines: (rt: RtNetlink) => string[]) =>
    text((viewer) =>
      lines(openRtNetlink(viewer.namespaces.net))
        .map((line) => `${line}\n`)
        .join(''),
    );
  const sockets = (protocol: 'tcp' | 'udp' | 'raw', family: 4 | 6) => text((viewer) => socketTable(viewer, protocol, family));
  const files = {
    arp: table(arp),
    dev: table(devices),
    dev_mcast: table(linkGroups),
    igmp: table(groups4),
    igmp6: table(groups6),
    mcfilter: text(() => 'Idx Device        MCA        SRC    INC    EXC\n'),
    mcfilter6: text(() => 'Idx Device                Multicast Address                   Source Address    INC    EXC\n'),
    if_inet6: table(addresses6),
    raw: sockets('raw', 4),
    raw6: sockets('raw', 6),
    fib_trie: table(fibTrie),
    fib_triestat: table(fibTriestat),
    ipv6_route: table(routes6),
    route: table(routes4),
    netstat: text((viewer) => netstat(viewer.namespaces.net)),
    snmp: text((viewer) => snmp(viewer.namespaces.net)),
    snmp6: text((viewer) => snmp6(viewer.namespaces.net)),
    sockstat: text((viewer) => socketStatistics(viewer, 4)),
    sockstat6: text((viewer) => socketStatistics(viewer, 6)),
    tcp: sockets('tcp', 4),
    tcp6: sockets('tcp', 6),
    udp: sockets('udp', 4),
    udp6: sockets('udp', 6),
    protocols: text((viewer) => protocolTable(viewer.namespaces.net)),
    unix: text(unixTable),
    packet: text(packetTable),
    ...procNetKernel(),
    ...procNetfilter(),
  };
  return directory(() => files);
}

function nameOf(rt: RtNetlink, ifindex: number): string {
  return rt.link(ifindex)?.name ?? '*';
}

/** arp_seq_show in net/ipv4/arp.c: incomplete entries are listed, and what is answered for others (proxy); entries without use for ARP are not. */
function arp(rt: RtNetlink): string[] {
  const entries = rt.neighbours(4).filter((entry) => entry.state !== 'NOARP' && entry.state !== 'NONE');
  return [
    'IP address       HW type     Flags       HW address            Mask     Device',
    ...entries.map((entry) => {
      const flags = entry.proxy ? 0xc : entry.state === 'PERMANENT' ? 6 : entry.lladdr !== undefined && entry.state !== 'FAILED' ? 2 : 0;
      const address = formatIPv4(entry.address as IPv4).padEnd(16);
      const hardware = formatMac(flags === 0 || entry.proxy ? 0 : (entry.lladdr ?? 0)).padEnd(17);
      return `${address} 0x${'1'.padEnd(10)}0x${flags.toString(16).padEnd(10)}${hardware}     *        ${nameOf(rt, entry.ifindex)}`;
    }),
  ];
}

/** dev_seq_show in net/core/net-procfs.c. */
function devices(rt: RtNetlink): string[] {
  return [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    ...rt.links().map(deviceLine),
  ];
}

function deviceLine({ name, stats }: LinkInfo): string {
  const pad = (columns: [number, number][]) => columns.map(([number, width]) => String(number).padStart(width)).join(' ');
  const received = pad([
    [stats.rxBytes, 7],
    [stats.rxPackets, 7],
    [stats.rxErrors, 4],
    [stats.rxDropped, 4],
    [0, 4],
    [0, 5],
    [0, 10],
    [stats.rxMulticast, 9],
  ]);
  const sent = pad([
    [stats.txBytes, 8],
    [stats.txPackets, 7],
    [stats.txErrors, 4],
    [stats.txDropped, 4],
    [0, 4],
    [stats.txCollisions, 5],
    [stats.txCarrier, 7],
    [0, 10],
  ]);
  return `${name.padStart(6)}: ${received} ${sent}`;
}

/** IPV6_ADDR_* scopes as if6_seq_show prints them. */
const SCOPES: Record<Scope, number> = { global: 0x00, host: 0x10, link: 0x20, site: 0x40, nowhere: 0xf0 };

/** if6_seq_show in net/ipv6/addrconf.c: address, ifindex, prefix length, scope, flags, name. */
function addresses6(rt: RtNetlink): string[] {
  return rt.addresses(6).map((address) => {
    const flags =
      (address.permanent ? 0x80 : 0) |
      (address.preferredLifetime === 0 ? 0x20 : 0) |
      (address.tentative ? 0x40 : 0) |
      (address.dadFailed ? 0x08 : 0) |
      (address.flags?.includes('home') ? 0x10 : 0) |
      (address.nodad ? 0x02 : 0);
    const numbers = [address.ifindex, address.prefix.length, SCOPES[address.scope], flags];
    const digits = (address.prefix.address as IPv6).toString(16).padStart(32, '0');
    return `${digits} ${numbers.map((n) => n.toString(16).padStart(2, '0')).join(' ')} ${nameOf(rt, address.ifindex).padStart(8)}`;
  });
}

/** dev_mc_seq_show: interface, users, users by an administrator, address. */
function linkGroups(rt: RtNetlink): string[] {
  return rt.multicast().flatMap(({ ifindex, name, link }) =>
    link.map(({ address, users, fixed }) => {
      const head = `${String(ifindex).padEnd(4)} ${name.padEnd(15)} ${String(users).padEnd(5)} ${fixed ? '1    ' : '0    '}`;
      return `${head} ${address.toString(16).padStart(12, '0')}`;
    }),
  );
}

/** igmp_mc_seq_show: the querier's version, which is taken to be 3, and each group's timer, which runs for older ones only. */
function groups4(rt: RtNetlink): string[] {
  const lines = ['Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter'];
  for (const { ifindex, name, inet } of rt.multicast()) {
    if (inet.length === 0) continue;
    lines.push(`${ifindex}\t${name.padEnd(10)}: ${String(inet.length).padStart(5)}      V3`);
    for (const { address, users } of inet) lines.push(`\t\t\t\t${reversedHex(address)} ${String(users).padStart(5)} 0:00000000\t\t0`);
  }
  return lines;
}

/** igmp6_mc_seq_show; MAF_NOREPORT for what nobody needs to be told of, MAF_LOADED for what the link filters. */
function groups6(rt: RtNetlink): string[] {
  return rt.multicast().flatMap(({ ifindex, name, inet6 }) =>
    inet6.map(({ address, users }) => {
      const scope = Number((address >> 112n) & 0xfn);
      const flags =
        (scope < 2 || (scope === 2 && (address & 0xffff_ffffn) === 1n && address >> 16n === 0xff02n << 96n) ? 8 : 0) | (scope < 2 ? 0 : 4);
      const hex = address.toString(16).padStart(32, '0');
      return `${String(ifindex).padEnd(4)} ${name.padEnd(15)} ${hex} ${String(users).padStart(5)} ${flags.toString(16).toUpperCase().padStart(8, '0')} 0`;
    }),
  );
}
