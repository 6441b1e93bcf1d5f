import type { IP } from '../../../base/address.ts';
import { bind, checkPlace, needsPorts, parsePorts, portsText } from '../nat/apply.ts';
import type { NatRange } from '../nat/range.ts';
import type { HookState } from '../hooks.ts';
import { isProblem, problem } from '../options.ts';
import { flagsText, withFlags } from './nat-address.ts';
import type { TargetExtension } from './target.ts';

const LOOPBACK_IPV4 = 0x7f000001;
const LOOPBACK_IPV6 = 1n;

/** This host, as seen from where the packet comes from. */
function ownAddress(state: HookState): IP | undefined {
  const { family, hook, input } = state;
  if (hook === 'OUTPUT') return family === 4 ? LOOPBACK_IPV4 : LOOPBACK_IPV6;
  if (family === 4) return input?.ipv4.addresses.find((entry) => !entry.secondary)?.local;
  return input?.ipv6.addresses.find((entry) => !entry.tentative)?.address;
}

/** REDIRECT: to this host itself (net/netfilter/nf_nat_redirect.c). */
export const redirect: TargetExtension<NatRange> = {
  name: 'REDIRECT',
  conntrack: true,
  options: [{ name: 'to-ports' }, { name: 'random', arguments: 0 }],
  parse(given, context) {
    const ports = given.value('to-ports');
    if (ports === undefined) return withFlags({}, given);
    const lacking = needsPorts(context.protocol);
    if (lacking) return lacking;
    if (/^\d+-\d+\/\d/.test(ports)) return problem('Shifted portmap ranges not supported with this kernel');
    const range = parsePorts(ports);
    return isProblem(range) ? range : withFlags(range, given);
  },
  check: (_range, place) => checkPlace(place, ['PREROUTING', 'OUTPUT']),
  save: (range) => `${range.minPort === undefined ? '' : ` --to-ports ${portsText(range)}`}${flagsText(range, '--')}`,
  list: (range) => `${range.minPort === undefined ? '' : ` redir ports ${portsText(range)}`}${flagsText(range, '')}`,
  evaluate(range, skb, state) {
    const address = ownAddress(state);
    if (address === undefined) return 'drop';
    return bind(skb, state, { ...range, minAddress: address, maxAddress: address }, 'destination');
  },
};
