import type { Limit, Stateful } from '../../kernel/netfilter/nftables/stateful.ts';

const TIMES: Record<number, string> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };

/** Bytes in the biggest unit that leaves no rest. */
export function sizeText(bytes: number): string {
  if (bytes > 0 && bytes % (1024 * 1024) === 0) return `${bytes / (1024 * 1024)} mbytes`;
  return bytes > 0 && bytes % 1024 === 0 ? `${bytes / 1024} kbytes` : `${bytes} bytes`;
}

/** A counter, limit or quota as a statement. */
export function statefulText(state: Stateful, style: { stateless: boolean }): string {
  switch (state.kind) {
    case 'counter':
      return style.stateless ? 'counter' : `counter packets ${state.packets} bytes ${state.bytes}`;
    case 'limit':
      return `limit ${rateText(state)}`;
    case 'quota':
      return `quota ${quotaText(state, style)}`;
    case 'connections':
      return `ct count ${state.over ? 'over ' : ''}${state.limit}`;
  }
}

/** `rate over 10/second burst 5 packets`; an object leaves out the usual burst. */
export function rateText({ rate, unit, bytes, burst, over }: Limit, usual = true): string {
  const amount = bytes ? `${sizeText(rate)}/` : `${rate}/`;
  let text = `rate ${over ? 'over ' : ''}${amount}${TIMES[unit] ?? 'second'}`;
  if (bytes ? burst > 0 : usual || burst !== 5) text += ` burst ${bytes ? sizeText(burst) : `${burst} packets`}`;
  return text;
}

export function quotaText(state: { bytes: number; used: number; over: boolean }, { stateless }: { stateless: boolean }): string {
  return `${state.over ? 'over ' : ''}${sizeText(state.bytes)}${state.used > 0 && !stateless ? ` used ${sizeText(state.used)}` : ''}`;
}
