import { ipv4Mask, type IP, type IPv4, isMulticastIPv4, isMulticastIPv6 } from '../../base/address.ts';
import type { AddressInfo, AddressSpec, LinkInfo } from '../../host/netlink/messages.ts';
import { type AddressFilter, addressPasses, linkPasses, parseAddressFilter } from './address-filter.ts';
import { printAddress, printBriefAddress } from './address-print.ts';
import { printBriefLink, printLink } from './link-print.ts';
import { addressProtocol, scopeOf } from './names.ts';
import type { Report } from './report.ts';
import { restoreAddresses, saveAddresses, showSavedAddresses } from './saved-addresses.ts';
import type { Subcommand, Tool } from './tool.ts';
import { ADDRESS_USAGE } from './usage/address.ts';
import { address as addressArgument, familyOf, parseUnsigned, prefix, type WrittenPrefix } from './values.ts';
import { abbreviates, duplicate, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

const usage = () => new Quit(ADDRESS_USAGE, EXIT_MINUS_ONE);

/** `ip address`: its commands in the order that abbreviations are tried. */
export const addressCommands: readonly Subcommand[] = [
  { names: ['add'], run: (tool, words) => modify(tool, words, 'add') },
  { names: ['change'], exact: ['chg'], run: (tool, words) => modify(tool, words, 'change') },
  { names: ['replace'], run: (tool, words) => modify(tool, words, 'replace') },
  { names: ['delete'], run: (tool, words) => modify(tool, words, 'delete') },
  { names: ['list', 'show', 'lst'], run: (tool, words) => list(tool, parseAddressFilter(tool, words, usage, tool.options.family)) },
  { names: ['flush'], run: flush },
  {
    names: ['save'],
    run: (tool, words) => saveAddresses(tool, parseAddressFilter(tool, words, usage, tool.options.family).device?.ifindex),
  },
  { names: ['showdump'], run: showSavedAddresses },
  { names: ['restore'], run: restoreAddresses },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

// ---- show -------------------------------------------------------------------------------------------------------------

/** `ip addr show`. */
function list(tool: Tool, filter: AddressFilter): number {
  const report = tool.report();
  const all = tool.netlink.addresses();
  const links = filter.device ? [filter.device] : tool.netlink.links();
  for (const link of links) {
    const addresses = all.filter((address) => address.ifindex === link.ifindex);
    if (filter.family !== 'link' && !worthShowing(filter, addresses)) continue;
    report.object('', () => listOne(tool, report, filter, link, addresses));
  }
  report.end();
  return 0;
}

/** A link is listed when one of its addresses passes, or when it has none and no family was asked for (`ipaddr_filter`). */
function worthShowing(filter: AddressFilter, addresses: readonly AddressInfo[]): boolean {
  if (addresses.length === 0) return filter.family === 0;
  return addresses.some((address) => addressPasses({ ...filter, device: undefined }, address));
}

function listOne(tool: Tool, report: Report, filter: AddressFilter, link: LinkInfo, addresses: readonly AddressInfo[]): void {
  const { brief, oneline, details } = tool.options;
  const head = brief || !oneline || filter.family === 'link';
  if (head) {
    if (!linkPasses({ ...filter, device: undefined }, link)) return;
    if (filter.label === undefined) printHead(tool, report, filter, link, details);
  }
  if (filter.family === 'link') return;
  const up = (link.flags & 1) !== 0;
  report.list('addr_info', () => {
    for (const address of addresses) {
      if ((filter.up && !up) || (filter.down && up) || (filter.family !== 0 && filter.family !== familyOf(address.prefix.address)))
        continue;
      // An address that doesn't pass leaves an empty object in the JSON (`print_selected_addrinfo`).
      report.object('', () => {
        if (!addressPasses(filter, address)) return;
        if (brief) printBriefAddress(report, address);
        else printAddress(tool, report, address, oneline);
      });
    }
  });
  if (brief) report.text('\n');
}

function printHead(tool: Tool, report: Report, filter: AddressFilter, link: LinkInfo, details: boolean): void {
  const family = filter.family;
  // All links in one request go to the family's own dump; a single one is always described in full.
  const reduced = family === 6 && !filter.device;
  if (tool.options.brief) printBriefLink(tool, report, link, family === 'link', reduced);
  else {
    const linkLayer = family === 0 || family === 'link' || details;
    printLink(tool, report, link, { linkCommand: false, linkLayer, queueLength: true, reduced });
  }
}

// ---- add, change, replace, delete -------------------------------------------------------------------------------------

interface Wanted {
  local: WrittenPrefix | undefined;
  localText: string;
  peer: WrittenPrefix | undefined;
  device: string | undefined;
  broadcast: AddressSpec['broadcast'] | '+' | '-';
  spec: Partial<AddressSpec>;
  family: 0 | 4 | 6;
}

function modify(tool: Tool, words: Words, mode: 'add' | 'change' | 'replace' | 'delete'): number {
  const wanted = parseWanted(tool, words);
  if (wanted.device === undefined) throw new Quit('Not enough information: "dev" argument is required.\n', 1);
  const { local } = wanted;
  const wildcardDelete = mode === 'delete' && !wanted.peer && local && !local.lengthGiven && wanted.family === 4;
  if (wildcardDelete) warnAboutWildcard(tool, wanted.localText);
  const broadcast = mode === 'delete' ? undefined : broadcastOf(wanted);
  const link = tool.device(wanted.device);
  checkLifetimes(wanted.spec);
  if (wanted.spec.flags?.includes('autojoin') && !(local && isMulticast(local.address)))
    throw new Quit('autojoin needs multicast address\n', 1);
  if (!local) return tool.outcome({ errno: wanted.family === 0 ? 'EOPNOTSUPP' : 'EINVAL' });
  const ends = {
    prefix: { address: local.address, length: (wanted.peer ?? local).length },
    ...(wanted.peer ? { peer: wanted.peer.address } : {}),
  };
  if (mode === 'delete') return tool.outcome(remove(tool, link, ends, Boolean(wildcardDelete)));
  const spec: AddressSpec = { ...wanted.spec, ...ends, ifindex: link.ifindex, scope: wanted.spec.scope ?? usualScope(local) };
  if (broadcast !== undefined) spec.broadcast = broadcast;
  return tool.outcome(tool.netlink.newAddress(spec, mode));
}

/** Without a length or a peer, IPv4 deletes the first entry with this address, whatever its length. */
function remove(tool: Tool, link: LinkInfo, ends: { prefix: AddressSpec['prefix']; peer?: AddressSpec['peer'] }, wildcard: boolean) {
  const found = wildcard
    ? tool.netlink.addresses(4).find((address) => address.ifindex === link.ifindex && address.prefix.address === ends.prefix.address)
    : undefined;
  const exact = found ? { prefix: found.prefix, ...(found.peer === undefined ? {} : { peer: found.peer }) } : ends;
  return tool.netlink.delAddress({ ifindex: link.ifindex, ...exact });
}

function warnAboutWildcard(tool: Tool, text: string): void {
  tool.warn(
    'Warning: Executing wildcard deletion to stay compatible with old scripts.\n' +
      `         Explicitly specify the prefix length (${text}/32) to avoid this warning.\n` +
      '         This special behaviour is likely to disappear in further releases,\n' +
      '         fix your scripts!\n',
  );
}

function parseWanted(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = {
    local: undefined,
    localText: '',
    peer: undefined,
    device: undefined,
    broadcast: undefined,
    spec: {},
    family: tool.family,
  };
  while (!words.empty) if (!parseAttribute(tool, words, wanted)) parseLocal(words, wanted);
  return wanted;
}

function parseLocal(words: Words, wanted: Wanted): void {
  if (words.takeExact('local') && words.empty) words.value();
  const word = words.take();
  if (abbreviates(word, 'help')) throw usage();
  if (wanted.local) throw garbage('local', word);
  wanted.local = prefix(word, wanted.family);
  wanted.localText = word;
  wanted.family = wanted.family || familyOf(wanted.local.address);
}

/** Takes one keyword with its argument; false if the word here is none. */
function parseAttribute(tool: Tool, words: Words, wanted: Wanted): boolean {
  const word = words.take();
  if (word === 'peer' || word === 'remote') {
    const text = words.value();
    if (wanted.peer) throw duplicate('peer', text);
    wanted.peer = prefix(text, wanted.family);
    wanted.family = wanted.family || familyOf(wanted.peer.address);
  } else if (word === 'brd' || abbreviates(word, 'broadcast')) parseBroadcast(words, wanted);
  else if (word === 'anycast') parseAnycast(words, wanted);
  else if (word === 'scope') {
    const text = words.value();
    const scope = scopeOf(text);
    if (scope === undefined) throw invalid('invalid scope value.', text);
    wanted.spec.scope = scope;
  } else if (word === 'dev') wanted.device = words.value();
  else if (word === 'label') wanted.spec.label = words.value();
  else if (['metric', 'priority', 'preference'].some((keyword) => abbreviates(word, keyword))) {
    const text = words.value();
    const metric = parseUnsigned(text);
    if (metric === undefined) throw invalid('"metric" value is invalid\n', text);
    wanted.spec.metric = metric;
  } else if (abbreviates(word, 'valid_lft')) wanted.spec.validLifetime = lifetime('valid_lft', words, wanted.spec.validLifetime);
  else if (abbreviates(word, 'preferred_lft')) {
    wanted.spec.preferredLifetime = lifetime('preferred_lft', words, wanted.spec.preferredLifetime);
  } else if (word === 'noprefixroute') wanted.spec.noprefixroute = true;
  else if (READ_ONLY_FLAGS.has(word)) tool.warn(`Warning: ${word} option is not mutable from userspace\n`);
  else if (word === 'autojoin' || IPV6_FLAGS.has(word)) parseFlag(tool, word, wanted);
  else if (word === 'proto') wanted.spec.protocol = addressProtocol(words.value());
  else {
    words.back();
    return false;
  }
  return true;
}

const READ_ONLY_FLAGS = new Set(['secondary', 'temporary', 'deprecated', 'tentative', 'permanent', 'dadfailed', 'stable-privacy']);
const IPV6_FLAGS = new Set(['nodad', 'home', 'optimistic', 'mngtmpaddr']);

/** The family must be known by then: the address stands before its flags. */
function parseFlag(tool: Tool, word: string, wanted: Wanted): void {
  if (IPV6_FLAGS.has(word) && wanted.family !== 6) tool.warn(`Warning: ${word} option can be set only for IPv6 addresses\n`);
  else if (word === 'nodad') wanted.spec.nodad = true;
  else wanted.spec.flags = [...(wanted.spec.flags ?? []), word];
}

/** An anycast address is read and, by the kernel, ignored. */
function parseAnycast(words: Words, wanted: Wanted): void {
  const anycast = addressArgument(words.value(), wanted.family);
  wanted.family = wanted.family || familyOf(anycast);
}

function parseBroadcast(words: Words, wanted: Wanted): void {
  const text = words.value();
  if (wanted.broadcast !== undefined) throw duplicate('broadcast', text);
  if (text === '+' || text === '-') {
    wanted.broadcast = text;
    return;
  }
  wanted.broadcast = addressArgument(text, wanted.family);
  wanted.family = wanted.family || familyOf(wanted.broadcast);
}

/** `+` sets the host bits of the peer's prefix, `-` clears them; prefixes longer than 30 have no broadcast address. */
function broadcastOf(wanted: Wanted): AddressSpec['broadcast'] | undefined {
  if (wanted.broadcast !== '+' && wanted.broadcast !== '-') return wanted.broadcast;
  if (wanted.family !== 4) throw new Quit('Broadcast can be set only for IPv4 addresses\n', 1);
  const ends = wanted.peer ?? wanted.local;
  if (!ends || ends.length > 30) return undefined;
  const mask = ipv4Mask(ends.length);
  return wanted.broadcast === '+' ? ((ends.address as IPv4) | ~mask) >>> 0 : ((ends.address as IPv4) & mask) >>> 0;
}

function lifetime(keyword: 'valid_lft' | 'preferred_lft', words: Words, given: number | undefined): number {
  if (given !== undefined) throw duplicate(keyword, words.here);
  const text = words.value();
  const seconds = text === 'forever' ? Number.POSITIVE_INFINITY : parseUnsigned(text);
  if (seconds === undefined) throw invalid(`${keyword} value`, text);
  return seconds;
}

/** Lifetimes must make sense together; for ever is the same as none given. */
function checkLifetimes(spec: Partial<AddressSpec>): void {
  if (spec.validLifetime === undefined && spec.preferredLifetime === undefined) return;
  if (spec.validLifetime === 0) throw new Quit('valid_lft is zero\n', 1);
  if ((spec.validLifetime ?? Number.POSITIVE_INFINITY) < (spec.preferredLifetime ?? Number.POSITIVE_INFINITY)) {
    throw new Quit('preferred_lft is greater than valid_lft\n', 1);
  }
  if (spec.validLifetime === Number.POSITIVE_INFINITY) delete spec.validLifetime;
  if (spec.preferredLifetime === Number.POSITIVE_INFINITY) delete spec.preferredLifetime;
}

function isMulticast(address: IP): boolean {
  return typeof address === 'bigint' ? isMulticastIPv6(address) : isMulticastIPv4(address);
}

/** Loopback addresses are the host's own, everything else is global (`default_scope`). */
function usualScope(local: WrittenPrefix): 'host' | 'global' {
  return typeof local.address === 'number' && local.address >>> 24 === 127 ? 'host' : 'global';
}

// ---- flush ------------------------------------------------------------------------------------------------------------

/** Deletes what passes the filter, in rounds until nothing is left (deleting a primary may bring up its secondaries). */
function flush(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('Flush requires arguments.\n', 1);
  if (tool.options.family === 'link') throw new Quit('Cannot flush link addresses.\n', 1);
  const filter = parseAddressFilter(tool, words, usage, tool.options.family);
  const report = tool.report();
  const { stats, loops } = tool.options;
  for (let round = 0; loops === 0 || round < loops; round++) {
    const doomed = tool.netlink.addresses().filter((address) => addressPasses(filter, address));
    const finished = round > 0 && filter.primaryOnly;
    if (doomed.length === 0 || finished) {
      if (stats > 0)
        tool.print(round === 0 ? 'Nothing to flush.\n' : `*** Flush is complete after ${round} round${round > 1 ? 's' : ''} ***\n`);
      return 0;
    }
    for (const address of doomed) {
      if (stats > 1) printAddress(tool, report, address, true);
      tool.netlink.delAddress({
        ifindex: address.ifindex,
        prefix: address.prefix,
        ...(address.peer === undefined ? {} : { peer: address.peer }),
      });
    }
    if (stats > 0) tool.print(`\n*** Round ${round + 1}, deleting ${doomed.length} addresses ***\n`);
  }
  tool.warn(`*** Flush remains incomplete after ${loops} rounds. ***\n`);
  return 1;
}
