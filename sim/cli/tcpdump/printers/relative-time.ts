/** `1d2h3s`: seconds in the largest units (unsigned_relts_print). */
export function relativeTime(seconds: number): string {
  if (seconds === 0) return '0s';
  const units = [
    [31_536_000, 'y'],
    [604_800, 'w'],
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'm'],
    [1, 's'],
  ] as const;
  let left = seconds;
  let text = '';
  for (const [size, unit] of units) {
    if (left >= size) text += `${Math.floor(left / size)}${unit}`;
    left %= size;
  }
  return text;
}
