import type { IP } from '../../../base/address.ts';

/** What a NAT rule allows as new addresses and ports (struct nf_nat_range2). Absent parts stay as they are. */
export interface NatRange {
  minAddress?: IP;
  maxAddress?: IP;
  minPort?: number;
  maxPort?: number;
  /** Ports are shifted: the original port minus this, from `minPort` on (`:8000-8100/8000`). */
  basePort?: number;
  random?: boolean;
  randomFully?: boolean;
  /** The address depends on the client alone, not on where it goes. */
  persistent?: boolean;
}

/** Which end of a connection is changed. */
export type Manipulation = 'source' | 'destination';

/** The end that is changed at a hook (HOOK2MANIP). */
export function manipulationAt(hook: string): Manipulation {
  return hook === 'POSTROUTING' || hook === 'INPUT' ? 'source' : 'destination';
}
