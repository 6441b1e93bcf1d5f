import { fail } from './error.ts';
import { index, sliceBounds, withKey } from './operations.ts';
import { compareValues, isArray, isNumber, kindOf, toDouble, type Value } from './value.ts';

/** The value at a path; null where something on the way is null. */
export function getPath(value: Value, path: readonly Value[]): Value {
  let current = value;
  for (const key of path) {
    if (current === null) return null;
    current = index(current, key);
  }
  return current;
}

/** A copy with the value at a path replaced; what is missing on the way is made. */
export function setPath(value: Value, path: readonly Value[], replacement: Value, from = 0): Value {
  if (from === path.length) return replacement;
  const key = path[from] as Value;
  return withKey(value, key, setPath(index(value, key), path, replacement, from + 1));
}

/** A copy without what is at the paths, which may be in any order. */
export function deletePaths(value: Value, paths: readonly Value[]): Value {
  let result = value;
  for (const path of [...paths].sort(compareValues).reverse()) {
    if (!isArray(path)) return fail('Path must be specified as an array');
    result = deletePath(result, path, 0);
  }
  return result;
}

function deletePath(value: Value, path: readonly Value[], from: number): Value {
  if (value === null || path.length === 0) return null;
  const key = path[from] as Value;
  if (from === path.length - 1) return without(value, key);
  const inner = index(value, key);
  return inner === null ? value : withKey(value, key, deletePath(inner, path, from + 1));
}

function without(value: Value, key: Value): Value {
  if (value instanceof Map && typeof key === 'string') {
    const copy = new Map(value);
    copy.delete(key);
    return copy;
  }
  if (isArray(value) && isNumber(key)) {
    const at = Math.floor(toDouble(key));
    const place = at < 0 ? at + value.length : at;
    return value.filter((_, i) => i !== place);
  }
  if (isArray(value) && key instanceof Map) {
    const [start, end] = sliceBounds(value.length, key.get('start') ?? null, key.get('end') ?? null);
    return [...value.slice(0, start), ...value.slice(end)];
  }
  if (value instanceof Map && isNumber(key)) return fail('Cannot delete field at object index of array');
  if (isArray(value) && typeof key === 'string') return fail('Cannot delete field at array index of object');
  return fail(`Cannot delete field at ${kindOf(value)} index of ${kindOf(key)}`);
}
