import { encode } from '../../base/bytes.ts';

const NAMED: Record<number, string> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 92: '\\\\' };

/**
 * The unambiguous form that `l` prints: escapes for what isn't printable ASCII, `$` at the end, long lines folded with `\`.
 *
 * @param width columns per line including the `\`; 0 never folds
 */
export function listing(text: string, width: number): string {
  let result = '';
  let column = 0;
  for (const byte of encode(text)) {
    const shown = NAMED[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(3, '0')}`);
    if (width > 0 && column + shown.length > width - 1) {
      result += '\\\n';
      column = 0;
    }
    result += shown;
    column += shown.length;
  }
  return `${result}$\n`;
}
