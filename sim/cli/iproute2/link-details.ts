import type { LinkAttribute, LinkInfo } from '../../host/netlink/messages.ts';
import { BRIDGE_FIELDS, BRIDGE_PORT_FIELDS, type DetailField } from './bridge-fields.ts';
import { formatBridgeId } from './bridge-id.ts';
import { Fixed, type Report } from './report.ts';
import type { Tool } from './tool.ts';
import { STACKED_DETAILS } from './stacked-details.ts';
import { printVxlan } from './vxlan-details.ts';

/** IPv6 leaves links with a smaller MTU alone (IPV6_MIN_MTU), so they have no address generation mode either. */
const IPV6_MIN_MTU = 1280;

/** What `-d` adds to a link: counters of interest, limits, the kind's own attributes, those of a port, and queue limits. */
export function printDetails(tool: Tool, report: Report, link: LinkInfo, linkCommand: boolean): void {
  const number = (key: string, value: number, text = key) => report.field(key, value, `${text} ${value} `);
  report.text(' ');
  number('promiscuity', link.promiscuity);
  number('allmulti', allMulticast(link));
  number('min_mtu', link.minMtu, 'minmtu');
  number('max_mtu', link.maxMtu, 'maxmtu');
  if (link.type === 'loopback' || link.kind === 'bridge' || (link.kind === 'ipip' && link.name === 'tunl0'))
    report.field('netns-immutable', true, 'netns-immutable ');
  if (link.kind !== undefined || link.slaveKind !== undefined) report.object('linkinfo', () => printKinds(tool, report, link));
  if (linkCommand && link.mtu >= IPV6_MIN_MTU) report.field('inet6_addr_gen_mode', link.addrGenMode, `addrgenmode ${link.addrGenMode} `);
  const queues = link.kind === 'veth' ? 2 : 1;
  const { limits } = link;
  number('num_tx_queues', limits.numTxQueues ?? queues, 'numtxqueues');
  number('num_rx_queues', limits.numRxQueues ?? queues, 'numrxqueues');
  number('gso_max_size', limits.gsoMaxSize ?? 65_536);
  number('gso_max_segs', limits.gsoMaxSegs ?? 65_535);
  number('tso_max_size', segmentsHuge(tool, link) ? 524_280 : 65_536);
  number('tso_max_segs', 65_535);
  number('gro_max_size', limits.groMaxSize ?? 65_536);
  number('gso_ipv4_max_size', limits.gsoIpv4MaxSize ?? 65_536);
  number('gro_ipv4_max_size', limits.groIpv4MaxSize ?? 65_536);
}

/** Drivers that split packets themselves take more at a time; a bridge takes what its ports do, a VXLAN what is below it. */
function segmentsHuge(tool: Tool, link: LinkInfo): boolean {
  if (link.kind === 'vxlan') return link.data.link !== undefined;
  if (link.kind === 'tun' || link.kind === 'ipip' || link.kind === 'wireguard') return false;
  return link.kind !== 'bridge' || tool.netlink.links().some((port) => port.master === link.ifindex);
}

const ALLMULTI = 0x200;

/** How many want all multicast: the user, and a bridge for its port. */
function allMulticast(link: LinkInfo): number {
  return ((link.flags & ALLMULTI) !== 0 ? 1 : 0) + (link.slaveKind === 'bridge' ? 1 : 0);
}

function printKinds(tool: Tool, report: Report, link: LinkInfo): void {
  if (link.kind !== undefined) {
    report.field('info_kind', link.kind, `${tool.newline}    ${link.kind} `);
    if (Object.keys(link.data).length > 0) report.object('info_data', () => printData(report, link));
  }
  if (link.slaveKind === undefined) return;
  report.field('info_slave_kind', link.slaveKind, `${tool.newline}    ${link.slaveKind}_slave `);
  report.object('info_slave_data', () => printFields(report, BRIDGE_PORT_FIELDS, link.slaveData));
}

function printData(report: Report, link: LinkInfo): void {
  if (link.kind === 'bridge') return printFields(report, BRIDGE_FIELDS, link.data);
  if (link.kind === 'vxlan') return printVxlan(report, link.data);
  const print = Object.hasOwn(STACKED_DETAILS, link.kind ?? '') ? STACKED_DETAILS[link.kind ?? ''] : undefined;
  if (print) return print(report, link.data);
  for (const [key, value] of Object.entries(link.data)) report.field(key, value, `${key} ${textOf(value)} `);
}

/** Prints attributes in iproute2's order; one that the kernel doesn't keep shows the value it has while unused. */
function printFields(report: Report, fields: readonly DetailField[], data: Record<string, LinkAttribute>): void {
  for (const field of fields) {
    if (field.form === 'querier') printQuerier(report, data);
    const value = field.names.map((name) => data[name]).find((candidate) => candidate !== undefined) ?? field.unused;
    if (value === undefined) continue;
    printField(report, field, value);
  }
}

/** Who asks for memberships on a bridge, by family (lib/bridge.c `bridge_print_mcast_querier_state`). */
function printQuerier(report: Report, data: Record<string, LinkAttribute>): void {
  const families = (['ipv4', 'ipv6'] as const).map((family) => ({ family, address: data[`mcast_querier_${family}_addr`] }));
  if (families.every(({ address }) => address === undefined)) return;
  for (const { family, address } of families) {
    report.object(`mcast_querier_state_${family}`, () => {
      if (address === undefined) return;
      const name = `mcast_querier_${family}`;
      report.text(`${name}_addr `);
      report.field(`${name}_addr`, address, `${address} `, family === 'ipv4' ? 'inet' : 'inet6');
      const port = data[`${name}_port`];
      if (port !== undefined) report.field(`${name}_port`, port, `${name}_port ${port} `);
      const left = data[`${name}_other_timer`];
      if (left !== undefined) report.field(`${name}_other_timer`, `${left}s`, `${name}_other_timer ${left}s `);
    });
  }
}

function printField(report: Report, field: DetailField, value: LinkAttribute): void {
  const [json] = field.names as [string];
  const text = field.text ?? json;
  const put = (shown: string, data: Parameters<Report['data']>[1]) => {
    if (field.textOnly) report.text(`${text} ${shown} `);
    else report.field(json, data, `${text} ${shown} `);
  };
  switch (field.form) {
    case 'flag': {
      const on = value === true || value === 1 || value === 'on';
      return put(on ? 'on' : 'off', on);
    }
    case 'timer': {
      const seconds = Number(value).toFixed(2);
      return put(seconds.padStart(7), new Fixed(seconds));
    }
    case 'hex':
      return put(hexadecimal(value), hexadecimal(value));
    case 'mask':
      return put(Number(value) === 0 ? '0' : hexadecimal(value), Number(value) === 0 ? '0' : hexadecimal(value));
    case 'bridge-id': {
      const id = formatBridgeId(String(value));
      return put(id, id);
    }
    default:
      return put(textOf(value), typeof value === 'boolean' ? Number(value) : value);
  }
}

function hexadecimal(value: LinkAttribute): string {
  return typeof value === 'string' && value.startsWith('0x') ? value : `0x${Number(value).toString(16)}`;
}

function textOf(value: LinkAttribute): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}
