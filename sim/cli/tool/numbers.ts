/** Numbers with GNU's suffixes: `10`, `3K`, `2kB`, `1MiB`. */

const POWERS = 'KMGTPEZYRQ';

/**
 * xstrtoumax with the suffixes of coreutils: `b` 512, `K` or `KiB` 1024, `kB` 1000, and so on up.
 * @returns the number, or `undefined` where the text is no such number
 */
export function parseSize(text: string): number | undefined {
  const match = /^(\d*)(?:(b)|([kKMGTPEZYRQ])(iB|B)?)?$/.exec(text);
  if (!match || text === '') return undefined;
  const [, digits = '', block, letter, unit] = match;
  if (digits === '' && block === undefined && letter === undefined) return undefined;
  const value = digits === '' ? 1 : Number(digits);
  if (block) return value * 512;
  if (letter === undefined) return value;
  return value * (unit === 'B' ? 1000 : 1024) ** (POWERS.indexOf(letter.toUpperCase()) + 1);
}

/** `ls -h` and `du -h`: up to three digits, rounded up (gnulib human.c); `base` is 1024, or 1000 for `--si`. */
export function humanSize(bytes: number, base = 1024): string {
  if (bytes < base) return String(bytes);
  let value = bytes;
  let power = -1;
  while (value >= base && power < POWERS.length - 1) {
    value /= base;
    power++;
  }
  let rounded = value < 10 ? Math.ceil(value * 10 - 1e-9) / 10 : Math.ceil(value - 1e-9);
  if (rounded >= base) {
    rounded = 1;
    power++;
  }
  const letter = base === 1000 && power === 0 ? 'k' : (POWERS[power] as string);
  return `${rounded < 10 ? rounded.toFixed(1) : rounded}${letter}`;
}

/** A duration as `sleep`, `timeout` and `watch` take it, in seconds: `1`, `.5`, `2m`, `1h`, `1d`, `infinity`. */
export function parseDuration(text: string): number | undefined {
  const match = /^\+?(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|inf(?:inity)?|0x[0-9a-f]+)([smhd]?)$/i.exec(text);
  if (!match) return undefined;
  const [, digits = '', unit = ''] = match;
  const value = /^inf/i.test(digits) ? Number.POSITIVE_INFINITY : Number(digits);
  const scale = { s: 1, m: 60, h: 3_600, d: 86_400 }[unit] ?? (unit === '' ? 1 : undefined);
  return scale === undefined ? undefined : value * scale;
}
