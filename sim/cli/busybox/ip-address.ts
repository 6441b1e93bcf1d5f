import { ipv4Mask, parseIP, samePrefix } from '../../base/address.ts';
import { strerror } from '../../base/errno.ts';
import type { AddressInfo, AddressSpec, LinkInfo, Scope } from '../../host/netlink/messages.ts';
import { scopeOf } from '../iproute2/names.ts';
import { type Family, familyOf, parseUnsigned, prefixOf, type WrittenPrefix } from '../iproute2/values.ts';
import { Die } from './failure.ts';
import { printAddress, printLink } from './ip-print.ts';
import { type IpRun, keyword } from './ip-words.ts';

const COMMANDS = ['add', 'change', 'chg', 'replace', 'delete', 'list', 'show', 'lst', 'flush'] as const;

/** `ip address` of busybox. */
export function ipAddress(run: IpRun): number {
  if (run.empty) return listOrFlush(run, false);
  const word = run.take();
  const command = keyword(COMMANDS, word);
  if (command === undefined) throw run.invalid(word, 'ip');
  if (command === 'add' || command === 'change' || command === 'chg' || command === 'replace' || command === 'delete') {
    return modify(run, command === 'chg' ? 'change' : command);
  }
  return listOrFlush(run, command === 'flush');
}

interface Filter {
  device: LinkInfo | undefined;
  prefix: WrittenPrefix | undefined;
  scope: Scope | undefined;
  up: boolean;
  label: string | undefined;
}

/** `ip addr show` and `ip addr flush`; `ip link show` comes here, too, with the family `link`. */
export function listOrFlush(run: IpRun, flushing: boolean): number {
  if (flushing && run.empty) throw run.die('flush requires an argument');
  if (flushing && run.family === 'link') throw run.die("can't flush link addresses");
  const filter = parseFilter(run);
  if (flushing) return flush(run, filter);
  const addresses = run.family === 'link' ? [] : run.netlink.addresses().filter((address) => passes(run, filter, address));
  for (const link of run.netlink.links()) {
    const own = addresses.filter((address) => address.ifindex === link.ifindex);
    if (run.family !== 0 && run.family !== 'link' && own.length === 0) continue;
    showLink(run, filter, link);
    if (run.family !== 'link') for (const address of own) printAddress(run, address);
  }
  return 0;
}

/** The link's own line, unless -o or the filter leaves it out. IPv6's dump of links has no qdisc. */
function showLink(run: IpRun, filter: Filter, link: LinkInfo): void {
  if (run.oneline && run.family !== 'link') return;
  if (filter.device && filter.device.ifindex !== link.ifindex) return;
  if (filter.up && (link.flags & 1) === 0) return;
  printLink(run, link, { linkLayer: run.family === 0 || run.family === 'link', showQdisc: run.family !== 6 });
}

function parseFilter(run: IpRun): Filter {
  const filter: Filter = { device: undefined, prefix: undefined, scope: undefined, up: false, label: undefined };
  let device: string | undefined;
  while (!run.empty) {
    const word = run.take();
    if (word === 'to') {
      filter.prefix = run.prefix(run.value(), run.addressFamily);
      if (run.family === 0 && !filter.prefix.wildcard) run.family = familyOf(filter.prefix.address);
    } else if (word === 'scope') {
      const text = run.value();
      filter.scope = scopeOf(text);
      if (filter.scope === undefined && text !== 'all') throw run.invalid(text, 'scope');
    } else if (word === 'up') filter.up = true;
    else if (word === 'label') filter.label = run.value();
    else {
      const name = word === 'dev' ? run.value() : word;
      if (device !== undefined) throw run.garbage('dev', name);
      device = name;
    }
  }
  if (device !== undefined) filter.device = run.device(device);
  return filter;
}

function passes(run: IpRun, filter: Filter, address: AddressInfo): boolean {
  const { prefix } = address;
  if (run.family !== 0 && run.family !== familyOf(prefix.address)) return false;
  if (filter.device && filter.device.ifindex !== address.ifindex) return false;
  if (filter.scope !== undefined && filter.scope !== address.scope) return false;
  if (filter.label !== undefined && filter.label !== (address.label ?? run.deviceName(address.ifindex))) return false;
  return !filter.prefix || filter.prefix.wildcard || samePrefix(prefix.address, filter.prefix.address, filter.prefix.length);
}

const ROUNDS = 10;

function flush(run: IpRun, filter: Filter): number {
  for (let round = 0; round < ROUNDS; round++) {
    const doomed = run.netlink.addresses().filter((address) => passes(run, filter, address));
    if (doomed.length === 0) return 0;
    for (const { ifindex, prefix, peer } of doomed) run.netlink.delAddress({ ifindex, prefix, ...(peer === undefined ? {} : { peer }) });
  }
  return 1;
}

// ---- add, change, replace, delete -------------------------------------------------------------------------------------

interface Wanted {
  local: WrittenPrefix | undefined;
  peer: WrittenPrefix | undefined;
  broadcast: AddressSpec['broadcast'] | '+' | '-';
  device: string | undefined;
  spec: Partial<AddressSpec>;
  family: 0 | 4 | 6;
}

function modify(run: IpRun, mode: 'add' | 'change' | 'replace' | 'delete'): number {
  const wanted: Wanted = {
    local: undefined,
    peer: undefined,
    broadcast: undefined,
    device: undefined,
    spec: {},
    family: run.addressFamily,
  };
  while (!run.empty) parseWord(run, wanted);
  const { local, peer, device, spec } = wanted;
  if (device === undefined) throw run.die('need "dev IFACE"');
  if (spec.label !== undefined && !spec.label.startsWith(device)) throw run.die(`"dev" (${device}) must match "label" (${spec.label})`);
  const broadcast = mode === 'delete' ? undefined : broadcastOf(run, wanted);
  const { ifindex } = run.device(device);
  if (!local) return run.outcome({ errno: wanted.family === 0 ? 'EOPNOTSUPP' : 'EINVAL' });
  if (mode === 'delete') return run.outcome(remove(run, ifindex, local, peer));
  const ends = { prefix: { address: local.address, length: (peer ?? local).length }, ...(peer ? { peer: peer.address } : {}) };
  const loopback = typeof local.address === 'number' && local.address >>> 24 === 127;
  return run.outcome(
    run.netlink.newAddress(
      { scope: loopback ? 'host' : 'global', ...spec, ...ends, ifindex, ...(broadcast === undefined ? {} : { broadcast }) },
      mode,
    ),
  );
}

/** Without a peer, the applet names the address alone: the first entry with it goes, whatever its length. */
function remove(run: IpRun, ifindex: number, local: WrittenPrefix, peer: WrittenPrefix | undefined) {
  const { address, length } = local;
  if (peer) return run.netlink.delAddress({ ifindex, prefix: { address, length: peer.length }, peer: peer.address });
  const known = run.netlink
    .addresses(familyOf(address))
    .find(
      (entry) => entry.ifindex === ifindex && entry.prefix.address === address && (!local.lengthGiven || entry.prefix.length === length),
    );
  if (!known) return run.netlink.delAddress({ ifindex, prefix: { address, length } });
  return run.netlink.delAddress({ ifindex, prefix: known.prefix, ...(known.peer === undefined ? {} : { peer: known.peer }) });
}

/** What can't be read as an address is sent to the kernel all the same, with no bytes, and the kernel finds that too short. */
function assignable(run: IpRun, text: string, family: Family): WrittenPrefix {
  const unread = parseIP(text.split('/')[0] ?? '') === undefined && prefixOf(text, family) === undefined;
  if (unread) throw new Die(`RTNETLINK answers: ${strerror('ERANGE')}`, 2);
  return run.prefix(text, family);
}

function parseWord(run: IpRun, wanted: Wanted): void {
  const word = run.take();
  if (word === 'peer' || word === 'remote') {
    const text = run.value();
    if (wanted.peer) throw run.duplicate('peer', text);
    wanted.peer = assignable(run, text, wanted.family);
    wanted.family = wanted.family || familyOf(wanted.peer.address);
  } else if (word === 'broadcast' || word === 'brd') {
    const text = run.value();
    if (wanted.broadcast !== undefined) throw run.duplicate('broadcast', text);
    wanted.broadcast = text === '+' || text === '-' ? text : run.address(text, wanted.family);
  } else if (word === 'scope') {
    const text = run.value();
    const scope = scopeOf(text);
    if (scope === undefined) throw run.invalid(text, 'scope');
    wanted.spec.scope = scope;
  } else if (word === 'dev') wanted.device = run.value();
  else if (word === 'label') wanted.spec.label = run.value();
  else if (word === 'noprefixroute') wanted.spec.noprefixroute = true;
  else if (word === 'valid_lft') setLifetime(run, wanted, 'validLifetime', word);
  else if (word === 'preferred_lft') setLifetime(run, wanted, 'preferredLifetime', word);
  else {
    const text = word === 'local' ? run.value() : word;
    if (wanted.local) throw run.garbage('local', text);
    wanted.local = assignable(run, text, wanted.family);
    wanted.family = wanted.family || familyOf(wanted.local.address);
  }
}

function setLifetime(run: IpRun, wanted: Wanted, key: 'validLifetime' | 'preferredLifetime', keywordName: string): void {
  const text = run.value();
  if (text === 'forever') return;
  const seconds = parseUnsigned(text);
  if (seconds === undefined) throw run.invalid(text, keywordName);
  wanted.spec[key] = seconds;
}

function broadcastOf(run: IpRun, wanted: Wanted): AddressSpec['broadcast'] | undefined {
  if (wanted.broadcast !== '+' && wanted.broadcast !== '-') return wanted.broadcast;
  if (wanted.family !== 4) throw run.die('broadcast can be set only for IPv4 addresses');
  const ends = wanted.peer ?? wanted.local;
  if (!ends || ends.length > 30 || typeof ends.address !== 'number') return undefined;
  const mask = ipv4Mask(ends.length);
  return (wanted.broadcast === '+' ? ends.address | ~mask : ends.address & mask) >>> 0;
}
