import type { Lookup } from '../../host/iptables/lookup.ts';
import type { Stored } from '../../kernel/netfilter/ipset/element.ts';
import { ListSet, type Member } from '../../kernel/netfilter/ipset/list-set.ts';
import type { IpSet } from '../../kernel/netfilter/ipset/set.ts';
import type { IpSets } from '../../kernel/netfilter/ipset/sets.ts';
import { markText } from '../../kernel/netfilter/options.ts';
import { elementText } from './element.ts';

/** An element as it is listed, and what stands beside it: `true` for what has no value. */
export interface Shown {
  element: string;
  beside: readonly (readonly [name: string, value: string | true])[];
}

function shown(set: IpSet, element: Stored, lookup: Lookup): Shown {
  const beside: [string, string | true][] = [];
  const { timeout, counters } = set.options;
  if (timeout !== undefined) beside.push(['timeout', String(set.secondsLeft(element))]);
  if (element.nomatch) beside.push(['nomatch', true]);
  if (element.parts.wildcard) beside.push(['wildcard', true]);
  if (counters) beside.push(['packets', String(element.packets)], ['bytes', String(element.bytes)]);
  if (element.comment !== '') beside.push(['comment', element.comment]);
  const { mark, mask, priority, queue } = element.skbinfo;
  if (mark !== 0 || mask !== 0) beside.push(['skbmark', markText(mark, mask)]);
  if (priority !== 0) beside.push(['skbprio', `${(priority >>> 16).toString(16)}:${(priority & 0xffff).toString(16)}`]);
  if (queue !== 0) beside.push(['skbqueue', String(queue)]);
  return { element: set instanceof ListSet ? (element as Member).set.name : elementText(set, element, lookup), beside };
}

function memberText({ element, beside }: Shown): string {
  const words = beside.map(([name, value]) => (value === true ? name : `${name} ${name === 'comment' ? `"${value}"` : value}`));
  return [element, ...words].join(' ');
}

/** A set's elements, in the order of a listing. */
export function members(set: IpSet, sorted: boolean, lookup: Lookup): Shown[] {
  const all = set.list().map((element) => shown(set, element, lookup));
  return sorted && set.type.kind === 'hash' ? all.sort((a, b) => compareMembers(sortKey(a), sortKey(b))) : all;
}

/** Exceptions are sorted with their word, what else stands beside elements isn't looked at. */
function sortKey({ element, beside }: Shown): string {
  return beside.some(([name]) => name === 'nomatch') ? `${element} nomatch` : element;
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
  return settings.terse ? lines : [...lines, 'Members:', ...members(set, settings.sorted, lookup).map(memberText)];
}

/** The lines of `ipset save`, which `ipset restore` reads. */
export function saveLines(set: IpSet, sorted: boolean, lookup: Lookup): string[] {
  return [
    `create ${set.name} ${set.type.name} ${set.header()}`,
    ...members(set, sorted, lookup).map((each) => `add ${set.name} ${memberText(each)}`),
  ];
}
