import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, type OptionSpec, optionValue, type Parsed } from '../getopt.ts';
import { execute, type Settings } from './execute.ts';
import { type ParseOptions, parseScript } from './parse.ts';
import { ScriptError } from './script.ts';
import type { Chunk } from './script-reader.ts';
import { USAGE, VERSION } from './usage.ts';

const OPTIONS: readonly OptionSpec[] = [
  { name: 'quiet', short: 'n', long: 'quiet' },
  { name: 'quiet', long: 'silent' },
  { name: 'debug', long: 'debug', unmodelled: true },
  { name: 'expression', short: 'e', long: 'expression', argument: 'required' },
  { name: 'file', short: 'f', long: 'file', argument: 'required' },
  { name: 'follow-symlinks', long: 'follow-symlinks' },
  { name: 'in-place', short: 'i', long: 'in-place', argument: 'optional' },
  { name: 'line-length', short: 'l', long: 'line-length', argument: 'required' },
  { name: 'posix', short: 'p', long: 'posix' },
  { name: 'extended', short: 'E', long: 'regexp-extended' },
  { name: 'extended', short: 'r' },
  { name: 'sandbox', long: 'sandbox' },
  { name: 'separate', short: 's', long: 'separate' },
  { name: 'unbuffered', short: 'u', long: 'unbuffered' },
  { name: 'null-data', short: 'z', long: 'null-data' },
  { name: 'null-data', long: 'zero-terminated' },
  { name: 'binary', short: 'b', long: 'binary' },
  { name: 'help', long: 'help' },
  { name: 'help', short: 'h' },
  { name: 'version', long: 'version' },
];

/** The stream editor. @see sed(1) of GNU sed 4.9 */
export const run: Program = function* (process) {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    if (parsed.unmodelled) yield* process.write(2, notModelled('sed', parsed.unmodelled));
    else yield* process.write(2, `sed: ${parsed.error}\n${USAGE}`);
    return 1;
  }
  if (hasOption(parsed, 'help') || hasOption(parsed, 'version')) {
    yield* process.write(1, hasOption(parsed, 'version') ? VERSION : `${USAGE}E-mail bug reports to: <bug-sed@gnu.org>.\n`);
    return 0;
  }
  const chunks = yield* scriptChunks(process, parsed);
  if (typeof chunks === 'string') {
    yield* process.write(2, chunks);
    return chunks === USAGE ? 1 : 4;
  }
  const options: ParseOptions = {
    extended: hasOption(parsed, 'extended'),
    posix: hasOption(parsed, 'posix'),
    sandbox: hasOption(parsed, 'sandbox'),
  };
  const script = parseScript(chunks, options);
  if (script instanceof ScriptError) {
    yield* process.write(2, `sed: ${script.message}\n`);
    return script.status;
  }
  const settings = settingsOf(parsed, script.quiet);
  if (settings.inPlace && parsed.operands.length === 0) {
    yield* process.write(2, 'sed: no input files\n');
    return 4;
  }
  return yield* execute(process, script, parsed.operands, settings);
};

function settingsOf(parsed: Parsed, quiet: boolean): Settings {
  const suffix = optionValue(parsed, 'in-place');
  return {
    quiet: quiet || hasOption(parsed, 'quiet'),
    separate: hasOption(parsed, 'separate') || suffix !== undefined,
    unbuffered: hasOption(parsed, 'unbuffered'),
    posix: hasOption(parsed, 'posix'),
    lineLength: Number.parseInt(optionValue(parsed, 'line-length') ?? '70', 10) || 0,
    delimiter: hasOption(parsed, 'null-data') ? '\0' : '\n',
    inPlace: suffix === undefined ? undefined : { suffix, followSymlinks: hasOption(parsed, 'follow-symlinks') },
  };
}

/** The pieces of script in order: -e and -f, or else the first operand. An error is a whole message. */
function* scriptChunks(process: Process, parsed: Parsed): Blocking<Chunk[] | string> {
  const chunks: Chunk[] = [];
  let expressions = 0;
  for (const { name, value } of parsed.options) {
    if (name === 'expression') chunks.push({ text: value, origin: { expression: ++expressions } });
    if (name !== 'file') continue;
    const bytes = yield* value === '-' ? process.readFile('/dev/stdin') : process.readFile(value);
    if (typeof bytes === 'string') return `sed: couldn't open file ${value}: ${strerror(bytes)}\n`;
    const text = decode(bytes).replace(/^#![^\n]*/, '');
    chunks.push({ text: text.endsWith('\n') ? text.slice(0, -1) : text, origin: { file: value } });
  }
  if (chunks.length > 0) return chunks;
  const script = parsed.operands.shift();
  return script === undefined ? USAGE : [{ text: script, origin: { expression: 1 } }];
}

export const sed: Command = { name: 'sed', paths: ['/usr/bin/sed'], run };
