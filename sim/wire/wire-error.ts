/** Why bytes are not what they should be, and where. A value: parsers never throw. */
export interface WireError {
  /** What is wrong, for people: `header length 16 is below 20`. */
  readonly malformed: string;
  /** Offset of the offending field in the array that was parsed. */
  readonly offset: number;
  /** Set when the bytes merely end too early, as those of quoted and snapped packets may. */
  readonly short?: true;
}

export function wireError(malformed: string, offset: number): WireError {
  return { malformed, offset };
}

export function isWireError(value: unknown): value is WireError {
  return typeof value === 'object' && value !== null && 'malformed' in value;
}

/** The error for bytes that end too early. */
export function truncated(what: string, offset: number, need: number, have: number): WireError {
  return { malformed: `${what} needs ${need} bytes, ${Math.max(0, have)} are there`, offset, short: true };
}
