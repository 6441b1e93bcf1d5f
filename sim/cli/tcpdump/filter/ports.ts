import { PROTOCOL } from '../../../wire/protocol.ts';
import { describe, ends, invalid } from './id-words.ts';
import type { LinkLayout } from './link.ts';
import type { FilterNames, Service } from './names.ts';
import { firstFragment, ipv4Protocol, ipv6NextHeader, isIPv4, isIPv6 } from './protocols.ts';
import { anyOf, both, either, type Subject, type Test } from './subject.ts';
import { type FilterError, type Id, isFilterError, type ProtocolKeyword, type Qualifiers } from './syntax.ts';

/** `port`, `portrange` of TCP, UDP and SCTP. */

const WITH_PORTS = { tcp: PROTOCOL.TCP, udp: PROTOCOL.UDP, sctp: 132 } as const;
type WithPorts = keyof typeof WITH_PORTS;

/** Ports from `low` to `high` of one protocol, or of all three. */
interface Range {
  low: number;
  high: number;
  protocol: WithPorts | undefined;
}

export function portTest(link: LinkLayout, qualifiers: Qualifiers, id: Id, names: FilterNames): Test | FilterError {
  const { protocol, type, direction } = qualifiers;
  if (id.kind !== 'number' && id.kind !== 'name') {
    return {
      filterError: id.kind === 'mac' ? 'Ethernet address used in non-ether expression' : `'${type}' qualifier applied to ${describe(id)}`,
    };
  }
  if (protocol !== undefined && !(protocol in WITH_PORTS)) return invalid(protocol, type as string);
  const range =
    id.kind === 'number' ? { low: id.value, high: id.value, protocol: undefined } : namedRange(type as string, id.text, names, protocol);
  if (isFilterError(range)) return range;
  for (const port of [range.low, range.high]) {
    if (port > 65_535) return { filterError: `port number ${port} greater than maximum 65535` };
  }
  const [low, high] = range.low <= range.high ? [range.low, range.high] : [range.high, range.low];
  const wanted = (protocol as WithPorts | undefined) ?? range.protocol;
  const numbers = wanted ? [WITH_PORTS[wanted]] : Object.values(WITH_PORTS);
  return either(overIpv6(link, numbers, low, high, direction), overIpv4(link, numbers, low, high, direction));
}

function namedRange(type: string, text: string, names: FilterNames, protocol: ProtocolKeyword | undefined): Range | FilterError {
  if (type === 'port') {
    const service = names.services.get(text);
    if (!service) return { filterError: `unknown port '${text}'` };
    return conflict(service, protocol, `port '${text}'`) ?? { low: service.port, high: service.port, protocol: service.protocol };
  }
  const parts = text.split('-');
  const said = `port range '${text}'`;
  if (parts.length === 1) return { filterError: `${said} contains no hyphen` };
  if (parts.length > 2) return { filterError: `${said} contains more than one hyphen` };
  const [first = '', last = ''] = parts;
  if (first === '') return { filterError: `${said} has no starting port` };
  if (last === '') return { filterError: `${said} has no ending port` };
  const [low, high] = [endOf(first, names), endOf(last, names)];
  if (!low) return { filterError: `'${first}' is not a valid port` };
  if (!high) return { filterError: `'${last}' is not a valid port` };
  const same = low.protocol === high.protocol ? low.protocol : undefined;
  return conflict({ port: 0, protocol: same }, protocol, `port in range '${text}'`) ?? { low: low.port, high: high.port, protocol: same };
}

function endOf(text: string, names: FilterNames): Service | undefined {
  return /^\d+$/.test(text) ? { port: Number(text), protocol: undefined } : names.services.get(text);
}

/** A service that the asked protocol doesn't have. */
function conflict(service: Service, protocol: ProtocolKeyword | undefined, what: string): FilterError | undefined {
  if (!protocol || !service.protocol || service.protocol === protocol) return undefined;
  return { filterError: `${what} is ${service.protocol}` };
}

function overIpv4(link: LinkLayout, protocols: readonly number[], low: number, high: number, direction: Qualifiers['direction']): Test {
  const { network } = link;
  const port = (offset: number): Test => {
    return (packet: Subject) => {
      const value = packet.u16(network + (packet.u8(network) & 15) * 4 + offset);
      return value >= low && value <= high;
    };
  };
  const kind = anyOf(protocols.map((number) => ipv4Protocol(link, number)));
  return both(isIPv4(link), both(kind, both(firstFragment(link), ends(direction, port(0), port(2)))));
}

function overIpv6(link: LinkLayout, protocols: readonly number[], low: number, high: number, direction: Qualifiers['direction']): Test {
  const start = link.network + 40;
  const port = (offset: number): Test => {
    return (packet: Subject) => {
      const value = packet.u16(start + offset);
      return value >= low && value <= high;
    };
  };
  const kind = anyOf(protocols.map((number) => ipv6NextHeader(link, number)));
  return both(isIPv6(link), both(kind, ends(direction, port(0), port(2))));
}
