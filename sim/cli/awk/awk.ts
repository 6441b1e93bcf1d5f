import { strerror } from '../../base/errno.ts';
import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { byteString, bytesOf } from '../tool/byte-string.ts';
import { Fatal } from './fatal.ts';
import { assignOperand, Interpreter } from './interpret.ts';
import { type Options, parseOptions, USAGE, VERSION } from './options.ts';
import { parseProgram } from './parse.ts';
import { Runtime } from './runtime.ts';
import { AwkSyntaxError, type Program as Tree } from './syntax.ts';

/** The pattern scanning language. @see mawk(1) 1.3.4, POSIX awk */
export const run: Program = function* (process) {
  const name = (process.argv[0] ?? 'awk').replace(/^.*\//, '');
  const options = parseOptions(process.argv.slice(1));
  if ('error' in options) {
    yield* process.write(2, options.unmodelled ? notModelled(name, options.unmodelled) : `${name}: ${options.error}\n`);
    return 2;
  }
  if (options.show) {
    yield* process.write(options.show === 'version' ? 1 : 2, options.show === 'version' ? VERSION : USAGE);
    return 0;
  }
  const source = yield* programText(process, options);
  if (typeof source !== 'string') {
    yield* process.write(2, `${name}: ${source.error}\n`);
    return 2;
  }
  const tree = parseProgram(source);
  if (tree instanceof AwkSyntaxError) {
    yield* process.write(2, bytesOf(`${name}: ${tree.message}\n`));
    return 2;
  }
  return yield* interpret(process, name, tree, options);
};

function* interpret(process: Process, name: string, tree: Tree, options: Options): Blocking<number> {
  const runtime = new Runtime(process);
  const failure = prepare(runtime, name, options);
  if (failure) {
    yield* process.write(2, `${name}: ${failure}\n`);
    return 2;
  }
  try {
    yield* new Interpreter(runtime, tree).run();
  } catch (thrown) {
    const message = failureOf(thrown, runtime);
    if (message === undefined) throw thrown;
    if (!(thrown instanceof AwkSyntaxError)) yield* runtime.streams.flush();
    yield* process.write(2, bytesOf(`${name}: ${message}\n`));
    return 2;
  }
  yield* runtime.streams.closeAll();
  return runtime.exitStatus;
}

/** Sets what the command line and the environment give. */
function prepare(runtime: Runtime, name: string, options: Options): string | undefined {
  const { process } = runtime;
  const environment = runtime.array('ENVIRON');
  for (const [key, value] of process.env) environment.set(byteString(key), runtime.fromOutside(value));
  const argv = runtime.array('ARGV');
  [name, ...options.operands].forEach((operand, i) => {
    argv.set(String(i), runtime.fromOutside(operand));
  });
  runtime.variable('ARGC').value = argv.size;
  try {
    if (options.separator !== undefined) assignOperand(runtime, `FS=${byteString(options.separator)}`);
    for (const assignment of options.assignments) {
      if (!assignOperand(runtime, byteString(assignment))) return `improper assignment: -v ${assignment}`;
    }
  } catch (thrown) {
    return failureOf(thrown, runtime);
  }
  return undefined;
}

/** The program: all files of -f, one after another, or the first operand, which is removed. */
function* programText(process: Process, options: Options): Blocking<string | { error: string }> {
  if (options.files.length === 0) return byteString(options.operands.shift() ?? '');
  let text = '';
  for (const file of options.files) {
    const bytes = yield* process.readFile(file === '-' ? '/dev/stdin' : file);
    if (bytes === 'EISDIR') return { error: `read error (${strerror(bytes)})` };
    if (typeof bytes === 'string') return { error: `cannot open "${file}" (${strerror(bytes)})` };
    text += `${byteString(bytes)}\n`;
  }
  return text;
}

/** The words after `awk: ` for what the program did wrong; `undefined` for a bug of ours. */
function failureOf(thrown: unknown, runtime: Runtime): string | undefined {
  if (thrown instanceof AwkSyntaxError) return thrown.message;
  // Too deep a recursion, or a text beyond what the engine holds.
  if (thrown instanceof RangeError) return thrown.message.includes('stack') ? 'function call nesting too deep' : 'out of memory';
  if (!(thrown instanceof Fatal)) return undefined;
  if (thrown.kind === 'plain') return thrown.message;
  const place = `\tFILENAME="${runtime.text(runtime.variable('FILENAME').value)}" FNR=${runtime.fnr} NR=${runtime.nr}`;
  return `run time error: ${thrown.message}\n${place}`;
}

export const awk: Command = { name: 'awk', paths: ['/usr/bin/awk', '/usr/bin/mawk'], run };
