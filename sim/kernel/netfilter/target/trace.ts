import type { TargetExtension } from './target.ts';

/** TRACE: `xtables-monitor --trace` and `nft monitor trace` show the packet's way from here on (iptables-nft writes `meta nftrace set 1`). */
export const trace: TargetExtension<undefined> = {
  name: 'TRACE',
  options: [],
  parse: () => undefined,
  save: () => '',
  list: () => '',
  evaluate(_data, skb) {
    skb.nftrace = true;
    return 'continue';
  },
};
