import type { Blocking } from '../../host/wait.ts';
import type { PacketFilter } from './filter/compile.ts';

/** A packet of a capture, live or from a file. */
export interface CapturedPacket {
  /** Microseconds since 1970-01-01 UTC, and what a nanosecond file has below them. */
  time: number;
  nanoseconds: number;
  /** As many as were captured, from the link-layer header on. */
  bytes: Uint8Array;
  /** On the wire. */
  length: number;
}

/** Where packets come from. */
export interface PacketSource {
  readonly linkType: number;
  readonly snapshotLength: number;
  /** A device's packets, as opposed to a file's. */
  readonly live: boolean;
  filter: PacketFilter | undefined;
  /** The next packet that the filter keeps; `signal` when a signal came first, `tick` when `until` did. */
  next(until?: number): Blocking<CapturedPacket | SourceEvent>;
  /** Of live captures: frames that passed the filter, and those lost. */
  statistics(): { received: number; dropped: number };
}

export type SourceEvent = 'end' | 'signal' | 'tick' | { error: string };

/** Names of link types as libpcap prints them. */
const LINK_TYPES: Readonly<Record<number, readonly [name: string, description: string]>> = {
  1: ['EN10MB', 'Ethernet'],
  12: ['RAW', 'Raw IP'],
  101: ['RAW', 'Raw IP'],
  113: ['LINUX_SLL', 'Linux cooked v1'],
  228: ['IPV4', 'Raw IPv4'],
  239: ['NFLOG', 'Linux netfilter log messages'],
  276: ['LINUX_SLL2', 'Linux cooked v2'],
};

/** `EN10MB (Ethernet)`, or the number of one that has no name here. */
export function linkTypeText(linkType: number): string {
  const known = LINK_TYPES[linkType];
  return known ? `${known[0]} (${known[1]})` : String(linkType);
}
