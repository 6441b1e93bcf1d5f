import { strerror } from '../../base/errno.ts';
import type { ByteString } from '../tool/byte-string.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function encode64(bytes: ByteString): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const rest = bytes.length - i;
    const group = (bytes.charCodeAt(i) << 16) | ((rest > 1 ? bytes.charCodeAt(i + 1) : 0) << 8) | (rest > 2 ? bytes.charCodeAt(i + 2) : 0);
    const digits = [18, 12, 6, 0].map((shift) => ALPHABET[(group >> shift) & 63]).join('');
    text += rest === 1 ? `${digits.slice(0, 2)}==` : rest === 2 ? `${digits.slice(0, 3)}=` : digits;
  }
  return text;
}

/** Decodes as far as the text makes sense (RFC 4648 §4); `whole` is false where it stopped early. */
function decode64(text: string): { bytes: ByteString; whole: boolean } {
  let bytes = '';
  for (let i = 0; i < text.length; i += 4) {
    const group = text.slice(i, i + 4);
    const match = /^([A-Za-z0-9+/]{2,4})(={0,2})$/.exec(group);
    const digits = match?.[1] ?? /^[A-Za-z0-9+/]*/.exec(group)?.[0] ?? '';
    let value = 0;
    for (const digit of digits.padEnd(4, 'A').slice(0, 4)) value = value * 64 + ALPHABET.indexOf(digit);
    bytes += [16, 8, 0]
      .slice(0, Math.max(0, digits.length - 1))
      .map((shift) => String.fromCharCode((value >> shift) & 255))
      .join('');
    // The padding at the end may be missing.
    const last = i + 4 >= text.length && /^[A-Za-z0-9+/]{2,3}$/.test(group);
    if (!last && (!match || group.length !== 4)) return { bytes, whole: false };
  }
  return { bytes, whole: true };
}

export const base64: Tool = {
  name: 'base64',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]'],
  about: 'Encode a file, or standard input, in base 64, or decode it.',
  options: [
    flag('d', 'decode', 'decode'),
    flag('i', 'ignore-garbage', 'with -d, skip characters that are none of the alphabet'),
    valued('w', 'wrap', 'COLS', 'lines of COLS characters instead of 76; 0 for one line'),
  ],
  *main(call) {
    const [path = '-', extra] = call.operands;
    if (extra !== undefined) return yield* call.extraOperand(extra);
    const wrap = call.value('wrap') ?? '76';
    if (!/^\d+$/.test(wrap)) return yield* call.fail(`invalid wrap size: ${call.quote(wrap)}`);
    const file = call.open(path);
    if (typeof file === 'string') return yield* call.fail(`${call.dialect.fileName(path)}: ${strerror(file)}`);
    const data = yield* file.reader.rest();
    if (file.reader.error) return yield* call.fail(`read error: ${strerror(file.reader.error)}`);
    if (call.has('decode')) {
      const text = call.has('ignore-garbage') ? data.replace(/[^A-Za-z0-9+/=]/g, '') : data.replaceAll('\n', '');
      const { bytes, whole } = decode64(text);
      yield* call.out.write(bytes);
      return whole ? 0 : yield* call.fail('invalid input');
    }
    const width = Number(wrap);
    const text = encode64(data);
    const lines = width === 0 ? [text] : (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []);
    yield* call.out.write(lines.join('\n') + (width > 0 && text !== '' ? '\n' : ''));
    return 0;
  },
};
