import { type ByteString, bytesOf } from '../tool/byte-string.ts';
import { parseSize } from '../tool/numbers.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { concatenated, printable } from './dump.ts';

/** How bytes are shown: groups of `size` bytes, each `width` characters wide. */
interface Style {
  kind: string;
  size: number;
  width: number;
  /** The characters beside (`z`). */
  beside: boolean;
}

const WIDTHS: Record<string, Record<number, number>> = {
  d: { 1: 4, 2: 6, 4: 11, 8: 20 },
  o: { 1: 3, 2: 6, 4: 11, 8: 22 },
  u: { 1: 3, 2: 5, 4: 10, 8: 20 },
  x: { 1: 2, 2: 4, 4: 8, 8: 16 },
};

const CONTROLS: Record<number, string> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' };
const NAMES = 'nul soh stx etx eot enq ack bel bs ht nl vt ff cr so si dle dc1 dc2 dc3 dc4 nak syn etb can em sub esc fs gs rs us sp'.split(
  ' ',
);

/** Parses `-t` types such as `x1z`, `d4`, `c`; an error is coreutils' words. */
function parseTypes(text: string): Style[] | string {
  const styles: Style[] = [];
  for (let rest = text; rest !== ''; ) {
    const match = /^([acdoux])(\d+|[CSIL])?(z?)/.exec(rest);
    if (!match) {
      return rest[0] === 'f'
        ? 'floating-point types are not modelled (see sim/FIDELITY.md)'
        : `invalid character '${rest[0]}' in type string '${text}'`;
    }
    const [whole, kind = '', sizeText, z] = match;
    const size = kind === 'a' || kind === 'c' ? 1 : sizeText === undefined ? 4 : ({ C: 1, S: 2, I: 4, L: 8 }[sizeText] ?? Number(sizeText));
    const width = kind === 'a' || kind === 'c' ? 3 : WIDTHS[kind]?.[size];
    if (width === undefined) return `invalid type string '${text}';\nthis system doesn't provide a ${size}-byte integral type`;
    styles.push({ kind, size, width, beside: z === 'z' });
    rest = rest.slice(whole.length);
  }
  return styles;
}

function cell(style: Style, bytes: Uint8Array, at: number): string {
  const byte = bytes[at] as number;
  if (style.kind === 'c')
    return CONTROLS[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'));
  if (style.kind === 'a') {
    const low = byte & 127;
    return low === 127 ? 'del' : (NAMES[low] ?? String.fromCharCode(low));
  }
  let value = 0n;
  for (let i = style.size - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[at + i] ?? 0);
  if (style.kind === 'd') return BigInt.asIntN(style.size * 8, value).toString();
  if (style.kind === 'u') return value.toString();
  return style.kind === 'x' ? value.toString(16).padStart(style.size * 2, '0') : value.toString(8).padStart(style.width, '0');
}

/** One line per style; fields are padded so that the styles stand under one another. */
function lines(styles: readonly Style[], part: ByteString, address: string, perLine: number): string[] {
  const bytes = bytesOf(part);
  const perByte = Math.max(...styles.map((style) => (style.width + 1) / style.size));
  return styles.map((style, index) => {
    let text = index === 0 ? address : ' '.repeat(address.length);
    for (let at = 0; at < bytes.length; at += style.size) text += cell(style, bytes, at).padStart(Math.ceil(perByte * style.size));
    if (!style.beside) return text;
    const missing = Math.floor((perLine - bytes.length) / style.size);
    return `${text}${' '.repeat(missing * Math.ceil(perByte * style.size))}  >${printable(part)}<`;
  });
}

export const od: Tool = {
  name: 'od',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print bytes in octal or as TYPE says: a, c, d, o, u or x, with a size in bytes, with z for characters beside.',
  options: [
    valued('A', 'address-radix', 'RADIX', 'offsets in d, o, x or n (none)'),
    { ...unmodelled('', 'endian'), argument: 'required' },
    valued('j', 'skip-bytes', 'BYTES', 'begin BYTES in'),
    valued('N', 'read-bytes', 'BYTES', 'only BYTES bytes'),
    { ...unmodelled('S', 'strings'), argument: 'optional' },
    valued('t', 'format', 'TYPE', 'how to print'),
    flag('v', 'output-duplicates', 'repeated lines too'),
    valued('w', 'width', 'BYTES', 'so many bytes per line'),
    flag('a', '', 'as -t a'),
    flag('b', '', 'as -t o1'),
    flag('c', '', 'as -t c'),
    flag('d', '', 'as -t u2'),
    flag('o', '', 'as -t o2'),
    flag('s', '', 'as -t d2'),
    flag('x', '', 'as -t x2'),
  ],
  *main(call) {
    const short: Record<string, string> = { a: 'a', b: 'o1', c: 'c', d: 'u2', o: 'o2', s: 'd2', x: 'x2' };
    const styles: Style[] = [];
    for (const { name, value } of call.parsed.options) {
      const text = name === 'format' ? value : short[name];
      const parsed = text === undefined ? [] : parseTypes(text);
      if (typeof parsed === 'string') return yield* call.fail(parsed);
      styles.push(...parsed);
    }
    if (styles.length === 0) styles.push(...(parseTypes('o2') as Style[]));
    const radix = call.value('address-radix') ?? 'o';
    if (!/^[doxn]$/.test(radix)) return yield* call.fail(`invalid output address radix '${radix}'; it must be one character from [doxn]`);
    const skip = parseSize(call.value('skip-bytes') ?? '0');
    const limit = call.has('read-bytes') ? parseSize(call.value('read-bytes') as string) : Number.POSITIVE_INFINITY;
    if (skip === undefined) return yield* call.fail(`invalid -j argument '${call.value('skip-bytes')}'`);
    if (limit === undefined) return yield* call.fail(`invalid -N argument '${call.value('read-bytes')}'`);
    const perLine = Number(call.value('width') ?? 16) || 16;
    const address = (offset: number) =>
      radix === 'n' ? '' : offset.toString({ d: 10, o: 8, x: 16 }[radix] ?? 8).padStart(radix === 'x' ? 6 : 7, '0');
    const text = yield* concatenated(call, call.operands, skip, limit);
    let previous: ByteString | undefined;
    let starred = false;
    for (let offset = 0; offset < text.length; offset += perLine) {
      const part = text.slice(offset, offset + perLine);
      if (part === previous && part.length === perLine && !call.has('output-duplicates')) {
        if (!starred) yield* call.out.write('*\n');
        starred = true;
        continue;
      }
      previous = part;
      starred = false;
      for (const line of lines(styles, part, address(skip + offset), perLine)) yield* call.out.write(`${line}\n`);
    }
    const unread = call.status > 0 && text === '';
    if (radix !== 'n' && !unread) yield* call.out.write(`${address(skip + text.length)}\n`);
    return call.status;
  },
};
