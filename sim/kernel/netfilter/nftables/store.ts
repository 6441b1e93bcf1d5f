import { checksumUpdate16 } from '../../../wire/checksum.ts';
import { be16, setBe16 } from '../../../wire/endian.ts';
import * as ip from '../../../wire/ipv4.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import type { Operation } from './compile.ts';
import type { PayloadField } from './expression.ts';
import { baseOf, type Load, readBits } from './load.ts';
import { BREAK, CONTINUE } from './verdict.ts';

/** Where the checksums of transport protocols are. */
const CHECKSUM: Record<number, number> = { 6: 16, 17: 6, 136: 6, 58: 2, 1: 2 };

/** Writes a field and mends the checksums that cover it (nft_payload_set_eval). */
export function store(field: PayloadField, load: Load): Operation {
  const { base, offset, bits, guard, name } = field;
  return (skb, state) => {
    if (guard?.family !== undefined && guard.family !== state.family) return BREAK;
    if (guard?.protocol !== undefined && guard.protocol !== state.protocol) return BREAK;
    const value = load(skb, state);
    const start = baseOf(base, skb, state);
    const at = start + (offset >> 3);
    if (value === undefined || start < 0 || at + ((bits + 7) >> 3) > skb.end) return BREAK;
    const before = readBits(skb.bytes, at, offset & 7, bits);
    if (before === value) return CONTINUE;
    write(skb, state, base, at, offset & 7, bits, BigInt(value as number | bigint));
    skb.traced = -1;
    state.net.netfilter.traceRewrite(skb, state, `${name} ${before} -> ${value}`);
    return CONTINUE;
  };
}

function write(skb: Skb, state: HookState, base: PayloadField['base'], at: number, skip: number, bits: number, value: bigint): void {
  const { bytes, network } = skb;
  // Whole 16-bit words change, counted from the packet's start, as checksums see them.
  const first = at - ((at - network) & 1);
  const length = (((at - first) * 8 + skip + bits + 15) >> 4) * 2;
  const before: number[] = [];
  for (let i = 0; i < length; i += 2) before.push(be16(bytes, first + i));
  const total = length * 8;
  const shift = BigInt(total - ((at - first) * 8 + skip + bits));
  const mask = ((1n << BigInt(bits)) - 1n) << shift;
  let words = before.reduce((sum, word) => (sum << 16n) | BigInt(word), 0n);
  words = (words & ~mask) | ((value << shift) & mask);
  for (let i = length - 2; i >= 0; i -= 2) {
    setBe16(bytes, first + i, Number(words & 0xffffn));
    words >>= 16n;
  }
  const check = CHECKSUM[state.protocol];
  // The addresses are covered by transport checksums too; nothing else of the IP header is.
  const addresses = base === 'network' && first >= network + (state.family === 4 ? 12 : 8);
  if (check !== undefined && state.fragmentOffset === 0 && (base === 'transport' || (addresses && state.protocol !== 1))) {
    const where = state.transport + check;
    if (state.protocol !== 17 || be16(bytes, where) !== 0) {
      let sum = be16(bytes, where);
      before.forEach((word, i) => {
        sum = checksumUpdate16(sum, word, be16(bytes, first + i * 2));
      });
      setBe16(bytes, where, sum);
    }
  }
  if (base === 'network' && state.family === 4) ip.fillChecksum(bytes, network);
}
