import * as tcp from '../../../wire/tcp.ts';
import { be16, be32 } from '../../../wire/endian.ts';
import { complain, type Judged } from './log-invalid.ts';

const { FIN, SYN, RST, ACK } = tcp.TCP_FLAG;

/** Bits of what is known of a side (enum of uapi/linux/netfilter/nf_conntrack_tcp.h). */
export const SIDE = { windowScale: 1, sackPermitted: 2, closeInit: 4, liberal: 8, unacknowledged: 16, maxAckSet: 32 } as const;

/** Acknowledgements may be this late, or a window if that is more. */
const LATEST_ACK = 66_000;
const MAX_SCALE = 14;

/**
 * One side of a tracked TCP connection (struct ip_ct_tcp_state). Sequence numbers are signed 32-bit integers, so that they stay small
 * integers for the engine; only their differences count.
 */
export class TcpSide {
  /** The end of what it sent: sequence + length. */
  end = 0;
  /** How far its peer lets it send. */
  maxEnd = 0;
  /** The largest window it offered, scaled; 0 as long as it was not heard. */
  maxWindow = 0;
  maxAck = 0;
  scale = 0;
  /** `SIDE` bits. */
  flags = 0;

  clear(): void {
    this.end = 0;
    this.maxEnd = 0;
    this.maxWindow = 0;
    this.maxAck = 0;
    this.scale = 0;
    this.flags = 0;
  }
}

export type TcpFlag = 'syn' | 'synack' | 'fin' | 'ack' | 'rst' | 'none';

/** What TCP tracking remembers beyond the state (struct ip_ct_tcp). */
export class TcpTracking {
  /** The originator's side, then the other. */
  readonly sides: readonly [TcpSide, TcpSide] = [new TcpSide(), new TcpSide()];
  /** The latest segment: who sent it and what it was. */
  lastReply = false;
  lastFlag: TcpFlag = 'none';
  lastSequence = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWindow = 0;
  /** Of a SYN that was let through without being believed. */
  lastScale = 0;
  lastFlags = 0;
  challengeExpected = false;
  simultaneous = false;
  /** How often the last acknowledgement came again. */
  retransmissions = 0;
}

/** A segment that is held against what is known of its connection. */
export interface TcpSituation extends Judged {
  readonly tracking: TcpTracking;
  readonly reply: boolean;
  readonly flag: TcpFlag;
}

/** A segment's numbers, in the form in which sides keep them. */
export interface Segment {
  flags: number;
  sequence: number;
  /** 0 where the ACK bit is not set. */
  acknowledgement: number;
  end: number;
  /** As it stands in the header. */
  window: number;
}

/** Reads a segment's numbers. @param end where the packet ends */
export function readSegment(b: Uint8Array, at: number, end: number, into: Segment): void {
  const flags = tcp.flags(b, at);
  const sequence = be32(b, at + 4) | 0;
  into.flags = flags;
  into.sequence = sequence;
  into.acknowledgement = be32(b, at + 8) | 0;
  into.window = be16(b, at + 14);
  into.end = (sequence + (end - at) - tcp.headerLength(b, at) + ((flags & SYN) !== 0 ? 1 : 0) + ((flags & FIN) !== 0 ? 1 : 0)) | 0;
}

/** a < b and a > b on the circle of sequence numbers. */
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;

/** Begins with the first segment that is seen (tcp_new). @param opening it is a SYN */
export function beginWindow(tracking: TcpTracking, segment: Segment, b: Uint8Array, at: number, opening: boolean): void {
  const [side, other] = tracking.sides;
  side.end = segment.end;
  side.maxWindow = segment.window === 0 ? 1 : segment.window;
  side.maxEnd = opening ? segment.end : (segment.end + side.maxWindow) | 0;
  if (opening) {
    readOptions(b, at, side);
    return;
  }
  // Nothing is known of the scale, so windows can't be held against anybody.
  side.flags = SIDE.sackPermitted | SIDE.liberal;
  other.flags = side.flags;
}

/** Reads the options of a SYN (tcp_options). */
export function readOptions(b: Uint8Array, at: number, side: TcpSide): void {
  side.scale = 0;
  side.flags = 0;
  const end = at + tcp.headerLength(b, at);
  for (let i = at + tcp.TCP_HEADER; i < end; ) {
    const kind = b[i] as number;
    if (kind === 0) return;
    if (kind === 1) {
      i++;
      continue;
    }
    const length = b[i + 1] as number;
    if (i + 1 >= end || length < 2 || i + length > end) return;
    if (kind === 4 && length === 2) side.flags |= SIDE.sackPermitted;
    else if (kind === 3 && length === 3) {
      side.scale = Math.min(b[i + 2] as number, MAX_SCALE);
      side.flags |= SIDE.windowScale;
    }
    i += length;
  }
}

/** The highest number that SACK blocks name, or the acknowledgement (tcp_sack). */
function selective(b: Uint8Array, at: number, acknowledgement: number): number {
  const header = tcp.headerLength(b, at);
  if (header === tcp.TCP_HEADER) return acknowledgement;
  // Timestamps alone, the usual case.
  if (header === 32 && be32(b, at + 20) === 0x0101080a) return acknowledgement;
  let highest = acknowledgement;
  const end = at + header;
  for (let i = at + tcp.TCP_HEADER; i < end; ) {
    const kind = b[i] as number;
    if (kind === 0) break;
    if (kind === 1) {
      i++;
      continue;
    }
    const length = b[i + 1] as number;
    if (i + 1 >= end || length < 2 || i + length > end) break;
    if (kind === 5 && length >= 10 && (length - 2) % 8 === 0) {
      for (let block = i + 2; block < i + length; block += 8) {
        const right = be32(b, block + 4) | 0;
        if (after(right, highest)) highest = right;
      }
    }
    i += length;
  }
  return highest;
}

/** A SYN begins, or begins anew, what is known of its sender (tcp_init_sender). */
function beginSide(sender: TcpSide, receiver: TcpSide, segment: Segment, b: Uint8Array, at: number, reply: boolean): void {
  sender.end = segment.end;
  sender.maxEnd = segment.end;
  sender.maxWindow = segment.window === 0 ? 1 : segment.window;
  readOptions(b, at, sender);
  // Windows are scaled only if both say so.
  if (!reply || (sender.flags & receiver.flags & SIDE.windowScale) !== 0) return;
  sender.scale = 0;
  receiver.scale = 0;
}

/** The first segment of a side whose SYN was not seen. */
function joinSide(sender: TcpSide, receiver: TcpSide, segment: Segment, sack: number): void {
  const window = segment.window << sender.scale;
  sender.end = segment.end;
  sender.maxWindow = window === 0 ? 1 : window;
  sender.maxEnd = (segment.end + sender.maxWindow) | 0;
  if (receiver.maxWindow === 0) {
    receiver.end = sack;
    receiver.maxEnd = sack;
    // Likely the answer to a keepalive.
  } else if (sack === ((receiver.end + 1) | 0)) receiver.end = sack;
}

/**
 * Holds a segment against the windows of both sides (tcp_in_window).
 *
 * @param state the connection's state before it
 * @returns `ignore` for what passes without being believed
 */
export function inWindow(situation: TcpSituation, state: string, segment: Segment): 'accept' | 'ignore' | 'invalid' {
  const { tracking, reply, flag, settings } = situation;
  const b = situation.skb.bytes;
  const at = situation.state.transport;
  const sender = tracking.sides[reply ? 1 : 0];
  const receiver = tracking.sides[reply ? 0 : 1];
  const { flags, window } = segment;
  let { sequence, end, acknowledgement: ack } = segment;
  let sack = (receiver.flags & SIDE.sackPermitted) === 0 ? ack : selective(b, at, ack);
  if (sender.maxWindow === 0) {
    if (flags & SYN) {
      beginSide(sender, receiver, segment, b, at, reply);
      if ((flags & ACK) === 0) return 'accept';
    } else joinSide(sender, receiver, segment, sack);
  } else if (flags & SYN && after(end, sender.end) && (state === 'SYN_SENT' || state === 'SYN_RECV')) {
    beginSide(sender, receiver, segment, b, at, reply);
    if (reply && (flags & ACK) === 0) return 'accept';
  }
  // Without ACK, and with the zero that some send in a RST, there is nothing to hold against anybody.
  if ((flags & ACK) === 0 || (flags & RST && ack === 0)) {
    ack = receiver.end;
    sack = ack;
  }
  if (flags & RST && sequence === 0 && state === 'SYN_SENT') {
    sequence = sender.end;
    end = sequence;
  }
  const liberal = (sender.flags & SIDE.liberal) !== 0 || settings.nf_conntrack_tcp_be_liberal !== 0;
  const oldest = (receiver.end - Math.max(sender.maxWindow, LATEST_ACK) - 1) | 0;
  const lowest = (sender.end - receiver.maxWindow - 1) | 0;
  if (!before(sequence, (sender.maxEnd + 1) | 0)) {
    const overshot = (end - sender.maxEnd + 1) >>> 0;
    const received = receiver.maxWindow !== 0 && after(end, lowest);
    if (received && after(sack, oldest) && overshot <= receiver.maxWindow && before(sack, (receiver.end + 1) | 0)) {
      sender.end = end;
      sender.flags |= SIDE.unacknowledged;
      if (liberal) return 'accept';
      complain(situation, `${overshot} bytes more than expected`);
      return 'ignore';
    }
    if (liberal) return 'accept';
    complain(situation, `SEQ is over upper bound ${(sender.maxEnd + 1) >>> 0} (over the window of the receiver)`);
    return 'invalid';
  }
  if (!before(sack, (receiver.end + 1) | 0)) {
    if (liberal) return 'accept';
    complain(situation, `ACK is over upper bound ${(receiver.end + 1) >>> 0} (ACKed data not seen yet)`);
    return 'invalid';
  }
  if (receiver.maxWindow !== 0 && !after(end, lowest)) {
    if (liberal) return 'accept';
    complain(situation, `SEQ is under lower bound ${lowest >>> 0} (already ACKed data retransmitted)`);
    return 'ignore';
  }
  if (!after(sack, oldest)) {
    if (liberal) return 'accept';
    complain(situation, `ignored ACK under lower bound ${oldest >>> 0} (possible overly delayed)`);
    return 'ignore';
  }
  const scaled = (flags & SYN) === 0 ? window << sender.scale : window;
  updateSender(sender, scaled, end, ack, sack, (flags & ACK) !== 0);
  updateReceiver(receiver, sender, scaled, end, ack, sack);
  if (flag === 'ack') noteRetransmission(tracking, reply, sequence, ack, end, window);
  return 'accept';
}

function updateSender(sender: TcpSide, window: number, end: number, ack: number, sack: number, acknowledges: boolean): void {
  const offered = (window + (sack - ack)) | 0;
  if (sender.maxWindow < offered) sender.maxWindow = offered;
  if (after(end, sender.end)) {
    sender.end = end;
    sender.flags |= SIDE.unacknowledged;
  }
  if (!acknowledges) return;
  if ((sender.flags & SIDE.maxAckSet) === 0) {
    sender.maxAck = ack;
    sender.flags |= SIDE.maxAckSet;
  } else if (after(ack, sender.maxAck)) sender.maxAck = ack;
}

function updateReceiver(receiver: TcpSide, sender: TcpSide, window: number, end: number, ack: number, sack: number): void {
  if (receiver.maxWindow !== 0 && after(end, sender.maxEnd)) receiver.maxWindow += (end - sender.maxEnd) | 0;
  const reach = (sack + window) | 0;
  if (after(reach, (receiver.maxEnd - 1) | 0)) receiver.maxEnd = window === 0 ? (reach + 1) | 0 : reach;
  if (ack === receiver.end) receiver.flags &= ~SIDE.unacknowledged;
}

/** The same acknowledgement again and again: the data behind it doesn't arrive. */
function noteRetransmission(tracking: TcpTracking, reply: boolean, sequence: number, ack: number, end: number, window: number): void {
  if (
    tracking.lastReply === reply &&
    tracking.lastSequence === sequence &&
    tracking.lastAck === ack &&
    tracking.lastEnd === end &&
    tracking.lastWindow === window
  ) {
    tracking.retransmissions++;
    return;
  }
  tracking.lastReply = reply;
  tracking.lastSequence = sequence;
  tracking.lastAck = ack;
  tracking.lastEnd = end;
  tracking.lastWindow = window;
  tracking.retransmissions = 0;
}
