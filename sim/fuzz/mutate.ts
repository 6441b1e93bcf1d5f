import fc from 'fast-check';

/** Inputs that are nearly right: valid ones, changed in a few places. Noise alone never gets past the first character. */

/** Words that are wrong nearly everywhere, or at a limit. */
const ODD_WORDS = [
  ...[
    '',
    '-',
    '--',
    '!',
    '0',
    '1',
    '-1',
    '65535',
    '65536',
    '4294967295',
    '4294967296',
    '99999999999999999999',
    '0x10',
    '1e3',
    '1:2',
    '2:1',
  ],
  ...[
    '10.0.0.1',
    '10.0.0.0/8',
    '10/8',
    '1.2.3.4/33',
    '::1',
    'fe80::1%eth0',
    '::/129',
    '02:00:00:00:00:01',
    'é',
    '💥',
    '\udc80',
    '\n',
    'a b',
  ],
  ...['lo', 'eth0', 'nosuch', 'averyveryverylongname', '.', '..', '/', 'help', 'all', 'any', 'default', '=', ',', '%', '$', '*'],
];

const ODD_PIECES = [
  ...' \t\n\0"\'`\\/(){}[]<>|&;:,.=!?*+-%$#@^~0123456789aAzZ_',
  'é',
  '💥',
  '\udc80',
  '\xff',
  '99999999999999999999',
  '-1',
  '((((',
  '$(',
  '\\x',
  '//',
];

type Edit = { kind: 'remove' | 'double' | 'swap' | 'put' | 'exchange' | 'inside'; at: number; odd: string; from: number };

function edits(odd: fc.Arbitrary<string>, most: number): fc.Arbitrary<Edit[]> {
  const kind = fc.constantFrom('remove', 'double', 'swap', 'put', 'exchange', 'inside') as fc.Arbitrary<Edit['kind']>;
  return fc.array(fc.record({ kind, at: fc.nat(), odd, from: fc.nat() }), { maxLength: most });
}

/** A list changed: parts removed, doubled, swapped with the next, put in or exchanged. */
function edited(parts: readonly string[], changes: readonly Edit[], pool: readonly string[]): string[] {
  const list = [...parts];
  for (const { kind, at: where, odd, from } of changes) {
    const at = list.length === 0 ? 0 : where % list.length;
    const strange = from % 3 === 0 || pool.length === 0 ? odd : (pool[from % pool.length] as string);
    if (kind === 'remove') list.splice(at, 1);
    else if (kind === 'double') list.splice(at, 0, list[at] ?? strange);
    else if (kind === 'swap') list.splice(at, 2, ...list.slice(at, at + 2).reverse());
    else if (kind === 'put') list.splice(at, 0, strange);
    else if (kind === 'exchange') list.splice(at, 1, strange);
    else list.splice(at, 1, insideWord(list[at] ?? '', from, odd));
  }
  return list;
}

function insideWord(word: string, at: number, odd: string): string {
  const cut = at % (word.length + 1);
  return word.slice(0, cut) + (at % 2 === 0 ? odd : '') + word.slice(cut + 1);
}

/** Command lines as words: one of `valid` with a few words changed, others of the family's words among them. No word holds a NUL, as in reality. */
export function nearWords(valid: readonly (readonly string[])[], most = 4): fc.Arbitrary<string[]> {
  const pool = [...new Set(valid.flat())];
  const odd = fc.oneof(fc.constantFrom(...ODD_WORDS), fc.string({ maxLength: 8 }));
  return fc
    .tuple(fc.nat(valid.length - 1), edits(odd, most))
    .map(([which, changes]) => edited(valid[which] as string[], changes, pool).map((word) => word.replaceAll('\0', '')));
}

/** Texts: one of `valid` with pieces of it (words, spaces, single signs) changed, pieces of the others among them. */
export function nearText(valid: readonly string[], most = 5): fc.Arbitrary<string> {
  const pieces = valid.map((text) => text.match(/\w+|\s+|[^\w\s]/g) ?? []);
  const pool = [...new Set(pieces.flat())];
  const odd = fc.oneof(fc.constantFrom(...ODD_PIECES), fc.string({ maxLength: 4 }), fc.string({ unit: 'binary', maxLength: 2 }));
  return fc
    .tuple(fc.nat(valid.length - 1), edits(odd, most))
    .map(([which, changes]) => edited(pieces[which] as string[], changes, pool).join(''));
}

/** Bytes: one of `valid` with bytes changed, cut off in front or at the end, or more at the end; now and then nothing but noise. */
export function nearBytes(valid: readonly Uint8Array[], most = 5): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), value: fc.nat(255) });
  const near = fc
    .tuple(fc.nat(valid.length - 1), fc.array(change, { maxLength: most }), fc.nat(60), fc.uint8Array({ maxLength: 8 }))
    .map(([which, changes, cut, more]) => {
      const b = (valid[which] as Uint8Array).slice();
      // Headers are where it matters: half of the changes go into the first hundred bytes.
      if (b.length > 0) for (const { at, value } of changes) b[at % Math.min(b.length, at % 2 === 0 ? 100 : b.length)] = value;
      if (cut < 20) return b.slice(0, Math.max(0, b.length - cut));
      if (cut < 30) return b.slice(0, cut * 3);
      return cut < 35 ? Uint8Array.from([...b, ...more]) : b;
    });
  return fc.oneof({ weight: 9, arbitrary: near }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 120 }) });
}
