import { type Errno, strerror } from '../../base/errno.ts';
import { EPOCH_SECONDS } from '../../base/time.ts';
import { Directory, type Inode, Symlink } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Call } from '../tool/call.ts';
import { linkCount, removeDirectory, stat, unlink } from '../tool/filesystem.ts';
import { globMatcher } from '../tool/glob.ts';
import { changeMode, modeString, typeLetter } from '../tool/mode.ts';
import { compilePosix, isPosixError } from '../posix-regex.ts';
import { batchCommand, type Batch, confirmCommand, runCommand } from './exec.ts';

/** A file that the walk has come to. */
export interface Visit {
  path: string;
  /** The last part of the path. */
  name: string;
  inode: Inode;
  depth: number;
  /** The argument that the walk began with. */
  start: string;
}

/** What the expression asks of the walk. */
export interface WalkOptions {
  least: number;
  most: number;
  depthFirst: boolean;
  follow: boolean;
  /** Set by -prune for the directory just visited. */
  pruned: boolean;
  /** Set by -quit. */
  quit: boolean;
  batches: Batch[];
}

export type Test = (visit: Visit) => Blocking<boolean>;

/** Thrown while the expression is read; the text is find's. */
export class ExpressionError extends Error {}

const OPERATORS = new Set(['(', ')', '!', '-not', ',', '-a', '-and', '-o', '-or']);
const ACTIONS = new Set(['-print', '-print0', '-printf', '-ls', '-delete', '-exec', '-execdir', '-ok', '-quit', '-prune', '-fprint']);
const SIZE_UNITS: Record<string, number> = { b: 512, c: 1, w: 2, k: 1024, M: 1_048_576, G: 1_073_741_824 };

/** Whether an argument begins the expression, after the paths. */
export function beginsExpression(word: string): boolean {
  return (word.startsWith('-') && word.length > 1) || word === '(' || word === '!';
}

/** Reads the expression of find(1) and gives one test for each file. */
export class ExpressionReader {
  readonly #call: Call;
  readonly #words: readonly string[];
  readonly #options: WalkOptions;
  #at = 0;
  #acts = false;

  constructor(call: Call, words: readonly string[], options: WalkOptions) {
    this.#call = call;
    this.#words = words;
    this.#options = options;
  }

  read(): Test {
    const test = this.#words.length === 0 ? always : this.#list();
    const rest = this.#words[this.#at];
    if (rest === ')') throw new ExpressionError("invalid expression; you have too many ')'");
    if (this.#acts) return test;
    const print = this.#print('\n');
    return function* (visit) {
      return (yield* test(visit)) && (yield* print(visit));
    };
  }

  #peek(): string | undefined {
    return this.#words[this.#at];
  }

  #list(): Test {
    let left = this.#or();
    while (this.#peek() === ',') {
      this.#at++;
      const [first, second] = [left, this.#or()];
      left = function* (visit) {
        yield* first(visit);
        return yield* second(visit);
      };
    }
    return left;
  }

  #or(): Test {
    let left = this.#and();
    while (this.#peek() === '-o' || this.#peek() === '-or') {
      this.#at++;
      const [first, second] = [left, this.#and()];
      left = function* (visit) {
        return (yield* first(visit)) || (yield* second(visit));
      };
    }
    return left;
  }

  #and(): Test {
    let left = this.#not();
    for (;;) {
      const word = this.#peek();
      if (word === undefined || word === ')' || word === ',' || word === '-o' || word === '-or') return left;
      if (word === '-a' || word === '-and') this.#at++;
      const [first, second] = [left, this.#not()];
      left = function* (visit) {
        return (yield* first(visit)) && (yield* second(visit));
      };
    }
  }

  #not(): Test {
    const word = this.#peek();
    if (word === '!' || word === '-not') {
      this.#at++;
      const test = this.#not();
      return function* (visit) {
        return !(yield* test(visit));
      };
    }
    if (word === undefined || (OPERATORS.has(word) && word !== '(')) {
      const before = this.#words[this.#at - 1] ?? '';
      if (word === ')') throw new ExpressionError('invalid expression; empty parentheses are not allowed.');
      throw new ExpressionError(
        word === undefined
          ? `expected an expression after '${before}'`
          : `invalid expression; you have used a binary operator '${word}' with nothing before it.`,
      );
    }
    if (word !== '(') return this.#primary();
    this.#at++;
    if (this.#peek() === undefined) {
      throw new ExpressionError(
        "invalid expression; expected to find a ')' but didn't see one. Perhaps you need an extra predicate after '('",
      );
    }
    const test = this.#list();
    if (this.#peek() !== ')') throw new ExpressionError("invalid expression; I was expecting to find a ')' somewhere but did not see one.");
    this.#at++;
    return test;
  }

  #argument(name: string): string {
    const value = this.#words[this.#at++];
    if (value === undefined) throw new ExpressionError(`missing argument to \`${name}'`);
    return value;
  }

  /** `N`, `+N` or `-N`: a comparison of a number. */
  #number(name: string, value = this.#argument(name)): (actual: number) => boolean {
    const match = /^([-+]?)(\d+)$/.exec(value);
    if (!match) throw new ExpressionError(`invalid argument \`${value}' to \`${name}'`);
    const wanted = Number(match[2]);
    return (actual) => (match[1] === '+' ? actual > wanted : match[1] === '-' ? actual < wanted : actual === wanted);
  }

  #primary(): Test {
    const name = this.#words[this.#at++] as string;
    if (ACTIONS.has(name)) {
      if (name !== '-prune') this.#acts = true;
      return this.#action(name);
    }
    return this.#option(name) ?? this.#test(name);
  }

  #option(name: string): Test | undefined {
    const options = this.#options;
    if (name === '-maxdepth' || name === '-mindepth') {
      const value = this.#argument(name);
      if (!/^\d+$/.test(value)) throw new ExpressionError(`Expected a positive decimal integer argument to ${name}, but got '${value}'`);
      if (name === '-maxdepth') options.most = Number(value);
      else options.least = Number(value);
    } else if (name === '-depth' || name === '-d') options.depthFirst = true;
    else if (name === '-follow') options.follow = true;
    else if (!['-mount', '-xdev', '-noleaf', '-daystart', '-ignore_readdir_race', '-warn', '-nowarn'].includes(name)) return undefined;
    return always;
  }

  #test(name: string): Test {
    const { process } = this.#call;
    switch (name) {
      case '-true':
        return always;
      case '-false':
        return plain(() => false);
      case '-name':
      case '-iname': {
        const matches = globMatcher(this.#argument(name), name === '-iname');
        return plain((visit) => matches(visit.name));
      }
      case '-path':
      case '-wholename':
      case '-ipath': {
        const matches = globMatcher(this.#argument(name), name === '-ipath');
        return plain((visit) => matches(visit.path));
      }
      case '-lname': {
        const matches = globMatcher(this.#argument(name));
        return plain(({ inode }) => inode instanceof Symlink && matches(inode.target));
      }
      case '-regex':
      case '-iregex': {
        const compiled = compilePosix(this.#argument(name), { extended: false, ignoreCase: name === '-iregex' });
        if (isPosixError(compiled)) throw new ExpressionError(compiled.error);
        const whole = new RegExp(`^(?:${compiled.source})$`, compiled.flags);
        return plain((visit) => whole.test(visit.path));
      }
      case '-type':
        return this.#type();
      case '-empty':
        return plain(({ inode }) =>
          inode instanceof Directory ? inode.names(process).length === 0 : inode.kind === 'file' && inode.size === 0,
        );
      case '-size':
        return this.#size();
      case '-perm':
        return this.#permissions();
      case '-links': {
        const compare = this.#number(name);
        return plain(({ inode }) => compare(linkCount(process, inode)));
      }
      case '-inum': {
        const compare = this.#number(name);
        return plain(({ inode }) => compare(process.host.inodeNumber(inode)));
      }
      case '-user':
      case '-group': {
        const value = this.#argument(name);
        return plain(() => value === 'root' || value === '0');
      }
      case '-readable':
      case '-writable':
        return always;
      case '-executable':
        return plain(({ inode }) => (inode.mode & 0o111) !== 0);
      default:
        return this.#timeTest(name);
    }
  }

  #timeTest(name: string): Test {
    const { process } = this.#call;
    if (name === '-newer' || name === '-anewer' || name === '-cnewer') {
      const path = this.#argument(name);
      const reference = stat(process, path);
      if (typeof reference === 'string') throw new ExpressionError(`'${path}': ${strerror(reference)}`);
      return plain(({ inode }) => inode.modified > reference.modified);
    }
    const match = /^-[acm](time|min)$/.exec(name);
    if (!match) throw new ExpressionError(`unknown predicate \`${name}'`);
    const unit = match[1] === 'min' ? 60_000_000 : 86_400_000_000;
    const compare = this.#number(name);
    return plain(({ inode }) => compare(Math.floor((process.host.now - inode.modified) / unit)));
  }

  #type(): Test {
    const value = this.#argument('-type');
    const letters = value.split(',');
    const unknown = letters.find((letter) => !/^[bcdpflsD]$/.test(letter));
    if (unknown !== undefined) throw new ExpressionError(`Unknown argument to -type: ${unknown[0] ?? ''}`);
    const wanted = letters.map((letter) => (letter === 'f' ? '-' : letter));
    return plain(({ inode }) => wanted.includes(typeLetter(inode)));
  }

  #size(): Test {
    const value = this.#argument('-size');
    const match = /^([-+]?)(\d+)([bcwkMG]?)$/.exec(value);
    if (!match) {
      const letter = /^[-+]?\d*(.)/.exec(value)?.[1] ?? '';
      throw new ExpressionError(/^[-+]?\d/.test(value) ? `invalid -size type \`${letter}'` : `invalid -size type \`${value.at(-1)}'`);
    }
    const unit = SIZE_UNITS[match[3] || 'b'] as number;
    const compare = this.#number('-size', `${match[1]}${match[2]}`);
    return plain(({ inode }) => compare(Math.ceil(inode.size / unit)));
  }

  #permissions(): Test {
    const value = this.#argument('-perm');
    const kind = /^[-/]/.exec(value)?.[0] ?? '';
    const bits = changeMode(value.slice(kind.length), 0, { directory: false, umask: 0 });
    if (bits === undefined) throw new ExpressionError(`invalid file mode '${value}'`);
    return plain(({ inode }) =>
      kind === '-' ? (inode.mode & bits) === bits : kind === '/' ? bits === 0 || (inode.mode & bits) !== 0 : inode.mode === bits,
    );
  }

  #print(end: string): Test {
    const { out } = this.#call;
    return function* (visit) {
      yield* out.text(visit.path + end);
      return true;
    };
  }

  #action(name: string): Test {
    const call = this.#call;
    const options = this.#options;
    switch (name) {
      case '-print':
        return this.#print('\n');
      case '-print0':
        return this.#print('\0');
      case '-printf': {
        const format = this.#argument(name);
        return function* (visit) {
          yield* call.out.text(formatVisit(call, format, visit));
          return true;
        };
      }
      case '-ls':
        return function* (visit) {
          yield* call.out.text(
            formatVisit(call, '%7i %6k %M %3n root     root     %8s %Tb %Te %TH:%TM %p\\n', visit).replace(
              / ([A-Z][a-z]{2}) (\d) /,
              ' $1  $2 ',
            ),
          );
          return true;
        };
      case '-quit':
        return plain(() => {
          options.quit = true;
          return true;
        });
      case '-prune':
        return plain(() => {
          options.pruned = true;
          return true;
        });
      case '-delete':
        options.depthFirst = true;
        return (visit) => deleteVisit(call, visit);
      case '-fprint':
        throw new ExpressionError('-fprint is not modelled (see sim/FIDELITY.md)');
      default:
        return this.#exec(name);
    }
  }

  #exec(name: string): Test {
    const start = this.#at;
    let end = start;
    while (end < this.#words.length && this.#words[end] !== ';') {
      if (this.#words[end] === '+' && end > start && this.#words[end - 1] === '{}' && name !== '-ok') break;
      end++;
    }
    if (end === start && end < this.#words.length) throw new ExpressionError(`invalid argument \`${this.#words[end]}' to \`${name}'`);
    if (end >= this.#words.length) throw new ExpressionError(`missing argument to \`${name}'`);
    const words = this.#words.slice(start, end);
    const plus = this.#words[end] === '+';
    this.#at = end + 1;
    const call = this.#call;
    const inDirectory = name === '-execdir';
    if (name === '-ok') {
      return function* (visit) {
        return (yield* confirmCommand(call, words, visit)) && (yield* runCommand(call, words, visit, false));
      };
    }
    if (!plus) return (visit) => runCommand(call, words, visit, inDirectory);
    const batch = batchCommand(call, words.slice(0, -1), inDirectory);
    this.#options.batches.push(batch);
    return (visit) => batch.add(visit);
  }
}

function* always(): Blocking<boolean> {
  return true;
}

function plain(test: (visit: Visit) => boolean): Test {
  // A test that asks for nothing never blocks.
  return function* (visit) {
    return test(visit);
  };
}

function* deleteVisit(call: Call, visit: Visit): Blocking<boolean> {
  if (visit.path === '.') return true;
  const failed: Errno | undefined =
    visit.inode instanceof Directory ? removeDirectory(call.process, visit.path) : unlink(call.process, visit.path);
  if (failed) yield* call.warn(`cannot delete ${call.quoteFile(visit.path)}: ${strerror(failed)}`);
  return !failed;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v', '0': '\0', '\\': '\\' };

/** `-printf`: the directives of find(1) that say something about simulated files. */
function formatVisit(call: Call, format: string, visit: Visit): string {
  const { inode, path } = visit;
  const value = (letter: string, time: string): string | undefined => {
    const slash = path.lastIndexOf('/');
    switch (letter) {
      case 'p':
        return path;
      case 'P':
        return path === visit.start ? '' : path.slice(visit.start.length).replace(/^\/+/, '');
      case 'f':
        return visit.name;
      case 'h':
        return slash < 0 ? '.' : path.slice(0, slash);
      case 'H':
        return visit.start;
      case 's':
        return String(inode.size);
      case 'b':
        return String(Math.ceil(inode.size / 4096) * 8);
      case 'k':
        return String(Math.ceil(inode.size / 4096) * 4);
      case 'd':
        return String(visit.depth);
      case 'm':
        return inode.mode.toString(8);
      case 'M':
        return modeString(inode);
      case 'n':
        return String(linkCount(call.process, inode));
      case 'i':
        return String(call.process.host.inodeNumber(inode));
      case 'u':
      case 'g':
        return 'root';
      case 'U':
      case 'G':
        return '0';
      case 'l':
        return inode instanceof Symlink ? inode.target : '';
      case 'y':
        return typeLetter(inode) === '-' ? 'f' : typeLetter(inode);
      case 't':
      case 'a':
      case 'c':
        return strftime('%a %b %e %H:%M:%S.%N0 %Y', momentOf(inode.modified));
      case 'T':
      case 'A':
      case 'C':
        return time === '@'
          ? `${EPOCH_SECONDS + Math.floor(inode.modified / 1e6)}.${String(inode.modified % 1e6).padStart(6, '0')}0000`
          : strftime(`%${time}`, momentOf(inode.modified));
      case '%':
        return '%';
      default:
        return undefined;
    }
  };
  return format.replace(
    /\\(\d{1,3}|.)|%(-?)(\d*)(?:([TAC])(.)|([a-zA-Z%]))/gs,
    (whole, escaped: string | undefined, left: string, width: string, timeLetter: string, time: string, letter: string) => {
      if (escaped !== undefined)
        return ESCAPES[escaped] ?? (/^\d/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : whole);
      const text = value(timeLetter ?? letter, time);
      if (text === undefined) return whole;
      return left === '-' ? text.padEnd(Number(width)) : text.padStart(Number(width));
    },
  );
}
