/** The options behind TCP's and IPv4's headers, as fields: `mss=1460 sackok=1 wscale=7`, `options=0x94040000`. */

type Fields = Readonly<Record<string, string>>;

/** What a script writes for an option that must not be there. */
export const ABSENT = 'none';

const NOP = 1;
/** Kinds of TCP's options (RFC 9293, 7323, 2018). */
const MSS = 2;
const SCALE = 3;
const SACK_PERMITTED = 4;
const SACK = 5;
const TIMESTAMPS = 8;
const SACK_BLOCKS = ['1', '2', '3', '4'];

/** The header's options from the fields of a layer, padded to four bytes. */
export function writeOptions(layer: string, fields: Fields): Uint8Array {
  const given = Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ABSENT));
  const bytes = layer === 'tcp' ? tcpOptions(given) : layer === 'ip' ? hexBytes(given.options ?? '0x') : [];
  while (bytes.length % 4 !== 0) bytes.push(layer === 'tcp' ? NOP : 0);
  return Uint8Array.from(bytes);
}

function tcpOptions(fields: Fields): number[] {
  const bytes: number[] = [];
  if (fields.mss !== undefined) bytes.push(MSS, 4, ...bigEndian(fields.mss, 2));
  if (fields.sackok !== undefined) bytes.push(SACK_PERMITTED, 2);
  if (fields.tsval !== undefined) bytes.push(TIMESTAMPS, 10, ...bigEndian(fields.tsval, 4), ...bigEndian(fields.tsecr ?? '0', 4));
  if (fields.wscale !== undefined) bytes.push(SCALE, 3, ...bigEndian(fields.wscale, 1));
  const blocks = SACK_BLOCKS.filter((n) => fields[`sackl${n}`] !== undefined).flatMap((n) => [
    ...bigEndian(fields[`sackl${n}`] as string, 4),
    ...bigEndian(fields[`sackr${n}`] ?? '0', 4),
  ]);
  if (blocks.length > 0) bytes.push(SACK, 2 + blocks.length, ...blocks);
  return [...bytes, ...hexBytes(fields.options ?? '0x')];
}

/** The fields that the options of a header say, from its fixed part's end to its own. */
export function readOptions(layer: string, b: Uint8Array): Record<string, string> {
  const fields: Record<string, string> = {};
  if (b.length === 0) return fields;
  if (layer === 'ip') return { options: toHex(b) };
  for (let at = 0; at < b.length && b[at] !== 0; at += b[at] === NOP ? 1 : Math.max(2, b[at + 1] ?? 2)) {
    const number = (offset: number, size: number) =>
      String(b.subarray(at + offset, at + offset + size).reduce((sum, byte) => sum * 256 + byte, 0));
    switch (b[at]) {
      case MSS:
        fields.mss = number(2, 2);
        break;
      case SCALE:
        fields.wscale = number(2, 1);
        break;
      case SACK_PERMITTED:
        fields.sackok = '1';
        break;
      case TIMESTAMPS:
        fields.tsval = number(2, 4);
        fields.tsecr = number(6, 4);
        break;
      case SACK:
        for (const n of SACK_BLOCKS.slice(0, ((b[at + 1] as number) - 2) / 8)) {
          fields[`sackl${n}`] = number(2 + 8 * (Number(n) - 1), 4);
          fields[`sackr${n}`] = number(6 + 8 * (Number(n) - 1), 4);
        }
    }
  }
  return fields;
}

function bigEndian(text: string, size: number): number[] {
  const value = BigInt(text);
  return Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * (size - 1 - i))) & 0xffn));
}

/** `0x0102` as bytes. @throws Error when it isn't that */
export function hexBytes(text: string): number[] {
  if (!/^0x([0-9a-f]{2})*$/i.test(text)) throw new Error(`'${text}' is no row of bytes`);
  return [...text.slice(2).matchAll(/../g)].map(([digits]) => Number.parseInt(digits, 16));
}

export function toHex(b: Uint8Array): string {
  return `0x${[...b].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
