import { problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Pkttype {
  type: 'unicast' | 'broadcast' | 'multicast';
  inverted: boolean;
}

/** `host` is an older name. */
const NAMES: Record<string, Pkttype['type']> = {
  unicast: 'unicast',
  host: 'unicast',
  broadcast: 'broadcast',
  bcast: 'broadcast',
  multicast: 'multicast',
  mcast: 'multicast',
};

/** The pkttype match: whom the frame is for (net/netfilter/xt_pkttype.c). */
export const pkttype: MatchExtension<Pkttype> = {
  name: 'pkttype',
  options: [{ name: 'pkt-type', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('pkt-type') as { values: readonly string[]; inverted: boolean };
    const type = NAMES[(option.values[0] as string).toLowerCase()];
    return type ? { type, inverted: option.inverted } : problem(`Bad packet type '${option.values[0]}'`);
  },
  save: ({ type, inverted }) => `${inverted ? ' !' : ''} --pkt-type ${type}`,
  list: ({ type, inverted }) => ` PKTTYPE ${inverted ? '!=' : '='} ${type}`,
  matches({ type, inverted }, skb) {
    const { packetType } = skb;
    return ((packetType === 'host' ? 'unicast' : packetType) === type) !== inverted;
  },
};
