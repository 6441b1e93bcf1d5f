import type { IP } from '../../../base/address.ts';
import { readOptions, type TcpOptions, TCP_FLAG, TCP_HEADER } from '../../../wire/tcp.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { NetDevice } from '../../dev/device.ts';
import type { Skb } from '../../skb.ts';
import type { Arrival } from '../inet.ts';
import { add } from './sequence.ts';

export { TCP_FLAG };

/** A segment that has come in, taken apart. */
export interface Segment {
  source: IP;
  destination: IP;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  /** After the last byte; SYN and FIN count. */
  end: number;
  acknowledgement: number;
  flags: number;
  /** Not scaled. */
  window: number;
  options: TcpOptions;
  data: Uint8Array;
  tos: number;
  skb: Skb;
  device: NetDevice;
}

/** @returns `undefined` for a header that isn't one; the checksum is looked at elsewhere */
export function parseSegment(from: Arrival, device: NetDevice, skb: Skb): Segment | undefined {
  const { bytes, transport, end } = skb;
  if (end - transport < TCP_HEADER) return undefined;
  const header = tcp.headerLength(bytes, transport);
  if (header < TCP_HEADER || end - transport < header) return undefined;
  const flags = tcp.flags(bytes, transport);
  const sequence = tcp.sequence(bytes, transport);
  const syn = (flags & TCP_FLAG.SYN) !== 0;
  const data = bytes.slice(transport + header, end);
  return {
    source: from.source,
    destination: from.destination,
    sourcePort: tcp.sourcePort(bytes, transport),
    destinationPort: tcp.destinationPort(bytes, transport),
    sequence,
    end: add(sequence, data.length + (syn ? 1 : 0) + ((flags & TCP_FLAG.FIN) !== 0 ? 1 : 0)),
    acknowledgement: tcp.acknowledgement(bytes, transport),
    flags,
    window: tcp.window(bytes, transport),
    options: readOptions(bytes, transport + TCP_HEADER, transport + header, syn),
    data,
    tos: from.tos,
    skb,
    device,
  };
}

export function has(segment: Segment, flag: keyof typeof TCP_FLAG): boolean {
  return (segment.flags & TCP_FLAG[flag]) !== 0;
}
