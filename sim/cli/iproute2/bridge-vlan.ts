import type { BridgeVlanInfo, BridgeVlanSpec } from '../../host/netlink/bridge-vlan.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { BRIDGE_VLAN_USAGE } from './usage/bridge.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const usage = () => new Quit(BRIDGE_VLAN_USAGE, EXIT_MINUS_ONE);

/** `bridge vlan`: its commands in the order that abbreviations are tried. */
export const bridgeVlanCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['tunnelshow'], run: (tool) => tool.refuse(tool.unmodelled('bridge vlan tunnelshow')) },
  { names: ['set'], run: (tool) => tool.refuse(tool.unmodelled('bridge vlan set')) },
  { names: ['global'], run: (tool) => tool.refuse(tool.unmodelled('bridge vlan global')) },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

// ---- show -------------------------------------------------------------------------------------------------------------

/** Names are as wide as the kernel allows them to be. */
const NAME_WIDTH = 16;

/** Words that it doesn't know are passed over, as the real one does. */
function show(tool: Tool, words: Words): number {
  const { dev: device, vid } = words.selectors('dev', 'vid');
  const vlan = vid === undefined ? undefined : Number.parseInt(vid, 10) || 0;
  if (tool.options.details) throw tool.unmodelled('bridge -d vlan show');
  if (tool.options.stats > 0) throw tool.unmodelled('bridge -s vlan show');
  const only = device === undefined ? undefined : tool.device(device, EXIT_MINUS_ONE).ifindex;
  const report = tool.report();
  report.text(`${'port'.padEnd(NAME_WIDTH)}  ${'vlan-id'.padEnd(9)}\n`);
  for (const port of tool.netlink.bridgeVlans()) {
    if (only !== undefined && port.ifindex !== only) continue;
    const ranges = rangesOf(port, tool.options.compress).filter(
      ({ first, last }) => vlan === undefined || (first.id <= vlan && vlan <= last.id),
    );
    if (ranges.length > 0) report.object('', () => printPort(report, tool.deviceName(port.ifindex), ranges));
  }
  report.end();
  return 0;
}

type Vlan = BridgeVlanInfo['vlans'][number];

interface Range {
  first: Vlan;
  last: Vlan;
}

/** Neighbours that take part in the same way make a range (`-compressvlans`). */
function rangesOf(port: BridgeVlanInfo, compress: boolean): Range[] {
  const ranges: Range[] = [];
  for (const vlan of port.vlans) {
    const range = ranges.at(-1);
    const joins = compress && range && range.last.id + 1 === vlan.id && !range.last.pvid && !vlan.pvid;
    if (joins && range.last.untagged === vlan.untagged) range.last = vlan;
    else ranges.push({ first: vlan, last: vlan });
  }
  return ranges;
}

function printPort(report: Report, name: string, ranges: readonly Range[]): void {
  report.field('ifname', name, `${name.padEnd(NAME_WIDTH)}  `);
  report.list('vlans', () => {
    for (const [i, { first, last }] of ranges.entries()) {
      if (i > 0) report.text(`${' '.repeat(NAME_WIDTH)}  `);
      report.object('', () => {
        report.field('vlan', first.id, String(first.id));
        if (last !== first) report.field('vlanEnd', last.id, `-${last.id}`);
        const flags = [...(first.pvid ? ['PVID'] : []), ...(first.untagged ? ['Egress Untagged'] : [])];
        if (flags.length > 0) report.field('flags', flags, flags.map((flag) => ` ${flag}`).join(''));
      });
      report.text('\n');
    }
  });
}

// ---- add, delete ------------------------------------------------------------------------------------------------------

/** As atoi(3). */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

function modify(tool: Tool, words: Words, what: 'add' | 'delete'): number {
  const spec: Omit<BridgeVlanSpec, 'ifindex'> = { id: -1, pvid: false, untagged: false, self: false, master: false };
  let device: string | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device = words.value();
    else if (word === 'vid') readRange(words.value(), spec);
    else if (word === 'self' || word === 'master' || word === 'pvid' || word === 'untagged') spec[word] = true;
    else if (word === 'tunnel_info') throw tool.unmodelled("bridge vlan's argument tunnel_info");
    else if (abbreviates(word, 'help')) throw usage();
  }
  if (device === undefined || spec.id === -1) throw new Quit('Device and VLAN ID are required arguments.\n', EXIT_MINUS_ONE);
  const link = tool.netlink.link(device);
  if (!link) throw new Quit(`Cannot find bridge device "${device}"\n`, EXIT_MINUS_ONE);
  if (spec.id >= 4096) throw new Quit(`Invalid VLAN ID "${spec.id}"\n`, EXIT_MINUS_ONE);
  if (spec.last !== undefined && (spec.last >= 4096 || spec.id >= spec.last))
    throw new Quit(`Invalid VLAN range "${spec.id}-${spec.last}"\n`, EXIT_MINUS_ONE);
  if (spec.last !== undefined && spec.pvid) throw new Quit('pvid cannot be configured for a vlan range\n', EXIT_MINUS_ONE);
  const request = { ...spec, ifindex: link.ifindex };
  return tool.outcome(what === 'add' ? tool.netlink.newBridgeVlan(request) : tool.netlink.delBridgeVlan(request), EXIT_MINUS_ONE);
}

function readRange(text: string, spec: Omit<BridgeVlanSpec, 'ifindex'>): void {
  const dash = text.indexOf('-');
  spec.id = leadingNumber(dash < 0 ? text : text.slice(0, dash));
  if (dash >= 0) spec.last = leadingNumber(text.slice(dash + 1));
}
