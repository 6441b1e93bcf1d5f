import type { Blocking } from '../../host/wait.ts';
import { formatPrintf } from '../bash/printf.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** A decimal number as an integer with so many digits behind the point, so that 0.1 + 0.2 is 0.3. */
interface Fixed {
  digits: bigint;
  scale: number;
}

function parseFixed(text: string): Fixed | undefined {
  const match = /^\s*([-+]?)(\d*)(?:\.(\d*))?(?:[eE]([-+]?\d{1,4}))?$/.exec(text);
  if (!match) return undefined;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return undefined;
  const shift = Number(exponent) - fraction.length;
  const digits = BigInt(`${whole}${fraction}`) * (sign === '-' ? -1n : 1n);
  return shift >= 0 ? { digits: digits * 10n ** BigInt(shift), scale: 0 } : { digits, scale: -shift };
}

function rescale(number: Fixed, scale: number): bigint {
  return number.digits * 10n ** BigInt(scale - number.scale);
}

function show(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return value < 0n ? `-${text}` : text;
}

/** What is wrong with a `-f` format, in coreutils' words. */
function formatError(format: string): string | undefined {
  const directives = format.replaceAll('%%', '');
  const at = directives.indexOf('%');
  if (at < 0) return `format '${format}' has no % directive`;
  const match = /^%[-+ 0'#]*\d*(?:\.\d*)?(.?)(.*)$/s.exec(directives.slice(at)) as RegExpExecArray;
  if (match[1] === '') return `format '${format}' ends in %`;
  if (!'efgaEFGA'.includes(match[1] as string)) return `format '${format}' has unknown %${match[1]} directive`;
  return (match[2] as string).includes('%') ? `format '${format}' has too many % directives` : undefined;
}

function* count(call: Call, first: Fixed, step: Fixed, last: Fixed): Blocking<number> {
  const scale = Math.max(first.scale, step.scale);
  const exact = Math.max(scale, last.scale);
  const [from, by, to] = [first, step, last].map((number) => rescale(number, exact)) as [bigint, bigint, bigint];
  const unit = 10n ** BigInt(exact - scale);
  const format = call.value('format');
  const separator = call.value('separator') ?? '\n';
  const steps = (to - from) / by;
  const width = call.has('equal-width') ? Math.max(show(from / unit, scale).length, show((from + steps * by) / unit, scale).length) : 0;
  let printed = 0;
  for (let value = from; by > 0n ? value <= to : value >= to; value += by) {
    const plain = show(value / unit, scale);
    const padded = plain.startsWith('-') ? `-${plain.slice(1).padStart(width - 1, '0')}` : plain.padStart(width, '0');
    const text = format === undefined ? padded : formatPrintf(format, [plain]).output;
    yield* call.out.text((printed++ > 0 ? separator : '') + text);
    if (call.out.error) return 1;
    if (printed % 1_000 === 0) yield* call.process.spend(20);
  }
  if (printed > 0) yield* call.out.write('\n');
  return 0;
}

export const seq: Tool = {
  name: 'seq',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... LAST', '[OPTION]... FIRST LAST', '[OPTION]... FIRST INCREMENT LAST'],
  about: 'Print the numbers from FIRST (1) to LAST in steps of INCREMENT (1).',
  options: [
    valued('f', 'format', 'FORMAT', 'a printf format for the numbers: %e, %f or %g'),
    valued('s', 'separator', 'STRING', 'what stands between, instead of newline'),
    flag('w', 'equal-width', 'leading zeros, so that all are equally wide'),
  ],
  // A negative number is no option.
  rewrite(args) {
    const at = args.findIndex((arg, i) => (!arg.startsWith('-') && !/^-[fs]$/.test(args[i - 1] ?? '')) || /^-[.\d]/.test(arg));
    return args[at]?.startsWith('-') ? [...args.slice(0, at), '--', ...args.slice(at)] : args;
  },
  stopAtOperand: true,
  *main(call) {
    const extra = call.operands[3];
    if (call.operands.length === 0) return yield* call.missingOperand();
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const numbers: Fixed[] = [];
    for (const text of call.operands) {
      const number = /^[-+]?inf(inity)?$/i.test(text)
        ? { digits: 10n ** 30n * (text.startsWith('-') ? -1n : 1n), scale: 0 }
        : parseFixed(text);
      if (!number) return yield* call.badUsage(call.busybox ? '' : `invalid floating point argument: ${call.quote(text)}`);
      numbers.push(number);
    }
    const format = call.value('format');
    const wrong = format === undefined ? undefined : formatError(format);
    if (wrong !== undefined) return yield* call.fail(wrong);
    if (format !== undefined && call.has('equal-width'))
      return yield* call.badUsage('format string may not be specified when printing equal width strings');
    const one: Fixed = { digits: 1n, scale: 0 };
    const last = numbers.at(-1) as Fixed;
    const first = numbers.length > 1 ? (numbers[0] as Fixed) : one;
    const step = numbers.length > 2 ? (numbers[1] as Fixed) : one;
    if (step.digits === 0n) return yield* call.badUsage(`invalid Zero increment value: ${call.quote(call.operands[1] as string)}`);
    return yield* count(call, first, step, last);
  },
};
