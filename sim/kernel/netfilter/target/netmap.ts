import { formatIP, type IP, ipv4Mask, ipv6Mask, parsePrefix } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { bind, checkPlace } from '../nat/apply.ts';
import { manipulationAt } from '../nat/range.ts';
import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Netmap {
  network: IP;
  length: number;
}

/** NETMAP: a whole network onto another of the same size, host part kept (net/netfilter/xt_NETMAP.c). */
export const netmap: TargetExtension<Netmap> = {
  name: 'NETMAP',
  conntrack: true,
  options: [{ name: 'to', mandatory: true }],
  parse(given, context) {
    const text = given.value('to') as string;
    const prefix = parsePrefix(text);
    if (!prefix || (typeof prefix.address === 'bigint') !== (context.family === 6))
      return problem(`NETMAP: Bad value for "--to" option: "${text}"`);
    const { address, length } = prefix;
    const network = typeof address === 'bigint' ? address & ipv6Mask(length) : (address & ipv4Mask(length)) >>> 0;
    return { network, length };
  },
  check: (_data, place) => checkPlace(place, ['PREROUTING', 'OUTPUT', 'POSTROUTING', 'INPUT']),
  save: ({ network, length }) => ` --to ${formatIP(network)}/${length}`,
  list: ({ network, length }) => ` to:${formatIP(network)}/${length}`,
  evaluate({ network, length }, skb, state) {
    const manipulation = manipulationAt(state.hook);
    let address: IP;
    if (typeof network === 'bigint') {
      const old = manipulation === 'source' ? ip6.source(skb.bytes, skb.network) : ip6.destination(skb.bytes, skb.network);
      address = network | (old & (ipv6Mask(128) ^ ipv6Mask(length)));
    } else {
      const old = manipulation === 'source' ? ip.source(skb.bytes, skb.network) : ip.destination(skb.bytes, skb.network);
      address = (network | (old & ~ipv4Mask(length))) >>> 0;
    }
    return bind(skb, state, { minAddress: address, maxAddress: address }, manipulation);
  },
};
