import type { Blocking } from '../../host/wait.ts';
import { type ByteString, byteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { isUtf8 } from '../tool/locale.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Inclusive, counted from 1; `to` may be Infinity. */
interface Range {
  from: number;
  to: number;
}

type Kind = 'bytes' | 'characters' | 'fields';

/** `1,3-5,7-`: sorted and merged ranges, or coreutils' words for what is wrong (set_fields). */
function parseList(text: string, kind: Kind, quote: (text: string) => string): Range[] | string {
  const ranges: Range[] = [];
  for (const item of text.split(/[,\s]/)) {
    const match = /^(\d*)(?:(-)(\d*))?$/.exec(item);
    if (!match || item === '') return invalid(item, kind, quote);
    const [, first = '', dash, last = ''] = match;
    if (dash && first === '' && last === '') return 'invalid range with no endpoint: -';
    const from = first === '' ? 1 : Number(first);
    const to = dash === undefined ? from : last === '' ? Number.POSITIVE_INFINITY : Number(last);
    if (from === 0 || to === 0) return kind === 'fields' ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1';
    if (to < from) return 'invalid decreasing range';
    ranges.push({ from, to });
  }
  ranges.sort((a, b) => a.from - b.from);
  const merged: Range[] = [];
  for (const range of ranges) {
    const last = merged.at(-1);
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else merged.push({ ...range });
  }
  return merged;
}

function invalid(item: string, kind: Kind, quote: (text: string) => string): string {
  if (item === '') return kind === 'fields' ? 'fields are numbered from 1' : 'byte/character positions are numbered from 1';
  return kind === 'fields' ? `invalid field value ${quote(item)}` : `invalid byte/character position ${quote(item)}`;
}

function complement(ranges: Range[]): Range[] {
  const gaps: Range[] = [];
  let next = 1;
  for (const { from, to } of ranges) {
    if (from > next) gaps.push({ from: next, to: from - 1 });
    next = to + 1;
  }
  if (next !== Number.POSITIVE_INFINITY) gaps.push({ from: next, to: Number.POSITIVE_INFINITY });
  return gaps;
}

/** Fields of a line; one without a delimiter stays whole, or goes with `-s`. */
function cutFields(line: ByteString, ranges: Range[], delimiter: string, joint: string, onlyDelimited: boolean): ByteString | undefined {
  if (!line.includes(delimiter)) return onlyDelimited ? undefined : line;
  const fields = line.split(delimiter);
  const chosen: ByteString[] = [];
  for (const { from, to } of ranges) chosen.push(...fields.slice(from - 1, to));
  return chosen.join(joint);
}

function* cutFile(call: Call, reader: Reader, select: (line: ByteString) => ByteString | undefined, end: string): Blocking<void> {
  for (;;) {
    const line = yield* reader.line(end);
    if (line === undefined) return;
    const part = select(line);
    if (part !== undefined) yield* call.out.write(part + end);
  }
}

export const cut: Tool = {
  name: 'cut',
  suite: 'GNU coreutils',
  usage: ['OPTION... [FILE]...'],
  about: 'Print chosen parts of each line. LIST is made of N, N-, N-M and -M, separated by commas and counted from 1.',
  options: [
    valued('b', 'bytes', 'LIST', 'only these bytes'),
    valued('c', 'characters', 'LIST', 'only these characters'),
    valued('d', 'delimiter', 'DELIM', 'what separates fields, instead of TAB'),
    valued('f', 'fields', 'LIST', 'only these fields, and lines without a delimiter unless -s'),
    flag('', 'complement', 'everything but what was chosen'),
    flag('n', 'no-partial', 'with -b, do not split characters'),
    flag('s', 'only-delimited', 'leave out lines without a delimiter'),
    valued('', 'output-delimiter', 'STRING', 'what stands between the parts in the output'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  *main(call) {
    const lists = call.parsed.options.filter((option) => ['bytes', 'characters', 'fields'].includes(option.name));
    const list = lists[0];
    if (!list) return yield* call.badUsage(call.busybox ? '' : 'you must specify a list of bytes, characters, or fields');
    if (lists.length > 1) return yield* call.badUsage('only one list may be specified');
    const kind = list.name as Kind;
    const parsed = parseList(list.value, kind, (text) => call.quote(text));
    if (typeof parsed === 'string') return yield* call.badUsage(parsed);
    if (kind !== 'fields' && call.has('delimiter')) {
      return yield* call.badUsage('an input delimiter may be specified only when operating on fields');
    }
    if (kind !== 'fields' && call.has('only-delimited')) {
      return yield* call.badUsage('suppressing non-delimited lines makes sense\n\tonly when operating on fields');
    }
    const given = call.value('delimiter') ?? '\t';
    const delimiter = given === '' ? '\0' : byteString(given);
    if ((isUtf8(call.process) ? [...given].length : delimiter.length) > 1) {
      return yield* call.badUsage('the delimiter must be a single character');
    }
    const ranges = call.has('complement') ? complement(parsed) : parsed;
    const output = call.value('output-delimiter');
    const joint = output === undefined ? undefined : byteString(output);
    const wide = kind === 'characters' && isUtf8(call.process);
    const select = (line: ByteString): ByteString | undefined => {
      if (kind === 'fields') return cutFields(line, ranges, delimiter, joint ?? delimiter, call.has('only-delimited'));
      const units = wide ? [...textOf(line)] : line;
      const parts = ranges.map(({ from, to }) => units.slice(from - 1, to)).filter((part) => part.length > 0);
      return byteStringOfParts(parts, joint ?? '');
    };
    const end = call.has('zero-terminated') ? '\0' : '\n';
    yield* call.eachFile(
      (reader) => cutFile(call, reader, select, end),
      (path) => call.dialect.fileName(path),
    );
    return call.status;
  },
};

function byteStringOfParts(parts: (string | string[])[], joint: string): ByteString {
  return parts.map((part) => (typeof part === 'string' ? part : byteString(part.join('')))).join(joint);
}
