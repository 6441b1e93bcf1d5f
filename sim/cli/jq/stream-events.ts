import { isArray, type Value } from './value.ts';

/** A value in the streamed form: `[path, leaf]` for every leaf, `[path]` when an array or object that isn't empty ends. */
export function streamOf(value: Value): Value[] {
  const events: Value[] = [];
  walk(value, [], events);
  return events;
}

function walk(value: Value, path: readonly Value[], events: Value[]): void {
  const members: [Value, Value][] = isArray(value) ? value.map((member, i) => [i, member]) : value instanceof Map ? [...value] : [];
  const last = members.at(-1);
  if (!last) {
    events.push([path, value]);
    return;
  }
  for (const [key, member] of members) walk(member, [...path, key], events);
  events.push([[...path, last[0]]]);
}
