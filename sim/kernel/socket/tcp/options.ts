import { MILLISECOND } from '../../../base/time.ts';
import type { TcpOptions } from '../../../wire/tcp.ts';
import type { NetNamespace } from '../../netns.ts';
import type { IP } from '../../../base/address.ts';

/** net.ipv4.tcp_wmem after the growth that a connection makes at once (tcp_sndbuf_expand). */
export const SEND_BUFFER = 87_040;
/** Bytes that the timestamp option takes in every segment. */
export const TIMESTAMP_LENGTH = 12;
/** TCP_MSS_DEFAULT: what a peer takes that announces nothing. */
export const DEFAULT_MSS = 536;

/** The receive buffer that a socket starts with (net.ipv4.tcp_rmem); it does not grow here. */
export function receiveBuffer(net: NetNamespace): number {
  return net.ipv4.receiveBuffers[1] as number;
}

/** The shift that a SYN announces (tcp_select_initial_window): enough for the largest buffer. */
export function windowScale(net: NetNamespace): number {
  if (!net.ipv4.settings.tcp_window_scaling) return 0;
  return Math.max(0, Math.min(14, Math.floor(Math.log2(Math.max(net.ipv4.receiveBuffers[2] as number, receiveBuffer(net)))) - 15));
}

/** The window of a SYN: what half the buffer holds, in whole segments (tcp_select_initial_window). */
export function initialWindow(net: NetNamespace, mss: number): number {
  const space = receiveBuffer(net) >> 1;
  const whole = space > mss ? Math.floor(space / mss) * mss : space;
  return Math.min(whole, 65_535);
}

/** What the first SYN offers (tcp_syn_options). */
export function offer(net: NetNamespace, mss: number, now: number): TcpOptions {
  const { settings } = net.ipv4;
  const options: TcpOptions = { mss };
  if (settings.tcp_sack) options.sackPermitted = true;
  if (settings.tcp_timestamps) options.timestamps = { value: now, echo: 0 };
  if (settings.tcp_window_scaling) options.windowScale = windowScale(net);
  return options;
}

/** What a SYN-ACK answers to an offer: what both sides want (tcp_synack_options). */
export function answer(net: NetNamespace, offered: TcpOptions, mss: number, now: number): TcpOptions {
  const { settings } = net.ipv4;
  const options: TcpOptions = { mss };
  if (offered.sackPermitted && settings.tcp_sack) options.sackPermitted = true;
  if (offered.timestamps && settings.tcp_timestamps) options.timestamps = { value: now, echo: offered.timestamps.value };
  if (offered.windowScale !== undefined && settings.tcp_window_scaling) options.windowScale = windowScale(net);
  return options;
}

/** What a pair of hosts adds to its timestamps (secure_tcp_ts_off). */
export function timestampOffset(net: NetNamespace, local: IP, remote: IP): number {
  return net.kernel.random(`tcp/timestamps/${net.uid}/${local}/${remote}`).uint32();
}

/** The timestamp clock: milliseconds. */
export function timestamp(net: NetNamespace, offset: number): number {
  return (Math.floor(net.kernel.events.now / MILLISECOND) + offset) >>> 0;
}

/** The initial sequence number of a connection: its own start, and a clock that ticks every 64 ns (secure_tcp_seq). */
export function initialSequence(net: NetNamespace, local: IP, localPort: number, remote: IP, remotePort: number): number {
  const start = net.kernel.random(`tcp/isn/${net.uid}/${local}/${localPort}/${remote}/${remotePort}`).uint32();
  return (start + Math.floor((net.kernel.events.now * 1000) / 64)) >>> 0;
}
