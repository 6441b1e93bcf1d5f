import type { SetError } from '../../kernel/netfilter/ipset/types.ts';

/** Why a command isn't carried out: the words, and which kind of failure it is, which the exit status follows. */
export interface Refusal {
  problem: string;
  /** `usage` is status 2 and points to the help; the others are status 1. */
  kind: 'usage' | 'failed' | 'unmodelled';
}

export const usageError = (problem: string): Refusal => ({ problem, kind: 'usage' });
export const failed = (problem: string): Refusal => ({ problem, kind: 'failed' });
export const syntaxError = (text: string): Refusal => failed(`Syntax error: ${text}`);
export const unmodelled = (what: string): Refusal => ({ problem: what, kind: 'unmodelled' });

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'problem' in value;
}

const BY_COMMAND: Readonly<Record<string, Partial<Record<SetError, string>>>> = {
  create: { EEXIST: 'Set cannot be created: set with the same name already exists' },
  add: { EEXIST: "Element cannot be added to the set: it's already added" },
  del: { EEXIST: "Element cannot be deleted from the set: it's not added" },
  rename: { EEXIST: 'Set cannot be renamed: a set with the new name already exists' },
};

const WORDS: Readonly<Record<SetError, string>> = {
  ENOENT: 'The set with the given name does not exist',
  EEXIST: 'Element exists',
  BUSY: 'Set cannot be destroyed: it is in use by a kernel component',
  NO_SECOND: 'Sets cannot be swapped: the second set does not exist',
  REFERENCED: 'Set cannot be renamed: it is in use by another system',
  TYPE_MISMATCH: 'The sets cannot be swapped: their type does not match',
  FIND_TYPE: 'Kernel error received: set type not supported',
  INVALID_CIDR: 'The value of the CIDR parameter of the IP address is invalid',
  INVALID_NETMASK: 'The value of the netmask parameter is invalid',
  TIMEOUT: 'Timeout cannot be used: set was created without timeout support',
  COUNTER: 'Packet/byte counters cannot be used: set was created without counter support',
  SKBINFO: 'Skbinfo mapping cannot be used: set was created without skbinfo support',
  COMMENT: 'Comment cannot be used: set was created without comment support',
  HASH_FULL: 'Hash is full, cannot add more elements',
  HASH_ELEM: 'Null-valued element, cannot be stored in a hash type of set',
  BITMAP_RANGE: 'Element is out of the range of the set',
  BITMAP_RANGE_SIZE: 'The range you specified exceeds the size limit of the set type',
  NAME: 'Set to be added/deleted/tested as element does not exist.',
  LOOP: 'Sets with list:set type cannot be added to the set.',
  NAMEREF: "The set to which you referred with 'before' or 'after' does not exist.",
  REF_EXIST: "The set to which you referred with 'before' or 'after' is not added to the set.",
  LIST_FULL: 'The set is full, more elements cannot be added.',
  MAX_SETS: 'Kernel error received: maximal number of sets reached, cannot create more.',
};

/** What the tool says when the kernel refuses (lib/errcode.c). */
export function kernelRefusal(command: string, error: SetError): Refusal {
  return failed(BY_COMMAND[command]?.[error] ?? WORDS[error]);
}
