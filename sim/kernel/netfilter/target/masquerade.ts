import type { IP } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { NetDevice } from '../../dev/device.ts';
import { SCOPE } from '../../ipv4/interface.ts';
import { type Ipv4Destination, selectSource } from '../../ipv4/route.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { bind, checkPlace, needsPorts, newConnection, parsePorts, portsText } from '../nat/apply.ts';
import type { NatRange } from '../nat/range.ts';
import { isProblem } from '../options.ts';
import { flagsText, withFlags } from './nat-address.ts';
import type { TargetExtension } from './target.ts';

/** The address that the host itself would use on the way out. */
function addressOf(skb: Skb, state: HookState): IP | undefined {
  const output = state.output as NetDevice;
  if (state.family === 4) {
    const way = skb.route as Ipv4Destination | undefined;
    const nextHop = way?.gateway ?? ip.destination(skb.bytes, skb.network);
    return selectSource(state.net.ipv4, output, nextHop, SCOPE.global) || undefined;
  }
  const destination = ip6.destination(skb.bytes, skb.network);
  const usable = output.ipv6.addresses.filter((entry) => !entry.tentative && entry.scope === SCOPE.global);
  return (usable.find((entry) => entry.address >> 64n === destination >> 64n) ?? usable[0])?.address;
}

/** MASQUERADE: the source becomes the outgoing device's address (net/netfilter/nf_nat_masquerade.c). */
export const masquerade: TargetExtension<NatRange> = {
  name: 'MASQUERADE',
  conntrack: true,
  options: [{ name: 'to-ports' }, { name: 'random', arguments: 0 }, { name: 'random-fully', arguments: 0 }],
  parse(given, context) {
    const ports = given.value('to-ports');
    if (ports === undefined) return withFlags({}, given);
    const lacking = needsPorts(context.protocol);
    if (lacking) return lacking;
    const range = parsePorts(ports);
    return isProblem(range) ? range : withFlags(range, given);
  },
  check: (_range, place) => checkPlace(place, ['POSTROUTING']),
  save: (range) => `${range.minPort === undefined ? '' : ` --to-ports ${portsText(range)}`}${flagsText(range, '--')}`,
  list: (range) => `${range.minPort === undefined ? '' : ` masq ports: ${portsText(range)}`}${flagsText(range, '')}`,
  evaluate(range, skb, state) {
    const address = addressOf(skb, state);
    // A device without an address has nothing to hide behind.
    if (address === undefined) return 'drop';
    const connection = newConnection(skb);
    if (connection) connection.masqueradeIndex = (state.output as NetDevice).ifindex;
    return bind(skb, state, { ...range, minAddress: address, maxAddress: address }, 'source');
  },
};
