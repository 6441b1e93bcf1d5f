import type { Environment } from './environment.ts';
import { fail, Halt, JqError, shown } from './error.ts';
import { evaluate } from './evaluate.ts';
import { jsonText } from './json-text.ts';
import { child, locate } from './locate.ts';
import type { Machine } from './machine.ts';
import { natives } from './natives.ts';
import { index } from './operations.ts';
import { prelude } from './prelude.ts';
import { allMatches } from './regex.ts';
import { collect, FOR_INPUT, FOR_TIME, type Located, type PathStream, type Stream, Wait } from './stream.ts';
import type { Node } from './syntax.ts';
import { isArray, isNumber, toDouble, truthy, type Value } from './value.ts';

type Special = (machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value) => Stream;
type Locator = (machine: Machine, args: readonly Node[], environment: Environment | undefined, at: Located) => PathStream;

function arg(args: readonly Node[], at: number): Node {
  return args[at] as Node;
}

/** The next input; waits for it. `undefined` at the end. */
function* nextInput(machine: Machine): Generator<Wait, Value | undefined, undefined> {
  for (;;) {
    const next = machine.host.nextInput();
    if (next === 'end') return undefined;
    if (next) return next.value;
    yield FOR_INPUT;
  }
}

/** Functions that take filters, or that are more than functions of values. */
export const specials: Map<string, Special> = new Map<string, Special>([
  ['empty/0', function* () {}],
  [
    'error/0',
    function* (_machine, _args, _environment, input) {
      throw new JqError(input);
    },
  ],
  [
    'error/1',
    function* (machine, args, environment, input) {
      for (const value of evaluate(machine, arg(args, 0), environment, input)) {
        if (value instanceof Wait) yield value;
        else throw new JqError(value);
      }
    },
  ],
  [
    'path/1',
    function* (machine, args, environment, input) {
      for (const located of locate(machine, arg(args, 0), environment, { path: [], value: input })) {
        yield located instanceof Wait ? located : located.path;
      }
    },
  ],
  ['range/3', range],
  [
    'recurse/1',
    function* (machine, args, environment, input) {
      for (const located of recurse(machine, { path: [], value: input }, function* (at) {
        for (const value of evaluate(machine, arg(args, 0), environment, at.value))
          yield value instanceof Wait ? value : { path: [], value };
      })) {
        yield located instanceof Wait ? located : located.value;
      }
    },
  ],
  [
    'first/1',
    function* (machine, args, environment, input) {
      yield* taken(evaluate(machine, arg(args, 0), environment, input), 1);
    },
  ],
  [
    'last/1',
    function* (machine, args, environment, input) {
      let last: Value | undefined;
      for (const value of evaluate(machine, arg(args, 0), environment, input)) {
        if (value instanceof Wait) yield value;
        else last = value;
      }
      if (last !== undefined) yield last;
    },
  ],
  [
    'isempty/1',
    function* (machine, args, environment, input) {
      for (const value of evaluate(machine, arg(args, 0), environment, input)) {
        if (value instanceof Wait) yield value;
        else {
          yield false;
          return;
        }
      }
      yield true;
    },
  ],
  [
    '_limit/2',
    function* (machine, args, environment, input) {
      for (const count of evaluate(machine, arg(args, 0), environment, input)) {
        if (count instanceof Wait) yield count;
        else if (toDouble(count) > 0) yield* taken(evaluate(machine, arg(args, 1), environment, input), toDouble(count));
      }
    },
  ],
  [
    '_skip/2',
    function* (machine, args, environment, input) {
      for (const count of evaluate(machine, arg(args, 0), environment, input)) {
        if (count instanceof Wait) {
          yield count;
          continue;
        }
        let left = toDouble(count);
        for (const value of evaluate(machine, arg(args, 1), environment, input)) {
          if (value instanceof Wait) yield value;
          else if (left > 0) left--;
          else yield value;
        }
      }
    },
  ],
  ['until/2', until],
  ['repeat/1', repeat],
  [
    'input/0',
    function* (machine) {
      const value = yield* nextInput(machine);
      if (value === undefined) fail('break');
      yield value as Value;
    },
  ],
  [
    'inputs/0',
    function* (machine) {
      for (;;) {
        const value = yield* nextInput(machine);
        if (value === undefined) return;
        if (machine.tick()) yield FOR_TIME;
        yield value;
      }
    },
  ],
  [
    'debug/0',
    function* (machine, _args, _environment, input) {
      machine.host.warn(`["DEBUG:",${jsonText(input)}]\n`);
      yield input;
    },
  ],
  [
    'stderr/0',
    function* (machine, _args, _environment, input) {
      machine.host.warn(typeof input === 'string' ? input : jsonText(input));
      yield input;
    },
  ],
  [
    'halt/0',
    function* () {
      throw new Halt(0, undefined);
    },
  ],
  [
    'halt_error/1',
    function* (machine, args, environment, input) {
      for (const status of evaluate(machine, arg(args, 0), environment, input)) {
        if (status instanceof Wait) yield status;
        else if (!isNumber(status)) fail('halt_error/1: number required');
        else throw new Halt(toDouble(status) & 0xff, input === null ? '' : typeof input === 'string' ? input : `${jsonText(input)}\n`);
      }
    },
  ],
  ['sub/3', substitute],
  [
    'builtins/0',
    function* (): Stream {
      yield [...new Set([...specials.keys(), ...natives.keys(), ...prelude().keys()])].filter((key) => !key.startsWith('_'));
    },
  ],
]);

function* range(machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
  for (const from of evaluate(machine, arg(args, 0), environment, input)) {
    if (from instanceof Wait) {
      yield from;
      continue;
    }
    for (const to of evaluate(machine, arg(args, 1), environment, input)) {
      if (to instanceof Wait) {
        yield to;
        continue;
      }
      for (const by of evaluate(machine, arg(args, 2), environment, input)) {
        if (by instanceof Wait) yield by;
        else yield* rangeOf(machine, from, to, by);
      }
    }
  }
}

function* rangeOf(machine: Machine, from: Value, to: Value, by: Value): Stream {
  if (!isNumber(from) || !isNumber(to) || !isNumber(by)) return fail('Range bounds must be numeric');
  const [end, step] = [toDouble(to), toDouble(by)];
  if (step === 0) return;
  for (let at = toDouble(from); step > 0 ? at < end : at > end; at += step) {
    if (machine.tick()) yield FOR_TIME;
    yield at;
  }
}

/** A value, what `step` gives for it, what `step` gives for that … depth first, without recursion of our own. */
function* recurse(machine: Machine, start: Located, step: (at: Located) => PathStream): PathStream {
  yield start;
  const stack = [step(start)];
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = top.next();
    if (next.done) stack.pop();
    else if (next.value instanceof Wait) yield next.value;
    else {
      if (machine.tick()) yield FOR_TIME;
      yield next.value;
      stack.push(step(next.value));
    }
  }
}

function* taken(stream: Stream, count: number): Stream {
  let left = count;
  for (const value of stream) {
    yield value;
    if (!(value instanceof Wait) && --left <= 0) return;
  }
}

function* until(machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
  for (const test of evaluate(machine, arg(args, 0), environment, input)) {
    if (test instanceof Wait) yield test;
    else if (truthy(test)) yield input;
    else yield* untilAfter(machine, args, environment, input);
  }
}

/** Goes on from an input that doesn't fulfil the condition; a loop as long as both filters give one result. */
function* untilAfter(machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
  let current = [input];
  while (current.length === 1) {
    if (machine.tick()) yield FOR_TIME;
    current = yield* collect(evaluate(machine, arg(args, 1), environment, current[0] as Value));
    if (current.length !== 1) break;
    const tests = yield* collect(evaluate(machine, arg(args, 0), environment, current[0] as Value));
    if (tests.length !== 1) break;
    if (truthy(tests[0] as Value)) {
      yield current[0] as Value;
      return;
    }
  }
  for (const value of current) yield* until(machine, args, environment, value);
}

/** How many unfinished streams `repeat` keeps. */
const MAX_PENDING = 20_000;

/** The input, the update of it, the update of that, and so on. */
function* repeat(machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
  const stack: Stream[] = [];
  yield input;
  stack.push(evaluate(machine, arg(args, 0), environment, input));
  for (let top = stack.at(-1); top; top = stack.at(-1)) {
    const next = top.next();
    if (next.done) stack.pop();
    else if (next.value instanceof Wait) yield next.value;
    else {
      if (machine.tick()) yield FOR_TIME;
      yield next.value;
      stack.push(evaluate(machine, arg(args, 0), environment, next.value));
      // Streams mostly have one result. Those far below are reached only if all above end, so the oldest may go.
      if (stack.length > MAX_PENDING) stack.splice(0, MAX_PENDING / 2);
    }
  }
}

/** `sub` with flags; a replacement with several results gives several texts, each made of the same result everywhere. */
function* substitute(machine: Machine, args: readonly Node[], environment: Environment | undefined, input: Value): Stream {
  for (const flags of evaluate(machine, arg(args, 2), environment, input)) {
    if (flags instanceof Wait) {
      yield flags;
      continue;
    }
    for (const pattern of evaluate(machine, arg(args, 0), environment, input)) {
      if (pattern instanceof Wait) {
        yield pattern;
        continue;
      }
      const results: { text: string; end: number }[] = [];
      const [text, matches] = allMatches(input, pattern, flags);
      for (const match of matches) {
        const inserts = yield* collect(evaluate(machine, arg(args, 1), environment, match.captures));
        for (const [i, insert] of inserts.entries()) {
          if (typeof insert !== 'string') fail(`${shown(match.captures)} cannot be added to a string`);
          const made = results[i] ?? { text: '', end: 0 };
          results[i] = { text: made.text + text.slice(made.end, match.start) + (insert as string), end: match.end };
        }
      }
      if (matches.length === 0) yield input;
      for (const made of results) yield made.text + text.slice(made.end);
    }
  }
}

/** Functions that may stand in path expressions, beside those of the prelude. */
export const locators = new Map<string, Locator>([
  ['empty/0', function* () {}],
  [
    'error/0',
    function* (_machine, _args, _environment, at) {
      throw new JqError(at.value);
    },
  ],
  [
    'error/1',
    function* (machine, args, environment, at) {
      for (const value of evaluate(machine, arg(args, 0), environment, at.value)) {
        if (value instanceof Wait) yield value;
        else throw new JqError(value);
      }
    },
  ],
  [
    'recurse/1',
    function* (machine, args, environment, at) {
      yield* recurse(machine, at, (inner) => locate(machine, arg(args, 0), environment, inner));
    },
  ],
  [
    'first/1',
    function* (machine, args, environment, at) {
      for (const located of locate(machine, arg(args, 0), environment, at)) {
        yield located;
        if (!(located instanceof Wait)) return;
      }
    },
  ],
  [
    'last/1',
    function* (machine, args, environment, at) {
      let last: Located | undefined;
      for (const located of locate(machine, arg(args, 0), environment, at)) {
        if (located instanceof Wait) yield located;
        else last = located;
      }
      if (last) yield last;
    },
  ],
  ['_limit/2', locateLimit],
  ['_skip/2', locateSkip],
  [
    'getpath/1',
    function* (machine, args, environment, at) {
      for (const path of evaluate(machine, arg(args, 0), environment, at.value)) {
        if (path instanceof Wait) yield path;
        else if (!isArray(path)) fail('Path must be specified as an array');
        else yield path.reduce((place: Located, key) => child(place, key, lookedUp(place.value, key)), at);
      }
    },
  ],
]);

function lookedUp(value: Value, key: Value): Value {
  return value === null ? null : index(value, key);
}

function* locateLimit(machine: Machine, args: readonly Node[], environment: Environment | undefined, at: Located): PathStream {
  for (const count of evaluate(machine, arg(args, 0), environment, at.value)) {
    if (count instanceof Wait) {
      yield count;
      continue;
    }
    let left = toDouble(count);
    if (left <= 0) continue;
    for (const located of locate(machine, arg(args, 1), environment, at)) {
      yield located;
      if (!(located instanceof Wait) && --left <= 0) break;
    }
  }
}

function* locateSkip(machine: Machine, args: readonly Node[], environment: Environment | undefined, at: Located): PathStream {
  for (const count of evaluate(machine, arg(args, 0), environment, at.value)) {
    if (count instanceof Wait) {
      yield count;
      continue;
    }
    let left = toDouble(count);
    for (const located of locate(machine, arg(args, 1), environment, at)) {
      if (located instanceof Wait) yield located;
      else if (left > 0) left--;
      else yield located;
    }
  }
}
