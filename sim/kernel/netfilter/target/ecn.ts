import { checksumUpdate16 } from '../../../wire/checksum.ts';
import { be16 } from '../../../wire/endian.ts';
import * as tcp from '../../../wire/tcp.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, numberOf, problem } from '../options.ts';
import { setTrafficClass, trafficClass } from '../traffic-class.ts';
import type { TargetExtension } from './target.ts';

const FLAGS = { 'ecn-tcp-ece': tcp.TCP_FLAG.ECE, 'ecn-tcp-cwr': tcp.TCP_FLAG.CWR } as const;

interface Ecn {
  /** Flags to be set or cleared, by the bit. */
  flags: { bit: number; name: string; value: number }[];
  ect: number | undefined;
}

/** ECN: takes the flags out of TCP's header, for hosts that choke on them (net/ipv4/netfilter/ipt_ECN.c). */
export const ecn: TargetExtension<Ecn> = {
  name: 'ECN',
  family: 4,
  options: [
    { name: 'ecn-tcp-remove', arguments: 0, excludes: ['ecn-tcp-cwr', 'ecn-tcp-ece'] },
    { name: 'ecn-tcp-cwr' },
    { name: 'ecn-tcp-ece' },
    { name: 'ecn-ip-ect' },
  ],
  parse(given) {
    const flags: Ecn['flags'] = [];
    for (const [name, bit] of Object.entries(FLAGS)) {
      if (given.has('ecn-tcp-remove')) flags.push({ bit, name, value: 0 });
      if (!given.has(name)) continue;
      const value = numberOf('ECN', given, name, 1);
      if (isProblem(value)) return value;
      flags.push({ bit, name, value });
    }
    const ect = given.has('ecn-ip-ect') ? numberOf('ECN', given, 'ecn-ip-ect', 3) : undefined;
    if (isProblem(ect)) return ect;
    return flags.length === 0 && ect === undefined ? problem('ECN target: An operation is required') : { flags, ect };
  },
  check({ flags }, { table, protocol, protocolInverted }) {
    if (table !== 'mangle') return 'EINVAL';
    return flags.length > 0 && (protocol !== 6 || protocolInverted) ? 'EINVAL' : undefined;
  },
  save({ flags, ect }) {
    if (flags.length === 2 && flags.every(({ value }) => value === 0)) return ' --ecn-tcp-remove';
    return flags.map(({ name, value }) => ` --${name} ${value}`).join('') + (ect === undefined ? '' : ` --ecn-ip-ect ${ect}`);
  },
  list({ flags, ect }) {
    if (flags.length === 2 && flags.every(({ value }) => value === 0)) return ' ECN TCP remove';
    const text = flags.map(({ name, value }) => ` ${name.slice(-3).toUpperCase()}=${value}`).join('');
    return ` ECN${text}${ect === undefined ? '' : ` ECT codepoint=${ect}`}`;
  },
  evaluate({ flags, ect }, skb, state) {
    if (ect !== undefined) setTrafficClass(skb, state, (trafficClass(skb, state) & ~3) | ect);
    if (flags.length === 0 || !hasTransport(skb, state, tcp.TCP_HEADER)) return 'continue';
    const { bytes } = skb;
    const at = state.transport;
    const before = be16(bytes, at + 12);
    for (const { bit, value } of flags) tcp.setFlags(bytes, at, value === 0 ? tcp.flags(bytes, at) & ~bit : tcp.flags(bytes, at) | bit);
    const after = be16(bytes, at + 12);
    if (after === before) return 'continue';
    tcp.setChecksum(bytes, at, checksumUpdate16(tcp.checksum(bytes, at), before, after));
    skb.traced = -1;
    state.net.netfilter.traceRewrite(skb, state, 'tcp ecn flags');
    return 'continue';
  },
};
