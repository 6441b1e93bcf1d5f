const GOLDEN = 0xdeadbeef;

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** Bob Jenkins's hash of 32-bit words, as the kernel computes it (jhash2 of include/linux/jhash.h). Unsigned. */
export function jhash(words: readonly number[], seed: number): number {
  let length = words.length;
  let a = (GOLDEN + (length << 2) + seed) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; length > 3; length -= 3, at += 3) {
    a = (a + (words[at] as number)) | 0;
    b = (b + (words[at + 1] as number)) | 0;
    c = (c + (words[at + 2] as number)) | 0;
    a = ((a - c) ^ rotate(c, 4)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 6)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 8)) | 0;
    b = (b + a) | 0;
    a = ((a - c) ^ rotate(c, 16)) | 0;
    c = (c + b) | 0;
    b = ((b - a) ^ rotate(a, 19)) | 0;
    a = (a + c) | 0;
    c = ((c - b) ^ rotate(b, 4)) | 0;
    b = (b + a) | 0;
  }
  if (length === 3) c = (c + (words[at + 2] as number)) | 0;
  if (length >= 2) b = (b + (words[at + 1] as number)) | 0;
  if (length >= 1) a = (a + (words[at] as number)) | 0;
  return length === 0 ? c >>> 0 : finish(a, b, c);
}

function finish(a: number, b: number, c: number): number {
  let [x, y, z] = [a, b, c];
  z = ((z ^ y) - rotate(y, 14)) | 0;
  x = ((x ^ z) - rotate(z, 11)) | 0;
  y = ((y ^ x) - rotate(x, 25)) | 0;
  z = ((z ^ y) - rotate(y, 16)) | 0;
  x = ((x ^ z) - rotate(z, 4)) | 0;
  y = ((y ^ x) - rotate(x, 14)) | 0;
  z = ((z ^ y) - rotate(y, 24)) | 0;
  return z >>> 0;
}
