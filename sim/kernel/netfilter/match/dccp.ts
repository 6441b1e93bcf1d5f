import { be16 } from '../../../wire/endian.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, not, problem, type Problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';
import { inPorts, listPorts, parsePortRange, type PortRange, savePorts } from './ports.ts';

const DCCP = 33;
const HEADER = 12;
const TYPES = ['REQUEST', 'RESPONSE', 'DATA', 'ACK', 'DATAACK', 'CLOSEREQ', 'CLOSE', 'RESET', 'SYNC', 'SYNCACK'];
/** All types that have no name. */
const INVALID = 0xfc00;

interface Dccp {
  sourcePorts: PortRange | undefined;
  destinationPorts: PortRange | undefined;
  types: { bits: number; inverted: boolean } | undefined;
  option: { kind: number; inverted: boolean } | undefined;
}

function parseTypes(text: string): number | Problem {
  let bits = 0;
  for (const word of text.split(',')) {
    const number = TYPES.indexOf(word.toUpperCase());
    if (word.toUpperCase() === 'INVALID') bits |= INVALID;
    else if (number >= 0) bits |= 1 << number;
    else return problem(`Unknown DCCP type \`${word}'`);
  }
  return bits;
}

function typesText(bits: number, numeric: boolean): string {
  const words: string[] = [];
  for (let type = 0; type < 16; type++) {
    if (!(bits & (1 << type))) continue;
    const word = numeric ? String(type) : (TYPES[type] ?? 'INVALID');
    if (words.at(-1) !== word) words.push(word);
  }
  return words.join(',');
}

/** What stands between the general header and the options, by type (dccp_packet_hdr_len). */
const typeHeader = (type: number): number => (type === 2 ? 0 : type === 0 ? 4 : type === 1 || type === 7 ? 12 : 8);

/** Whether a header has an option (dccp_find_option); `at` is where the header begins. */
function hasOption(b: Uint8Array, at: number, end: number, kind: number): boolean {
  const general = HEADER + ((b[at + 8] as number) & 1 ? 4 : 0);
  const stop = Math.min(end, at + (b[at + 4] as number) * 4);
  for (let i = at + general + typeHeader(((b[at + 8] as number) >> 1) & 0xf); i < stop; ) {
    if (b[i] === kind) return true;
    i += (b[i] as number) < 2 ? 1 : b[i + 1] || 1;
  }
  return false;
}

/** The dccp match: ports, types of packets, an option (net/netfilter/xt_dccp.c). */
export const dccp: MatchExtension<Dccp> = {
  name: 'dccp',
  options: [
    { name: 'source-port', aliases: ['sport'], invert: true },
    { name: 'destination-port', aliases: ['dport'], invert: true },
    { name: 'dccp-types', invert: true },
    { name: 'dccp-option', invert: true },
  ],
  parse(given, { names, protocol }) {
    const read: Dccp = { sourcePorts: undefined, destinationPorts: undefined, types: undefined, option: undefined };
    for (const [key, name] of [
      ['sourcePorts', 'source-port'],
      ['destinationPorts', 'destination-port'],
    ] as const) {
      const option = given.find(name);
      const range = option && parsePortRange(option, names, protocol);
      if (isProblem(range)) return range;
      read[key] = range;
    }
    const types = given.find('dccp-types');
    const bits = types ? parseTypes(types.values[0] as string) : 0;
    if (isProblem(bits)) return bits;
    if (types) read.types = { bits, inverted: types.inverted };
    const option = given.find('dccp-option');
    if (!option) return read;
    const kind = unsigned(option.values[0] as string, 255, 1);
    if (kind === undefined) return problem('dccp: bad value for option "--dccp-option", or out of range (1-255).\n');
    read.option = { kind, inverted: option.inverted };
    return read;
  },
  check: (_data, place) => (place.protocol === DCCP && !place.protocolInverted ? undefined : 'EINVAL'),
  save({ sourcePorts, destinationPorts, types, option }) {
    let text = savePorts('sport', sourcePorts) + savePorts('dport', destinationPorts);
    if (types) text += `${not(types.inverted)} --dccp-types ${typesText(types.bits, false)}`;
    return option ? `${text}${not(option.inverted)} --dccp-option ${option.kind}` : text;
  },
  list({ sourcePorts, destinationPorts, types, option }, context) {
    let text = ` dccp${listPorts('spt', sourcePorts, context)}${listPorts('dpt', destinationPorts, context)}`;
    if (types) text += `${not(types.inverted)} ${typesText(types.bits, context.numeric)}`;
    return option ? `${text} option=${option.inverted ? '!' : ''}${option.kind}` : text;
  },
  matches({ sourcePorts, destinationPorts, types, option }, skb, state) {
    if (!hasTransport(skb, state, HEADER)) return false;
    const { bytes, end } = skb;
    const at = state.transport;
    if (!inPorts(sourcePorts, be16(bytes, at)) || !inPorts(destinationPorts, be16(bytes, at + 2))) return false;
    const type = ((bytes[at + 8] as number) >> 1) & 0xf;
    if (types && ((types.bits >> type) & 1) === (types.inverted ? 1 : 0)) return false;
    return option === undefined || hasOption(bytes, at, end, option.kind) !== option.inverted;
  },
};
