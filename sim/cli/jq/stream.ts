import type { Value } from './value.ts';

/**
 * What evaluation yields besides values: it has to wait for input, or it has computed for a while. Whoever goes through a
 * stream hands these on, up to the process that can wait.
 */
export class Wait {
  readonly reason: 'input' | 'time';

  constructor(reason: 'input' | 'time') {
    this.reason = reason;
  }
}

export const FOR_INPUT = new Wait('input');
export const FOR_TIME = new Wait('time');

/** The results of a filter, one after another. */
export type Stream = Generator<Value | Wait, void, undefined>;

/** A value and the path that leads to it from where the path expression began. */
export interface Located {
  path: readonly Value[];
  value: Value;
}

export type PathStream = Generator<Located | Wait, void, undefined>;

/** All results at once. */
export function* collect(stream: Stream): Generator<Wait, Value[], undefined> {
  const values: Value[] = [];
  for (const value of stream) {
    if (value instanceof Wait) yield value;
    else values.push(value);
  }
  return values;
}

/** The first result, or `undefined`; the rest is never computed. */
export function* first(stream: Stream): Generator<Wait, Value | undefined, undefined> {
  for (const value of stream) {
    if (value instanceof Wait) yield value;
    else return value;
  }
  return undefined;
}
