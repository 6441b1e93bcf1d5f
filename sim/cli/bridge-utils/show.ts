import { formatMac } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { LinkAttribute, LinkInfo } from '../../host/netlink/messages.ts';
import type { Bridges } from './bridges.ts';

/** `brctl show`: a table with tabs; a bridge's further ports stand alone on their lines. */
export function showBridges(bridges: Bridges, names: readonly string[]): number {
  const heading = 'bridge name\tbridge id\t\tSTP enabled\tinterfaces\n';
  let text = '';
  let status = 0;
  const chosen: LinkInfo[] = [];
  for (const name of names) {
    const bridge = bridges.bridge(name);
    if (bridge) chosen.push(bridge);
    else status = bridges.noBridge(name);
  }
  for (const bridge of names.length > 0 ? chosen : bridges.all()) text += row(bridges, bridge);
  // Where there is no bridge there is no heading either.
  if (text !== '') bridges.print(heading + text);
  return status;
}

function row(bridges: Bridges, bridge: LinkInfo): string {
  const [first = '', ...more] = bridges.ports(bridge).map((port) => port.name);
  const stp = Number(bridge.data.stp_state ?? 0) !== 0 ? 'yes' : 'no';
  return `${bridge.name}\t\t${compact(bridge.data.bridge_id)}\t${stp}\t\t${first}\n${more.map((name) => `\t\t\t\t\t\t\t${name}\n`).join('')}`;
}

/** `8000.1e8b2787421a`: the address in twelve digits without colons, as sysfs has it. */
export function compact(id: LinkAttribute | undefined): string {
  const [priority = '', address = ''] = String(id ?? '').split('.');
  const octets = address.split(':').map((octet) => octet.padStart(2, '0'));
  return id === undefined ? '' : `${priority}.${octets.join('').padStart(12, '0')}`;
}

/** `brctl showmacs`: the forwarding table, by address. */
export function showMacs(bridges: Bridges, [name = '']: readonly string[]): number {
  const bridge = bridges.bridge(name);
  if (!bridge) return bridges.failWith('read of forward table', bridges.netlink.link(name) ? 'EOPNOTSUPP' : 'ENODEV');
  const entries = bridges.netlink.fdb().filter((entry) => entry.master === bridge.ifindex && entry.ifindex !== bridge.ifindex);
  entries.sort((a, b) => a.address - b.address);
  let text = 'port no\tmac addr\t\tis local?\tageing timer\n';
  for (const entry of entries) {
    const port = Number(bridges.netlink.link(entry.ifindex)?.slaveData.no ?? 0);
    const local = entry.state === 'permanent';
    const age = local || entry.state === 'static' ? 0 : entry.updated / SECOND;
    text += `${String(port).padStart(3)}\t${formatMac(entry.address)}\t${local ? 'yes' : 'no'}\t\t${seconds(age)}\n`;
  }
  bridges.print(text);
  return 0;
}

/** Seconds with hundredths, as `%4i.%.2i` prints them. */
function seconds(value: number): string {
  const hundredths = Math.floor(value * 100);
  return `${String(Math.floor(hundredths / 100)).padStart(4)}.${String(hundredths % 100).padStart(2, '0')}`;
}

/** `brctl showstp`: a bridge's spanning tree, and each port's part in it. */
export function showStp(bridges: Bridges, [name = '']: readonly string[]): number {
  const bridge = bridges.bridge(name);
  if (!bridge) return bridges.noBridge(name);
  const { data } = bridge;
  const time = (key: string) => seconds(Number(data[key] ?? 0) / 100);
  const id = compact(data.bridge_id);
  const root = compact(data.root_id ?? data.designated_root ?? data.bridge_id);
  const timer = (key: string) => seconds(Number(data[key] ?? 0));
  const flags = [
    ...(data.topology_change === 1 ? ['TOPOLOGY_CHANGE '] : []),
    ...(data.topology_change_detected === 1 ? ['TOPOLOGY_CHANGE_DETECTED '] : []),
  ].join('');
  bridges.print(
    `${name}\n` +
      ` bridge id\t\t${id}\n` +
      ` designated root\t${root}\n` +
      ` root port\t\t${String(data.root_port ?? 0).padStart(4)}\t\t\tpath cost\t\t${String(data.root_path_cost ?? 0).padStart(4)}\n` +
      ` max age\t\t${time('max_age')}\t\t\tbridge max age\t\t${time('max_age')}\n` +
      ` hello time\t\t${time('hello_time')}\t\t\tbridge hello time\t${time('hello_time')}\n` +
      ` forward delay\t\t${time('forward_delay')}\t\t\tbridge forward delay\t${time('forward_delay')}\n` +
      ` ageing time\t\t${time('ageing_time')}\n` +
      ` hello timer\t\t${timer('hello_timer')}\t\t\ttcn timer\t\t${timer('tcn_timer')}\n` +
      ` topology change timer\t${timer('topology_change_timer')}\t\t\tgc timer\t\t${seconds(Number(data.gc_timer ?? 0))}\n` +
      ` flags\t\t\t${flags}\n\n\n`,
  );
  for (const port of bridges.ports(bridge)) showPort(bridges, port, root);
  return 0;
}

function showPort(bridges: Bridges, port: LinkInfo, root: string): void {
  const data = port.slaveData;
  const number = Number(data.no ?? 0);
  const hex = (value: LinkAttribute | undefined) =>
    Number(value ?? 0)
      .toString(16)
      .padStart(4, '0');
  const column = (value: LinkAttribute | undefined) => String(value ?? 0).padStart(4);
  const timer = (key: string) => seconds(Number(data[key] ?? 0));
  const flags = [
    ...(data.config_pending === 1 ? ['CONFIG_PENDING '] : []),
    ...(data.topology_change_ack === 1 ? ['TOPOLOGY_CHANGE_ACK '] : []),
  ].join('');
  const hairpin = data.hairpin === true ? ` hairpin mode\t\t${column(1)}\n` : '';
  bridges.print(
    `${port.name} (${number})\n` +
      ` port id\t\t${hex(data.id)}\t\t\tstate\t\t${String(data.state ?? 'disabled').padStart(15)}\n` +
      ` designated root\t${compact(data.root_id ?? data.designated_root) || root}\tpath cost\t\t${column(data.cost)}\n` +
      ` designated bridge\t${compact(data.bridge_id ?? data.designated_bridge) || root}\tmessage age timer\t${timer('message_age_timer')}\n` +
      ` designated port\t${hex(data.designated_port)}\t\t\tforward delay timer\t${timer('forward_delay_timer')}\n` +
      ` designated cost\t${column(data.designated_cost)}\t\t\thold timer\t\t${timer('hold_timer')}\n` +
      ` flags\t\t\t${flags}\n${hairpin}\n`,
  );
}
