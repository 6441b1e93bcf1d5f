/** Units of a rate: their name as printed and their length in seconds. */
const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['min', 60],
  ['sec', 1],
] as const;

/**
 * Parses `N[/UNIT]`, a unit being the beginning of second, minute, hour or day.
 * @param scale ticks a second; a rate is kept as ticks between packets
 * @returns the ticks, `fast` if they are less than one, or `undefined` for what is no rate
 */
export function parseRate(text: string, scale: number): number | 'fast' | undefined {
  const match = /^(\d+)(?:\/([a-z]+))?$/i.exec(text);
  const count = Number(match?.[1]);
  if (!match || count === 0) return undefined;
  const unit = (match[2] ?? 'second').toLowerCase();
  const long = ['day', 'hour', 'minute', 'second'].findIndex((name) => name.startsWith(unit));
  if (long < 0) return undefined;
  const ticks = Math.floor((scale * (UNITS[long] as (typeof UNITS)[number])[1]) / count);
  return ticks === 0 ? 'fast' : ticks;
}

/** `N/UNIT` in the smallest unit that gives a whole number (print_rate of libxt_limit). */
export function rateText(ticks: number, scale: number): string {
  let i = 1;
  for (; i < UNITS.length; i++) {
    const mult = (UNITS[i]?.[1] as number) * scale;
    if (ticks > mult || Math.floor(mult / ticks) < mult % ticks) break;
  }
  const [name, seconds] = UNITS[i - 1] as (typeof UNITS)[number];
  return `${Math.floor((seconds * scale) / ticks)}/${name}`;
}
