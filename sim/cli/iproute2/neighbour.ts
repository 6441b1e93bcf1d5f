import { formatIP, formatMac, samePrefix } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { NeighbourInfo, NeighbourSpec, NeighbourState } from '../../host/netlink/messages.ts';
import { protocolName, protocolOf } from './names.ts';
import { familyColor, type Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { NEIGHBOUR_USAGE } from './usage/neighbour.ts';
import { address, type Family, familyOf, macAddress, parseUnsigned, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, duplicate, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(NEIGHBOUR_USAGE, EXIT_MINUS_ONE);

/** `ip neigh`: its commands in the order that abbreviations are tried. */
export const neighbourCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['change'], exact: ['chg'], run: (tool, words) => modify(tool, words, 'change') },
  { names: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['get'], run: get },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['flush'], run: flush },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

/** NUD_* by the bits they have in the kernel. */
const STATES: Record<NeighbourState, number> = {
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
  NONE: 0,
};

function stateOf(text: string): NeighbourState | undefined {
  const upper = text.toUpperCase() as NeighbourState;
  if (text === text.toLowerCase() && Object.hasOwn(STATES, upper)) return upper;
  const number = parseUnsigned(text, 0xff);
  return (Object.keys(STATES) as NeighbourState[]).find((state) => STATES[state] === number);
}

// ---- add, change, replace, delete -------------------------------------------------------------------------------------

interface Wanted {
  spec: Partial<NeighbourSpec>;
  lladdr: string | undefined;
  device: string | undefined;
}

function modify(tool: Tool, words: Words, mode: 'add' | 'change' | 'replace' | 'delete'): number {
  const wanted: Wanted = { spec: {}, lladdr: undefined, device: undefined };
  while (!words.empty) parseWord(tool, words, wanted);
  const { spec, lladdr } = wanted;
  if (spec.address === undefined || (wanted.device === undefined && !spec.proxy)) {
    throw new Quit('Device and destination are required arguments.\n', EXIT_MINUS_ONE);
  }
  if (lladdr !== undefined && lladdr !== 'null') spec.lladdr = macAddress(lladdr);
  const ifindex = wanted.device === undefined ? 0 : tool.device(wanted.device).ifindex;
  if (mode === 'delete') {
    return tool.outcome(tool.netlink.delNeighbour({ address: spec.address, ifindex, ...(spec.proxy ? { proxy: true } : {}) }));
  }
  return tool.outcome(tool.netlink.newNeighbour({ state: 'PERMANENT', ...spec, address: spec.address, ifindex }, mode));
}

function parseWord(tool: Tool, words: Words, wanted: Wanted): void {
  const word = words.take();
  const { spec } = wanted;
  if (abbreviates(word, 'lladdr')) {
    const text = words.value();
    if (wanted.lladdr !== undefined) throw duplicate('lladdr', text);
    wanted.lladdr = text;
  } else if (word === 'nud') spec.state = stateArgument(words.value());
  else if (abbreviates(word, 'proxy')) {
    const text = words.value();
    if (abbreviates(text, 'help')) throw usage();
    if (spec.address !== undefined) throw duplicate('address', text);
    spec.address = address(text, tool.family);
    spec.proxy = true;
  } else if (word === 'router') spec.router = true;
  else if (word === 'dev') wanted.device = words.value();
  else if (word === 'use') spec.use = true;
  else if (word === 'managed') {
    spec.flags = { ...spec.flags, managed: true };
    spec.state = 'NONE';
  } else if (abbreviates(word, 'extern_learn')) spec.flags = { ...spec.flags, externLearn: true };
  else if (word === 'extern_valid') spec.flags = { ...spec.flags, externValid: true };
  else if (abbreviates(word, 'protocol')) {
    const text = words.value();
    const protocol = protocolOf(text, tool);
    if (protocol === undefined) throw invalid('"protocol" value is invalid\n', text);
    if (protocol !== 'unspec') spec.protocol = protocol;
  } else {
    const text = word === 'to' || abbreviates(word, 'help') ? words.value() : word;
    if (spec.address !== undefined) throw garbage('to', text);
    spec.address = address(text, tool.family);
  }
}

function stateArgument(text: string): NeighbourState {
  const state = stateOf(text);
  if (state === undefined) throw invalid('nud state is bad', text);
  return state;
}

// ---- show, get, flush -------------------------------------------------------------------------------------------------

interface Filter {
  family: Family;
  ifindex: number | undefined;
  states: Set<NeighbourState>;
  proxy: boolean;
  prefix: WrittenPrefix | undefined;
  /** The port's bridge; -1 is none. */
  master: number | undefined;
  unused: boolean;
  protocol: string | undefined;
}

function parseFilter(tool: Tool, words: Words, flushing: boolean): Filter {
  const usual = (Object.keys(STATES) as NeighbourState[]).filter(
    (state) => state !== 'NOARP' && state !== 'NONE' && !(flushing && state === 'PERMANENT'),
  );
  const filter: Filter = {
    family: tool.family,
    ifindex: undefined,
    states: new Set(usual),
    proxy: false,
    prefix: undefined,
    master: undefined,
    unused: false,
    protocol: undefined,
  };
  let device: string | undefined;
  let statesGiven = false;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') {
      const text = words.value();
      if (device !== undefined) throw duplicate('dev', text);
      device = text;
    } else if (word === 'nud') {
      if (!statesGiven) filter.states.clear();
      statesGiven = true;
      addStates(filter, words.value(), flushing);
    } else parseSelector(tool, words, word, filter);
  }
  if (device !== undefined) filter.ifindex = tool.device(device).ifindex;
  return filter;
}

function parseSelector(tool: Tool, words: Words, word: string, filter: Filter): void {
  if (word === 'master') {
    const text = words.value();
    filter.master = tool.netlink.link(text)?.ifindex;
    if (filter.master === undefined) throw invalid('Device does not exist\n', text);
  } else if (word === 'vrf') throw invalid('Not a valid VRF name\n', words.value());
  else if (word === 'nomaster') filter.master = -1;
  else if (word === 'unused') filter.unused = true;
  else if (word === 'proxy') filter.proxy = true;
  else if (word.length > 3 && abbreviates(word, 'protocol')) {
    const text = words.value();
    const protocol = protocolOf(text, tool);
    if (protocol === undefined && text !== 'all') throw invalid('invalid "protocol"\n', text);
    filter.protocol = protocol === 'unspec' ? undefined : protocol;
  } else {
    const text = word === 'to' ? words.value() : word;
    if (abbreviates(text, 'help')) throw usage();
    filter.prefix = prefix(text, filter.family);
    if (!filter.prefix.wildcard) filter.family = filter.family || familyOf(filter.prefix.address);
  }
}

function addStates(filter: Filter, text: string, flushing: boolean): void {
  const state = stateOf(text);
  if (state === undefined && text !== 'all') throw invalid('nud state is bad', text);
  const states = state === undefined ? (Object.keys(STATES) as NeighbourState[]) : [state];
  for (const one of states) if (!(flushing && state === undefined && one === 'NOARP')) filter.states.add(one);
}

function passes(tool: Tool, filter: Filter, neighbour: NeighbourInfo): boolean {
  if (filter.proxy !== neighbour.proxy) return false;
  if (filter.family !== 0 && filter.family !== neighbour.family) return false;
  if (filter.ifindex !== undefined && filter.ifindex !== neighbour.ifindex) return false;
  if (!neighbour.proxy && !neighbour.flags.externLearn && !filter.states.has(neighbour.state)) return false;
  if (filter.protocol !== undefined && filter.protocol !== neighbour.protocol) return false;
  if (filter.master !== undefined && (tool.netlink.link(neighbour.ifindex)?.master ?? -1) !== filter.master) return false;
  if (filter.unused && neighbour.references > 0) return false;
  const { prefix: wanted } = filter;
  return !wanted || wanted.wildcard || samePrefix(neighbour.address, wanted.address, wanted.length);
}

function show(tool: Tool, words: Words): number {
  const filter = parseFilter(tool, words, false);
  const report = tool.report();
  const family = filter.family === 0 ? undefined : filter.family;
  for (const neighbour of tool.netlink.neighbours(family)) {
    if (passes(tool, filter, neighbour)) report.object('', () => printNeighbour(tool, report, neighbour, filter.ifindex === undefined));
  }
  report.end();
  return 0;
}

/** One entry of `ip neigh` (ip/ipneigh.c `print_neigh`). */
export function printNeighbour(tool: Tool, report: Report, neighbour: NeighbourInfo, withDevice: boolean): void {
  const { brief, stats } = tool.options;
  const destination = formatIP(neighbour.address);
  report.field('dst', destination, brief ? `${destination.padEnd(39)} ` : `${destination} `, familyColor(neighbour.address));
  const device = tool.deviceName(neighbour.ifindex);
  if (withDevice) {
    if (!brief) report.text('dev ');
    report.field('dev', device, brief ? `${device.padEnd(16)} ` : `${device} `, 'ifname');
  }
  const { lladdr } = neighbour;
  if (lladdr !== undefined) {
    if (!brief) report.text('lladdr ');
    report.field('lladdr', formatMac(lladdr), brief ? formatMac(lladdr) : `${formatMac(lladdr)} `, 'mac');
  }
  if (brief) return report.text('\n');
  if (neighbour.router) report.field('router', null, 'router ');
  if (neighbour.proxy) report.field('proxy', null, 'proxy ');
  const { managed, externLearn, externValid } = neighbour.flags;
  if (managed) report.field('managed', null, 'managed ');
  if (externLearn) report.field('extern_learn', null, 'extern_learn ');
  if (externValid) report.field('extern_valid', null, 'extern_valid ');
  if (stats > 0 && !neighbour.proxy) printStatistics(report, neighbour);
  if (neighbour.state !== 'NONE') report.field('state', [neighbour.state], `${neighbour.state} `);
  if (neighbour.protocol !== undefined) {
    const protocol = protocolName(neighbour.protocol, tool.options.numeric, tool);
    report.field('protocol', protocol, `proto ${protocol} `);
  }
  report.text('\n');
}

function printStatistics(report: Report, neighbour: NeighbourInfo): void {
  const seconds = (micros: number) => Math.floor(micros / SECOND);
  if (neighbour.references > 0) report.field('refcnt', neighbour.references, ` ref ${neighbour.references}`);
  report.field('used', seconds(neighbour.used), ` used ${seconds(neighbour.used)}`);
  report.field('confirmed', seconds(neighbour.confirmed), `/${seconds(neighbour.confirmed)}`);
  report.field('updated', seconds(neighbour.updated), `/${seconds(neighbour.updated)}`);
  report.field('probes', neighbour.probes, `probes ${neighbour.probes} `);
}

function get(tool: Tool, words: Words): number {
  let device: string | undefined;
  let wanted: ReturnType<typeof address> | undefined;
  let proxy = false;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device = words.value();
    else {
      proxy ||= abbreviates(word, 'proxy');
      const text = word === 'to' || abbreviates(word, 'proxy') ? words.value() : word;
      if (abbreviates(text, 'help')) throw usage();
      if (wanted !== undefined) throw proxy ? duplicate('address', text) : garbage('to', text);
      wanted = address(text, tool.family);
    }
  }
  if (wanted === undefined || (device === undefined && !proxy)) throw new Quit('Device and address are required arguments.\n', 1);
  const ifindex = device === undefined ? 0 : tool.device(device).ifindex;
  const found = tool.netlink
    .neighbours(familyOf(wanted))
    .find((entry) => entry.address === wanted && entry.proxy === proxy && (ifindex === 0 || entry.ifindex === ifindex));
  if (!found) {
    return tool.outcome({ errno: 'ENOENT', message: proxy ? 'Proxy neighbour entry not found' : 'Neighbour entry not found' });
  }
  const report = tool.report();
  report.object('', () => printNeighbour(tool, report, found, true));
  report.end();
  return 0;
}

const ROUNDS = 10;

/** Deletes what passes; entries that the kernel keeps as failed count as gone after the first round. */
function flush(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('Flush requires arguments.\n', 1);
  const filter = parseFilter(tool, words, true);
  const { stats } = tool.options;
  const report = tool.report();
  for (let round = 0; round < ROUNDS; round++) {
    const doomed = tool.netlink.neighbours(filter.family === 0 ? undefined : filter.family).filter((entry) => passes(tool, filter, entry));
    if (doomed.length === 0) {
      if (stats > 0)
        tool.print(round === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return 0;
    }
    for (const entry of doomed) {
      if (stats > 1) printNeighbour(tool, report, entry, filter.ifindex === undefined);
      tool.netlink.delNeighbour({ address: entry.address, ifindex: entry.ifindex, ...(entry.proxy ? { proxy: true } : {}) });
    }
    if (stats > 0) tool.print(`\n*** Round ${round + 1}, deleting ${doomed.length} entries ***\n`);
    filter.states.delete('FAILED');
  }
  tool.print(`*** Flush not complete bailing out after ${ROUNDS} rounds\n`);
  return 1;
}
