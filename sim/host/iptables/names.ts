import type { InterfaceSpec } from '../../kernel/netfilter/tables/rule.ts';
import { SAVED_PROTOCOLS } from '../../kernel/netfilter/tables/save.ts';
import { targetExtension, UNMODELLED_TARGETS } from '../../kernel/netfilter/target/registry.ts';
import { type Failure, failure } from './failure.ts';
import type { Lookup } from './lookup.ts';

export const VERDICTS: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'QUEUE']);
/** Chains have names of 28 characters at most, interfaces of 15. */
export const MAX_CHAIN = 29;
const MAX_INTERFACE = 16;

/** What is wrong with an interface's name. */
export function checkInterface(name: string): Failure | undefined {
  if (name === '') return failure('parameter', 'Empty interface is likely to be undesired');
  if (name.length < MAX_INTERFACE) return undefined;
  return failure('parameter', `interface name \`${name}' must be shorter than 16 characters`);
}

/** `-i +` says nothing. */
export function meaningful(spec: InterfaceSpec | undefined): InterfaceSpec | undefined {
  return spec && spec.name === '+' && !spec.inverted ? undefined : spec;
}

export function protocolNumber(name: string, lookup: Lookup): number | undefined {
  if (/^\d+$/.test(name)) return Number(name) <= 255 ? Number(name) : undefined;
  if (name === 'all') return 0;
  const known = SAVED_PROTOCOLS.find(([saved]) => saved === name)?.[1];
  if (known !== undefined) return known;
  if (name === 'icmpv6') return 58;
  if (name === 'mh') return 135;
  return lookup.protocol(name);
}

/** The match that goes with a protocol. */
export function protocolExtension(name: string, number: number): string {
  if (number === 58) return 'icmp6';
  if (number === 135) return 'mh';
  return SAVED_PROTOCOLS.find(([, known]) => known === number)?.[0] ?? name;
}

export function checkTargetName(name: string): Failure | undefined {
  if (name.length < 1) return failure('parameter', 'Invalid target name (too short)');
  if (name.length >= MAX_CHAIN) return failure('parameter', `Invalid target name \`${name}' (28 chars max)`);
  if (/\s/.test(name)) return failure('parameter', `Invalid target name \`${name}'`);
  return undefined;
}

/** What a new chain can't be called. */
export function checkNewName(name: string): Failure | undefined {
  if (name.startsWith('-') || name.startsWith('!')) return failure('parameter', `chain name not allowed to start with \`${name[0]}'`);
  if (name.length >= MAX_CHAIN) return failure('parameter', `chain name \`${name}' too long (must be under 29 chars)`);
  if (VERDICTS.has(name) || targetExtension(name, 4) || targetExtension(name, 6) || UNMODELLED_TARGETS.has(name))
    return failure('parameter', 'chain name may not clash with target name');
  if (/\s/.test(name)) return failure('parameter', `Invalid chain name \`${name}'`);
  return undefined;
}

/** NAT looks at the first packet of a connection only, so its table is no place to drop. */
export function checkNatDrop(table: string, ...words: readonly string[]): Failure | undefined {
  if (table !== 'nat' || !words.includes('DROP')) return undefined;
  return failure('parameter', '\nThe "nat" table is not intended for filtering, the use of DROP is therefore inhibited.\n\n');
}
