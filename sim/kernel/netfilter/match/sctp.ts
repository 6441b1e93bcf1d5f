import { be16 } from '../../../wire/endian.ts';
import { isProblem, not, problem, type Problem } from '../options.ts';
import type { MatchExtension } from './match.ts';
import { portMatch, type Ports } from './udp.ts';

const HEADER = 12;
const HOW = ['ANY', 'ALL', 'ONLY'] as const;

/** Kinds of chunks, with the letters of their flags from the highest bit down. */
const CHUNKS: readonly (readonly [name: string, type: number, flags?: string])[] = [
  ['DATA', 0, '----IUBE'],
  ['INIT', 1],
  ['INIT_ACK', 2],
  ['SACK', 3],
  ['HEARTBEAT', 4],
  ['HEARTBEAT_ACK', 5],
  ['ABORT', 6, '-------T'],
  ['SHUTDOWN', 7],
  ['SHUTDOWN_ACK', 8],
  ['ERROR', 9],
  ['COOKIE_ECHO', 10],
  ['COOKIE_ACK', 11],
  ['ECN_ECNE', 12],
  ['ECN_CWR', 13],
  ['SHUTDOWN_COMPLETE', 14, '-------T'],
  ['I_DATA', 64, '----IUBE'],
  ['ASCONF_ACK', 128],
  ['RE_CONFIG', 130],
  ['PAD', 132],
  ['FORWARD_TSN', 192],
  ['ASCONF', 193],
  ['I_FORWARD_TSN', 194],
];

/** Which flags a chunk must have and mustn't. */
interface Flags {
  mask: number;
  value: number;
}

interface Chunks {
  how: (typeof HOW)[number];
  types: 'ALL' | Map<number, Flags>;
  inverted: boolean;
}

interface Sctp {
  ports: Ports;
  chunks: Chunks | undefined;
}

function parseFlags(type: number, letters: string, text: string): Flags | Problem {
  const flags = { mask: 0, value: 0 };
  for (const letter of text) {
    const at = letter === '-' ? -1 : letters.indexOf(letter.toUpperCase());
    if (at < 0) return problem(`Invalid flags for chunk type ${type}`);
    flags.mask |= 0x80 >> at;
    if (letter === letter.toUpperCase()) flags.value |= 0x80 >> at;
  }
  return flags;
}

function parseChunks(values: readonly string[], inverted: boolean): Chunks | Problem {
  const how = HOW.find((name) => name === values[0]?.toUpperCase());
  if (!how) return problem('Match type has to be one of "ALL", "ANY" or "ONLY"');
  const text = values[1] as string;
  if (text.toUpperCase() === 'ALL') return { how, types: 'ALL', inverted };
  const types = new Map<number, Flags>();
  for (const word of text.toUpperCase() === 'NONE' ? [] : text.split(',')) {
    const [name = '', wanted = ''] = word.split(':');
    const chunk = CHUNKS.find(([known]) => known === name.toUpperCase());
    if (!chunk) return problem(`Unknown sctp chunk \`${name}'`);
    const flags = parseFlags(chunk[1], chunk[2] ?? '', wanted);
    if (isProblem(flags)) return flags;
    types.set(chunk[1], flags);
  }
  return { how, types, inverted };
}

function chunksText({ how, types }: Chunks, numeric: boolean): string {
  if (types === 'ALL') return `${how.toLowerCase()} ALL`;
  const words = CHUNKS.flatMap(([name, type, letters = '']) => {
    const flags = types.get(type);
    if (!flags) return [];
    const shown = [...letters].flatMap((letter, at) => {
      const bit = 0x80 >> at;
      return flags.mask & bit ? [flags.value & bit ? letter : letter.toLowerCase()] : [];
    });
    const kind = numeric ? `0x${type.toString(16).toUpperCase().padStart(4, '0')}` : name;
    return [shown.length === 0 ? kind : `${kind}:${shown.join('')}`];
  });
  return `${how.toLowerCase()} ${words.length === 0 ? 'NONE' : words.join(',')}`;
}

/** Whether a packet's chunks are any, all or none but those asked for (match_packet). */
function hasChunks({ how, types }: Chunks, b: Uint8Array, from: number, end: number): boolean {
  const missing = new Set(types === 'ALL' ? Array.from({ length: 256 }, (_, type) => type) : types.keys());
  let at = from;
  do {
    const length = end - at < 4 ? 0 : be16(b, at + 2);
    if (length === 0) return false;
    const wanted = types === 'ALL' ? { mask: 0, value: 0 } : types.get(b[at] as number);
    const fits = wanted !== undefined && ((b[at + 1] as number) & wanted.mask) === wanted.value;
    if (fits && how === 'ANY') return true;
    if (fits) missing.delete(b[at] as number);
    else if (how === 'ONLY') return false;
    at += (length + 3) & ~3;
  } while (at < end);
  return how === 'ONLY' || (how === 'ALL' && missing.size === 0);
}

const base = portMatch('sctp', 132, HEADER);

/** The sctp match: ports and chunks (net/netfilter/xt_sctp.c). */
export const sctp: MatchExtension<Sctp> = {
  name: 'sctp',
  options: [...base.options, { name: 'chunk-types', arguments: 2, invert: true }],
  parse(given, context) {
    const ports = base.parse(given, context);
    if (isProblem(ports)) return ports;
    const option = given.find('chunk-types');
    const chunks = option && parseChunks(option.values, option.inverted);
    return isProblem(chunks) ? chunks : { ports, chunks };
  },
  check: (_data, place) => (place.protocol === 132 ? undefined : 'EINVAL'),
  save: ({ ports, chunks }) => `${base.save(ports)}${chunks ? `${not(chunks.inverted)} --chunk-types ${chunksText(chunks, false)}` : ''}`,
  list: ({ ports, chunks }, context) =>
    `${base.list(ports, context)}${chunks ? `${not(chunks.inverted)} ${chunksText(chunks, context.numeric)}` : ''}`,
  matches({ ports, chunks }, skb, state) {
    if (!base.matches(ports, skb, state)) return false;
    return !chunks || hasChunks(chunks, skb.bytes, state.transport + HEADER, skb.end) !== chunks.inverted;
  },
};
