import { be16, be32, setBe16, setBe32 } from './endian.ts';
import { truncated, type WireError, wireError } from './wire-error.ts';

/** Spanning tree messages (IEEE 802.1D-1998, clause 9): what follows the LLC header 42 42 03. */
export const LLC_HEADER = 3;
export const STP_CONFIG_LENGTH = 35;
export const STP_TCN_LENGTH = 4;

/** 01:80:c2:00:00:00, which bridges listen to and don't pass on. */
export const STP_GROUP = 0x0180c2000000;

export const STP_FLAG = { TopologyChange: 0x01, TopologyChangeAck: 0x80 } as const;

/** Times on the wire count 1/256 seconds; here they are microseconds. */
const TICK = 1_000_000 / 256;

/** Root and bridge are 64-bit identifiers: priority, then MAC. */
export type Bpdu =
  | {
      kind: 'config';
      topologyChange: boolean;
      topologyChangeAck: boolean;
      root: bigint;
      cost: number;
      bridge: bigint;
      port: number;
      messageAge: number;
      maxAge: number;
      helloTime: number;
      forwardDelay: number;
    }
  | { kind: 'topology-change' };

function be64(b: Uint8Array, at: number): bigint {
  return (BigInt(be32(b, at)) << 32n) | BigInt(be32(b, at + 4));
}
function setBe64(b: Uint8Array, at: number, value: bigint): void {
  setBe32(b, at, Number(value >> 32n));
  setBe32(b, at + 4, Number(value & 0xffff_ffffn));
}

export function parseBpdu(b: Uint8Array, at: number, end: number): Bpdu | WireError {
  if (end - at < STP_TCN_LENGTH) return truncated('a spanning tree message', at, STP_TCN_LENGTH, end - at);
  if (be16(b, at) !== 0 || b[at + 2] !== 0) return wireError('it is not spanning tree of 1998', at);
  if (b[at + 3] === 0x80) return { kind: 'topology-change' };
  if (b[at + 3] !== 0) return wireError(`spanning tree message type ${b[at + 3]}`, at + 3);
  if (end - at < STP_CONFIG_LENGTH) return truncated('a configuration message', at, STP_CONFIG_LENGTH, end - at);
  const flags = b[at + 4] as number;
  return {
    kind: 'config',
    topologyChange: (flags & STP_FLAG.TopologyChange) !== 0,
    topologyChangeAck: (flags & STP_FLAG.TopologyChangeAck) !== 0,
    root: be64(b, at + 5),
    cost: be32(b, at + 13),
    bridge: be64(b, at + 17),
    port: be16(b, at + 25),
    messageAge: Math.round(be16(b, at + 27) * TICK),
    maxAge: Math.round(be16(b, at + 29) * TICK),
    helloTime: Math.round(be16(b, at + 31) * TICK),
    forwardDelay: Math.round(be16(b, at + 33) * TICK),
  };
}

export function bpduLength(message: Bpdu): number {
  return message.kind === 'config' ? STP_CONFIG_LENGTH : STP_TCN_LENGTH;
}

export function emitBpdu(b: Uint8Array, at: number, message: Bpdu): void {
  b.fill(0, at, at + bpduLength(message));
  if (message.kind === 'topology-change') {
    b[at + 3] = 0x80;
    return;
  }
  b[at + 4] = (message.topologyChange ? STP_FLAG.TopologyChange : 0) | (message.topologyChangeAck ? STP_FLAG.TopologyChangeAck : 0);
  setBe64(b, at + 5, message.root);
  setBe32(b, at + 13, message.cost);
  setBe64(b, at + 17, message.bridge);
  setBe16(b, at + 25, message.port);
  setBe16(b, at + 27, Math.round(message.messageAge / TICK));
  setBe16(b, at + 29, Math.round(message.maxAge / TICK));
  setBe16(b, at + 31, Math.round(message.helloTime / TICK));
  setBe16(b, at + 33, Math.round(message.forwardDelay / TICK));
}
