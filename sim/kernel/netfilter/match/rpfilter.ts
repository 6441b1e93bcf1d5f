import { isMulticastIPv4, IPV4_BROADCAST } from '../../../base/address.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { NetDevice } from '../../dev/device.ts';
import { fibLookup } from '../../ipv4/route.ts';
import { fib6Lookup } from '../../ipv6/route.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import type { MatchExtension } from './match.ts';

interface ReversePath {
  loose: boolean;
  validmark: boolean;
  acceptLocal: boolean;
  inverted: boolean;
}

const WORDS = [
  ['loose', 'loose'],
  ['validmark', 'validmark'],
  ['acceptLocal', 'accept-local'],
  ['inverted', 'invert'],
] as const;

const words = (data: ReversePath, dashes: string): string => WORDS.map(([key, word]) => (data[key] ? ` ${dashes}${word}` : '')).join('');

/** Whether an answer would leave by the device that the packet came in by (rpfilter_mt, rpfilter_lookup_reverse). */
function comesRight({ loose, validmark, acceptLocal }: ReversePath, skb: Skb, { net, input, family }: HookState): boolean {
  const device = input as NetDevice;
  if (device === net.loopback) return true;
  const { bytes, network } = skb;
  const mark = validmark ? skb.mark : 0;
  if (family === 6) {
    const flow = { destination: ip6.source(bytes, network), source: ip6.destination(bytes, network), iif: 0, oif: 0, mark };
    const found = fib6Lookup(net.ipv6, flow);
    if (!found || 'error' in found || (found.route.type !== 'unicast' && !(found.route.type === 'local' && acceptLocal))) return false;
    return loose || found.route.nexthops.some((hop) => hop.device === device);
  }
  const [source, destination] = [ip.source(bytes, network), ip.destination(bytes, network)];
  if (source >>> 24 === 0 && (destination === IPV4_BROADCAST || isMulticastIPv4(destination))) return true;
  const back = fibLookup(net.ipv4, { destination: source, source: destination, iif: 0, oif: 0, mark, tos: ip.tos(bytes, network) & 0xfc });
  if (typeof back === 'string') return false;
  if (back.route.type !== 'unicast' && !(back.route.type === 'local' && acceptLocal)) return false;
  return loose || back.route.nexthops.some((hop) => hop.device === device);
}

/** The rpfilter match: would the way back be the way that it came (net/ipv4/netfilter/ipt_rpfilter.c)? */
export const rpfilter: MatchExtension<ReversePath> = {
  name: 'rpfilter',
  options: WORDS.map(([, name]) => ({ name, arguments: 0 as const })),
  parse: (given) => ({
    loose: given.has('loose'),
    validmark: given.has('validmark'),
    acceptLocal: given.has('accept-local'),
    inverted: given.has('invert'),
  }),
  check(_data, { table, hooks }) {
    if (table !== 'raw' && table !== 'mangle') return 'EINVAL';
    for (const hook of hooks) if (hook !== 'PREROUTING') return 'EINVAL';
    return undefined;
  },
  save: (data) => words(data, '--'),
  list: (data) => ` rpfilter${words(data, '')}`,
  matches: (data, skb, state) => comesRight(data, skb, state) !== data.inverted,
};
