import { be16 } from '../../../wire/endian.ts';
import { hasTransport } from '../locate.ts';
import { type GivenOption, isProblem, type ParseContext, portNumber, type Problem, problem } from '../options.ts';
import type { MatchExtension } from './match.ts';
import { compared, inPorts, listPorts, type PortRange, savePorts } from './ports.ts';

export interface Ports {
  sourcePorts: PortRange | undefined;
  destinationPorts: PortRange | undefined;
}

/** Reads ports as the option tables of udp and sctp do, whose words differ from those of tcp. */
function parseRange(name: string, option: GivenOption | undefined, { names, protocol }: ParseContext): PortRange | Problem | undefined {
  if (!option) return undefined;
  const parts = (option.values[0] as string).split(':');
  if (parts.length > 2) return problem(`${name}: Too many components for option "--${option.name}" (max: 2)\n`);
  const [first = '', last = first] = parts as [string, string?];
  const ports: number[] = [];
  for (const [i, text] of [first, last].entries()) {
    const port = text === '' ? (i === 0 ? 0 : 65_535) : portNumber(text, names, protocol);
    if (port === undefined) return problem(`Port "${text}" does not resolve to anything.\n`);
    ports.push(port);
  }
  const [min, max] = ports as [number, number];
  if (min > max) return problem(`Port range ${min}-${max} is reversed.\n`);
  const range = { min, max, inverted: option.inverted };
  return name === 'udp' ? compared(range) : range;
}

const joinPorts = (first: Ports, second: Ports): Ports => ({
  sourcePorts: second.sourcePorts ?? first.sourcePorts,
  destinationPorts: second.destinationPorts ?? first.destinationPorts,
});

export function portMatch(name: string, number: number, header: number): MatchExtension<Ports> {
  return {
    name,
    options: [
      { name: 'source-port', aliases: ['sport'], invert: true },
      { name: 'destination-port', aliases: ['dport'], invert: true },
    ],
    parse(given, context) {
      if (given.options.length > 0 && context.protocol !== number) return problem(`${name.toUpperCase()} match requires '-p ${name}'`);
      const sourcePorts = parseRange(name, given.find('source-port'), context);
      if (isProblem(sourcePorts)) return sourcePorts;
      const destinationPorts = parseRange(name, given.find('destination-port'), context);
      if (isProblem(destinationPorts)) return destinationPorts;
      return { sourcePorts, destinationPorts };
    },
    ...(name === 'udp' ? { join: joinPorts } : {}),
    check: (_data, place) => (place.protocol === number ? undefined : 'EINVAL'),
    save: ({ sourcePorts, destinationPorts }) => savePorts('sport', sourcePorts) + savePorts('dport', destinationPorts),
    list: ({ sourcePorts, destinationPorts }, context) =>
      ` ${name}${listPorts('spt', sourcePorts, context)}${listPorts('dpt', destinationPorts, context)}`,
    matches({ sourcePorts, destinationPorts }, skb, state) {
      if (!hasTransport(skb, state, header)) return false;
      const at = state.transport;
      return inPorts(sourcePorts, be16(skb.bytes, at)) && inPorts(destinationPorts, be16(skb.bytes, at + 2));
    },
  };
}

/** The udp match: ports (net/netfilter/xt_tcpudp.c). */
export const udp = portMatch('udp', 17, 8);
