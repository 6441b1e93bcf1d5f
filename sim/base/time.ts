/** Virtual time: integer microseconds since the world's epoch. Nothing in the simulation knows another clock. */
export type Micros = number;

export const MILLISECOND: Micros = 1_000;
export const SECOND: Micros = 1_000_000;

/** The calendar date of virtual time zero, as seconds since 1970-01-01 UTC: every world starts at this moment. */
export const EPOCH_SECONDS = 1_767_225_600; // 2026-01-01T00:00:00Z
