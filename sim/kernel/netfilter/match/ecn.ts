import * as tcp from '../../../wire/tcp.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, not, numberOf, problem } from '../options.ts';
import { trafficClass } from '../traffic-class.ts';
import type { MatchExtension } from './match.ts';

interface Test<T> {
  value: T;
  inverted: boolean;
}

interface Ecn {
  echo: Test<true> | undefined;
  reduced: Test<true> | undefined;
  capable: Test<number> | undefined;
}

/** The ecn match: the field in IP's header, the flags in TCP's (net/netfilter/xt_ecn.c). */
export const ecn: MatchExtension<Ecn> = {
  name: 'ecn',
  options: [
    { name: 'ecn-tcp-cwr', arguments: 0, invert: true },
    { name: 'ecn-tcp-ece', arguments: 0, invert: true },
    { name: 'ecn-ip-ect', invert: true },
  ],
  parse(given) {
    if (given.options.length === 0) return problem('ECN match: some option required');
    const flag = (name: string): Test<true> | undefined => {
      const option = given.find(name);
      return option && { value: true, inverted: option.inverted };
    };
    const option = given.find('ecn-ip-ect');
    const value = option ? numberOf('ecn', given, 'ecn-ip-ect', 3) : 0;
    if (isProblem(value)) return value;
    return { echo: flag('ecn-tcp-ece'), reduced: flag('ecn-tcp-cwr'), capable: option && { value, inverted: option.inverted } };
  },
  check: ({ echo, reduced }, { protocol, protocolInverted }) =>
    (echo || reduced) && (protocol !== 6 || protocolInverted) ? 'EINVAL' : undefined,
  save({ echo, reduced, capable }) {
    let text = echo ? `${not(echo.inverted)} --ecn-tcp-ece` : '';
    if (reduced) text += `${not(reduced.inverted)} --ecn-tcp-cwr`;
    return capable ? `${text}${not(capable.inverted)} --ecn-ip-ect ${capable.value}` : text;
  },
  list({ echo, reduced, capable }) {
    let text = ' ECN match';
    if (echo) text += `${not(echo.inverted) || ' '}ECE`;
    if (reduced) text += `${not(reduced.inverted) || ' '}CWR`;
    return capable ? `${text}${not(capable.inverted) || ' '}ECT=${capable.value}` : text;
  },
  matches({ echo, reduced, capable }, skb, state) {
    if (capable && ((trafficClass(skb, state) & 3) === capable.value) === capable.inverted) return false;
    if (!echo && !reduced) return true;
    if (!hasTransport(skb, state, tcp.TCP_HEADER)) return false;
    const flags = tcp.flags(skb.bytes, state.transport);
    if (echo && ((flags & tcp.TCP_FLAG.ECE) !== 0) === echo.inverted) return false;
    return !reduced || ((flags & tcp.TCP_FLAG.CWR) !== 0) !== reduced.inverted;
  },
};
