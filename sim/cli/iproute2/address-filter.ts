import { samePrefix } from '../../base/address.ts';
import type { AddressInfo, LinkInfo, Scope } from '../../host/netlink/messages.ts';
import { IFF } from './link-flags.ts';
import { addressProtocol, groupOf, scopeOf } from './names.ts';
import type { Tool } from './tool.ts';
import { type Family, familyOf, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, garbage, invalid, Quit, type Words } from './words.ts';

/** Flags of an address that can be asked for, each with its test. */
const ADDRESS_FLAGS: Record<string, (address: AddressInfo) => boolean> = {
  secondary: (address) => address.secondary,
  temporary: (address) => address.secondary,
  permanent: (address) => address.permanent,
  tentative: (address) => address.tentative,
  dadfailed: (address) => address.dadFailed,
  noprefixroute: (address) => address.noprefixroute,
  deprecated: (address) => address.preferredLifetime === 0,
  nodad: (address) => address.nodad === true,
  optimistic: (address) => address.tentative && address.flags?.includes('optimistic') === true,
  home: (address) => address.flags?.includes('home') === true,
  mngtmpaddr: (address) => address.flags?.includes('mngtmpaddr') === true,
  autojoin: (address) => address.flags?.includes('autojoin') === true,
  'stable-privacy': () => false,
};

/** What `ip addr show`, `ip link show` and `ip addr flush` are asked for. */
export interface AddressFilter {
  family: Family | 'link';
  device: LinkInfo | undefined;
  prefix: WrittenPrefix | undefined;
  scope: Scope | undefined;
  up: boolean;
  down: boolean;
  flags: { wanted: boolean; test: (address: AddressInfo) => boolean }[];
  /** `primary` was asked for: a flush ends after one round. */
  primaryOnly: boolean;
  label: string | undefined;
  /** IFA_PROTO; addresses without one pass. */
  protocol: string | undefined;
  /** What an address without a label is called. */
  deviceName: (ifindex: number) => string;
  group: number | undefined;
  master: number | undefined;
  kind: string | undefined;
  slaveKind: string | undefined;
}

export function parseAddressFilter(tool: Tool, words: Words, usage: () => Quit, family: Family | 'link'): AddressFilter {
  const filter: AddressFilter = {
    family,
    device: undefined,
    prefix: undefined,
    scope: undefined,
    up: false,
    down: false,
    flags: [],
    primaryOnly: false,
    label: undefined,
    protocol: undefined,
    deviceName: (ifindex) => tool.deviceName(ifindex),
    group: undefined,
    master: undefined,
    kind: undefined,
    slaveKind: undefined,
  };
  let name: string | undefined;
  while (!words.empty) {
    if (parseKeyword(tool, words, filter)) continue;
    const word = words.take();
    if (word === 'dev') words.value();
    else if (abbreviates(word, 'help')) throw usage();
    words.back();
    const given = words.take();
    if (name !== undefined) throw garbage('dev', given);
    name = given;
  }
  if (name !== undefined) {
    filter.device = tool.netlink.link(name);
    if (!filter.device) throw new Quit(`Device "${name}" does not exist.\n`, 1);
  }
  return filter;
}

/** Takes one keyword with its argument; false if the word here is none. */
function parseKeyword(tool: Tool, words: Words, filter: AddressFilter): boolean {
  const word = words.take();
  if (word === 'to') {
    filter.prefix = prefix(words.value(), filter.family === 'link' ? 0 : filter.family);
    if (filter.family === 0 && !filter.prefix.wildcard) filter.family = familyOf(filter.prefix.address);
  } else if (word === 'scope') filter.scope = scopeArgument(words.value());
  else if (word === 'up') filter.up = true;
  else if (word === 'down') filter.down = true;
  else if (addFlag(filter, word)) return true;
  else if (word === 'label') filter.label = words.value();
  else if (word === 'group') {
    const argument = words.value();
    filter.group = groupOf(argument, tool);
    if (filter.group === undefined) throw invalid('Invalid "group" value\n', argument);
  } else if (word === 'master') {
    const argument = words.value();
    filter.master = tool.netlink.link(argument)?.ifindex;
    if (filter.master === undefined) throw invalid('Device does not exist\n', argument);
  } else if (word === 'vrf') throw invalid('Not a valid VRF name\n', words.value());
  else if (word === 'nomaster') filter.master = -1;
  else if (word === 'type') {
    const kind = words.value();
    if (kind.endsWith('_slave')) filter.slaveKind = kind.slice(0, -'_slave'.length);
    else filter.kind = kind;
  } else if (word === 'proto') filter.protocol = addressProtocol(words.value());
  else if (word !== 'novf') {
    words.back();
    return false;
  }
  return true;
}

function scopeArgument(text: string): Scope | undefined {
  const scope = scopeOf(text);
  if (scope === undefined && text !== 'all') throw invalid('invalid "scope"\n', text);
  return scope;
}

/** `dynamic` and `primary` are the opposites of `permanent` and `secondary`; a leading minus turns a flag round. */
function addFlag(filter: AddressFilter, word: string): boolean {
  let wanted = !word.startsWith('-');
  let name = wanted ? word : word.slice(1);
  if (name === 'dynamic' || name === 'primary') {
    if (name === 'primary' && wanted) filter.primaryOnly = true;
    wanted = !wanted;
    name = name === 'dynamic' ? 'permanent' : 'secondary';
  }
  const test = Object.hasOwn(ADDRESS_FLAGS, name) ? ADDRESS_FLAGS[name] : undefined;
  if (!test) return false;
  filter.flags.push({ wanted, test });
  return true;
}

/** Whether a link passes the part of the filter that is about links. A filter by label looks at addresses alone. */
export function linkPasses(filter: AddressFilter, link: LinkInfo): boolean {
  const up = (link.flags & IFF.UP) !== 0;
  if (filter.device && filter.device.ifindex !== link.ifindex) return false;
  if ((filter.up && !up) || (filter.down && up)) return false;
  if (filter.group !== undefined && link.group !== filter.group) return false;
  if (filter.master !== undefined && (filter.master === -1 ? link.master : link.master !== filter.master)) return false;
  if (filter.kind !== undefined && link.kind !== filter.kind) return false;
  return filter.slaveKind === undefined || link.slaveKind === filter.slaveKind;
}

/** Whether an address passes the part of the filter that is about addresses. */
export function addressPasses(filter: AddressFilter, address: AddressInfo): boolean {
  const family = familyOf(address.prefix.address);
  if (filter.device && filter.device.ifindex !== address.ifindex) return false;
  if (filter.family !== 0 && filter.family !== family) return false;
  if (filter.scope !== undefined && filter.scope !== address.scope) return false;
  if (filter.flags.some(({ wanted, test }) => test(address) !== wanted)) return false;
  if (filter.label !== undefined && !matchesLabel(filter.label, address.label ?? filter.deviceName(address.ifindex))) return false;
  if (filter.protocol !== undefined && address.protocol !== undefined && address.protocol !== filter.protocol) return false;
  const { prefix: wanted } = filter;
  return !wanted || wanted.wildcard || samePrefix(address.prefix.address, wanted.address, wanted.length);
}

/** A shell pattern against a label (fnmatch(3)): `*` and `?`. */
function matchesLabel(pattern: string, label: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(label);
}
