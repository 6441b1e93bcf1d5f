import { type Delimited, parseAddresses, parseDelimited } from './parse-address.ts';
import { parseReplacement } from './replacement.ts';
import { characterEscape, compileRegex, groupCount } from './regex.ts';
import { type Action, type Command, type Script, ScriptError, type Substitution } from './script.ts';
import { type Chunk, ScriptReader } from './script-reader.ts';
import { FIDELITY } from '../command.ts';

export interface ParseOptions {
  extended: boolean;
  posix: boolean;
  sandbox: boolean;
}

/**
 * Parses a whole script, given in pieces.
 *
 * @returns the commands with their jumps resolved, or what GNU sed says about the first mistake
 * @see sed/compile.c of GNU sed 4.9
 */
export function parseScript(chunks: readonly Chunk[], options: ParseOptions): Script | ScriptError {
  try {
    return new Parser(chunks, options).parse();
  } catch (thrown) {
    if (thrown instanceof ScriptError) return thrown;
    throw thrown;
  }
}

class Parser {
  readonly #reader: ScriptReader;
  readonly #options: ParseOptions;
  readonly #commands: Command[] = [];
  readonly #blocks: number[] = [];
  readonly #labels = new Map<string, number>();
  readonly #quiet: boolean;

  constructor(chunks: readonly Chunk[], options: ParseOptions) {
    this.#reader = new ScriptReader(chunks);
    this.#options = options;
    const first = chunks[0]?.text ?? '';
    this.#quiet = first.startsWith('#n');
  }

  parse(): Script {
    do while (this.#command());
    while (this.#reader.nextChunk());
    if (this.#blocks.length > 0) this.#reader.failAtEnd("unmatched `{'");
    for (const { action } of this.#commands) {
      if (action.name !== 'b' && action.name !== 't' && action.name !== 'T') continue;
      const target = action.label === '' ? this.#commands.length : this.#labels.get(action.label);
      if (target === undefined) throw new ScriptError(`can't find label for jump to \`${action.label}'`, 4);
      action.target = target;
    }
    return { commands: this.#commands, quiet: this.#quiet };
  }

  /** One command; false at the end of the chunk. */
  #command(): boolean {
    const reader = this.#reader;
    let char = reader.next();
    while (char !== undefined && ' \t\n\r\v\f;'.includes(char)) char = reader.next();
    if (char === undefined) return false;
    reader.back(char);
    const { from, to } = parseAddresses(reader, this.#options);
    let letter = reader.nextAfterBlanks();
    let negated = false;
    while (letter === '!') {
      if (negated) reader.fail("multiple `!'s");
      negated = true;
      letter = reader.nextAfterBlanks();
    }
    if (letter === undefined) return reader.fail('missing command');
    if (letter === '#') {
      if (from) reader.fail("comments don't accept any addresses");
      reader.restOfLine();
      return true;
    }
    if (letter === ':') {
      if (from) reader.fail(": doesn't want any addresses");
      this.#label();
      return true;
    }
    if (letter === 'v') {
      this.#version();
      return true;
    }
    if (letter === '}' && from) reader.fail("`}' doesn't want any addresses");
    if ('=aiqQrR'.includes(letter) && this.#options.posix && to) reader.fail('command only uses one address');
    if ('qQ'.includes(letter) && to) reader.fail('command only uses one address');
    this.#commands.push({ from, to, negated, action: this.#action(letter) });
    return true;
  }

  #action(letter: string): Action {
    switch (letter) {
      case '{':
        this.#blocks.push(this.#commands.length);
        return { name: '{', end: 0 };
      case '}':
        this.#closeBlock();
        return { name: '}' };
      case '=':
      case 'd':
      case 'D':
      case 'F':
      case 'g':
      case 'G':
      case 'h':
      case 'H':
      case 'n':
      case 'N':
      case 'p':
      case 'P':
      case 'x':
      case 'z':
        this.#endOfCommand();
        return { name: letter };
      case 'a':
      case 'i':
      case 'c':
        return { name: letter, text: this.#text() };
      case 'b':
      case 't':
      case 'T':
        return { name: letter, label: this.#labelName(), target: 0 };
      case 'l':
      case 'q':
      case 'Q':
        return { name: letter, number: this.#optionalNumber() };
      case 'r':
      case 'R':
      case 'w':
      case 'W':
        return { name: letter, file: this.#fileName() };
      case 's':
        return { name: 's', substitution: this.#substitution() };
      case 'y':
        return { name: 'y', map: this.#transliteration() };
      case 'e':
        if (this.#options.sandbox) this.#reader.fail('e/r/w commands disabled in sandbox mode');
        return this.#reader.fail(`the \`e' command is not modelled (${FIDELITY})`);
      default:
        return this.#reader.fail(`unknown command: \`${letter}'`);
    }
  }

  #closeBlock(): void {
    const start = this.#blocks.pop();
    if (start === undefined) this.#reader.fail("unexpected `}'");
    const block = this.#commands[start as number]?.action;
    if (block?.name === '{') block.end = this.#commands.length;
    this.#endOfCommand();
  }

  /** After a command: blanks, then a semicolon, a newline, a comment, a closing brace or the end. */
  #endOfCommand(): void {
    const char = this.#reader.nextAfterBlanks();
    if (char === undefined || char === '\n' || char === ';') return;
    if (char !== '}' && char !== '#') this.#reader.fail('extra characters after command');
    this.#reader.back(char);
  }

  #label(): void {
    const label = this.#labelName();
    if (label === '') this.#reader.fail('":" lacks a label');
    this.#labels.set(label, this.#commands.length);
  }

  /** A label: up to a blank, a semicolon, a closing brace or the end of the line. */
  #labelName(): string {
    let name = '';
    let char = this.#reader.nextAfterBlanks();
    while (char !== undefined && !' \t\r\v\f\n;}'.includes(char)) {
      name += char;
      char = this.#reader.next();
    }
    this.#reader.back(char);
    return name;
  }

  #version(): void {
    const wanted = this.#reader.nextAfterBlanks();
    this.#reader.back(wanted);
    const version = this.#wordUntilBlank();
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major > 4 || (major === 4 && minor > 9)) this.#reader.fail('expected newer version of sed');
    this.#endOfCommand();
  }

  #wordUntilBlank(): string {
    let word = '';
    let char = this.#reader.next();
    while (char !== undefined && !' \t\n;'.includes(char)) {
      word += char;
      char = this.#reader.next();
    }
    this.#reader.back(char);
    return word;
  }

  #optionalNumber(): number | undefined {
    const char = this.#reader.nextAfterBlanks();
    const number = char !== undefined && char >= '0' && char <= '9' ? this.#reader.number(char) : undefined;
    if (number === undefined) this.#reader.back(char);
    this.#endOfCommand();
    return number;
  }

  #fileName(): string {
    if (this.#options.sandbox) this.#reader.fail('e/r/w commands disabled in sandbox mode');
    this.#reader.back(this.#reader.nextAfterBlanks());
    const name = this.#reader.restOfLine();
    if (name === '') this.#reader.fail('missing filename in r/R/w/W commands');
    return name;
  }

  /** The text of `a`, `i` and `c`: on this line (GNU) or after a backslash and a newline; a backslash continues it. */
  #text(): string {
    const reader = this.#reader;
    let char = reader.nextAfterBlanks();
    if (char === undefined) reader.fail("expected \\ after `a', `c' or `i'");
    if (char === '\\') {
      char = reader.next();
      if (char === undefined) return reader.nextChunk() ? this.#textLines() : '';
      if (char !== '\n') reader.back(char);
      return this.#textLines();
    }
    reader.back(char);
    return this.#textLines();
  }

  #textLines(): string {
    const reader = this.#reader;
    let text = '';
    for (;;) {
      const char = reader.next();
      if (char === '\n' || char === undefined) return `${text}\n`;
      if (char !== '\\') {
        text += char;
        continue;
      }
      const escaped = reader.next();
      if (escaped === undefined) {
        if (!reader.nextChunk()) return `${text}\n`;
        text += '\n';
      } else text += this.#textEscape(escaped);
    }
  }

  /** What `\` and a character mean inside a text: themselves, except for GNU's character escapes. */
  #textEscape(char: string): string {
    if (this.#options.posix || char === '\n') return char;
    if (char === 'n') return '\n';
    let ahead = char;
    while (ahead.length < 4 && this.#reader.peek() !== undefined) ahead += this.#reader.next();
    const named = characterEscape(ahead, 0);
    for (const unread of [...ahead.slice(named?.length ?? 1)].reverse()) this.#reader.back(unread);
    return named?.char ?? char;
  }

  #substitution(): Substitution {
    const reader = this.#reader;
    const delimiter = reader.next();
    const pattern = delimiter === undefined ? undefined : parseDelimited(reader, delimiter, 'regex');
    const right = pattern === undefined ? undefined : parseDelimited(reader, delimiter as string, 'replacement');
    if (pattern === undefined || right === undefined) return reader.fail("unterminated `s' command");
    return this.#flags(pattern, right.text);
  }

  #flags(pattern: Delimited, right: string): Substitution {
    const reader = this.#reader;
    const flags = { ignoreCase: false, multiline: false, global: false, print: false, number: 0 };
    let file: string | undefined;
    for (let done = false; !done; ) {
      const char = reader.next();
      if (char === 'i' || char === 'I') flags.ignoreCase = true;
      else if (char === 'm' || char === 'M') flags.multiline = true;
      else if (char === 'e') reader.fail(`the \`e' flag of \`s' is not modelled (${FIDELITY})`);
      else if (char === 'p') {
        if (flags.print) reader.fail("multiple `p' options to `s' command");
        flags.print = true;
      } else if (char === 'g') {
        if (flags.global) reader.fail("multiple `g' options to `s' command");
        flags.global = true;
      } else if (char !== undefined && char >= '0' && char <= '9') {
        if (flags.number > 0) reader.fail("multiple number options to `s' command");
        flags.number = reader.number(char);
        if (flags.number === 0) reader.fail("number option to `s' command may not be zero");
      } else if (char === 'w') {
        file = this.#fileName();
        done = true;
      } else done = this.#endOfFlags(char);
    }
    const { ignoreCase, multiline, global, print } = flags;
    if (pattern.text === '' && (ignoreCase || multiline)) reader.fail('cannot specify modifiers on empty regexp');
    const regex = compileRegex(pattern.text, { extended: this.#options.extended, posix: this.#options.posix, ignoreCase, multiline });
    if ('error' in regex) return reader.fail(regex.error);
    const replacement = parseReplacement(right, this.#options.posix);
    if (regex.expression && replacement.references > groupCount(regex.expression)) {
      reader.fail(`invalid reference \\${replacement.references} on \`s' command's RHS`);
    }
    return { regex, replacement, global, print, number: flags.number || 1, file };
  }

  #endOfFlags(char: string | undefined): boolean {
    if (char === '}' || char === '#') this.#reader.back(char);
    else if (char !== undefined && ' \t\r'.includes(char)) return false;
    else if (char !== undefined && char !== '\n' && char !== ';') this.#reader.fail("unknown option to `s'");
    return true;
  }

  #transliteration(): ReadonlyMap<string, string> {
    const reader = this.#reader;
    const delimiter = reader.next();
    const from = delimiter === undefined ? undefined : parseDelimited(reader, delimiter, 'characters');
    const to = from === undefined ? undefined : parseDelimited(reader, delimiter as string, 'characters');
    if (from === undefined || to === undefined) return reader.fail("unterminated `y' command");
    const [sources, targets] = [this.#characters(from.text), this.#characters(to.text)];
    if (sources.length !== targets.length) reader.fail("strings for `y' command are different lengths");
    this.#endOfCommand();
    const map = new Map<string, string>();
    sources.forEach((char, i) => {
      if (!map.has(char)) map.set(char, targets[i] as string);
    });
    return map;
  }

  /** The characters of one side of `y`, escapes resolved. */
  #characters(text: string): string[] {
    const chars: string[] = [];
    for (let i = 0; i < text.length; i++) {
      const char = String.fromCodePoint(text.codePointAt(i) as number);
      const named = char === '\\' ? characterEscape(text, i + 1) : undefined;
      if (named) {
        chars.push(named.char);
        i += named.length;
      } else if (char === '\\' && i + 1 < text.length) {
        const next = text[++i] as string;
        if (next === '\\') chars.push('\\');
        else if (next === 'n') chars.push('\n');
        else chars.push('\\', next);
      } else {
        chars.push(char);
        i += char.length - 1;
      }
    }
    return chars;
  }
}
