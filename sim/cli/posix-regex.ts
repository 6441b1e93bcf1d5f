/**
 * POSIX regular expressions as glibc understands them (regex(7), GNU extensions included), translated to JavaScript's.
 *
 * Simplified: POSIX asks for the longest of the leftmost matches, JavaScript takes the first alternative that leads to a match.
 * Alternatives that are plain texts are tried longest first, which makes the two agree in most patterns people write
 * (`foo|foobar`); where alternatives contain operators, the first that matches wins. Collating elements are single characters.
 */
export interface PosixOptions {
  /** Extended syntax (`grep -E`, `[[ =~ ]]`, awk) instead of basic (`grep`, `sed`, `expr`). */
  extended: boolean;
  ignoreCase?: boolean;
  /** A backslash escapes inside brackets too, as awk has it. */
  bracketEscapes?: boolean;
  /** grep's and awk's leniency (RE_SYNTAX_EGREP): an operator with nothing to repeat is skipped, a stray `{` or `)` is a character. */
  lenient?: boolean;
  /** Called for what GNU grep warns about, such as `stray \ before p`. */
  warn?: (text: string) => void;
}

/** glibc's words (`regerror`) for a pattern that it refuses. */
export interface PosixError {
  error: string;
}

const UNMATCHED_BRACKET = 'Unmatched [, [^, [:, [., or [=';
const UNMATCHED_OPEN = 'Unmatched ( or \\(';
const UNMATCHED_CLOSE = 'Unmatched ) or \\)';
const UNMATCHED_BRACE = 'Unmatched \\{';
const INVALID_INTERVAL = 'Invalid content of \\{\\}';
const INVALID_RANGE = 'Invalid range end';
const INVALID_CLASS = 'Invalid character class name';
const INVALID_COLLATION = 'Invalid collation character';
const INVALID_REFERENCE = 'Invalid back reference';
const INVALID_PRECEDING = 'Invalid preceding regular expression';
const TRAILING_BACKSLASH = 'Trailing backslash';
const TOO_BIG = 'Regular expression too big';

/** RE_DUP_MAX: the largest count in an interval. */
const MAX_REPEAT = 32_767;

const WORD = '[\\p{L}\\p{N}_]';
const WORD_START = `(?<!${WORD})(?=${WORD})`;
const WORD_END = `(?<=${WORD})(?!${WORD})`;

/** The named classes of bracket expressions, as the inside of a JavaScript class. */
const CLASSES: Record<string, string> = {
  alpha: '\\p{L}',
  digit: '0-9',
  alnum: '\\p{L}\\p{N}',
  upper: '\\p{Lu}',
  lower: '\\p{Ll}',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  print: ' -~\\u00a0-\\ud7ff\\ue000-\\u{10ffff}',
  graph: '!-~\\u00a1-\\ud7ff\\ue000-\\u{10ffff}',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
};

/**
 * Translates a pattern. The result has the flags `us` (code points, and a dot that matches newlines) and `i` if asked; `^` and
 * `$` stay themselves, so that adding the flag `m` gives `REG_NEWLINE`'s anchors. Bytes that travel as lone surrogates are
 * characters like others.
 *
 * @see regcomp(3), regex(7); glibc posix/regcomp.c for the error texts
 */
export function compilePosix(pattern: string, options: PosixOptions): RegExp | PosixError {
  const translator = new Translator(pattern, options);
  try {
    return new RegExp(translator.translate(), options.ignoreCase ? 'uis' : 'us');
  } catch (thrown) {
    if (thrown instanceof Refused) return { error: thrown.message };
    // V8's own limits (a class or program too large) come as SyntaxError.
    return { error: TOO_BIG };
  }
}

export function isPosixError(result: RegExp | PosixError): result is PosixError {
  return 'error' in result;
}

/** The pattern matches exactly this text: for `grep -F` and other literal searches. */
export function escapeLiteral(text: string): string {
  return [...text].map(literal).join('');
}

class Refused extends Error {}

function refuse(error: string): never {
  throw new Refused(error);
}

/** A piece of the translated pattern: its source, and its text when it is nothing but characters. */
interface Piece {
  source: string;
  text: string | undefined;
}

class Translator {
  readonly #chars: string[];
  readonly #extended: boolean;
  readonly #options: PosixOptions;
  #at = 0;
  #groups = 0;
  readonly #closed = new Set<number>();

  constructor(pattern: string, options: PosixOptions) {
    this.#chars = [...pattern];
    this.#extended = options.extended;
    this.#options = options;
  }

  translate(): string {
    return this.#alternatives(0).source;
  }

  #peek(ahead = 0): string | undefined {
    return this.#chars[this.#at + ahead];
  }

  /** Whether the operator `sign` stands here: bare in extended syntax, after a backslash in basic. */
  #sees(sign: string): boolean {
    return this.#extended ? this.#peek() === sign : this.#peek() === '\\' && this.#peek(1) === sign;
  }

  #skip(): void {
    this.#at += this.#extended ? 1 : 2;
  }

  #alternatives(depth: number): Piece {
    const branches = [this.#branch(depth)];
    while (this.#sees('|')) {
      this.#skip();
      branches.push(this.#branch(depth));
    }
    if (branches.length === 1) return branches[0] as Piece;
    if (branches.every((branch) => branch.text !== undefined)) {
      branches.sort((a, b) => (b.text as string).length - (a.text as string).length);
    }
    return { source: branches.map((branch) => branch.source).join('|'), text: undefined };
  }

  #branch(depth: number): Piece {
    let source = '';
    let text: string | undefined = '';
    // Nothing stands before an operator here: the branch begins, or an anchor, which can't be repeated.
    let bare = true;
    let first = true;
    while (this.#at < this.#chars.length && !this.#sees('|')) {
      if (this.#sees(')') && this.#endsGroup(depth)) break;
      const anchor: Piece | undefined = this.#anchor(first) ?? (bare ? this.#leadingOperator() : undefined);
      const piece: Piece = anchor ?? this.#atomWithOperators(depth);
      source += piece.source;
      text = text === undefined || piece.text === undefined ? undefined : text + piece.text;
      bare = anchor !== undefined || ANCHORS.has(piece.source);
      first = false;
    }
    return { source, text };
  }

  #atomWithOperators(depth: number): Piece {
    const atom = this.#atom(depth);
    return ANCHORS.has(atom.source) ? atom : this.#repeated(atom);
  }

  #endsGroup(depth: number): boolean {
    if (depth > 0) return true;
    if (!this.#extended || !this.#options.lenient) refuse(UNMATCHED_CLOSE);
    return false;
  }

  /** `^` and `$` where they are anchors: anywhere in extended syntax, at the ends of a branch in basic. */
  #anchor(first: boolean): Piece | undefined {
    const char = this.#peek();
    const after = this.#peek(1);
    const last = after === undefined || (after === '\\' && (this.#peek(2) === ')' || this.#peek(2) === '|'));
    if ((char === '^' && (this.#extended || first)) || (char === '$' && (this.#extended || last))) {
      this.#at++;
      return { source: char, text: undefined };
    }
    return undefined;
  }

  /** An operator with nothing to repeat: a character in basic syntax, skipped by grep, refused by everything else. */
  #leadingOperator(): Piece | undefined {
    const char = this.#peek();
    if (!this.#extended) {
      if (char !== '*') return undefined;
      this.#at++;
      return { source: '\\*', text: undefined };
    }
    if (char === undefined || !'*+?{'.includes(char)) return undefined;
    if (!this.#options.lenient) refuse(INVALID_PRECEDING);
    if (this.#operator() === undefined) return undefined;
    this.#options.warn?.(`${char === '{' ? '{...}' : char} at start of expression`);
    return { source: '', text: '' };
  }

  #atom(depth: number): Piece {
    if (this.#sees('(')) return this.#group(depth);
    const char = this.#chars[this.#at++] as string;
    if (char === '\\') return this.#escape();
    if (char === '[') return { source: this.#bracket(), text: undefined };
    if (char === '.') return { source: '.', text: undefined };
    return { source: literal(char), text: char };
  }

  #group(depth: number): Piece {
    this.#skip();
    const number = ++this.#groups;
    const inside = this.#alternatives(depth + 1);
    if (!this.#sees(')')) refuse(UNMATCHED_OPEN);
    this.#skip();
    this.#closed.add(number);
    return { source: `(${inside.source})`, text: undefined };
  }

  #escape(): Piece {
    const char = this.#chars[this.#at++];
    if (char === undefined) refuse(TRAILING_BACKSLASH);
    const special = ESCAPES[char];
    if (special !== undefined) return { source: special, text: undefined };
    if (char >= '1' && char <= '9') {
      if (!this.#closed.has(Number(char))) refuse(INVALID_REFERENCE);
      return { source: `(?:\\${char})`, text: undefined };
    }
    if (!this.#extended && char === '{' && !this.#options.lenient) refuse(INVALID_PRECEDING);
    if (/[\p{L}\p{N}]/u.test(char)) this.#options.warn?.(`stray \\ before ${char}`);
    return { source: literal(char), text: char };
  }

  /** Any number of repetition operators after an atom. */
  #repeated(atom: Piece): Piece {
    let piece = atom;
    for (let count = 0; ; count++) {
      const operator = this.#operator();
      if (operator === undefined) return piece;
      const single = count === 0 && (piece.text === undefined ? isSingle(piece.source) : [...piece.text].length === 1);
      piece = { source: piece.source === '' ? '' : single ? piece.source + operator : `(?:${piece.source})${operator}`, text: undefined };
    }
  }

  #operator(): string | undefined {
    if (this.#peek() === '*') {
      this.#at++;
      return '*';
    }
    for (const sign of ['+', '?']) {
      if (!this.#sees(sign)) continue;
      this.#skip();
      return sign;
    }
    return this.#sees('{') ? this.#interval() : undefined;
  }

  /** `{n}`, `{n,}`, `{,m}`, `{n,m}`. In extended syntax a brace that starts no interval is a character. */
  #interval(): string | undefined {
    const rest = this.#chars.slice(this.#at + (this.#extended ? 1 : 2), this.#at + 16).join('');
    const match = (this.#extended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/).exec(rest);
    if (!match || (match[1] === '' && match[2] === '')) {
      if (this.#extended && this.#options.lenient) return undefined;
      refuse(/^[\d,]*$/.test(rest) ? UNMATCHED_BRACE : INVALID_INTERVAL);
    }
    this.#at += match[0].length + (this.#extended ? 1 : 2);
    const least = match[1] === '' ? 0 : Number(match[1]);
    const most = match[2] === '' ? least : match[3] === '' ? undefined : Number(match[3]);
    if (most !== undefined && most < least) refuse(INVALID_INTERVAL);
    if (least > MAX_REPEAT || (most ?? 0) > MAX_REPEAT) refuse(TOO_BIG);
    return most === undefined ? `{${least},}` : `{${least},${most}}`;
  }

  #bracket(): string {
    const start = this.#at;
    const negated = this.#peek() === '^';
    if (negated) this.#at++;
    let inside = '';
    for (let first = true; ; first = false) {
      const char = this.#peek();
      if (char === undefined) refuse(UNMATCHED_BRACKET);
      if (char === ']' && !first) break;
      inside += this.#bracketItem();
    }
    this.#at++;
    const written = this.#chars.slice(start, this.#at - 1).join('');
    if (this.#options.lenient && /^:[a-z]+:$/.test(written)) refuse('character class syntax is [[:space:]], not [:space:]');
    return `[${negated ? '^' : ''}${inside}]`;
  }

  /** One character, range or class of a bracket expression. */
  #bracketItem(): string {
    if (this.#peek() === '[' && this.#peek(1) === ':') return this.#namedClass();
    const low = this.#bracketChar();
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === undefined) return inClass(low);
    this.#at++;
    if (this.#peek() === '[' && this.#peek(1) === ':') refuse(INVALID_RANGE);
    const high = this.#bracketChar();
    if ((low.codePointAt(0) as number) > (high.codePointAt(0) as number)) refuse(INVALID_RANGE);
    return `${inClass(low)}-${inClass(high)}`;
  }

  #namedClass(): string {
    const end = this.#find(':');
    const name = this.#chars.slice(this.#at + 2, end).join('');
    const members = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
    if (members === undefined) refuse(INVALID_CLASS);
    this.#at = end + 2;
    return members;
  }

  #bracketChar(): string {
    const char = this.#chars[this.#at] as string;
    const kind = this.#peek(1);
    if (char === '[' && (kind === '.' || kind === '=')) {
      const end = this.#find(kind);
      const element = this.#chars.slice(this.#at + 2, end);
      if (element.length !== 1) refuse(INVALID_COLLATION);
      this.#at = end + 2;
      return element[0] as string;
    }
    this.#at++;
    if (char !== '\\' || !this.#options.bracketEscapes) return char;
    const escaped = this.#chars[this.#at++];
    if (escaped === undefined) refuse(UNMATCHED_BRACKET);
    return CONTROLS[escaped] ?? escaped;
  }

  /** Index of the `kind` that stands before the closing bracket of `[:…:]`, `[.….]` or `[=…=]`. */
  #find(kind: string): number {
    for (let i = this.#at + 2; i + 1 < this.#chars.length; i++) {
      if (this.#chars[i] === kind && this.#chars[i + 1] === ']') return i;
    }
    return refuse(UNMATCHED_BRACKET);
  }
}

/** GNU's backslash operators. */
const ESCAPES: Record<string, string | undefined> = {
  w: WORD,
  W: '[^\\p{L}\\p{N}_]',
  s: '[ \\t\\n\\r\\f\\v]',
  S: '[^ \\t\\n\\r\\f\\v]',
  '<': `(?:${WORD_START})`,
  '>': `(?:${WORD_END})`,
  b: `(?:${WORD_START}|${WORD_END})`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  '`': '(?<![^])',
  "'": '(?![^])',
};

/** What matches between characters and can't be repeated. */
const ANCHORS = new Set(['^', '$', ...['<', '>', 'b', 'B', '`', "'"].map((char) => ESCAPES[char] as string)]);

const CONTROLS: Record<string, string | undefined> = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\x07', b: '\b' };

/** Whether a source is one JavaScript atom, to which an operator can be attached as it is. */
function isSingle(source: string): boolean {
  if (source === '.' || source === WORD) return true;
  if (source.startsWith('(')) return true;
  return /^\[(?:[^\\\]]|\\.)*\]$/u.test(source);
}

function literal(char: string): string {
  if (/[\\^$.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  const code = char.codePointAt(0) as number;
  return code < 32 || (code >= 0xd800 && code <= 0xdfff) ? `\\u{${code.toString(16)}}` : char;
}

function inClass(char: string): string {
  if (/[\\\]^[\-/]/.test(char)) return `\\${char}`;
  const code = char.codePointAt(0) as number;
  return code < 32 || (code >= 0xd800 && code <= 0xdfff) ? `\\u{${code.toString(16)}}` : char;
}
