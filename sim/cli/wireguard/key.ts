import { KEY_LENGTH } from '../../kernel/dev/wireguard/handshake.ts';

/** Keys as text: 32 bytes in base64, 43 digits and one `=`. */
export const KEY_TEXT = 44;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function formatKey(key: Uint8Array): string {
  let text = '';
  for (let i = 0; i < KEY_LENGTH; i += 3) {
    const group = ((key[i] as number) << 16) | ((key[i + 1] ?? 0) << 8) | (key[i + 2] ?? 0);
    for (const shift of [18, 12, 6, 0]) text += ALPHABET[(group >> shift) & 63];
  }
  return `${text.slice(0, KEY_TEXT - 1)}=`;
}

/** @returns undefined for anything else, bits that stand for nothing included */
export function parseKey(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return undefined;
  const key = new Uint8Array(KEY_LENGTH + 1);
  for (let i = 0; i < KEY_TEXT; i += 4) {
    let group = 0;
    for (const digit of text.slice(i, i + 4)) group = (group << 6) | Math.max(0, ALPHABET.indexOf(digit));
    for (const [j, shift] of [16, 8, 0].entries()) key[(i / 4) * 3 + j] = (group >> shift) & 255;
  }
  return key[KEY_LENGTH] === 0 ? key.slice(0, KEY_LENGTH) : undefined;
}
