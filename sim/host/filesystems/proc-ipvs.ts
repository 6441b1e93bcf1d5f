import type { IP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import { type BalancedConnection, STATE_NAMES } from '../../kernel/netfilter/ipvs/connection.ts';
import { type Counters, familyOf, type Forwarding, type Service } from '../../kernel/netfilter/ipvs/service.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Inode } from '../inode.ts';
import { text } from './computed.ts';

/** Ticks a second (CONFIG_HZ). */
const HZ = 250;

const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, '0');
/** As addresses stand in these files: eight digits, or an address of IPv6 in full. */
const addressText = (address: IP): string => (typeof address === 'number' ? hex(address, 8) : full(address));
const full = (address: bigint): string =>
  Array.from({ length: 8 }, (_, i) =>
    Number((address >> BigInt(112 - 16 * i)) & 0xffffn)
      .toString(16)
      .padStart(4, '0'),
  ).join(':');
const endText = (address: IP, port: number): string =>
  typeof address === 'number' ? `${hex(address, 8)}:${hex(port, 4)}` : `[${full(address)}]:${hex(port, 4)}`;
const protocolName = (protocol: number): string => (protocol === 6 ? 'TCP' : protocol === 17 ? 'UDP' : 'IP');
const FORWARDING: Record<Forwarding, string> = { masq: 'Masq', route: 'Route', tunnel: 'Tunnel' };

/** The files of IPVS below /proc/net (ip_vs_ctl.c, ip_vs_conn.c); there from its first use on in the real kernel, here always. */
export function procIpvs(): Record<string, Inode> {
  return {
    ip_vs: text(({ namespaces }) => servicesText(namespaces.net)),
    ip_vs_conn: text(({ host, namespaces }) => connectionsText(namespaces.net, host.now)),
    ip_vs_stats: text(({ namespaces }) => statisticsText(namespaces.net)),
  };
}

const TITLE = `IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
`;

/** Persistence is in ticks; the length of an IPv6 prefix stands with its bytes turned round. */
function serviceText({ key, settings }: Service): string {
  const { scheduler, onePacket, persistence, netmask } = settings;
  const ops = onePacket ? 'ops ' : '';
  let line = `FWM  ${'mark' in key ? hex(key.mark, 8) : ''} ${scheduler} ${ops}`;
  if (!('mark' in key)) {
    const flags = typeof key.address === 'number' ? `${ops} ` : '';
    line = `${protocolName(key.protocol)}  ${endText(key.address, key.port)} ${scheduler} ${flags}`;
  }
  if (persistence === undefined) return `${line}\n`;
  const mask = familyOf(key) === 4 ? netmask : netmask * 2 ** 24;
  return `${line}persistent ${persistence * HZ} ${hex(mask, 8)}\n`;
}

function servicesText({ netfilter: { ipvs } }: NetNamespace): string {
  let lines = TITLE;
  for (const service of ipvs.services) {
    lines += serviceText(service);
    for (const { address, port, forwarding, weight, active, inactive } of service.destinations) {
      const columns = `${FORWARDING[forwarding].padEnd(7)} ${String(weight).padEnd(6)} ${String(active).padEnd(10)} ${String(inactive).padEnd(10)}`;
      lines += `  -> ${endText(address, port)}      ${columns}\n`;
    }
  }
  return lines;
}

function connectionsText({ netfilter: { ipvs } }: NetNamespace, now: number): string {
  const line = (connection: BalancedConnection): string => {
    const { protocol, client, clientPort, virtual, virtualPort, destination, destinationPort, state, expires } = connection;
    const ends: [IP, number][] = [
      [client, clientPort],
      [virtual, virtualPort],
      [destination.address, destinationPort],
    ];
    const texts = ends.map(([address, port]) => `${addressText(address)} ${hex(port, 4)}`).join(' ');
    const left = Math.max(0, Math.floor((expires - now) / SECOND));
    return `${protocolName(protocol).padEnd(3)} ${texts} ${STATE_NAMES[state].padEnd(11)} ${String(left).padStart(7)}\n`;
  };
  const title = 'Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n';
  return title + ipvs.connections.list().map(line).join('');
}

function statisticsText({ netfilter: { ipvs } }: NetNamespace): string {
  const row = ({ connections, inPackets, outPackets, inBytes, outBytes }: Counters): string => {
    const cells = [connections, inPackets, outPackets].map((value) => Math.round(value).toString(16).toUpperCase().padStart(8));
    return [...cells, ...[inBytes, outBytes].map((value) => Math.round(value).toString(16).toUpperCase().padStart(16))].join(' ');
  };
  const { counts, rates } = ipvs.statistics;
  return `   Total Incoming Outgoing         Incoming         Outgoing
   Conns  Packets  Packets            Bytes            Bytes
${row(counts)}

 Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s
${row(rates)}
`;
}
