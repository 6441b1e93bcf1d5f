import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { checksumUpdate16 } from '../../../wire/checksum.ts';
import { be16 } from '../../../wire/endian.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookState } from '../hooks.ts';
import { problem, unsigned } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface HopChange {
  mode: 'set' | 'inc' | 'dec';
  value: number;
}

const WORDS = { set: 'set to', inc: 'increment by', dec: 'decrement by' } as const;

function changed(old: number, { mode, value }: HopChange): number {
  if (mode === 'set') return value;
  return mode === 'inc' ? Math.min(255, old + value) : Math.max(0, old - value);
}

/** TTL and its IPv6 twin HL: change the hop count (net/netfilter/xt_HL.c). */
function hopTarget(
  name: 'TTL' | 'HL',
  family: Family,
  apply: (skb: Skb, state: HookState, change: HopChange) => void,
): TargetExtension<HopChange> {
  const prefix = name.toLowerCase();
  const modes = ['set', 'inc', 'dec'] as const;
  return {
    name,
    family,
    options: modes.map((mode) => ({ name: `${prefix}-${mode}`, excludes: modes.filter((m) => m !== mode).map((m) => `${prefix}-${m}`) })),
    parse(given) {
      const mode = modes.find((candidate) => given.has(`${prefix}-${candidate}`));
      if (!mode) return problem(`${name}: You must specify an action`);
      const least = mode === 'set' ? 0 : 1;
      const value = unsigned(given.value(`${prefix}-${mode}`) as string, 255, least);
      if (value === undefined) return problem(`${name}: bad value for option "--${prefix}-${mode}", or out of range (${least}-255).\n`);
      return { mode, value };
    },
    check: (_data, place) => (place.table === 'mangle' ? undefined : 'EINVAL'),
    save: ({ mode, value }) => ` --${prefix}-${mode} ${value}`,
    list: ({ mode, value }) => ` ${name} ${WORDS[mode]} ${value}`,
    evaluate(data, skb, state) {
      apply(skb, state, data);
      return 'continue';
    },
  };
}

export const ttl = hopTarget('TTL', 4, (skb, state, change) => {
  const { bytes, network } = skb;
  const before = be16(bytes, network + 8);
  const value = changed(ip.ttl(bytes, network), change);
  if (value === ip.ttl(bytes, network)) return;
  ip.setTtl(bytes, network, value);
  ip.setChecksum(bytes, network, checksumUpdate16(ip.checksum(bytes, network), before, be16(bytes, network + 8)));
  state.net.netfilter.traceRewrite(skb, state, `ttl ${value}`);
});

export const hl = hopTarget('HL', 6, (skb, state, change) => {
  const value = changed(ip6.hopLimit(skb.bytes, skb.network), change);
  ip6.setHopLimit(skb.bytes, skb.network, value);
  state.net.netfilter.traceRewrite(skb, state, `hop limit ${value}`);
});
