import { formatIP, formatMac, type IP, type Mac } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { FdbInfo, LinkInfo } from '../../host/netlink/messages.ts';
import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { FDB_USAGE } from './usage/bridge.ts';
import { address, parseUnsigned } from './values.ts';
import { abbreviates, duplicate, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(FDB_USAGE, EXIT_MINUS_ONE);

/** `bridge fdb`: its commands in the order that abbreviations are tried. */
export const fdbCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['append'], run: (tool, words) => modify(tool, words, 'append') },
  { names: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['get'], run: get },
  { names: ['show', 'lst', 'list'], run: show },
  { names: [], exact: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

// ---- show -------------------------------------------------------------------------------------------------------------

interface Filter {
  device: string | undefined;
  bridge: string | undefined;
  vlan: number | undefined;
  states: Set<FdbInfo['state'] | 'stale'>;
  dynamic: boolean;
}

function parseFilter(words: Words): Filter {
  const filter: Filter = { device: undefined, bridge: undefined, vlan: undefined, states: new Set(), dynamic: false };
  while (!words.empty) {
    const word = words.take();
    if (word === 'brport' || word === 'dev') filter.device = words.value();
    else if (word === 'br') filter.bridge = words.value();
    else if (word === 'vlan') {
      const text = words.value();
      if (filter.vlan) throw duplicate('vlan', text);
      filter.vlan = Number.parseInt(text, 10) || 0;
    } else if (word === 'state') addState(filter, words.value());
    else if (word === 'dynamic') filter.dynamic = true;
    else if (abbreviates(word, 'help')) throw usage();
  }
  return filter;
}

function addState(filter: Filter, text: string): void {
  if (text === 'all') for (const state of ['permanent', 'static', 'reachable', 'stale'] as const) filter.states.add(state);
  else if (abbreviates(text, 'permanent')) filter.states.add('permanent');
  else if (abbreviates(text, 'static') || abbreviates(text, 'temp')) filter.states.add('static');
  else if (abbreviates(text, 'stale')) filter.states.add('stale');
  else if (abbreviates(text, 'reachable')) filter.states.add('reachable');
  else throw invalid('invalid state', text);
}

function show(tool: Tool, words: Words): number {
  const filter = parseFilter(words);
  const bridge = filter.bridge === undefined ? undefined : bridgeDevice(tool, filter.bridge);
  const device = filter.device === undefined ? undefined : tool.device(filter.device, EXIT_MINUS_ONE);
  const report = tool.report();
  for (const entry of tool.netlink.fdb()) {
    if (device && entry.ifindex !== device.ifindex) continue;
    if (bridge && !belongsTo(tool, entry, bridge)) continue;
    if (filter.vlan && entry.vlan !== filter.vlan) continue;
    if (filter.states.size > 0 && !filter.states.has(entry.state)) continue;
    if (filter.dynamic && entry.state !== 'reachable') continue;
    report.object('', () => printEntry(tool, report, entry, device === undefined));
  }
  report.end();
  return 0;
}

function bridgeDevice(tool: Tool, name: string): LinkInfo {
  const link = tool.netlink.link(name);
  if (!link) throw new Quit(`Cannot find bridge device "${name}"\n`, EXIT_MINUS_ONE);
  return link;
}

/** Entries of the bridge, of its own device and of its ports' devices. A port's name selects nothing. */
function belongsTo(tool: Tool, entry: FdbInfo, bridge: LinkInfo): boolean {
  if (bridge.kind !== 'bridge') return false;
  return entry.master === bridge.ifindex || entry.ifindex === bridge.ifindex || tool.netlink.link(entry.ifindex)?.master === bridge.ifindex;
}

/** One entry of `bridge fdb` (bridge/fdb.c `print_fdb`). */
export function printEntry(tool: Tool, report: Report, entry: FdbInfo, withDevice: boolean): void {
  report.field('mac', formatMac(entry.address), `${formatMac(entry.address)} `, 'mac');
  const device = tool.deviceName(entry.ifindex);
  if (withDevice) {
    report.text('dev ');
    report.field('ifname', device, `${device} `, 'ifname');
  }
  if (entry.destination !== undefined) report.field('dst', formatIP(entry.destination), `dst ${formatIP(entry.destination)} `);
  if (entry.port !== undefined) report.field('port', entry.port, `port ${entry.port} `);
  if (entry.vni !== undefined) report.field('vni', entry.vni, `vni ${entry.vni} `);
  if (entry.via !== undefined) report.field('viaIf', tool.deviceName(entry.via), `via ${tool.deviceName(entry.via)} `);
  if (entry.vlan) report.field('vlan', entry.vlan, `vlan ${entry.vlan} `);
  // What a device listens to has no times; entries of a bridge or a tunnel have.
  if (tool.options.stats > 0 && (!entry.self || entry.destination !== undefined)) {
    const [used, updated] = [Math.floor(entry.used / SECOND), Math.floor(entry.updated / SECOND)];
    report.field('used', used, `used ${used}/`);
    report.field('updated', updated, `${updated} `);
  }
  const flags = [...(entry.self ? ['self'] : []), ...(entry.externLearned ? ['extern_learn'] : []), ...(entry.offload ? ['offload'] : [])];
  report.field('flags', flags, flags.map((flag) => `${flag} `).join(''));
  if (entry.master !== undefined) {
    const master = tool.deviceName(entry.master);
    report.field('master', master, `master ${master} `);
  }
  const state = entry.state === 'reachable' ? '' : entry.state;
  report.field('state', state, `${state}\n`);
}

// ---- add, append, replace, delete -------------------------------------------------------------------------------------

interface Wanted {
  address: string | undefined;
  device: string | undefined;
  destination: IP | undefined;
  port: number | undefined;
  vni: number | undefined;
  via: string | undefined;
  vlan: number | undefined;
  self: boolean;
  master: boolean;
  permanent: boolean;
  reachable: boolean;
  dynamic: boolean;
  externLearned: boolean;
}

function parseWanted(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = {
    address: undefined,
    device: undefined,
    destination: undefined,
    port: undefined,
    vni: undefined,
    via: undefined,
    vlan: undefined,
    self: false,
    master: false,
    permanent: false,
    reachable: false,
    dynamic: false,
    externLearned: false,
  };
  while (!words.empty) {
    const word = words.take();
    if (!parseKeyword(tool, words, word, wanted)) parseAddress(words, word, wanted);
  }
  return wanted;
}

function parseAddress(words: Words, first: string, wanted: Wanted): void {
  const word = first === 'to' ? words.value() : first;
  if (abbreviates(word, 'help')) throw usage();
  if (wanted.address !== undefined) throw garbage('to', word);
  wanted.address = word;
}

const UNMODELLED = ['nhid', 'src_vni', 'router', 'use', 'sticky', 'activity_notify', 'inactive', 'norefresh'];

function parseKeyword(tool: Tool, words: Words, word: string, wanted: Wanted): boolean {
  if (word === 'dev') wanted.device = words.value();
  else if (word === 'dst') {
    const text = words.value();
    if (wanted.destination !== undefined) throw garbage('dst', text);
    wanted.destination = address(text, tool.family);
  } else if (word === 'port') wanted.port = portArgument(words.value());
  else if (word === 'vni') {
    const text = words.value();
    const vni = parseUnsigned(text, 0xff_ffff);
    if (vni === undefined) throw invalid('invalid vni', text);
    wanted.vni = vni;
  } else if (word === 'via') wanted.via = words.value();
  else if (UNMODELLED.includes(word)) throw tool.unmodelled(`bridge fdb's argument ${word}`);
  else if (word === 'self') wanted.self = true;
  else if (abbreviates(word, 'master')) wanted.master = true;
  else if (abbreviates(word, 'local') || abbreviates(word, 'permanent')) wanted.permanent = true;
  else if (abbreviates(word, 'temp') || abbreviates(word, 'static')) wanted.reachable = true;
  else if (abbreviates(word, 'dynamic')) {
    wanted.reachable = true;
    wanted.dynamic = true;
  } else if (abbreviates(word, 'vlan')) {
    if (wanted.vlan !== undefined) throw garbage('vlan', word);
    wanted.vlan = Number.parseInt(words.value(), 10) || 0;
  } else if (abbreviates(word, 'extern_learn')) wanted.externLearned = true;
  else return false;
  return true;
}

function portArgument(text: string): number {
  const port = parseUnsigned(text, 65_535);
  if (port === undefined) throw invalid('invalid port', text);
  return port;
}

function modify(tool: Tool, words: Words, mode: 'add' | 'append' | 'replace' | 'delete'): number {
  const wanted = parseWanted(tool, words);
  if (wanted.device === undefined || wanted.address === undefined) {
    throw new Quit('Device and address are required arguments.\n', EXIT_MINUS_ONE);
  }
  const mac = macOf(wanted.address);
  const device = tool.device(wanted.device, EXIT_MINUS_ONE);
  const refused = refusedVlan(wanted);
  if (refused) return tool.outcome(refused, EXIT_MINUS_ONE);
  const self = wanted.self || !wanted.master;
  for (const own of [...(wanted.master ? [false] : []), ...(self ? [true] : [])]) {
    const via = wanted.via === undefined ? undefined : tool.device(wanted.via, EXIT_MINUS_ONE).ifindex;
    const entry = { ...requestFor(wanted, mac, device, own), ...(via === undefined ? {} : { via }) };
    const failed = mode === 'delete' ? tool.netlink.delFdb(entry) : tool.netlink.newFdb(entry, mode);
    if (failed) return tool.outcome(failed, EXIT_MINUS_ONE);
  }
  return 0;
}

/** A device's own entries have no VLANs; those of a bridge only ones that the port takes part in. */
function refusedVlan({ vlan, master }: Wanted): { errno: 'EINVAL'; message?: string } | undefined {
  if (vlan === undefined || vlan === 0) return undefined;
  if (vlan >= 4095) return { errno: 'EINVAL', message: 'invalid vlan id' };
  return master ? undefined : { errno: 'EINVAL' };
}

function requestFor(wanted: Wanted, mac: Mac, device: LinkInfo, self: boolean): Partial<FdbInfo> & Pick<FdbInfo, 'address' | 'ifindex'> {
  const state = wanted.permanent || !wanted.reachable ? 'permanent' : wanted.dynamic ? 'reachable' : 'static';
  return {
    address: mac,
    ifindex: device.ifindex,
    self,
    state,
    ...(wanted.vlan ? { vlan: wanted.vlan } : {}),
    ...(wanted.externLearned ? { externLearned: true } : {}),
    ...(self ? {} : { master: device.master ?? 0 }),
    ...(wanted.destination === undefined ? {} : { destination: wanted.destination }),
    ...(wanted.port === undefined ? {} : { port: wanted.port }),
    ...(wanted.vni === undefined ? {} : { vni: wanted.vni }),
  };
}

/** Six octets, as sscanf(3) with `%hhx:…` reads them. */
function macOf(text: string): Mac {
  const match = /^([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+):([0-9a-fA-F]+)/.exec(text);
  if (!match) throw new Quit(`Invalid mac address ${text}\n`, EXIT_MINUS_ONE);
  return match.slice(1).reduce((mac, octet) => mac * 256 + (Number.parseInt(octet, 16) & 0xff), 0);
}

// ---- get, flush -------------------------------------------------------------------------------------------------------

/** The exit status of `-2`. */
const EXIT_MINUS_TWO = 254;

function get(tool: Tool, words: Words): number {
  let device: string | undefined;
  let bridge: string | undefined;
  const wanted: Pick<Wanted, 'address'> = { address: undefined };
  let self = false;
  let vlan = 0;
  while (!words.empty) {
    const word = words.take();
    if (word === 'brport' || word === 'dev') device = words.value();
    else if (word === 'br') bridge = words.value();
    else if (word === 'self') self = true;
    else if (word === 'vni') throw tool.unmodelled(`bridge fdb get's argument ${word}`);
    else if (abbreviates(word, 'vlan')) vlan = Number.parseInt(words.value(), 10) || 0;
    else if (!abbreviates(word, 'master') && !abbreviates(word, 'dynamic')) parseAddress(words, word, wanted as Wanted);
  }
  if ((device === undefined && bridge === undefined) || wanted.address === undefined) {
    throw new Quit('Device or master and address are required arguments.\n', EXIT_MINUS_ONE);
  }
  const mac = macOf(wanted.address);
  const port = device === undefined ? undefined : tool.device(device, EXIT_MINUS_ONE);
  const master = bridge === undefined ? undefined : bridgeDevice(tool, bridge);
  if (port && !self && port.master === undefined && port.kind !== 'bridge') {
    return tool.outcome({ errno: 'EINVAL', message: 'Device is not a bridge port' }, EXIT_MINUS_TWO);
  }
  const found = tool.netlink
    .fdb()
    .find(
      (entry) =>
        entry.address === mac &&
        entry.self === self &&
        (entry.vlan ?? 0) === vlan &&
        (!port || entry.ifindex === port.ifindex) &&
        (!master || entry.master === master.ifindex),
    );
  if (!found) return tool.outcome({ errno: 'ENOENT', message: 'Fdb entry not found' }, EXIT_MINUS_TWO);
  const report = tool.report();
  report.object('', () => printEntry(tool, report, found, true));
  report.end();
  return 0;
}

/** `bridge fdb flush`: deletes what a bridge knows behind a device, or all it knows; by state if asked. */
function flush(tool: Tool, words: Words): number {
  let device: string | undefined;
  let port: string | undefined;
  let master = false;
  const states = new Set<FdbInfo['state']>(['permanent', 'static', 'reachable']);
  const keep = (...kept: FdbInfo['state'][]) => {
    for (const state of [...states]) if (!kept.includes(state)) states.delete(state);
  };
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device = words.value();
    else if (word === 'brport') port = words.value();
    else if (word === 'master') master = true;
    else if (word === 'permanent') keep('permanent');
    else if (word === 'nopermanent') keep('static', 'reachable');
    else if (word === 'static') keep('static');
    else if (word === 'nostatic' || word === 'dynamic') keep('reachable');
    else if (word === 'nodynamic') keep('permanent', 'static');
    else if (
      ['vlan', 'src_vni', 'nhid', 'vni', 'port', 'dst'].includes(word) ||
      /^(no)?(added_by_user|extern_learn|sticky|offloaded|router)$/.test(word)
    ) {
      throw tool.unmodelled(`bridge fdb flush's argument ${word}`);
    } else if (word !== 'self') throw new Quit(`bridge fdb: unknown command "${word}"?\n${FDB_USAGE}`, EXIT_MINUS_ONE);
  }
  if (device === undefined) throw new Quit('Device is a required argument.\n', EXIT_MINUS_ONE);
  const link = bridgeDevice(tool, device);
  const only = port === undefined ? undefined : bridgePort(tool, port);
  const bridge = master ? link.master : link.kind === 'bridge' ? link.ifindex : undefined;
  for (const entry of tool.netlink.fdb()) {
    const chosen =
      bridge === undefined ? entry.self && entry.ifindex === link.ifindex && entry.destination !== undefined : entry.master === bridge;
    if (!chosen || !states.has(entry.state) || (only && entry.ifindex !== only.ifindex)) continue;
    if (master && entry.ifindex !== link.ifindex) continue;
    tool.netlink.delFdb(entry);
  }
  return 0;
}

function bridgePort(tool: Tool, name: string): LinkInfo {
  const link = tool.netlink.link(name);
  if (!link) throw new Quit(`Cannot find bridge port device "${name}"\n`, EXIT_MINUS_ONE);
  return link;
}
