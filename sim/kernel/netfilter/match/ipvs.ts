import { problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Balanced {
  inverted: boolean;
}

/** The ipvs match (net/netfilter/xt_ipvs.c): whether the load balancer has handled the packet. Its tests of the virtual service aren't modelled. */
export const ipvs: MatchExtension<Balanced> = {
  name: 'ipvs',
  options: [
    { name: 'ipvs', arguments: 0, invert: true },
    ...['vproto', 'vaddr', 'vport', 'vdir', 'vmethod', 'vportctl'].map((name) => ({ name, unmodelled: true })),
  ],
  parse(given) {
    const option = given.find('ipvs');
    return option ? { inverted: option.inverted } : problem('IPVS: At least one option is required\n');
  },
  save: ({ inverted }) => `${inverted ? ' !' : ''} --ipvs`,
  list: ({ inverted }) => ` ${inverted ? '!' : ''}ipvs`,
  matches: ({ inverted }, skb) => skb.balanced !== inverted,
};
