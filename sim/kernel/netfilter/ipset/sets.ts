import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState } from '../hooks.ts';
import type { Rule } from '../tables/rule.ts';
import { BitmapSet, elementCount, MAX_RANGE } from './bitmap-set.ts';
import { type ElementRange, expand } from './expand.ts';
import type { Extensions, SkbInfo } from './element.ts';
import { HashSet } from './hash-set.ts';
import { ListSet } from './list-set.ts';
import { type Direction, partsOf } from './packet.ts';
import type { Found, IpSet, Reference } from './set.ts';
import { type SetError, type SetOptions, setType } from './types.ts';

/** Sets that a namespace can have (CONFIG_IP_SET_MAX). */
const MAX_SETS = 256;

/** What a rule asks of a set besides membership. */
export interface MatchOptions {
  /** An exception counts as being in the set. */
  returnNomatch: boolean;
  updateCounters: boolean;
  /** Whether the element's counters are such that it counts. */
  counters?: (packets: number, bytes: number) => boolean;
}

export const PLAIN_MATCH: MatchOptions = { returnNomatch: false, updateCounters: true };

/** The ipsets of one namespace (net/netfilter/ipset/ip_set_core.c). */
export class IpSets {
  readonly #net: NetNamespace;
  /** A set keeps its place for life; freed places are taken again. */
  readonly #places: (IpSet | undefined)[] = [];
  readonly #byName = new Map<string, IpSet>();

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  get(name: string): IpSet | undefined {
    return this.#byName.get(name);
  }

  /** All sets as they are listed: by place, lists of sets last. */
  list(): IpSet[] {
    const sets = this.#places.filter((set) => set !== undefined);
    return [...sets.filter((set) => set.type.kind !== 'list'), ...sets.filter((set) => set.type.kind === 'list')];
  }

  create(name: string, typeName: string, options: SetOptions, exist: boolean): SetError | undefined {
    const type = setType(typeName);
    if (!type) return 'FIND_TYPE';
    const { events } = this.#net.kernel;
    const old = this.#byName.get(name);
    const initval = options.initval ?? (old ? 0 : this.#net.kernel.random(`ipset/${this.#net.uid}/${name}/${events.now}`).uint32());
    let made: IpSet;
    if (type.kind === 'hash') made = new HashSet(name, type, options, events, initval);
    else if (type.kind === 'list') made = new ListSet(name, type, options, events);
    else {
      const { from = 0, to = 0, netmask } = options;
      if (elementCount(from, to, netmask) > MAX_RANGE) return 'BITMAP_RANGE_SIZE';
      made = new BitmapSet(name, type, options, events);
    }
    if (old) return exist && sameMaking(old, made) ? undefined : 'EEXIST';
    const free = this.#places.indexOf(undefined);
    if (free < 0 && this.#places.length >= MAX_SETS) return 'MAX_SETS';
    this.#places[free < 0 ? this.#places.length : free] = made;
    this.#byName.set(name, made);
    return undefined;
  }

  /** How many rules and lists name a set; while there are any, it can't go. */
  references(set: IpSet): number {
    let count = 0;
    for (const other of this.#places) {
      if (other instanceof ListSet) count += other.list().filter((member) => member.set === set).length;
    }
    for (const rule of this.#net.netfilter.rules()) for (const name of setsOf(rule)) if (name === set.name) count++;
    return count;
  }

  destroy(name: string): SetError | undefined {
    const set = this.#byName.get(name);
    if (!set) return 'ENOENT';
    if (this.references(set) > 0) return 'BUSY';
    this.#remove(set);
    return undefined;
  }

  /** Destroys all sets, or none if one of them is referred to. */
  destroyAll(): SetError | undefined {
    const sets = this.list();
    if (sets.some((set) => this.references(set) > 0)) return 'BUSY';
    for (const set of sets) this.#remove(set);
    return undefined;
  }

  #remove(set: IpSet): void {
    this.#byName.delete(set.name);
    this.#places[this.#places.indexOf(set)] = undefined;
  }

  rename(from: string, to: string): SetError | undefined {
    const set = this.#byName.get(from);
    if (!set) return 'ENOENT';
    if (this.references(set) > 0) return 'REFERENCED';
    if (this.#byName.has(to)) return 'EEXIST';
    this.#byName.delete(from);
    set.name = to;
    this.#byName.set(to, set);
    return undefined;
  }

  /** Swaps what two sets of one type hold; whoever refers to one of the names now finds the other's elements. */
  swap(first: string, second: string): SetError | undefined {
    const a = this.#byName.get(first);
    const b = this.#byName.get(second);
    if (!a) return 'ENOENT';
    if (!b) return 'NO_SECOND';
    if (a.type !== b.type || a.options.family !== b.options.family) return 'TYPE_MISMATCH';
    for (const list of this.#places) if (list instanceof ListSet) list.exchange(a, b);
    const place = this.#places.indexOf(a);
    this.#places[this.#places.indexOf(b)] = a;
    this.#places[place] = b;
    [a.name, b.name] = [second, first];
    this.#byName.set(second, a);
    this.#byName.set(first, b);
    return undefined;
  }

  /** Adds every element of a range; stops at the first that can't be. */
  add(set: IpSet, range: ElementRange, extensions: Extensions, exist: boolean): SetError | undefined {
    for (const parts of expand(set.type, set.options, range)) {
      const error = set.add(parts, extensions, exist);
      if (error) return error;
    }
    return undefined;
  }

  remove(set: IpSet, range: ElementRange, exist: boolean): SetError | undefined {
    for (const parts of expand(set.type, set.options, range)) {
      const error = set.remove(parts);
      if (error && !(exist && error === 'EEXIST')) return error;
    }
    return undefined;
  }

  /** Adds, removes or looks for a set in a list of sets. */
  member(
    list: ListSet,
    action: 'add' | 'del' | 'test',
    name: string,
    reference: Reference | undefined,
    extensions: Extensions,
    exist: boolean,
  ): SetError | undefined {
    const set = this.#byName.get(name);
    if (!set) return 'NAME';
    if (set.type.kind === 'list') return 'LOOP';
    let anchor: { set: IpSet; before: boolean } | undefined;
    if (reference) {
      const found = this.#byName.get(reference.name);
      if (!found) return 'NAMEREF';
      anchor = { set: found, before: reference.before };
    }
    if (action === 'add') return list.addMember(set, anchor, extensions, exist);
    if (action === 'test') return list.testMember(set, anchor) ? undefined : 'EEXIST';
    const error = list.removeMember(set, anchor);
    return error === 'EEXIST' && exist ? undefined : error;
  }

  /** Whether a packet is in a set (ip_set_test). */
  matches(name: string, directions: readonly Direction[], skb: Skb, state: HookState, options: MatchOptions): boolean {
    const set = this.#byName.get(name);
    return set !== undefined && this.#test(set, directions, skb, state, options);
  }

  #test(set: IpSet, directions: readonly Direction[], skb: Skb, state: HookState, options: MatchOptions): boolean {
    if (set instanceof ListSet) {
      return set.list().some((member) => this.#test(member.set, directions, skb, state, options) && counted(set, member, skb, options));
    }
    if (set.type.family && set.options.family !== state.family) return false;
    const parts = partsOf(set.type, directions, skb, state);
    const found = parts && set.test(parts);
    if (!found) return false;
    if (set instanceof BitmapSet) set.complete(found.element, parts.mac);
    if (!counted(set, found.element, skb, options)) return false;
    // With --return-nomatch exceptions match and others don't, but only where a set can have exceptions.
    return found.nomatch === (options.returnNomatch && set.type.nomatch);
  }

  /** What a set says of a packet besides that it is in it; `undefined` when it isn't (the SET target's mapping). */
  mapping(name: string, directions: readonly Direction[], skb: Skb, state: HookState): SkbInfo | undefined {
    const set = this.#byName.get(name);
    if (!set || set instanceof ListSet) return undefined;
    const parts = partsOf(set.type, directions, skb, state);
    const found = parts && (!set.type.family || set.options.family === state.family) ? set.test(parts) : undefined;
    return found && !found.nomatch && counted(set, found.element, skb, PLAIN_MATCH) ? found.element.skbinfo : undefined;
  }

  /** Adds a packet to a set, or removes it (the SET target). */
  change(name: string, action: 'add' | 'del', directions: readonly Direction[], skb: Skb, state: HookState, change: SetChange): void {
    const set = this.#byName.get(name);
    if (!set) return;
    if (set instanceof ListSet) {
      for (const member of set.list()) this.change(member.set.name, action, directions, skb, state, change);
      return;
    }
    if (set.type.family && set.options.family !== state.family) return;
    const parts = partsOf(set.type, directions, skb, state);
    if (!parts) return;
    if (set instanceof HashSet) [parts.length, parts.secondLength] = set.longest;
    if (action === 'del') {
      set.remove(parts);
      return;
    }
    const { timeout, counters } = set.options;
    const extensions: Extensions = counters ? { packets: 1, bytes: skb.end - skb.network } : {};
    if (timeout !== undefined) extensions.timeout = change.timeout;
    set.add(parts, extensions, change.exist);
  }

  /** A set's family; 0 for sets that have none. */
  family(name: string): Family | 0 | undefined {
    const set = this.#byName.get(name);
    return set && (set.type.family ? set.options.family : 0);
  }
}

/** How the SET target adds. */
export interface SetChange {
  exist: boolean;
  timeout: number | undefined;
}

/** Counts the packet, and asks whether the counters are as a rule wants them (ip_set_match_extensions). */
function counted(set: IpSet, element: Found['element'], skb: Skb, options: MatchOptions): boolean {
  if (!set.options.counters) return true;
  if (options.updateCounters) {
    element.packets++;
    element.bytes += skb.end - skb.network;
  }
  return options.counters?.(element.packets, element.bytes) ?? true;
}

function sameMaking(a: IpSet, b: IpSet): boolean {
  const plain = (set: IpSet) => set.header().replace(/ initval \S+/, '');
  return a.type === b.type && plain(a) === plain(b);
}

/** The sets that a rule names. */
function setsOf(rule: Rule): string[] {
  const names = rule.matches.flatMap(({ extension, data }) => extension.sets?.(data) ?? []);
  if (rule.action.kind !== 'extension') return names;
  const { extension, data } = rule.action.target;
  return [...names, ...(extension.sets?.(data) ?? [])];
}
