import type { SedRegex } from './regex.ts';
import type { Replacement } from './replacement.ts';

/** Where a command applies: one line, the last one, lines that match, or every `step`th from `first`. */
export type Address =
  | { kind: 'line'; line: number }
  | { kind: 'last' }
  | { kind: 'regex'; regex: SedRegex }
  | { kind: 'step'; first: number; step: number };

/** The second address of a range may also count: `+N` lines more, or up to the next multiple (`~N`). */
export type RangeEnd = Address | { kind: 'plus'; count: number } | { kind: 'multiple'; of: number };

/** The flags and texts of an `s` command. */
export interface Substitution {
  regex: SedRegex;
  replacement: Replacement;
  global: boolean;
  /** Replace from this match on; 1 is the first. */
  number: number;
  print: boolean;
  file: string | undefined;
}

/** What a command does; its letter is `name`. Jumps are indices into the program. */
export type Action =
  | { name: '{'; end: number }
  | { name: '}' | '=' | 'd' | 'D' | 'F' | 'g' | 'G' | 'h' | 'H' | 'n' | 'N' | 'p' | 'P' | 'x' | 'z' }
  | { name: 'a' | 'i' | 'c'; text: string }
  | { name: 'b' | 't' | 'T'; label: string; target: number }
  | { name: 'l' | 'q' | 'Q'; number: number | undefined }
  | { name: 'r' | 'R' | 'w' | 'W'; file: string }
  | { name: 's'; substitution: Substitution }
  | { name: 'y'; map: ReadonlyMap<string, string> };

export interface Command {
  from: Address | undefined;
  to: RangeEnd | undefined;
  negated: boolean;
  action: Action;
}

/** A parsed script: the commands one after another, blocks flattened. */
export interface Script {
  commands: Command[];
  /** The first line was `#n`: as option -n. */
  quiet: boolean;
}

/** What is wrong with a script, in the words after `sed: `. */
export class ScriptError {
  readonly message: string;
  readonly status: number;

  constructor(message: string, status = 1) {
    this.message = message;
    this.status = status;
  }
}
