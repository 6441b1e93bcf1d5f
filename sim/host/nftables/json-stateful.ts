import type { NftObject } from '../../kernel/netfilter/nftables/statement.ts';
import type { Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import type { Json } from './json.ts';
import { sizeText } from './print-stateful.ts';

const TIMES: Record<number, string> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day', 604800: 'week' };

type Members = { readonly [key: string]: Json };

/** A size in its biggest unit: the number and the unit's name. */
function sized(bytes: number): [number, string] {
  const [value = '0', unit = 'bytes'] = sizeText(bytes).split(' ');
  return [Number(value), unit];
}

/** A counter, limit or quota as a statement (src/json.c). */
export function statefulJson(state: Stateful, style: { stateless: boolean }): Members {
  switch (state.kind) {
    case 'counter':
      return { counter: style.stateless ? null : { packets: state.packets, bytes: state.bytes } };
    case 'limit': {
      const per = TIMES[state.unit] ?? 'second';
      const inv: Members = state.over ? { inv: true } : {};
      if (!state.bytes) return { limit: { rate: state.rate, burst: state.burst, per, ...inv } };
      const [rate, unit] = sized(state.rate);
      const [burst, burstUnit] = sized(state.burst);
      const more: Members = state.burst > 0 ? { burst, burst_unit: burstUnit } : { burst: 0, burst_unit: 'bytes' };
      return { limit: { rate, ...more, per, ...inv, rate_unit: unit } };
    }
    case 'quota': {
      const [val, unit] = sized(state.bytes);
      const [used, usedUnit] = sized(state.used);
      const spent: Members = state.used > 0 && !style.stateless ? { used, used_unit: usedUnit } : {};
      return { quota: { val, val_unit: unit, ...spent, ...(state.over ? { inv: true } : {}) } };
    }
    case 'connections':
      return { 'ct count': { val: state.limit, ...(state.over ? { inv: true } : {}) } };
  }
}

/** What an object of that kind holds. */
export function objectJson(state: NftObject['state']): Members {
  switch (state.kind) {
    case 'counter':
      return { packets: state.packets, bytes: state.bytes };
    case 'quota':
      return { bytes: state.bytes, used: state.used, inv: state.over };
    case 'limit': {
      const per = TIMES[state.unit] ?? 'second';
      const inv: Members = state.over ? { inv: true } : {};
      if (!state.bytes) return { rate: state.rate, per, ...inv, ...(state.burst > 0 ? { burst: state.burst } : {}) };
      const [rate, unit] = sized(state.rate);
      const [burst, burstUnit] = sized(state.burst);
      return { rate, per, ...inv, rate_unit: unit, ...(state.burst > 0 ? { burst, burst_unit: burstUnit } : {}) };
    }
  }
}
