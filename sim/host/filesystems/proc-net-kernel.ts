import type { NetNamespace } from '../../kernel/netns.ts';
import type { Inode } from '../inode.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { LinkInfo } from '../netlink/messages.ts';
import type { RtNetlink } from '../netlink/rtnetlink.ts';
import { directory, text } from './computed.ts';
import { PROCESSORS } from './identity.ts';

/** Files of /proc/net about what the kernel has: protocols, receivers of packets, queues' clocks, VLANs. */
export function procNetKernel(): Record<string, Inode> {
  const heading = (line: string) => text(() => `${line}\n`);
  const six = 'sl  local_address                         remote_address                        ';
  const counted = 'st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops';
  return {
    // Sockets that a program here can't open, or that leave no trace while they are open.
    icmp: heading(`  sl  local_address rem_address   ${counted}`.padEnd(127)),
    icmp6: heading(`  ${six}${counted}`),
    udplite: heading(`   sl  local_address rem_address   ${counted}`.padEnd(127)),
    udplite6: heading(`  ${six}${counted}`),
    ip6_flowlabel: heading('Label S Owner  Users  Linger Expires  Dst                              Opt'),
    ip_mr_vif: heading('Interface      BytesIn  PktsIn  BytesOut PktsOut Flags Local    Remote'),
    ip_mr_cache: heading('Group    Origin   Iif     Pkts    Bytes    Wrong Oifs'),
    ip6_mr_vif: heading('Interface      BytesIn  PktsIn  BytesOut PktsOut Flags'),
    ip6_mr_cache: heading('Group                            Origin                           Iif      Pkts  Bytes     Wrong  Oifs'),
    // The tables of iptables are nftables' here, as with Debian's iptables.
    ip_tables_names: text(() => ''),
    ip6_tables_names: text(() => ''),
    psched: heading(CLOCK),
    // Nobody makes anycast addresses, and the routing cache is gone.
    anycast6: text(() => ''),
    rt_cache: heading(CACHE_HEADING),
    xfrm_stat: text(() => XFRM_COUNTERS.map((name) => `${`Xfrm${name}`.padEnd(24)}\t0\n`).join('')),
    ptype: text(({ namespaces }) => packetTypes(namespaces.net)),
    softnet_stat: text(({ host }) => received(host.kernel.namespaces)),
    stat: directory(() => ({ nf_conntrack: text(({ namespaces }) => conntrackStatistics(namespaces.net)) })),
    netfilter: directory(() => ({ nf_log: text(({ namespaces }) => loggers(namespaces.net)) })),
    vlan: directory(({ namespaces }) => vlans(openRtNetlink(namespaces.net))),
  };
}

const CACHE_HEADING =
  'Iface\tDestination\tGateway \tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst'.padEnd(127);

/** What IPsec counts (net/xfrm/xfrm_proc.c); without any it counts nothing. */
const XFRM_COUNTERS =
  'InError InBufferError InHdrError InNoStates InStateProtoError InStateModeError InStateSeqError InStateExpired InStateMismatch '
    .concat(
      'InStateInvalid InTmplMismatch InNoPols InPolBlock InPolError OutError OutBundleGenError OutBundleCheckError OutNoStates ',
      'OutStateProtoError OutStateModeError OutStateSeqError OutStateExpired OutPolBlock OutPolDead OutPolError FwdHdrError ',
      'OutStateInvalid AcquireError OutStateDirError InStateDirError InIptfsError OutNoQueueSpace',
    )
    .split(' ');

/** Nanoseconds of a tick of the scheduler's clock, ticks of it in a microsecond … (psched_show in net/sched/sch_api.c). */
const CLOCK = '000003e8 00000040 000f4240 3b9aca00';

/** Who gets packets of which type (ptype_seq_show); sockets that see all of them come first. */
function packetTypes(net: NetNamespace): string {
  const line = (type: string, device: string, receiver: string) => `${type} ${device.padEnd(8)} ${receiver}\n`;
  const taps = [...net.sockets.packet].map(({ device }) => line('ALL ', device?.name ?? '', 'tpacket_rcv'));
  const protocols = [
    ['0800', 'ip_rcv'],
    ['0004', 'llc_rcv'],
    ['0806', 'arp_rcv'],
    ['86dd', 'ipv6_rcv'],
  ] as const;
  return `Type Device      Function\n${taps.join('')}${protocols.map(([type, receiver]) => line(type, '', receiver)).join('')}`;
}

/** Frames that each processor has received (softnet_seq_show); here the first one does all. */
function received(namespaces: Iterable<NetNamespace>): string {
  let frames = 0;
  for (const net of namespaces) for (const device of net.devices.values()) frames += device.stats.rxPackets;
  const row = (count: number, cpu: number) => [count, ...Array<number>(11).fill(0), cpu, 0, 0].map((number) => hex(number)).join(' ');
  return Array.from({ length: PROCESSORS }, (_, cpu) => `${row(cpu === 0 ? frames : 0, cpu)}\n`).join('');
}

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** ct_cpu_seq_show in nf_conntrack_standalone.c: a line for each processor, of which the first has counted everything. */
function conntrackStatistics(net: NetNamespace): string {
  const { statistics, table } = net.netfilter.conntrack;
  const { found, invalid, insert, insert_failed, drop, early_drop, error } = statistics;
  const row = (counts: number[]) => {
    const columns = [table.count, ...counts].map(hex);
    return `${columns[0]}  ${columns.slice(1, 13).join(' ')}  ${columns.slice(13).join(' ')}\n`;
  };
  const first = [0, found, 0, invalid, 0, 0, 0, insert, insert_failed, drop, early_drop, error, 0, 0, 0, 0];
  const rows = Array.from({ length: PROCESSORS }, (_, cpu) => row(cpu === 0 ? first : first.map(() => 0)));
  const head =
    'entries  clashres found new invalid ignore delete chainlength insert insert_failed drop early_drop icmp_error  ' +
    'expect_new expect_create expect_delete search_restart';
  return `${head}\n${rows.join('')}`;
}

/** Who logs for each family of protocols, and who could (nf_log.c, seq_show). */
function loggers(net: NetNamespace): string {
  const own: Record<number, string> = { 2: 'nf_log_ipv4', 3: 'nf_log_arp', 5: 'nf_log_netdev', 7: 'nf_log_bridge', 10: 'nf_log_ipv6' };
  const names = net.sysctl.below('net/netfilter/nf_log').map(Number);
  return names
    .sort((a, b) => a - b)
    .map((family) => {
      const could = [...(own[family] ? [own[family]] : []), 'nfnetlink_log'].join(',');
      return `${String(family).padStart(2)} ${net.sysctl.get(`net/netfilter/nf_log/${family}`)} (${could})\n`;
    })
    .join('');
}

/** /proc/net/vlan (net/8021q/vlanproc.c), which is there once the machine knows VLANs. */
function vlans(rt: RtNetlink): Record<string, Inode> {
  const found = rt.links().filter(({ kind }) => kind === 'vlan');
  const below = (link: LinkInfo) => (link.link === undefined ? '' : (rt.link(link.link)?.name ?? ''));
  const lines = found.map((link) => `${link.name.padEnd(15)}| ${link.data.id}  | ${below(link)}\n`);
  const config = `VLAN Dev name\t | VLAN ID\nName-Type: VLAN_NAME_TYPE_RAW_PLUS_VID_NO_PAD\n${lines.join('')}`;
  return {
    config: text(() => config),
    ...Object.fromEntries(found.map((link) => [link.name, text(() => vlanDevice(link, below(link)))])),
  };
}

/** IFF_802_1Q_VLAN, IFF_XMIT_DST_RELEASE, IFF_UNICAST_FLT. */
const PRIVATE_FLAGS = '1021';

function vlanDevice({ name, data, stats }: LinkInfo, below: string): string {
  const count = (what: string, value: number) => `${what.padStart(30)} ${String(value).padStart(12)}\n`;
  return (
    `${name}  VID: ${data.id}\t REORDER_HDR: 1  dev->priv_flags: ${PRIVATE_FLAGS}\n` +
    count('total frames received', stats.rxPackets) +
    count('total bytes received', stats.rxBytes) +
    count('Broadcast/Multicast Rcvd', stats.rxMulticast) +
    '\n' +
    count('total frames transmitted', stats.txPackets) +
    count('total bytes transmitted', stats.txBytes) +
    `Device: ${below}\nINGRESS priority mappings: 0:0  1:0  2:0  3:0  4:0  5:0  6:0 7:0\n EGRESS priority mappings: \n`
  );
}
