import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { TextInput, TextOutput } from '../text-stream.ts';
import { beginEdit, type Edit, finishEdit } from './in-place.ts';
import { SedInput } from './input.ts';
import { listing } from './list.ts';
import { applies, asksForLast, initialState, type Position, type RangeState } from './match.ts';
import { SedOutput } from './output.ts';
import { type Action, type Command, type Script, ScriptError } from './script.ts';
import { NoPreviousRegex, substitute, TooLong } from './substitute.ts';

export interface Settings {
  quiet: boolean;
  separate: boolean;
  unbuffered: boolean;
  posix: boolean;
  /** Columns of `l`. */
  lineLength: number;
  delimiter: string;
  inPlace: { suffix: string; followSymlinks: boolean } | undefined;
}

/** What one command does to the flow: go on, jump, end the cycle (printing or not), start over without reading, or quit. */
type Flow = number | 'next' | 'end' | 'delete' | 'restart' | 'quit' | 'quit-silently';

/** Commands executed between two moments of virtual time spent; `b` loops must not freeze the world. */
const COMMANDS_PER_TICK = 500;
const TICK_COST = 50;

/** Runs a script over the input files. @returns the exit status */
export function* execute(process: Process, script: Script, files: readonly string[], settings: Settings): Blocking<number> {
  return yield* new Execution(process, script, files, settings).run();
}

class Execution {
  readonly #process: Process;
  readonly #commands: readonly Command[];
  readonly #ranges: RangeState[];
  readonly #settings: Settings;
  readonly #input: SedInput;
  readonly #stdout: SedOutput;
  /** Files of `w`, by name, open from the start. */
  readonly #files = new Map<string, SedOutput>();
  /** Files that `R` reads line by line. */
  readonly #sources = new Map<string, TextInput | undefined>();
  /** What `a`, `r` and `R` have left for the end of the cycle. */
  #queue: ({ text: string } | { file: string })[] = [];
  #edit: Edit | undefined;
  #pattern = '';
  #terminated = true;
  #hold = '';
  #holdTerminated = true;
  #substituted = false;
  #lastRegex: RegExp | undefined;
  #status = 0;
  #executed = 0;
  readonly #position: Position;

  constructor(process: Process, script: Script, files: readonly string[], settings: Settings) {
    this.#process = process;
    this.#commands = script.commands;
    this.#settings = settings;
    this.#ranges = script.commands.map(initialState);
    const stdout = new TextOutput(process, 1);
    this.#stdout = new SedOutput(stdout);
    this.#files.set('/dev/stdout', new SedOutput(stdout));
    this.#input = new SedInput(process, files.length > 0 ? files : ['-'], settings, {
      opened: (name) => this.#opened(name),
      closed: () => this.#closed(),
      failed: (message) => this.#complain(message, 2),
    });
    this.#position = { line: 0, last: false, matches: (address) => this.#regex(address.regex.expression).test(this.#pattern) };
  }

  *run(): Blocking<number> {
    const failed = this.#openFiles();
    if (failed) {
      yield* this.#process.write(2, `sed: ${failed}\n`);
      return 4;
    }
    try {
      yield* this.#cycles();
    } catch (thrown) {
      const message = failureOf(thrown);
      if (!message) throw thrown;
      yield* this.#flushAll();
      yield* this.#process.write(2, `sed: ${message.message}\n`);
      return message.status;
    }
    yield* this.#flushAll();
    return this.#status;
  }

  *#cycles(): Blocking<void> {
    let restart = false;
    for (;;) {
      if (!restart && !(yield* this.#read())) break;
      restart = false;
      const flow = yield* this.#cycle();
      if (flow === 'restart') restart = true;
      else if (flow !== 'delete' && flow !== 'quit-silently' && !this.#settings.quiet) this.#print(this.#pattern);
      if (flow === 'quit') this.#output.completeLine();
      yield* this.#endCycle();
      if (flow === 'quit' || flow === 'quit-silently') break;
    }
    yield* this.#input.finish();
  }

  /** Reads the next line into the pattern space; false when there is none. */
  *#read(): Blocking<boolean> {
    if (this.#settings.unbuffered || this.#stdout.interactive) yield* this.#flushAll();
    const line = yield* this.#nextLine();
    if (line === undefined) return false;
    this.#pattern = line;
    this.#substituted = false;
    return true;
  }

  *#nextLine(): Blocking<string | undefined> {
    const line = this.#input.buffered() ?? (yield* this.#waitForLine());
    this.#terminated = this.#input.terminated;
    this.#position.line = this.#input.lineNumber;
    return line;
  }

  *#waitForLine(): Blocking<string | undefined> {
    yield* this.#flushAll();
    return yield* this.#input.line();
  }

  *#cycle(): Blocking<Flow> {
    const commands = this.#commands;
    for (let at = 0; at < commands.length; ) {
      if (++this.#executed % COMMANDS_PER_TICK === 0) yield* this.#process.spend(TICK_COST);
      const command = commands[at] as Command;
      if (asksForLast(command)) this.#position.last = yield* this.#input.atEnd();
      if (applies(command, this.#ranges[at] as RangeState, this.#position) === command.negated) {
        at = command.action.name === '{' ? command.action.end : at + 1;
        continue;
      }
      const flow = yield* this.#perform(command.action, this.#ranges[at] as RangeState, command);
      if (flow === 'next') at++;
      else if (typeof flow === 'number') at = flow;
      else return flow;
    }
    return 'end';
  }

  *#perform(action: Action, range: RangeState, command: Command): Blocking<Flow> {
    const { delimiter } = this.#settings;
    switch (action.name) {
      case '=':
        this.#output.text(`${this.#input.lineNumber}\n`);
        return 'next';
      case 'a':
        this.#queue.push({ text: action.text });
        return 'next';
      case 'b':
        return action.target;
      case 'c':
        if (!command.to || range.phase !== 'active' || command.negated) this.#output.text(action.text);
        return 'delete';
      case 'd':
        return 'delete';
      case 'D':
        return this.#deleteFirstLine();
      case 'F':
        this.#output.text(`${this.#input.name}\n`);
        return 'next';
      case 'g':
        this.#pattern = this.#hold;
        this.#terminated = this.#holdTerminated;
        return 'next';
      case 'G':
        this.#pattern = limited(this.#pattern + delimiter + this.#hold);
        this.#terminated ||= this.#holdTerminated;
        return 'next';
      case 'h':
        this.#hold = this.#pattern;
        this.#holdTerminated = this.#terminated;
        return 'next';
      case 'H':
        this.#hold = limited(this.#hold + delimiter + this.#pattern);
        this.#holdTerminated ||= this.#terminated;
        return 'next';
      case 'i':
        this.#output.text(action.text);
        return 'next';
      case 'l':
        this.#output.text(listing(this.#pattern, action.number ?? this.#settings.lineLength));
        return 'next';
      case 'n':
        return yield* this.#next();
      case 'N':
        return yield* this.#appendNext();
      case 'p':
        this.#print(this.#pattern);
        return 'next';
      case 'P':
        this.#printFirstLine(this.#output);
        return 'next';
      case 'q':
      case 'Q':
        this.#status = (action.number ?? 0) & 0xff;
        return action.name === 'q' ? 'quit' : 'quit-silently';
      case 'r':
        this.#queue.push({ file: action.file });
        return 'next';
      case 'R':
        yield* this.#queueLine(action.file);
        return 'next';
      case 's':
        this.#substitute(action.substitution);
        return 'next';
      case 't':
      case 'T': {
        const jump = this.#substituted === (action.name === 't');
        this.#substituted = false;
        return jump ? action.target : 'next';
      }
      case 'w':
        this.#writer(action.file).line(this.#pattern, delimiter, this.#terminated);
        return 'next';
      case 'W':
        this.#printFirstLine(this.#writer(action.file));
        return 'next';
      case 'x':
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        [this.#terminated, this.#holdTerminated] = [this.#holdTerminated, this.#terminated];
        return 'next';
      case 'y':
        this.#pattern = Array.from(this.#pattern, (char) => action.map.get(char) ?? char).join('');
        return 'next';
      case 'z':
        this.#pattern = '';
        return 'next';
      case '{':
      case '}':
        return 'next';
    }
  }

  #deleteFirstLine(): Flow {
    const end = this.#pattern.indexOf(this.#settings.delimiter);
    if (end < 0) return 'delete';
    this.#pattern = this.#pattern.slice(end + 1);
    return 'restart';
  }

  *#next(): Blocking<Flow> {
    if (yield* this.#input.atEnd()) return 'end';
    if (!this.#settings.quiet) this.#print(this.#pattern);
    yield* this.#endCycle();
    const line = yield* this.#nextLine();
    if (line === undefined) return 'quit-silently';
    this.#pattern = line;
    return 'next';
  }

  *#appendNext(): Blocking<Flow> {
    if (yield* this.#input.atEnd()) return this.#settings.posix ? 'delete' : 'end';
    yield* this.#endCycle();
    const line = yield* this.#nextLine();
    if (line === undefined) return 'quit-silently';
    this.#pattern = limited(this.#pattern + this.#settings.delimiter + line);
    return 'next';
  }

  #substitute(substitution: Extract<Action, { name: 's' }>['substitution']): void {
    const result = substitute(this.#pattern, substitution, this.#regex(substitution.regex.expression));
    if (result === undefined) return;
    this.#pattern = limited(result);
    this.#substituted = true;
    if (substitution.print) this.#print(this.#pattern);
    if (substitution.file !== undefined) this.#writer(substitution.file).line(this.#pattern, this.#settings.delimiter, this.#terminated);
  }

  /** The expression to use, which is the last one used when the script left it empty. */
  #regex(expression: RegExp | undefined): RegExp {
    const regex = expression ?? this.#lastRegex;
    if (!regex) throw new NoPreviousRegex();
    this.#lastRegex = regex;
    regex.lastIndex = 0;
    return regex;
  }

  // ---- output ---------------------------------------------------------------------------------------------------------

  get #output(): SedOutput {
    return this.#edit?.output ?? this.#stdout;
  }

  #printFirstLine(output: SedOutput): void {
    const { delimiter } = this.#settings;
    const end = this.#pattern.indexOf(delimiter);
    if (end < 0) output.line(this.#pattern, delimiter, this.#terminated);
    else output.line(this.#pattern.slice(0, end), delimiter, true);
  }

  #print(text: string): void {
    this.#output.line(text, this.#settings.delimiter, this.#terminated);
  }

  /** What has been queued for the end of the cycle, and what is due to be flushed. */
  *#endCycle(): Blocking<void> {
    for (const item of this.#queue.splice(0)) {
      if ('text' in item) this.#output.text(item.text);
      else yield* this.#copyFile(item.file);
    }
    if (this.#output.full) yield* this.#output.flush();
    for (const file of this.#files.values()) if (file.full) yield* file.flush();
  }

  *#copyFile(name: string): Blocking<void> {
    const bytes = name === '/dev/stdin' ? yield* this.#standardInput() : yield* this.#process.readFile(name);
    if (bytes === 'EISDIR') throw new ScriptError(`read error on ${name}: ${strerror(bytes)}`, 4);
    if (typeof bytes !== 'string') this.#output.text(decode(bytes));
  }

  *#standardInput(): Blocking<Uint8Array> {
    const parts: number[] = [];
    for (;;) {
      const bytes = yield* this.#process.read(0);
      if (typeof bytes === 'string' || bytes.length === 0) return Uint8Array.from(parts);
      parts.push(...bytes);
    }
  }

  *#queueLine(name: string): Blocking<void> {
    if (!this.#sources.has(name)) {
      const fd = name === '/dev/stdin' ? 0 : this.#process.open(name);
      this.#sources.set(name, typeof fd === 'number' ? new TextInput(this.#process, fd) : undefined);
    }
    const source = this.#sources.get(name);
    const line = source && (yield* source.line(this.#settings.delimiter));
    if (line !== undefined) this.#queue.push({ text: source?.terminated ? line + this.#settings.delimiter : line });
  }

  /** Opens all files of `w` before the first line is read, as sed does. */
  #openFiles(): string | undefined {
    for (const { action } of this.#commands) {
      const name = action.name === 'w' || action.name === 'W' ? action.file : action.name === 's' ? action.substitution.file : undefined;
      if (name === undefined || this.#files.has(name)) continue;
      const fd = name === '/dev/stderr' ? 2 : this.#process.open(name, { write: true, create: true, truncate: true });
      if (typeof fd === 'string') return `couldn't open file ${name}: ${strerror(fd)}`;
      this.#files.set(name, new SedOutput(new TextOutput(this.#process, fd)));
    }
    return undefined;
  }

  #writer(name: string): SedOutput {
    return this.#files.get(name) ?? this.#stdout;
  }

  *#flushAll(): Blocking<void> {
    yield* this.#stdout.flush();
    if (this.#edit) yield* this.#edit.output.flush();
    for (const file of this.#files.values()) yield* file.flush();
  }

  *#complain(message: string, status: number): Blocking<void> {
    this.#status = status;
    yield* this.#process.write(2, `sed: ${message}\n`);
  }

  // ---- files edited in place ------------------------------------------------------------------------------------------

  *#opened(name: string): Blocking<boolean> {
    const { inPlace } = this.#settings;
    if (this.#settings.separate) {
      this.#commands.forEach((command, i) => {
        if (command.from?.kind === 'line') this.#ranges[i] = initialState(command);
      });
    }
    if (!inPlace) return true;
    const edit = beginEdit(this.#process, name, inPlace.followSymlinks);
    if (typeof edit === 'string') {
      yield* this.#complain(edit, 4);
      return false;
    }
    this.#edit = edit;
    return true;
  }

  *#closed(): Blocking<void> {
    const edit = this.#edit;
    if (!edit) return;
    yield* edit.output.flush();
    this.#edit = undefined;
    const failed = finishEdit(this.#process, edit, this.#settings.inPlace?.suffix ?? '');
    if (failed) yield* this.#complain(failed, 4);
  }
}

/** The pattern and hold spaces may not eat the reader's memory. */
const MAX_SPACE = 16 * 1024 * 1024;

function limited(text: string): string {
  if (text.length > MAX_SPACE) throw new TooLong();
  return text;
}

function failureOf(thrown: unknown): ScriptError | undefined {
  if (thrown instanceof ScriptError) return thrown;
  if (thrown instanceof NoPreviousRegex) return new ScriptError('-e expression #1, char 0: no previous regular expression');
  return thrown instanceof TooLong ? new ScriptError('memory exhausted', 4) : undefined;
}
