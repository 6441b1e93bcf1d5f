import { formatMac, type Mac, parseMac } from '../../../base/address.ts';
import { ETHERNET_HEADER, readMac } from '../../../wire/ethernet.ts';
import { problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Source {
  mac: Mac;
  inverted: boolean;
}

/** The mac match: the sender's Ethernet address (net/netfilter/xt_mac.c). */
export const mac: MatchExtension<Source> = {
  name: 'mac',
  options: [{ name: 'mac-source', mandatory: true, invert: true }],
  parse(given) {
    const option = given.find('mac-source') as { values: readonly string[]; inverted: boolean };
    const address = parseMac(option.values[0] as string);
    return address === undefined ? problem('Invalid MAC address specified.') : { mac: address, inverted: option.inverted };
  },
  check: (_data, { hooks }) => (hooks.has('OUTPUT') || hooks.has('POSTROUTING') ? 'EINVAL' : undefined),
  save: ({ mac: address, inverted }) => `${inverted ? ' !' : ''} --mac-source ${formatMac(address)}`,
  list: ({ mac: address, inverted }) => ` MAC ${inverted ? '! ' : ''}${formatMac(address)}`,
  matches({ mac: address, inverted }, skb, state) {
    if (state.input?.type !== 'ether' || skb.network - skb.mac < ETHERNET_HEADER || skb.mac === 0) return false;
    return (readMac(skb.bytes, skb.mac + 6) === address) !== inverted;
  },
};
