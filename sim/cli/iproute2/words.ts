/** What iproute2 does by calling exit(3) deep inside its parsers: the message is for stderr, the status for `$?`. */
export class Quit extends Error {
  readonly text: string;
  readonly status: number;

  constructor(text: string, status: number) {
    super(text);
    this.text = text;
    this.status = status;
  }
}

/** `exit(-1)` as a shell sees it. */
export const EXIT_MINUS_ONE = 255;

/** An argument's value is not of the kind its keyword wants (lib/utils.c `invarg`). Some messages bring a newline of their own. */
export function invalid(message: string, argument: string): Quit {
  return new Quit(`Error: argument "${argument}" is wrong: ${message}\n`, EXIT_MINUS_ONE);
}

/** A keyword that was given twice (`duparg`). */
export function duplicate(key: string, argument: string): Quit {
  return new Quit(`Error: duplicate "${key}": "${argument}" is the second value.\n`, EXIT_MINUS_ONE);
}

/** A word that is no keyword where the positional argument is already known (`duparg2`). */
export function garbage(key: string, argument: string): Quit {
  return new Quit(`Error: either "${key}" is duplicate, or "${argument}" is garbage.\n`, EXIT_MINUS_ONE);
}

/** Whether `word` abbreviates `keyword`: a beginning of it, not empty (lib/utils.c `matches`). */
export function abbreviates(word: string, keyword: string): boolean {
  return word !== '' && keyword.startsWith(word);
}

/** The words of a command line and a place among them. */
export class Words {
  readonly #words: readonly string[];
  #at = 0;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  get empty(): boolean {
    return this.#at >= this.#words.length;
  }

  /** How many are left. */
  get left(): number {
    return this.#words.length - this.#at;
  }

  /** The word here, or `''` at the end. */
  get here(): string {
    return this.#words[this.#at] ?? '';
  }

  /** The word here, and a step on. */
  take(): string {
    const word = this.here;
    this.#at++;
    return word;
  }

  /** A step back. */
  back(): void {
    this.#at--;
  }

  /** The argument of the keyword just taken; ends the command when there is none (`NEXT_ARG`). */
  value(): string {
    if (this.empty) throw new Quit('Command line is not complete. Try option "help"\n', EXIT_MINUS_ONE);
    return this.take();
  }

  /** Takes the word if it is exactly one of these. */
  takeExact(...keywords: string[]): boolean {
    if (this.empty || !keywords.includes(this.here)) return false;
    this.#at++;
    return true;
  }

  /** The values of these keywords among the words that are left. Other words are passed over; a keyword that comes twice ends the command. */
  selectors<Key extends string>(...keywords: readonly Key[]): Partial<Record<Key, string>> {
    const found: Partial<Record<Key, string>> = {};
    while (!this.empty) {
      const word = this.take();
      const key = keywords.find((keyword) => keyword === word);
      if (key === undefined) continue;
      const text = this.value();
      if (found[key] !== undefined) throw duplicate(key, text);
      found[key] = text;
    }
    return found;
  }

  /** All that are left. */
  rest(): string[] {
    const rest = this.#words.slice(this.#at);
    this.#at = this.#words.length;
    return rest;
  }
}
