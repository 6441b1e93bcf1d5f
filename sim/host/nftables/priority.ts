import type { NftFamily } from '../../kernel/netfilter/nftables/table.ts';

/** A priority with a name, and the hooks at which the name makes sense; all if absent (src/rule.c `std_prios`). */
type Named = readonly [name: string, priority: number, hooks?: readonly string[]];

const PRIORITIES: readonly Named[] = [
  ['raw', -300],
  ['mangle', -150],
  ['dstnat', -100, ['prerouting', 'output']],
  ['filter', 0],
  ['security', 50],
  ['srcnat', 100, ['input', 'postrouting']],
];

const BRIDGE: readonly Named[] = [
  ['dstnat', -300, ['prerouting']],
  ['filter', -200],
  ['out', 100, ['output']],
  ['srcnat', 300, ['postrouting']],
];

const FILTER: readonly Named[] = [['filter', 0]];

/** How far from a named priority the name is still used. */
const NEAR = 10;

function named(family: NftFamily, hook: string): Named[] {
  const all = family === 'bridge' ? BRIDGE : family === 'arp' || family === 'netdev' ? FILTER : PRIORITIES;
  return all.filter(([, , hooks]) => hooks === undefined || hooks.includes(hook));
}

/** The number behind a name at a hook; `undefined` for names that make no sense there. */
export function priorityNamed(family: NftFamily, name: string, hook: string): number | undefined {
  return named(family, hook).find(([other]) => other === name)?.[1];
}

/** `filter`, `dstnat + 10`, or the number where no name is near. */
export function priorityText(family: NftFamily, priority: number, hook: string): string {
  for (const [name, value] of named(family, hook)) {
    const offset = priority - value;
    if (Math.abs(offset) > NEAR) continue;
    return offset === 0 ? name : `${name} ${offset > 0 ? '+' : '-'} ${Math.abs(offset)}`;
  }
  return String(priority);
}
