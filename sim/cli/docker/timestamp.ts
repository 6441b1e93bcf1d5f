import { parseRfc3339 } from '../../engines/docker/clock.ts';

/** `42m`, `1h30m`, an RFC 3339 time or seconds since 1970 → seconds since 1970. */
export function timestamp(text: string, now: number): number | undefined {
  if (/^(\d+(\.\d+)?(h|m|s|ms))+$/.test(text)) {
    const units: Record<string, number> = { h: 3_600, m: 60, s: 1, ms: 0.001 };
    let total = 0;
    for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s)/g)) total += Number(amount) * (units[unit as string] ?? 0);
    return now - total;
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  return parseRfc3339(text.includes('T') ? (/Z$/.test(text) ? text : `${text}Z`) : `${text}T00:00:00Z`);
}
