import * as wire from '../../../wire/tcp.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, problem, type Problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';
import { compared, inPorts, listPorts, parsePortRange, type PortRange, savePorts } from './ports.ts';

interface Tcp {
  sourcePorts: PortRange | undefined;
  destinationPorts: PortRange | undefined;
  flags: { mask: number; value: number; inverted: boolean } | undefined;
  option: { kind: number; inverted: boolean } | undefined;
}

/** The flags that rules can name, in the order in which they are printed. */
const FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;
const ALL = 0x3f;
const SYN_MASK = wire.TCP_FLAG.SYN | wire.TCP_FLAG.RST | wire.TCP_FLAG.ACK | wire.TCP_FLAG.FIN;

function parseFlags(text: string): number | Problem {
  let bits = 0;
  for (const word of text.split(',').filter((part) => part !== '')) {
    const name = word.toUpperCase();
    if (name === 'ALL') bits |= ALL;
    else if (name !== 'NONE') {
      const flag = wire.TCP_FLAG[name as (typeof FLAGS)[number]];
      if (!(FLAGS as readonly string[]).includes(name)) return problem(`Unknown TCP flag \`${word}'`);
      bits |= flag;
    }
  }
  return bits;
}

function flagsText(bits: number): string {
  return FLAGS.filter((name) => bits & wire.TCP_FLAG[name]).join(',') || 'NONE';
}

/** The tcp match: ports, flags, an option (net/netfilter/xt_tcpudp.c). */
export const tcp: MatchExtension<Tcp> = {
  name: 'tcp',
  options: [
    { name: 'source-port', aliases: ['sport'], invert: true, repeat: true },
    { name: 'destination-port', aliases: ['dport'], invert: true, repeat: true },
    { name: 'syn', arguments: 0, invert: true, repeat: true },
    { name: 'tcp-flags', arguments: 2, invert: true, repeat: true },
    { name: 'tcp-option', invert: true, repeat: true },
  ],
  parse(given, { protocol, names }) {
    const tcp: Tcp = { sourcePorts: undefined, destinationPorts: undefined, flags: undefined, option: undefined };
    if (given.options.length > 0 && protocol !== 6) return problem("TCP match requires '-p tcp'");
    for (const option of given.options) {
      const again = problem(`Only one \`--${option.name}' allowed`);
      if (option.name === 'source-port' || option.name === 'destination-port') {
        const key = option.name === 'source-port' ? 'sourcePorts' : 'destinationPorts';
        if (tcp[key]) return again;
        const range = compared(parsePortRange(option, names, protocol));
        if (isProblem(range)) return range;
        tcp[key] = range;
      } else if (option.name === 'tcp-option') {
        if (tcp.option) return again;
        const kind = unsigned(option.values[0] as string, 255, 1);
        if (kind === undefined) return problem(`Bad TCP option "${option.values[0]}"`);
        tcp.option = { kind, inverted: option.inverted };
      } else {
        if (tcp.flags) return problem("Only one of `--syn' or `--tcp-flags'  allowed");
        const [mask, value] = option.name === 'syn' ? [SYN_MASK, wire.TCP_FLAG.SYN] : option.values.map(parseFlags);
        if (isProblem(mask)) return mask;
        if (isProblem(value)) return value;
        tcp.flags = { mask: mask as number, value: value as number, inverted: option.inverted };
      }
    }
    return tcp;
  },
  join: (first, second) => ({
    sourcePorts: second.sourcePorts ?? first.sourcePorts,
    destinationPorts: second.destinationPorts ?? first.destinationPorts,
    flags: second.flags ?? first.flags,
    option: second.option ?? first.option,
  }),
  check: (_data, place) => (place.protocol === 6 ? undefined : 'EINVAL'),
  save({ sourcePorts, destinationPorts, option, flags }) {
    let text = savePorts('sport', sourcePorts) + savePorts('dport', destinationPorts);
    if (option) text += `${option.inverted ? ' !' : ''} --tcp-option ${option.kind}`;
    if (flags) text += `${flags.inverted ? ' !' : ''} --tcp-flags ${flagsText(flags.mask)} ${flagsText(flags.value)}`;
    return text;
  },
  list({ sourcePorts, destinationPorts, option, flags }, context) {
    let text = ` tcp${listPorts('spt', sourcePorts, context)}${listPorts('dpt', destinationPorts, context)}`;
    if (option) text += ` option=${option.inverted ? '!' : ''}${option.kind}`;
    if (!flags) return text;
    const show = (bits: number) => (context.numeric ? `0x${bits.toString(16).toUpperCase().padStart(2, '0')}` : flagsText(bits));
    return `${text} flags:${flags.inverted ? '!' : ''}${show(flags.mask)}/${show(flags.value)}`;
  },
  matches({ sourcePorts, destinationPorts, option, flags }, skb, state) {
    if (!hasTransport(skb, state, wire.TCP_HEADER)) return false;
    const { bytes } = skb;
    const at = state.transport;
    if (!inPorts(sourcePorts, wire.sourcePort(bytes, at)) || !inPorts(destinationPorts, wire.destinationPort(bytes, at))) return false;
    if (flags && ((wire.flags(bytes, at) & flags.mask) === flags.value) === flags.inverted) return false;
    return option === undefined || hasOption(bytes, at, skb.end, option.kind) !== option.inverted;
  },
};

function hasOption(b: Uint8Array, at: number, packetEnd: number, kind: number): boolean {
  const end = Math.min(packetEnd, at + wire.headerLength(b, at));
  for (let i = at + wire.TCP_HEADER; i < end; ) {
    if (b[i] === kind) return true;
    i += (b[i] as number) < 2 ? 1 : Math.max(1, b[i + 1] as number);
  }
  return false;
}
