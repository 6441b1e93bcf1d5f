import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ByteString, bytesOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { parseSize } from '../tool/numbers.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';

/** All files as one stream, from `skip` on, at most `limit` bytes. */
export function* concatenated(call: Call, paths: readonly string[], skip: number, limit: number): Blocking<ByteString> {
  let text = '';
  for (const path of paths.length > 0 ? paths : ['-']) {
    const file = call.open(path);
    if (typeof file === 'string') {
      yield* call.about(path, file);
      continue;
    }
    text += skip + limit === Number.POSITIVE_INFINITY ? yield* file.reader.rest() : yield* file.reader.take(skip + limit - text.length);
    if (file.reader.error) yield* call.about(path, file.reader.error);
    call.close(file.fd);
  }
  return text.slice(skip, skip + limit);
}

const hex = (byte: number, width = 2): string => byte.toString(16).padStart(width, '0');

/** `............`: printable ASCII, dots for the rest. */
export function printable(bytes: ByteString): string {
  return bytes.replace(/[^ -~]/g, '.');
}

/** Lines of a dump with repeated ones replaced by `*`. */
function squeezed(text: ByteString, size: number, all: boolean, line: (part: ByteString, offset: number) => string): string[] {
  const lines: string[] = [];
  let previous: ByteString | undefined;
  let starred = false;
  for (let offset = 0; offset < text.length; offset += size) {
    const part = text.slice(offset, offset + size);
    if (!all && part === previous && part.length === size) {
      if (!starred) lines.push('*');
      starred = true;
      continue;
    }
    previous = part;
    starred = false;
    lines.push(line(part, offset));
  }
  return lines;
}

export const hexdump: Tool = {
  name: 'hexdump',
  suite: 'util-linux',
  usage: ['[OPTION]... FILE...'],
  about: 'Print bytes in hexadecimal.',
  options: [
    unmodelled('b', 'one-byte-octal'),
    flag('C', 'canonical', 'byte by byte, with characters beside'),
    unmodelled('c', 'one-byte-char'),
    unmodelled('d', 'two-bytes-decimal'),
    { ...unmodelled('e', 'format'), argument: 'required' },
    valued('n', 'length', 'LENGTH', 'only LENGTH bytes'),
    valued('s', 'skip', 'OFFSET', 'begin OFFSET bytes in'),
    flag('v', 'no-squeezing', 'repeated lines too'),
    flag('x', 'two-bytes-hex', 'in words of two bytes'),
  ],
  *main(call) {
    const skip = parseSize(call.value('skip') ?? '0');
    const limit = call.has('length') ? parseSize(call.value('length') as string) : Number.POSITIVE_INFINITY;
    if (skip === undefined || limit === undefined) return yield* call.fail('failed to parse length or offset');
    const text = yield* concatenated(call, call.operands, skip, limit);
    const canonical = (part: ByteString, offset: number) => {
      const bytes = [...bytesOf(part)].map((byte) => hex(byte));
      const halves = `${bytes.slice(0, 8).join(' ').padEnd(23)}  ${bytes.slice(8).join(' ').padEnd(23)}`;
      return `${hex(skip + offset, 8)}  ${halves}  |${printable(part)}|`;
    };
    const words = (part: ByteString, offset: number) => {
      const bytes = bytesOf(part);
      const list = [];
      for (let i = 0; i < bytes.length; i += 2) list.push(hex((bytes[i] as number) | ((bytes[i + 1] ?? 0) << 8), 4));
      const joint = call.has('two-bytes-hex') ? '    ' : ' ';
      return `${hex(skip + offset, 7)}${joint}${list.join(joint).padEnd(joint.length === 1 ? 39 : 60)}`;
    };
    const isCanonical = call.has('canonical');
    for (const line of squeezed(text, 16, call.has('no-squeezing'), isCanonical ? canonical : words)) yield* call.out.write(`${line}\n`);
    if (text !== '') yield* call.out.write(`${hex(skip + text.length, isCanonical ? 8 : 7)}\n`);
    return call.status;
  },
};

export const xxd: Tool = {
  name: 'xxd',
  suite: 'xxd',
  usage: ['[OPTION]... [INFILE [OUTFILE]]'],
  about: 'Print bytes in hexadecimal with characters beside, or with -r turn such a dump back into bytes.',
  options: [
    unmodelled('a', ''),
    flag('b', '', 'in bits'),
    valued('c', '', 'COLS', 'so many bytes per line'),
    valued('g', '', 'BYTES', 'so many bytes per group'),
    unmodelled('i', ''),
    valued('l', '', 'LENGTH', 'only LENGTH bytes'),
    flag('p', '', 'only hexadecimal digits'),
    flag('r', '', 'back to bytes'),
    valued('s', '', 'SEEK', 'begin SEEK bytes in'),
    flag('u', '', 'capital digits'),
  ],
  rewrite: (args) => args.map((arg) => (arg === '-ps' || arg === '-plain' ? '-p' : arg)),
  *main(call) {
    const [path = '-', target] = call.operands;
    if (target !== undefined) return yield* call.fail('writing to a file is not modelled (see sim/FIDELITY.md)');
    const file = call.open(path);
    if (typeof file === 'string') return yield* call.fail(`${path}: ${strerror(file)}`, 2);
    const whole = yield* file.reader.rest();
    if (call.has('r')) {
      yield* call.out.write(
        call.has('p')
          ? fromHex(whole)
          : whole
              .split('\n')
              .map((line) => fromHex(dumpDigits(line)))
              .join(''),
      );
      return 0;
    }
    const skip = Number(call.value('s') ?? 0);
    const text = whole.slice(skip, call.has('l') ? skip + Number(call.value('l')) : undefined);
    const bits = call.has('b');
    const columns = Number(call.value('c') ?? (call.has('p') ? 30 : bits ? 6 : 16)) || 16;
    const group = Number(call.value('g') ?? (bits ? 1 : 2));
    for (let offset = 0; offset < text.length; offset += columns)
      yield* call.out.write(
        `${xxdLine(text.slice(offset, offset + columns), skip + offset, { columns, group, bits, plain: call.has('p'), upper: call.has('u') })}\n`,
      );
    return 0;
  },
};

interface XxdStyle {
  columns: number;
  group: number;
  bits: boolean;
  plain: boolean;
  upper: boolean;
}

function xxdLine(part: ByteString, offset: number, style: XxdStyle): string {
  const digits = [...bytesOf(part)].map((byte) =>
    style.bits ? byte.toString(2).padStart(8, '0') : style.upper ? hex(byte).toUpperCase() : hex(byte),
  );
  if (style.plain) return digits.join('');
  const size = style.group > 0 ? style.group : style.columns;
  const joined = digits.map((digit, i) => (i > 0 && i % size === 0 ? ` ${digit}` : digit)).join('');
  const width = style.columns * (style.bits ? 8 : 2) + Math.ceil(style.columns / size) - 1;
  return `${hex(offset, 8)}: ${joined.padEnd(width)}  ${printable(part)}`;
}

/** The digits of a line of a dump, without offset and characters. */
function dumpDigits(line: string): string {
  const match = /^[0-9a-fA-F]+:\s?(.*)$/.exec(line);
  return match ? ((match[1] as string).split(/ {2}/)[0] as string) : '';
}

function fromHex(text: string): ByteString {
  return (text.replace(/[^0-9a-fA-F]/g, '').match(/../g) ?? []).map((pair) => String.fromCharCode(Number.parseInt(pair, 16))).join('');
}

export const strings: Tool = {
  name: 'strings',
  suite: 'GNU Binutils',
  usage: ['[option(s)] [file(s)]'],
  about: 'Print the stretches of printable characters in files, four characters or longer.',
  options: [
    flag('a', 'all', 'the whole file, as anyway'),
    flag('f', 'print-file-name', 'with the name of the file'),
    valued('n', 'bytes', 'LENGTH', 'at least LENGTH characters'),
    valued('t', 'radix', 'o|d|x', 'with the offset'),
    flag('o', '', 'as -t o'),
    { ...optional('e', 'encoding', 'ENCODING', ''), unmodelled: true },
  ],
  rewrite: (args) => args.map((arg) => arg.replace(/^-(\d+)$/, '-n$1')),
  *main(call) {
    const least = Number(call.value('bytes') ?? 4);
    if (!Number.isInteger(least) || least < 1) return yield* call.fail(`invalid minimum string length ${call.value('bytes')}`);
    const radix = call.has('o') ? 'o' : call.value('radix');
    const base = { o: 8, d: 10, x: 16 }[radix ?? 'd'];
    if (!base) return yield* call.badUsage('');
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.warn(file === 'ENOENT' && !call.busybox ? `'${path}': No such file` : `${path}: ${strerror(file)}`);
        continue;
      }
      const text = yield* file.reader.rest();
      if (file.reader.error === 'EISDIR') yield* call.complain(`${call.name}: Warning: '${path}' is a directory\n`);
      call.close(file.fd);
      for (const match of text.matchAll(new RegExp(`[\\t -~]{${least},}`, 'g'))) {
        const name = call.has('print-file-name') ? `${path}: ` : '';
        yield* call.out.write(`${name}${radix === undefined ? '' : `${match.index.toString(base).padStart(7)} `}${match[0]}\n`);
      }
    }
    return call.status;
  },
};
