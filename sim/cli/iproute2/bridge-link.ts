import type { LinkAttribute, LinkChanges, LinkInfo } from '../../host/netlink/messages.ts';
import { flagNames, IFF } from './link-flags.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { BRIDGE_LINK_USAGE } from './usage/bridge.ts';
import { parseUnsigned } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const usage = () => new Quit(BRIDGE_LINK_USAGE, EXIT_MINUS_ONE);

/** `bridge link`: its commands in the order that abbreviations are tried. */
export const bridgeLinkCommands: readonly Subcommand[] = [
  { names: ['set', 'change'], run: set },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

/** STP states by number (include/uapi/linux/if_bridge.h). */
const STATES = ['disabled', 'listening', 'learning', 'forwarding', 'blocking'];

// ---- show -------------------------------------------------------------------------------------------------------------

/** `bridge link show`: words that it doesn't know are passed over, as the real one does. */
function show(tool: Tool, words: Words): number {
  const { dev: device, master } = words.selectors('dev', 'master');
  const only = device === undefined ? undefined : tool.device(device, EXIT_MINUS_ONE).ifindex;
  const bridge = master === undefined ? undefined : tool.device(master, EXIT_MINUS_ONE).ifindex;
  const report = tool.report();
  for (const link of tool.netlink.links()) {
    if (link.slaveKind !== 'bridge' || (only !== undefined && link.ifindex !== only)) continue;
    if (bridge === undefined || link.master === bridge) report.object('', () => printPort(tool, report, link));
  }
  report.end();
  return 0;
}

/** `withState` is what only messages about ports have: how they take part. */
export function printPort(tool: Tool, report: Report, link: LinkInfo, withState = true): void {
  report.field('ifindex', link.ifindex, `${link.ifindex}: `);
  const { shown, peerDown } = nameOf(tool, report, link);
  report.field('ifname', link.name, `${shown}: `, 'ifname');
  const flags = flagNames(link.flags, peerDown);
  report.field('flags', flags, `<${flags.join(',')}> `);
  report.field('mtu', link.mtu, `mtu ${link.mtu} `);
  if (link.master) report.field('master', tool.deviceName(link.master), `master ${tool.deviceName(link.master)} `);
  if (!withState) return report.text('\n');
  const { state, priority, cost } = link.slaveData;
  report.field('state', state ?? 'disabled', `state ${state ?? 'disabled'} `);
  report.field('priority', priority ?? 0, `priority ${priority ?? 0} `);
  report.field('cost', cost ?? 0, `cost ${cost ?? 0} `);
  if (tool.options.details) printDetails(tool, report, link.slaveData);
  report.text('\n');
}

/**
 * `va@br0`: the bridge's dump doesn't say that the other end is in another namespace, so its index there is taken for one here
 * (br_fill_ifinfo has no IFLA_LINK_NETNSID).
 */
function nameOf(tool: Tool, report: Report, link: LinkInfo): { shown: string; peerDown: boolean } {
  if (link.link === undefined || link.link === link.ifindex || link.linkOffMachine) return { shown: link.name, peerDown: false };
  const other = tool.netlink.link(link.link);
  const name = other?.name ?? `if${link.link}`;
  report.data('link', name);
  return { shown: `${link.name}@${name}`, peerDown: other !== undefined && (other.flags & IFF.UP) === 0 };
}

/** Attributes of a port in the order of `bridge -d link`, with what they are while the feature isn't used. */
const DETAILS: readonly { name: string; unused: LinkAttribute; from?: string }[] = [
  { name: 'hairpin', unused: false },
  { name: 'guard', unused: false },
  { name: 'root_block', unused: false },
  { name: 'fastleave', unused: false },
  { name: 'learning', unused: true },
  { name: 'flood', unused: true },
  { name: 'mcast_flood', unused: true },
  { name: 'bcast_flood', unused: true },
  { name: 'mcast_router', unused: 1, from: 'multicast_router' },
  { name: 'mcast_to_unicast', unused: false },
  { name: 'neigh_suppress', unused: false },
  { name: 'neigh_vlan_suppress', unused: false },
  { name: 'vlan_tunnel', unused: false },
  { name: 'isolated', unused: false },
  { name: 'locked', unused: false },
  { name: 'mab', unused: false },
  { name: 'mcast_n_groups', unused: 0 },
  { name: 'mcast_max_groups', unused: 0 },
];

function printDetails(tool: Tool, report: Report, data: Record<string, LinkAttribute>): void {
  report.text(`${tool.newline}    `);
  for (const { name, unused, from } of DETAILS) {
    const value = data[name] ?? data[from ?? name] ?? unused;
    const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);
    report.field(name, value, `${name} ${text} `);
  }
}

// ---- set --------------------------------------------------------------------------------------------------------------

const SWITCHES = [
  'guard',
  'hairpin',
  'fastleave',
  'root_block',
  'learning',
  'flood',
  'mcast_flood',
  'bcast_flood',
  'mcast_to_unicast',
  'neigh_suppress',
  'neigh_vlan_suppress',
  'neigh_forward_grat',
  'vlan_tunnel',
  'isolated',
  'locked',
  'mab',
];

const NUMBERS = ['cost', 'priority', 'mcast_router'];

const UNMODELLED = ['learning_sync', 'mcast_max_groups', 'hwmode', 'backup_port', 'nobackup_port', 'backup_nhid'];

/** `parse_one_of` returns -EINVAL, which is what the exit status becomes. */
const EXIT_EINVAL = 256 - 22;

/** `bridge link set dev PORT …`. */
function set(tool: Tool, words: Words): number {
  const data: NonNullable<LinkChanges['slaveData']> = {};
  let device: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device = words.value();
    else if (SWITCHES.includes(word)) data[word] = oneOf(word, words.value());
    else if (NUMBERS.includes(word)) data[word] = Number.parseInt(words.value(), 10) || 0;
    else if (word === 'state') data.state = stateArgument(words.value());
    else if (UNMODELLED.includes(word)) throw tool.unmodelled(`bridge link set's argument ${word}`);
    else if (word !== 'self' && word !== 'master') throw usage();
  }
  if (device === undefined) throw new Quit('Device is a required argument.\n', EXIT_MINUS_ONE);
  const link = tool.netlink.link(device);
  if (!link) throw new Quit(`Cannot find bridge device "${device}"\n`, EXIT_MINUS_ONE);
  if (Object.keys(data).length === 0) return 0;
  if (link.slaveKind !== 'bridge') return tool.outcome({ errno: 'EOPNOTSUPP' }, EXIT_MINUS_ONE);
  return tool.outcome(tool.netlink.setLink(link.ifindex, { slaveData: data }), EXIT_MINUS_ONE);
}

function oneOf(keyword: string, text: string): boolean {
  if (text === 'on') return true;
  if (text === 'off') return false;
  throw new Quit(`Error: argument of "${keyword}" must be one of "off", "on", not "${text}"\n`, EXIT_EINVAL);
}

/** A state by number or by name, which may be abbreviated. */
function stateArgument(text: string): number {
  const number = parseUnsigned(text, 255);
  if (number !== undefined) return number;
  const named = STATES.findIndex((state) => abbreviates(text.toLowerCase(), state));
  if (named < 0) throw new Quit('Error: invalid STP port state\n', EXIT_MINUS_ONE);
  return named;
}
