/** Bytes that a limit counts as one. */
const CHUNK = 16;
export const U32 = 0xffff_ffff;
/** What a second of waiting is worth (CREDITS_PER_JIFFY_BYTES with 250 ticks a second): the most that is saved up. */
const CREDITS_A_SECOND = 2 ** 24 * 250;

const UNITS = [
  ['gb', 2 ** 30],
  ['mb', 2 ** 20],
  ['kb', 2 ** 10],
  ['b', 1],
] as const;

/** `N[k|m|g]b` as bytes; `undefined` for what has no such unit. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+)([kmg]?b)$/i.exec(text);
  if (!match) return undefined;
  const unit = UNITS.find(([name]) => name === match[2]?.toLowerCase())?.[1] as number;
  return Number(match[1]) * unit;
}

/** What a chunk costs at a rate, as rules keep it (bytes_to_cost of libxt_hashlimit): rates are rounded by it. */
export function costOf(bytes: number): number {
  return Math.floor(U32 / ((bytes > U32 ? 0 : Math.floor(bytes / CHUNK)) + 1));
}

/** Bytes a second at a cost (cost_to_bytes). */
export function bytesOf(cost: number): number {
  return (Math.floor(U32 / cost) - 1) * CHUNK;
}

/** In the largest unit that divides it. */
export function bytesText(bytes: number): string {
  const [name, size] = (bytes === 0 ? UNITS[3] : UNITS.find(([, each]) => bytes % each === 0)) as (typeof UNITS)[number];
  return `${bytes / size}${name}`;
}

/** What one sender has saved up. */
export interface ByteBucket {
  credit: number;
  /** How often it may still be filled up at once. */
  fills: number;
}

export const newByteBucket = (burst: number): ByteBucket => ({ credit: CREDITS_A_SECOND, fills: burst });

/** Whether a packet is within the rate (hashlimit_byte_cost, rateinfo_recalc). @param waited microseconds since the last one */
export function takeBytes(bucket: ByteBucket, cost: number, length: number, waited: number): boolean {
  bucket.credit = Math.min(CREDITS_A_SECOND, bucket.credit + (waited * CREDITS_A_SECOND) / 1_000_000);
  const price = Math.min(CREDITS_A_SECOND, (Math.floor(length / CHUNK) + 1) * cost);
  if (bucket.credit < price && bucket.fills > 0) {
    bucket.fills--;
    bucket.credit = CREDITS_A_SECOND;
  }
  if (bucket.credit < price) return false;
  bucket.credit -= price;
  return true;
}
