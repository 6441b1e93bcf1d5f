import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type OptionSpec, type Parsed, getopt, isFailure } from '../getopt.ts';
import { Quit } from '../iproute2/words.ts';
import { BANNER, USAGE } from './usage.ts';

/** Ends an applet with a message of its own, as bb_error_msg_and_die does; `%s: ` with the applet's name goes in front. */
export class Die extends Error {
  readonly status: number;

  constructor(text: string, status = 1) {
    super(text);
    this.status = status;
  }
}

/** Ends an applet with its usage (bb_show_usage), after a message if there is one. */
export class ShowUsage extends Error {}

/** The whole usage text of an applet. */
export function usageOf(applet: string): string {
  return `${BANNER}\n\n${USAGE[applet] ?? `Usage: ${applet}\n`}`;
}

/** Standard output and standard error of an applet, in the order things are said. */
export class Speech {
  readonly #process: Process;
  readonly applet: string;
  #said: { fd: 1 | 2; text: string }[] = [];

  constructor(process: Process, applet: string) {
    this.#process = process;
    this.applet = applet;
  }

  print(text: string): void {
    this.#said.push({ fd: 1, text });
  }

  /** `applet: text` on standard error. */
  complain(text: string): void {
    this.#said.push({ fd: 2, text: `${this.applet}: ${text}\n` });
  }

  *flush(): Blocking<void> {
    const said = this.#said;
    this.#said = [];
    for (const { fd, text } of said) yield* this.#process.write(fd, text);
  }
}

/**
 * Makes a program of an applet: `--help` as the only argument, messages and usage in busybox's way.
 *
 * @param run gets the arguments without the applet's name; returns the exit status
 */
export function appletProgram(
  name: string,
  run: (process: Process, args: readonly string[], speech: Speech) => number | Blocking<number>,
): Program {
  return function* (process: Process): Blocking<number> {
    const args = process.argv.slice(1);
    if (args.length === 1 && args[0] === '--help') {
      yield* process.write(1, usageOf(name));
      return 0;
    }
    const speech = new Speech(process, name);
    let status: number;
    try {
      const outcome = run(process, args, speech);
      status = typeof outcome === 'number' ? outcome : yield* outcome;
    } catch (end) {
      yield* speech.flush();
      return yield* ended(process, name, end);
    }
    yield* speech.flush();
    return status;
  };
}

function* ended(process: Process, name: string, end: unknown): Blocking<number> {
  if (end instanceof ShowUsage) {
    yield* process.write(2, `${end.message === '' ? '' : `${name}: ${end.message}\n`}${usageOf(name)}`);
    return 1;
  }
  if (end instanceof Die) {
    yield* process.write(2, `${name}: ${end.message}\n`);
    return end.status;
  }
  if (end instanceof Quit) {
    yield* process.write(2, end.text);
    return end.status;
  }
  throw end;
}

/** Parses options as libbb's getopt32 does: a wrong one ends the applet with its usage. */
export function options(specs: readonly OptionSpec[], args: readonly string[], stopAtOperand = false): Parsed {
  const parsed = getopt(specs, args, stopAtOperand);
  if (isFailure(parsed)) throw new ShowUsage(parsed.error);
  return parsed;
}

/** Option letters, those followed by a colon with an argument: `c:W:q`. */
export function letters(text: string): OptionSpec[] {
  const specs: OptionSpec[] = [];
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] as string;
    const argument = text[i + 1] === ':';
    specs.push({ name: letter, short: letter, ...(argument ? { argument: 'required' as const } : {}) });
    if (argument) i++;
  }
  return specs;
}

/** A number of an argument, within limits (xatou_range). */
export function inRange(text: string, least: number, most: number): number {
  if (!/^\d+$/.test(text)) throw new Die(`invalid number '${text}'`);
  const value = Number(text);
  if (value < least || value > most) throw new Die(`number ${text} is not in ${least}..${most} range`);
  return value;
}
