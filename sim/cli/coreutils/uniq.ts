import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import type { ByteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { Output } from '../tool/output.ts';
import { quoteAlways } from '../tool/quote.ts';
import { flag, optional, type Tool, valued } from '../tool/tool.ts';

/** The part of a line that is compared (-f, -s, -w, -i). */
function comparedPart(call: Call): (line: ByteString) => ByteString {
  const fields = Number(call.value('skip-fields') ?? 0);
  const skip = Number(call.value('skip-chars') ?? 0);
  const width = call.value('check-chars');
  const fold = call.has('ignore-case');
  const skipFields = new RegExp(`^(?:[ \\t]*[^ \\t]+){0,${Math.min(fields, 1_000)}}`);
  return (line) => {
    let part = fields > 0 ? line.slice(skipFields.exec(line)?.[0].length ?? 0) : line;
    part = part.slice(skip, width === undefined ? undefined : skip + Number(width));
    return fold ? part.replace(/[a-z]+/g, (letters) => letters.toUpperCase()) : part;
  };
}

function* badNumber(call: Call): Blocking<number | undefined> {
  for (const [name, what] of [
    ['skip-fields', 'fields to skip'],
    ['skip-chars', 'bytes to skip'],
    ['check-chars', 'bytes to compare'],
  ] as const) {
    const value = call.value(name);
    if (value !== undefined && !/^\d+$/.test(value)) return yield* call.fail(`${value}: invalid number of ${what}`);
  }
  return undefined;
}

export const uniq: Tool = {
  name: 'uniq',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [INPUT [OUTPUT]]'],
  about: 'Print each line once where equal lines follow one another. Equal lines that do not are only found in sorted input.',
  options: [
    flag('c', 'count', 'how often each line occurred in front of it'),
    flag('d', 'repeated', 'only lines that occurred several times, once each'),
    flag('D', '', 'only lines that occurred several times, all of them'),
    { ...optional('', 'all-repeated', 'METHOD', 'as -D, with empty lines between groups'), unmodelled: true },
    valued('f', 'skip-fields', 'N', 'do not compare the first N fields'),
    { ...optional('', 'group', 'METHOD', 'all lines, with empty lines between groups'), unmodelled: true },
    flag('i', 'ignore-case', 'capital and small letters are the same'),
    valued('s', 'skip-chars', 'N', 'do not compare the first N characters'),
    flag('u', 'unique', 'only lines that occurred once'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
    valued('w', 'check-chars', 'N', 'compare no more than N characters'),
  ],
  *main(call) {
    const [input = '-', output, extra] = call.operands;
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const bad = yield* badNumber(call);
    if (bad !== undefined) return bad;
    if (call.has('D') && call.has('count')) return yield* call.badUsage('printing all duplicated lines and repeat counts is meaningless');
    const file = call.open(input);
    if (typeof file === 'string') {
      return yield* call.fail(`${call.either(call.dialect.fileName(input), `can't open '${input}'`)}: ${strerror(file)}`);
    }
    let out = call.out;
    if (output !== undefined && output !== '-') {
      const fd = call.process.open(output, { write: true, create: true, truncate: true });
      if (typeof fd === 'string') return yield* call.fail(`${quoteAlways(output)}: ${strerror(fd)}`);
      out = new Output(call.process, fd);
    }
    const end = call.has('zero-terminated') ? '\0' : '\n';
    const part = comparedPart(call);
    const [all, repeated, unique, counted] = [call.has('D'), call.has('repeated'), call.has('unique'), call.has('count')];
    const finishGroup = function* (first: ByteString, count: number): Blocking<void> {
      if (all || (repeated && count === 1) || (unique && count > 1)) return;
      yield* out.write(`${counted ? `${String(count).padStart(7)} ` : ''}${first}${end}`);
    };
    let group: { first: ByteString; key: ByteString; count: number } | undefined;
    for (;;) {
      const line = yield* file.reader.line(end);
      if (line === undefined) break;
      const key = part(line);
      if (group && group.key === key) {
        group.count++;
        if (all) yield* out.write((group.count === 2 ? group.first + end : '') + line + end);
        continue;
      }
      if (group) yield* finishGroup(group.first, group.count);
      group = { first: line, key, count: 1 };
    }
    if (group) yield* finishGroup(group.first, group.count);
    if (out !== call.out) yield* out.flush();
    if (file.reader.error) return yield* call.fail(`error reading ${quoteAlways(input)}: ${strerror(file.reader.error)}`);
    return 0;
  },
};
