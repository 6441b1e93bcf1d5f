/** Wide characters (East Asian Width W and F, emoji), as ranges of code points. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Columns that a character takes on a terminal (wcwidth(3)): 0 for combining ones, 2 for wide ones and for `^X`. */
export function charWidth(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 32 || code === 127) return 2;
  if (code < 0x300) return 1;
  if (/^\p{M}$/u.test(char) || code === 0x200b || code === 0x200d) return 0;
  return WIDE.some(([from, to]) => code >= from && code <= to) ? 2 : 1;
}

/** How a character is shown: control characters as `^X`. */
export function shownChar(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  return code < 32 || code === 127 ? `^${String.fromCharCode(code ^ 64)}` : char;
}

export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}
