import { type IP, parseIPv4, parseIPv6 } from '../../base/address.ts';
import type { MdbFlush, MdbSpec } from '../../host/netlink/mdb.ts';
import type { Group } from '../../kernel/bridge/mdb.ts';
import { printGroup, printRouters } from './mdb-print.ts';
import { protocolOf } from './names.ts';
import type { Subcommand, Tool } from './tool.ts';
import { MDB_USAGE } from './usage/bridge.ts';
import { macAddress } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const usage = () => new Quit(MDB_USAGE, EXIT_MINUS_ONE);

/** `bridge mdb`: its commands in the order that abbreviations are tried (bridge/mdb.c). */
export const mdbCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: [], exact: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['show', 'lst', 'list'], run: show },
  { names: [], exact: ['get'], run: get },
  { names: [], exact: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

/** As atoi(3). */
function leadingNumber(text: string): number {
  return Number.parseInt(text, 10) || 0;
}

// ---- show -------------------------------------------------------------------------------------------------------------

/** `bridge mdb show`: words that it doesn't know are passed over, as the real one does. */
function show(tool: Tool, words: Words): number {
  const { dev: device, vid } = words.selectors('dev', 'vid');
  const vlan = leadingNumber(vid ?? '');
  const only = device === undefined ? undefined : tool.device(device, EXIT_MINUS_ONE).ifindex;
  const bridges = tool.netlink.mdb().filter(({ bridge }) => only === undefined || bridge === only);
  const report = tool.report();
  report.object('', () => {
    report.list('mdb', () => {
      for (const { entries } of bridges)
        for (const entry of entries) if (vlan === 0 || entry.vlan === vlan) printGroup(tool, report, entry);
    });
    report.object('router', () => {
      if (tool.options.details) for (const groups of bridges) if (groups.routers.length > 0) printRouters(tool, report, groups);
    });
  });
  report.end();
  return 0;
}

// ---- one group --------------------------------------------------------------------------------------------------------

/** What of a VXLAN's groups can be said: these bridges have none of it. */
const TUNNEL_WORDS = ['dst', 'dst_port', 'vni', 'src_vni', 'via'];

interface Given {
  dev?: string;
  port?: string;
  grp?: string;
  src?: string;
  vid: number;
  filter_mode?: string;
  source_list?: string;
  proto?: string;
  permanent?: boolean;
  tunnel: boolean;
}

const KEYWORDS = ['dev', 'port', 'grp', 'src', 'filter_mode', 'source_list', 'proto'] as const;

function parse(words: Words, known: readonly string[], help: (word: string) => boolean): Given {
  const given: Given = { vid: 0, tunnel: false };
  while (!words.empty) {
    const word = words.take();
    const keyword = KEYWORDS.find((candidate) => candidate === word && known.includes(word));
    if (keyword) given[keyword] = words.value();
    else if (word === 'vid') given.vid = leadingNumber(words.value());
    else if (word === 'permanent' && known.includes(word)) given.permanent = true;
    else if (word === 'nopermanent' && known.includes(word)) given.permanent = false;
    else if (TUNNEL_WORDS.includes(word) && known.includes(word)) {
      words.value();
      given.tunnel = true;
    } else if (help(word)) throw usage();
  }
  return given;
}

function groupOf(text: string, vlan: number): Group {
  const v4 = parseIPv4(text);
  if (v4 !== undefined) return { family: 4, address: v4, vlan };
  const v6 = parseIPv6(text);
  if (v6 !== undefined) return { family: 6, address: v6, vlan };
  try {
    return { family: 'link', address: macAddress(text), vlan };
  } catch (wrong) {
    if (!(wrong instanceof Quit)) throw wrong;
    throw new Quit(`${wrong.text}Invalid address "${text}"\n`, EXIT_MINUS_ONE);
  }
}

function sourceOf(text: string): IP {
  const source = parseIPv4(text) ?? parseIPv6(text);
  if (source === undefined) throw new Quit(`Invalid source address "${text}"\n`, EXIT_MINUS_ONE);
  return source;
}

function protocolArgument(tool: Tool, text: string): string {
  const protocol = protocolOf(text, tool);
  if (protocol === undefined) throw new Quit(`Invalid protocol value "${text}"\n`, EXIT_MINUS_ONE);
  return protocol;
}

const GROUP_WORDS = ['dev', 'port', 'grp', 'src', 'permanent', 'filter_mode', 'source_list', 'proto', ...TUNNEL_WORDS];

function modify(tool: Tool, words: Words, what: 'add' | 'replace' | 'delete'): number {
  const given = parse(words, GROUP_WORDS, (word) => abbreviates(word, 'help'));
  const { dev, port, grp, src, filter_mode: mode } = given;
  if (dev === undefined || grp === undefined || port === undefined)
    throw new Quit('Device, group address and port name are required arguments.\n', EXIT_MINUS_ONE);
  const bridge = tool.device(dev, EXIT_MINUS_ONE).ifindex;
  const spec: MdbSpec = {
    bridge,
    port: tool.device(port, EXIT_MINUS_ONE).ifindex,
    group: groupOf(grp, given.vid),
    permanent: given.permanent === true && what !== 'delete',
  };
  if (src !== undefined) spec.group = { ...spec.group, source: sourceOf(src) };
  if (mode !== undefined) {
    if (mode !== 'include' && mode !== 'exclude') throw new Quit(`Invalid filter mode "${mode}"\n`, EXIT_MINUS_ONE);
    spec.filterMode = mode;
  }
  if (given.source_list !== undefined) throw tool.unmodelled("bridge mdb's argument source_list");
  if (given.proto !== undefined) spec.protocol = protocolArgument(tool, given.proto);
  if (given.tunnel) return tool.outcome({ errno: 'EINVAL', message: 'Unsupported attribute' }, EXIT_MINUS_ONE);
  const { netlink } = tool;
  return tool.outcome(what === 'delete' ? netlink.delMdb(spec) : netlink.newMdb(spec, what), EXIT_MINUS_ONE);
}

/** What `bridge mdb get` exits with when the kernel refuses. */
const EXIT_MINUS_TWO = 254;

function get(tool: Tool, words: Words): number {
  const given = parse(words, ['dev', 'grp', 'src', 'src_vni'], (word) => word === 'help');
  if (given.dev === undefined || given.grp === undefined)
    throw new Quit('Device and group address are required arguments.\n', EXIT_MINUS_ONE);
  const bridge = tool.device(given.dev, EXIT_MINUS_ONE).ifindex;
  const group = groupOf(given.grp, given.vid);
  if (given.src !== undefined) group.source = sourceOf(given.src);
  if (given.tunnel) return tool.outcome({ errno: 'EINVAL', message: 'Unsupported attribute' }, EXIT_MINUS_TWO);
  const entries = tool.netlink.getMdb(bridge, group);
  if ('errno' in entries) return tool.outcome(entries, EXIT_MINUS_TWO);
  const report = tool.report();
  for (const entry of entries) printGroup(tool, report, entry);
  report.end();
  return 0;
}

function flush(tool: Tool, words: Words): number {
  const given = parse(words, ['dev', 'port', 'permanent', 'nopermanent', 'proto', ...TUNNEL_WORDS], (word) => word === 'help');
  if (given.dev === undefined) throw new Quit('Device is a required argument.\n', EXIT_MINUS_ONE);
  const bridge = tool.device(given.dev, EXIT_MINUS_ONE).ifindex;
  const which: MdbFlush = {
    port: given.port === undefined ? undefined : tool.device(given.port, EXIT_MINUS_ONE).ifindex,
    vlan: given.vid === 0 ? undefined : given.vid,
    permanent: given.permanent,
    protocol: given.proto === undefined ? undefined : protocolArgument(tool, given.proto),
  };
  if (given.tunnel) return tool.outcome({ errno: 'EINVAL', message: 'Unsupported attribute' }, EXIT_MINUS_ONE);
  return tool.outcome(tool.netlink.flushMdb(bridge, which), EXIT_MINUS_ONE);
}
