import type { IP } from '../../base/address.ts';
import type { Micros } from '../../base/time.ts';
import type { OpenFile } from '../../host/file.ts';

/** One packet that was sent or is to be sent, and what came back. */
export interface Probe {
  /** What tells its answer from others': a destination port, a sequence number, a source port. */
  key: number;
  sent: Micros | undefined;
  received: Micros | undefined;
  /** Time to live of the answer as it came in. */
  ttl: number;
  done: boolean;
  /** The trace ends with this hop. */
  final: boolean;
  from: IP | undefined;
  note: string;
  /** Its own socket, for methods that have one each. */
  fd: number | undefined;
  file: OpenFile | undefined;
}

export function newProbe(): Probe {
  return {
    key: 0,
    sent: undefined,
    received: undefined,
    ttl: 0,
    done: false,
    final: false,
    from: undefined,
    note: '',
    fd: undefined,
    file: undefined,
  };
}

/** How many routers a packet has passed, taking 64, 128 or 255 for its first time to live. */
export function hopsFromTtl(ttl: number): number {
  return (ttl <= 64 ? 65 : ttl <= 128 ? 129 : 256) - ttl;
}
