import type { Lookup } from '../../host/iptables/lookup.ts';
import type { Stored } from '../../kernel/netfilter/ipset/element.ts';
import { ListSet, type Member } from '../../kernel/netfilter/ipset/list-set.ts';
import type { IpSet } from '../../kernel/netfilter/ipset/set.ts';
import type { IpSets } from '../../kernel/netfilter/ipset/sets.ts';
import { elementText } from './element.ts';

/** An element with what stands beside it. */
function memberText(set: IpSet, element: Stored, lookup: Lookup): string {
  let text = set instanceof ListSet ? (element as Member).set.name : elementText(set, element, lookup);
  const { timeout, counters } = set.options;
  if (timeout !== undefined) text += ` timeout ${set.secondsLeft(element)}`;
  if (element.nomatch) text += ' nomatch';
  if (element.parts.wildcard) text += ' wildcard';
  if (counters) text += ` packets ${element.packets} bytes ${element.bytes}`;
  return element.comment === '' ? text : `${text} comment "${element.comment}"`;
}

function members(set: IpSet, sorted: boolean, lookup: Lookup): string[] {
  const texts = set.list().map((element) => memberText(set, element, lookup));
  return sorted && set.type.kind === 'hash' ? texts.sort(compareMembers) : texts;
}

/** `-sorted` goes by the parts between dots, commas, colons and slashes: the shorter part first, then by its characters. */
export function compareMembers(a: string, b: string): number {
  const [left, right] = [a.split(/[.,:/]/), b.split(/[.,:/]/)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [x, y] = [left[i] as string, right[i] as string];
    if (x.length !== y.length) return x.length - y.length;
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}

/** The lines of `ipset list`. */
export function listLines(sets: IpSets, set: IpSet, settings: { terse: boolean; sorted: boolean }, lookup: Lookup): string[] {
  const { name, type } = set;
  const count = set.list().length;
  const lines = [
    `Name: ${name}`,
    `Type: ${type.name}`,
    `Revision: ${type.revision}`,
    `Header: ${set.header()}`,
    `Size in memory: ${set.memory()}`,
    `References: ${sets.references(set)}`,
    `Number of entries: ${count}`,
  ];
  return settings.terse ? lines : [...lines, 'Members:', ...members(set, settings.sorted, lookup)];
}

/** The lines of `ipset save`, which `ipset restore` reads. */
export function saveLines(set: IpSet, sorted: boolean, lookup: Lookup): string[] {
  return [`create ${set.name} ${set.type.name} ${set.header()}`, ...members(set, sorted, lookup).map((text) => `add ${set.name} ${text}`)];
}
