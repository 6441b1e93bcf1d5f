import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

type Section = 'header' | 'body' | 'footer';
/** Whether a line of a section gets a number. */
type Style = (line: string) => boolean;

function parseStyle(text: string): Style | string | undefined {
  if (text === 'a') return () => true;
  if (text === 't') return (line) => line !== '';
  if (text === 'n') return () => false;
  if (!text.startsWith('p')) return undefined;
  const regex = compilePosix(text.slice(1), { extended: false });
  return isPosixError(regex) ? regex.error : (line) => regex.test(textOf(line));
}

function* styles(call: Call): Blocking<Record<Section, Style> | undefined> {
  const found: Partial<Record<Section, Style>> = {};
  for (const [section, otherwise] of [
    ['header', 'n'],
    ['body', 't'],
    ['footer', 'n'],
  ] as const) {
    const text = call.value(`${section}-numbering`) ?? otherwise;
    const style = parseStyle(text);
    if (typeof style === 'function') found[section] = style;
    else if (style !== undefined) {
      yield* call.warn(style);
      return undefined;
    } else {
      yield* call.badUsage(`invalid ${section} numbering style: ${call.quote(text)}`);
      return undefined;
    }
  }
  return found as Record<Section, Style>;
}

function* numeric(call: Call, name: string, otherwise: number, what: string): Blocking<number | undefined> {
  const text = call.value(name);
  if (text === undefined) return otherwise;
  if (/^[-+]?\d+$/.test(text) && (name !== 'number-width' || Number(text) > 0)) return Number(text);
  yield* call.warn(`invalid ${what}: ${call.quote(text)}${/^[-+]?\d+$/.test(text) ? `: ${strerror('ERANGE')}` : ''}`);
  return undefined;
}

function formatter(format: string, width: number): (number: number) => string {
  if (format === 'ln') return (number) => String(number).padEnd(width);
  if (format === 'rz')
    return (number) => (number < 0 ? `-${String(-number).padStart(width - 1, '0')}` : String(number).padStart(width, '0'));
  return (number) => String(number).padStart(width);
}

export const nl: Tool = {
  name: 'nl',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print each file with its lines numbered. STYLE is a (all lines), t (lines that are not empty), n (none) or pREGEX.',
  options: [
    valued('b', 'body-numbering', 'STYLE', 'which lines of bodies to number'),
    valued('d', 'section-delimiter', 'CC', "the two characters that mark the pages' parts"),
    valued('f', 'footer-numbering', 'STYLE', 'which lines of footers to number'),
    valued('h', 'header-numbering', 'STYLE', 'which lines of headers to number'),
    valued('i', 'line-increment', 'NUMBER', 'the step from number to number'),
    valued('l', 'join-blank-lines', 'NUMBER', 'so many empty lines count as one'),
    valued('n', 'number-format', 'FORMAT', 'ln (left), rn (right) or rz (right, with zeros)'),
    flag('p', 'no-renumber', 'go on counting on new pages'),
    valued('s', 'number-separator', 'STRING', 'what stands behind the number, instead of TAB'),
    valued('v', 'starting-line-number', 'NUMBER', 'the first number on each page'),
    valued('w', 'number-width', 'NUMBER', 'columns for the number'),
  ],
  *main(call) {
    const style = yield* styles(call);
    if (!style) return 1;
    const start = yield* numeric(call, 'starting-line-number', 1, 'starting line number');
    const step = yield* numeric(call, 'line-increment', 1, 'line number increment');
    const width = yield* numeric(call, 'number-width', 6, 'line number field width');
    const join = yield* numeric(call, 'join-blank-lines', 1, 'number of blank lines');
    if (start === undefined || step === undefined || width === undefined || join === undefined) return 1;
    const format = call.value('number-format') ?? 'rn';
    if (!['ln', 'rn', 'rz'].includes(format)) return yield* call.badUsage(`invalid line numbering format: ${call.quote(format)}`);
    const show = formatter(format, width);
    const separator = byteString(call.value('number-separator') ?? '\t');
    const marks = byteString(call.value('section-delimiter') ?? '\\:').padEnd(2, ':');
    let number = start;
    let section: Section = 'body';
    let blanks = 0;
    yield* call.eachFile(function* (reader) {
      for (;;) {
        const line = yield* reader.line();
        if (line === undefined) return;
        const mark = line === marks ? 'footer' : line === marks + marks ? 'body' : line === marks + marks + marks ? 'header' : undefined;
        if (mark) {
          section = mark;
          if (mark !== 'footer' && mark === 'header' && !call.has('no-renumber')) number = start;
          yield* call.out.write('\n');
          continue;
        }
        blanks = line === '' ? blanks + 1 : 0;
        const numbered = style[section](line) && (line !== '' || join <= 1 || blanks % join === 0);
        yield* call.out.write(numbered ? `${show(number)}${separator}${line}\n` : `${' '.repeat(width + separator.length)}${line}\n`);
        if (numbered) number += step;
      }
    });
    return call.status;
  },
};
