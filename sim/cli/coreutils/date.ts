import { strerror } from '../../base/errno.ts';
import { type Moment, momentOf, strftime } from '../../base/calendar.ts';
import { parseDate } from '../tool/date-text.ts';
import { stat } from '../tool/filesystem.ts';
import { flag, optional, type Tool, valued } from '../tool/tool.ts';

const ISO: Record<string, string> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
};
const RFC_3339: Record<string, string> = { date: '%Y-%m-%d', seconds: '%Y-%m-%d %H:%M:%S%:z', ns: '%Y-%m-%d %H:%M:%S.%N%:z' };

function named(table: Record<string, string>, word: string): string | undefined {
  const names = Object.keys(table).filter((name) => name.startsWith(word));
  return names.length === 1 || table[word] !== undefined ? table[table[word] !== undefined ? word : (names[0] as string)] : undefined;
}

export const date: Tool = {
  name: 'date',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [+FORMAT]'],
  about: 'Print the date and time of the simulated world in UTC. FORMAT is that of strftime(3).',
  options: [
    valued('d', 'date', 'STRING', 'the time that STRING describes instead of now'),
    optional('I', 'iso-8601', 'FMT', 'as ISO 8601: date, hours, minutes, seconds or ns'),
    flag('R', 'rfc-email', 'as in mail'),
    valued('', 'rfc-3339', 'FMT', 'as RFC 3339: date, seconds or ns'),
    valued('r', 'reference', 'FILE', 'when FILE was changed'),
    { ...valued('s', 'set', 'STRING', ''), unmodelled: true },
    flag('u', 'utc', 'in UTC, as anyway'),
    { ...flag('', 'universal', 'same as --utc'), name: 'utc' },
  ],
  *main(call) {
    const formats = call.operands.filter((operand) => operand.startsWith('+'));
    const other = call.operands.find((operand) => !operand.startsWith('+'));
    if (other !== undefined && call.operands.length === 1) {
      if (/^\d+(\.\d+)?$/.test(other)) return yield* call.fail(`cannot set date: ${strerror('EPERM')}`);
      return yield* call.fail(`invalid date ${call.quote(other)}`);
    }
    if (other !== undefined || formats.length > 1) return yield* call.extraOperand(call.operands[1] as string);
    const iso = call.has('iso-8601') ? named(ISO, call.value('iso-8601') || 'date') : undefined;
    if (call.has('iso-8601') && iso === undefined)
      return yield* call.badChoice(call.value('iso-8601') ?? '', 'iso-8601', ['hours', 'minutes', 'date', 'seconds', 'ns']);
    const rfc = call.has('rfc-3339') ? named(RFC_3339, call.value('rfc-3339') ?? '') : undefined;
    if (call.has('rfc-3339') && rfc === undefined)
      return yield* call.badChoice(call.value('rfc-3339') ?? '', 'rfc-3339', ['date', 'seconds', 'ns']);
    let shown: Moment | undefined = momentOf(call.process.host.now);
    const text = call.value('date');
    const file = call.value('reference');
    if (file !== undefined) {
      const inode = stat(call.process, file);
      if (typeof inode === 'string') return yield* call.fail(`${call.dialect.fileName(file)}: ${strerror(inode)}`);
      shown = momentOf(inode.modified);
    } else if (text !== undefined) shown = parseDate(text, call.process.host.now);
    if (!shown) return yield* call.fail(`invalid date ${call.quote(text ?? '')}`);
    const format = formats[0]?.slice(1) ?? iso ?? rfc ?? (call.has('rfc-email') ? '%a, %d %b %Y %H:%M:%S %z' : '%a %b %e %H:%M:%S %Z %Y');
    yield* call.out.text(`${strftime(format, shown)}\n`);
    return 0;
  },
};
