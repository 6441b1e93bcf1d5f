import { isMulticastIPv6 } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { NetDevice } from '../../dev/device.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { type Given, problem, type Problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

/** In the order of their numbers, which is that of printing (rtn types). */
const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

interface Side {
  types: ReadonlySet<string>;
  inverted: boolean;
}

interface Addrtype {
  source: Side | undefined;
  destination: Side | undefined;
  limit: 'in' | 'out' | undefined;
}

function parseSide(given: Given, name: string): Side | Problem | undefined {
  const option = given.find(name);
  if (!option) return undefined;
  const types = new Set<string>();
  for (const word of (option.values[0] as string).split(',')) {
    if (!TYPES.includes(word.toUpperCase())) return problem(`addrtype: bad type "${word}"`);
    types.add(word.toUpperCase());
  }
  return { types, inverted: option.inverted };
}

const typesText = ({ types }: Side): string => TYPES.filter((type) => types.has(type)).join(',');

/** What an address is to this host, or to one of its devices. */
export function addressTypeOf(skb: Skb, state: HookState, source: boolean, device: NetDevice | undefined): string {
  const { bytes, network } = skb;
  const { net } = state;
  if (state.family === 4)
    return net.ipv4.addressType(source ? ip.source(bytes, network) : ip.destination(bytes, network), device).toUpperCase();
  const address = source ? ip6.source(bytes, network) : ip6.destination(bytes, network);
  if (isMulticastIPv6(address)) return 'MULTICAST';
  const local = device ? device.ipv6.addresses.some((entry) => entry.address === address) : net.ipv6.isLocal(address);
  return local ? 'LOCAL' : 'UNICAST';
}

/** The addrtype match: what kind of address the source or destination is to this host (net/netfilter/xt_addrtype.c). */
export const addrtype: MatchExtension<Addrtype> = {
  name: 'addrtype',
  options: [
    { name: 'src-type', invert: true },
    { name: 'dst-type', invert: true },
    { name: 'limit-iface-in', arguments: 0, excludes: ['limit-iface-out'] },
    { name: 'limit-iface-out', arguments: 0 },
  ],
  parse(given) {
    const source = parseSide(given, 'src-type');
    const destination = parseSide(given, 'dst-type');
    if (source && 'problem' in source) return source;
    if (destination && 'problem' in destination) return destination;
    if (!source && !destination) return problem('addrtype: you must specify --src-type or --dst-type');
    return { source, destination, limit: given.has('limit-iface-in') ? 'in' : given.has('limit-iface-out') ? 'out' : undefined };
  },
  check({ limit }, { hooks }) {
    if (limit === 'out' && (hooks.has('PREROUTING') || hooks.has('INPUT'))) return 'EINVAL';
    return limit === 'in' && (hooks.has('POSTROUTING') || hooks.has('OUTPUT')) ? 'EINVAL' : undefined;
  },
  save({ source, destination, limit }) {
    let text = '';
    if (source) text += `${source.inverted ? ' !' : ''} --src-type ${typesText(source)}`;
    if (destination) text += `${destination.inverted ? ' !' : ''} --dst-type ${typesText(destination)}`;
    return limit ? `${text} --limit-iface-${limit}` : text;
  },
  list({ source, destination, limit }) {
    let text = ' ADDRTYPE match';
    if (source) text += ` src-type ${source.inverted ? '!' : ''}${typesText(source)}`;
    if (destination) text += ` dst-type ${destination.inverted ? '!' : ''}${typesText(destination)}`;
    return limit ? `${text} limit-${limit}` : text;
  },
  matches({ source, destination, limit }, skb, state) {
    const device = limit === 'in' ? state.input : limit === 'out' ? state.output : undefined;
    if (source && source.types.has(addressTypeOf(skb, state, true, device)) === source.inverted) return false;
    return !destination || destination.types.has(addressTypeOf(skb, state, false, device)) !== destination.inverted;
  },
};
