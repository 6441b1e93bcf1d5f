import type { Family } from '../hooks.ts';
import { problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Hops {
  mode: 'eq' | 'lt' | 'gt';
  value: number;
  inverted: boolean;
}

/** Where the hop count stands in the header. */
const OFFSET = { 4: 8, 6: 7 } as const;

function hopMatch(name: 'ttl' | 'hl', family: Family): MatchExtension<Hops> {
  const upper = name.toUpperCase();
  const modes = ['eq', 'lt', 'gt'] as const;
  return {
    name,
    family,
    options: modes.map((mode) => ({
      name: `${name}-${mode}`,
      invert: mode === 'eq',
      excludes: modes.filter((other) => other !== mode).map((other) => `${name}-${other}`),
    })),
    parse(given) {
      const mode = modes.find((candidate) => given.has(`${name}-${candidate}`));
      if (!mode)
        return problem(
          `${upper} match: You must specify one of \`--${name}-eq', \`--${name}-lt', \`--${name}-gt${name === 'hl' ? "'" : ''}`,
        );
      const option = given.find(`${name}-${mode}`) as { values: readonly string[]; inverted: boolean };
      const value = unsigned(option.values[0] as string, 255);
      if (value === undefined) return problem(`${name}: bad value for option "--${name}-${mode}", or out of range (0-255).\n`);
      return { mode, value, inverted: option.inverted };
    },
    save: ({ mode, value, inverted }) => `${inverted ? ' !' : ''} --${name}-${mode} ${value}`,
    list: ({ mode, value, inverted }) =>
      ` ${upper} match ${upper} ${mode === 'eq' ? (inverted ? '!=' : '==') : mode === 'lt' ? '<' : '>'} ${value}`,
    matches({ mode, value, inverted }, skb) {
      const hops = skb.bytes[skb.network + OFFSET[family]] as number;
      if (mode === 'lt') return hops < value;
      return mode === 'gt' ? hops > value : (hops === value) !== inverted;
    },
  };
}

/** The ttl match and its IPv6 twin hl: the hop count (net/netfilter/xt_hl.c). */
export const ttl = hopMatch('ttl', 4);
export const hl = hopMatch('hl', 6);
