import type { Micros } from '../../../base/time.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { type Connection, STATUS } from './connection.ts';
import { complain } from './log-invalid.ts';
import type { ConntrackSettings } from './settings.ts';
import { nextTcpState, type TcpNext, type TcpState } from './tcp-states.ts';
import {
  before,
  beginWindow,
  inWindow,
  readOptions,
  readSegment,
  type Segment,
  SIDE,
  type TcpFlag,
  type TcpSituation,
  TcpTracking,
} from './tcp-window.ts';

/**
 * What tracking makes of a packet: fine; not part of any connection; a new connection with the addresses of a closed one; fine, but
 * the connection is over before it began; fine, but nothing to be believed.
 */
export type Outcome = 'accept' | 'invalid' | 'again' | 'refused' | 'ignore';

const { FIN, SYN, RST, PSH, ACK, URG } = tcp.TCP_FLAG;

/** Combinations of flags that make sense; PSH, ECE and CWR don't matter (tcp_valid_flags). */
const VALID_FLAGS: ReadonlySet<number> = new Set([SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG]);

/** In the order in which messages number them. */
const FLAG_NAMES: readonly TcpFlag[] = ['syn', 'synack', 'fin', 'ack', 'rst', 'none'];

/** States in which an entry may go at any time (tcp_can_early_drop). */
const CLOSING: ReadonlySet<string> = new Set(['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE']);

function flagOf(flags: number): TcpFlag {
  if (flags & RST) return 'rst';
  if (flags & SYN) return flags & ACK ? 'synack' : 'syn';
  if (flags & FIN) return 'fin';
  return flags & ACK ? 'ack' : 'none';
}

/** The segment being looked at; tracking does one at a time. */
const current: Segment = { flags: 0, sequence: 0, acknowledgement: 0, end: 0, window: 0 };

/** Whether the header can be a TCP segment's at all (tcp_error). Checksums are those of the simulated senders. */
export function tcpWellFormed(skb: Skb, state: HookState, settings: ConntrackSettings): boolean {
  const { bytes, end } = skb;
  const at = state.transport;
  let problem = '';
  if (end - at < tcp.TCP_HEADER) problem = 'short packet';
  else if (tcp.headerLength(bytes, at) < tcp.TCP_HEADER || end - at < tcp.headerLength(bytes, at)) problem = 'truncated/malformed packet';
  else if (!VALID_FLAGS.has(tcp.flags(bytes, at) & (FIN | SYN | RST | ACK | URG) & ~PSH)) problem = 'invalid tcp flag combination';
  if (problem === '') return true;
  complain({ skb, state, settings }, problem);
  return false;
}

/** Begins a connection (tcp_new); false when a segment can't. */
export function beginTcp(connection: Connection, skb: Skb, state: HookState, settings: ConntrackSettings): boolean {
  const flag = flagOf(tcp.flags(skb.bytes, state.transport));
  const next = nextTcpState(false, flag, 'NONE');
  if (next === 'INVALID' || next === 'IGNORE') return false;
  if (next !== 'SYN_SENT' && !settings.nf_conntrack_tcp_loose) return false;
  connection.tcpState = 'NONE';
  connection.tcp = new TcpTracking();
  readSegment(skb.bytes, state.transport, skb.end, current);
  beginWindow(connection.tcp, current, skb.bytes, state.transport, next === 'SYN_SENT');
  return true;
}

/** A segment of a tracked connection, with what is looked at to judge it. */
interface Situation extends TcpSituation {
  connection: Connection;
  /** The state before it. */
  before: string;
}

const direction = (reply: boolean): 0 | 1 => (reply ? 1 : 0);

/** Follows a segment (nf_conntrack_tcp_packet). */
export function trackTcp(
  connection: Connection,
  reply: boolean,
  skb: Skb,
  state: HookState,
  settings: ConntrackSettings,
  now: Micros,
): Outcome {
  const { bytes, end } = skb;
  const at = state.transport;
  // Entries made by hand have none.
  connection.tcp ??= new TcpTracking();
  const tracking = connection.tcp;
  readSegment(bytes, at, end, current);
  const flag = flagOf(current.flags);
  const situation: Situation = { connection, tracking, reply, flag, before: connection.tcpState, skb, state, settings };
  const step = stepOf(situation);
  if (typeof step === 'string') return step;
  if (step.check) {
    const judged = inWindow(situation, step.before, current);
    if (judged === 'ignore') return 'ignore';
    if (judged === 'invalid') {
      shortenInvalid(situation, now);
      return 'invalid';
    }
  }
  tracking.lastReply = reply;
  tracking.lastFlag = flag;
  connection.tcpState = step.next;
  if (step.next !== step.before && step.next === 'FIN_WAIT') tracking.sides[direction(reply)].flags |= SIDE.closeInit;
  return conclude(situation, step, now);
}

/** The next state, from what state, and whether the windows still have a say. */
interface Step {
  before: string;
  next: TcpState;
  check: boolean;
}

/** One for all segments. */
const theStep: Step = { before: '', next: 'NONE', check: true };

function stepTo(next: TcpState, from: string, check = true): Step {
  theStep.before = from;
  theStep.next = next;
  theStep.check = check;
  return theStep;
}

function stepOf(situation: Situation): Step | Outcome {
  const { reply, flag, tracking, before: from } = situation;
  const next: TcpNext = nextTcpState(reply, flag, from);
  switch (next) {
    case 'SYN_SENT':
      if (from !== 'TIME_WAIT' && from !== 'CLOSE') return stepTo(next, from);
      // Somebody reopens a closed connection.
      if (
        ((tracking.sides[0].flags | tracking.sides[1].flags) & SIDE.closeInit) !== 0 ||
        (!tracking.lastReply && tracking.lastFlag === 'rst')
      )
        return 'again';
      return unsure(situation);
    case 'IGNORE':
      return unsure(situation);
    case 'INVALID':
      complain(situation, `packet (index ${FLAG_NAMES.indexOf(flag)}) in dir ${direction(reply)} invalid, state ${from}`);
      return 'invalid';
    case 'TIME_WAIT':
      if (
        from === 'LAST_ACK' &&
        flag === 'ack' &&
        tracking.lastReply !== reply &&
        tracking.lastFlag === 'syn' &&
        tracking.challengeExpected
      ) {
        tracking.challengeExpected = false;
        complain(situation, 'challenge-ack ignored');
        return 'ignore';
      }
      return stepTo(next, from);
    case 'SYN_SENT2':
      tracking.simultaneous = true;
      return stepTo(next, from);
    case 'SYN_RECV':
      return stepTo(reply && flag === 'ack' && tracking.simultaneous ? 'ESTABLISHED' : next, from);
    case 'CLOSE':
      return flag === 'rst' ? resetStep(situation) : stepTo(next, from);
    default:
      return stepTo(next, from);
  }
}

/**
 * What may belong to a connection that the two ends have and we don't: a SYN within a connection passes, and if its answer fits, that is
 * the connection from now on.
 */
function unsure(situation: Situation): Step | Outcome {
  const { tracking, reply, flag, before: from, skb, state } = situation;
  if (flag === 'synack' && tracking.lastFlag === 'syn' && tracking.lastReply !== reply && current.acknowledgement === tracking.lastEnd) {
    const asker = tracking.sides[direction(tracking.lastReply)];
    asker.end = tracking.lastEnd;
    asker.maxEnd = tracking.lastEnd;
    asker.maxWindow = tracking.lastWindow === 0 ? 1 : tracking.lastWindow;
    asker.scale = tracking.lastScale;
    asker.flags = tracking.lastFlags;
    tracking.challengeExpected = false;
    tracking.sides[direction(reply)].clear();
    return stepTo('SYN_RECV', 'SYN_SENT');
  }
  tracking.lastFlag = flag;
  tracking.lastReply = reply;
  tracking.lastSequence = current.sequence;
  tracking.lastEnd = current.end;
  tracking.lastWindow = current.window;
  if (flag === 'syn' && !reply) {
    const seen = new TcpTracking().sides[0];
    readOptions(skb.bytes, state.transport, seen);
    tracking.lastFlags = seen.flags;
    tracking.lastScale = seen.scale;
    tracking.challengeExpected = from === 'LAST_ACK';
  }
  if (from === 'SYN_SENT' && flag === 'ack' && reply) tracking.lastAck = current.acknowledgement;
  complain(situation, `packet (index ${FLAG_NAMES.indexOf(flag)}) in dir ${direction(reply)} ignored, state ${from}`);
  return 'ignore';
}

/** A reset ends a connection only if its number is the one that the other side waits for. */
function resetStep(situation: Situation): Step | Outcome {
  const { connection, tracking, reply, before: from, settings } = situation;
  if (CLOSING.has(from)) return stepTo('CLOSE', from, false);
  const { sequence, acknowledgement } = current;
  const other = tracking.sides[direction(!reply)];
  let next: TcpState = 'CLOSE';
  if ((other.flags & SIDE.maxAckSet) !== 0 && tracking.lastFlag !== 'syn') {
    const established = from === 'ESTABLISHED' && connection.has(STATUS.ASSURED);
    if (sequence === 0 && !established) return stepTo(next, from);
    if (before(sequence, other.maxAck) && settings.nf_conntrack_tcp_ignore_invalid_rst === 0) {
      complain(situation, 'invalid rst');
      return 'invalid';
    }
    if (!established || sequence === other.maxAck) return stepTo(next, from);
    if (tracking.lastFlag === 'ack' && tracking.lastReply === reply && sequence === tracking.lastEnd) return stepTo(next, from);
    // Not quite: the other side will ask back (a challenge ACK), so the connection stays.
    next = from as TcpState;
  }
  const refusesIgnored =
    (connection.has(STATUS.SEEN_REPLY) && tracking.lastFlag === 'syn') || (!connection.has(STATUS.ASSURED) && tracking.lastFlag === 'ack');
  if (refusesIgnored && acknowledgement === tracking.lastEnd) return stepTo(next, from, false);
  if (from === 'SYN_SENT' && tracking.lastFlag === 'ack' && tracking.lastReply && sequence === tracking.lastAck)
    return stepTo(next, from, false);
  return stepTo(next, from);
}

/** An end that we don't believe all the same makes the entry live less long (nf_tcp_handle_invalid). */
function shortenInvalid(situation: Situation, now: Micros): void {
  const { connection, tracking, reply, flag, settings } = situation;
  if (!connection.has(STATUS.ASSURED) || connection.has(STATUS.FIXED_TIMEOUT) || (flag !== 'rst' && flag !== 'fin')) return;
  if (tracking.lastReply === reply || (tracking.lastFlag !== 'fin' && tracking.lastFlag !== 'rst')) {
    tracking.lastFlag = flag;
    tracking.lastReply = reply;
    return;
  }
  const left = connection.expires - now;
  const timeout = settings.nf_conntrack_tcp_timeout_unacknowledged;
  if (left < 120_000_000 || left <= timeout) return;
  const response = `packet (index ${FLAG_NAMES.indexOf(flag)}, dir ${direction(reply)}) response for index ${FLAG_NAMES.indexOf(tracking.lastFlag)}`;
  complain(situation, `${response} lower timeout to ${timeout / 1_000_000}`);
  connection.expires = now + timeout;
}

/** How long the connection may now stay silent, and whether it is one that is sure. */
function conclude({ connection, tracking, flag, settings }: Situation, { before: from, next }: Step, now: Micros): Outcome {
  const timeout = timeoutOf(tracking, next, flag, settings);
  if (!connection.has(STATUS.SEEN_REPLY)) {
    if (flag === 'rst') return 'refused';
    // A SYN that is sent again doesn't buy time.
    if (flag === 'syn' && from === 'SYN_SENT') return 'accept';
    const short = settings.nf_conntrack_tcp_timeout_unacknowledged;
    connection.expires = now + (next === 'ESTABLISHED' ? Math.min(timeout, short) : timeout);
    return 'accept';
  }
  if (next === 'ESTABLISHED' && (from === 'SYN_RECV' || from === 'ESTABLISHED')) connection.status |= STATUS.ASSURED;
  connection.expires = now + timeout;
  return 'accept';
}

function timeoutOf(tracking: TcpTracking, next: TcpState, flag: TcpFlag, settings: ConntrackSettings): Micros {
  const usual = stateTimeout(next, settings);
  const stuck = settings.nf_conntrack_tcp_timeout_max_retrans;
  if (tracking.retransmissions >= settings.nf_conntrack_tcp_max_retrans && usual > stuck) return stuck;
  if (flag === 'rst') return settings.nf_conntrack_tcp_timeout_close;
  const unacknowledged = settings.nf_conntrack_tcp_timeout_unacknowledged;
  if (((tracking.sides[0].flags | tracking.sides[1].flags) & SIDE.unacknowledged) !== 0 && usual > unacknowledged) return unacknowledged;
  return tracking.lastWindow === 0 && usual > stuck ? stuck : usual;
}

function stateTimeout(state: TcpState, settings: ConntrackSettings): Micros {
  switch (state) {
    case 'SYN_SENT':
    case 'SYN_SENT2':
      return settings.nf_conntrack_tcp_timeout_syn_sent;
    case 'SYN_RECV':
      return settings.nf_conntrack_tcp_timeout_syn_recv;
    case 'ESTABLISHED':
      return settings.nf_conntrack_tcp_timeout_established;
    case 'FIN_WAIT':
      return settings.nf_conntrack_tcp_timeout_fin_wait;
    case 'CLOSE_WAIT':
      return settings.nf_conntrack_tcp_timeout_close_wait;
    case 'LAST_ACK':
      return settings.nf_conntrack_tcp_timeout_last_ack;
    case 'TIME_WAIT':
      return settings.nf_conntrack_tcp_timeout_time_wait;
    default:
      return settings.nf_conntrack_tcp_timeout_close;
  }
}
