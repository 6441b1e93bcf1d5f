import type { Micros } from '../../../base/time.ts';
import * as tcp from '../../../wire/tcp.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { type Connection, STATUS, type TcpFlag, type TcpTracking } from './connection.ts';
import type { ConntrackSettings } from './settings.ts';
import { nextTcpState, type TcpNext } from './tcp-states.ts';

/**
 * What tracking makes of a packet: fine; not part of any connection; a new connection with the addresses of a closed one; fine, but
 * the connection is over before it began.
 */
export type Outcome = 'accept' | 'invalid' | 'again' | 'refused';

const { FIN, SYN, RST, PSH, ACK, URG } = tcp.TCP_FLAG;

/** Combinations of flags that make sense; PSH, ECE and CWR don't matter (tcp_valid_flags). */
const VALID_FLAGS: ReadonlySet<number> = new Set([SYN, SYN | URG, SYN | ACK, RST, RST | ACK, FIN | ACK, FIN | ACK | URG, ACK, ACK | URG]);

function flagOf(flags: number): TcpFlag {
  if (flags & RST) return 'rst';
  if (flags & SYN) return flags & ACK ? 'synack' : 'syn';
  if (flags & FIN) return 'fin';
  return flags & ACK ? 'ack' : 'none';
}

/** Whether the header can be a TCP segment's at all (tcp_error). Checksums are those of the simulated senders. */
export function tcpWellFormed(skb: Skb, state: HookState): boolean {
  const { bytes, end } = skb;
  const at = state.transport;
  if (end - at < tcp.TCP_HEADER) return false;
  const header = tcp.headerLength(bytes, at);
  if (header < tcp.TCP_HEADER || end - at < header) return false;
  return VALID_FLAGS.has(tcp.flags(bytes, at) & (FIN | SYN | RST | ACK | URG) & ~PSH);
}

/** What is known of a connection before its first segment. */
export function trackingOf(): TcpTracking {
  return { closeInit: [false, false], acknowledged: [-1, -1], lastReply: false, lastFlag: 'none', lastEnd: 0 };
}

/** Begins a connection (tcp_new); false when a segment can't. */
export function beginTcp(connection: Connection, skb: Skb, state: HookState, settings: ConntrackSettings): boolean {
  const flag = flagOf(tcp.flags(skb.bytes, state.transport));
  const next = nextTcpState(false, flag, 'NONE');
  if (next === 'INVALID' || next === 'IGNORE') return false;
  if (next !== 'SYN_SENT' && !settings.nf_conntrack_tcp_loose) return false;
  connection.tcpState = 'NONE';
  connection.tcp = trackingOf();
  return true;
}

/**
 * Follows a segment (nf_conntrack_tcp_packet). Sequence windows are not tracked, as with nf_conntrack_tcp_be_liberal=1, but a RST
 * must not be older than what was acknowledged.
 */
export function trackTcp(
  connection: Connection,
  reply: boolean,
  skb: Skb,
  state: HookState,
  settings: ConntrackSettings,
  now: Micros,
): Outcome {
  const { bytes } = skb;
  const at = state.transport;
  const tracking = connection.tcp as TcpTracking;
  const side = reply ? 1 : 0;
  const flag = flagOf(tcp.flags(bytes, at));
  const before = connection.tcpState;
  let next: TcpNext = nextTcpState(reply, flag, before);
  if (next === 'INVALID') return 'invalid';
  if (next === 'IGNORE') {
    // A SYN in the middle of a connection may be one of a new connection that we haven't seen the end of the old for: the answer tells.
    tracking.lastReply = reply;
    tracking.lastFlag = flag;
    tracking.lastEnd = (tcp.sequence(bytes, at) + 1) >>> 0;
    return 'accept';
  }
  if (next === 'SYN_SENT' && (before === 'TIME_WAIT' || before === 'CLOSE')) {
    // Somebody reopens a closed connection.
    if (
      tracking.closeInit[1 - side] ||
      tracking.closeInit[side] ||
      (!tracking.lastReply && tracking.lastFlag === 'rst') ||
      before === 'CLOSE'
    )
      return 'again';
  }
  if (flag === 'rst') {
    const acknowledged = tracking.acknowledged[1 - side] as number;
    const old = acknowledged >= 0 && ((tcp.sequence(bytes, at) - acknowledged) | 0) < 0;
    if (old && before !== 'SYN_SENT' && !settings.nf_conntrack_tcp_ignore_invalid_rst && !settings.nf_conntrack_tcp_be_liberal)
      return 'invalid';
    if (!reply || connection.has(STATUS.SEEN_REPLY)) next = 'CLOSE';
  }
  if (tcp.flags(bytes, at) & ACK) tracking.acknowledged[side] = tcp.acknowledgement(bytes, at);
  tracking.lastReply = reply;
  tracking.lastFlag = flag;
  connection.tcpState = next;
  if (next !== before && next === 'FIN_WAIT') tracking.closeInit[side] = true;
  if (reply && flag === 'rst' && !connection.has(STATUS.SEEN_REPLY)) {
    return 'refused';
  }
  if (
    !connection.has(STATUS.ASSURED) &&
    (before === 'SYN_RECV' || before === 'ESTABLISHED') &&
    next === 'ESTABLISHED' &&
    connection.has(STATUS.SEEN_REPLY)
  )
    connection.status |= STATUS.ASSURED;
  connection.expires = now + timeoutOf(connection, settings);
  return 'accept';
}

function timeoutOf(connection: Connection, settings: ConntrackSettings): Micros {
  switch (connection.tcpState) {
    case 'SYN_SENT':
    case 'SYN_SENT2':
      return settings.nf_conntrack_tcp_timeout_syn_sent;
    case 'SYN_RECV':
      return settings.nf_conntrack_tcp_timeout_syn_recv;
    case 'ESTABLISHED':
      // Half of a connection only: it may well be over.
      return connection.has(STATUS.SEEN_REPLY)
        ? settings.nf_conntrack_tcp_timeout_established
        : Math.min(settings.nf_conntrack_tcp_timeout_unacknowledged, settings.nf_conntrack_tcp_timeout_established);
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
