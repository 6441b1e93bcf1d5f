import { be128, be32 } from '../../../wire/endian.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import type { Atom, BinaryOperator, Expression } from './expression.ts';
import { jhash, wordsOf } from './hash.ts';
import { ct, fib, type Load, meta, payload, tcpOption } from './load.ts';

/** Makes an expression into what finds its value for a packet. */
export function compute(expression: Expression): Load {
  switch (expression.kind) {
    case 'constant': {
      const { value } = expression;
      return () => value;
    }
    case 'payload':
      return payload(expression.field);
    case 'tcp-option':
      return tcpOption(expression.number, expression.offset, expression.bits, expression.exists);
    case 'meta':
      return meta(expression.key);
    case 'ct':
      return ct(expression.key, expression.direction);
    case 'fib':
      return fib(expression.result, expression.flags);
    case 'rt':
      return routeOf(expression.key);
    case 'numgen':
      return numgen(expression);
    case 'hash':
      return hash(expression);
    case 'binary':
      return binary(expression.operator, compute(expression.left), compute(expression.right));
    case 'concat': {
      const parts = expression.parts.map(compute);
      return (skb, state) => {
        const values: Atom[] = [];
        for (const part of parts) {
          const value = part(skb, state);
          if (value === undefined) return undefined;
          values.push(value as Atom);
        }
        return values;
      };
    }
    case 'map': {
      const { map } = expression;
      const key = compute(expression.key);
      return (skb, state) => {
        const value = key(skb, state);
        return value === undefined ? undefined : map.lookup(value)?.data;
      };
    }
  }
}

function routeOf(key: string): Load {
  return (skb, state) => {
    const way = skb.route as { gateway?: Atom | undefined; mtu?: number } | undefined;
    if (key === 'classid') return 0;
    if (!way) return undefined;
    if (key === 'mtu') return (way.mtu ?? state.output?.mtu ?? 1500) - (state.family === 4 ? 40 : 60);
    if (way.gateway !== undefined) return way.gateway;
    return state.family === 4 ? be32(skb.bytes, skb.network + 16) : be128(skb.bytes, skb.network + 24);
  };
}

/** nft_ng_inc_eval, nft_ng_random_eval. */
function numgen({ mode, modulus, offset, counter }: Expression & { kind: 'numgen' }): Load {
  if (mode === 'random') return (_skb, state) => state.net.netfilter.random.below(modulus) + offset;
  return () => {
    const value = counter.value;
    counter.value = (value + 1) % modulus;
    return value + offset;
  };
}

/** nft_jhash_eval, nft_symhash_eval: the same for both directions of a connection. */
function hash({ input, modulus, seed, offset }: Expression & { kind: 'hash' }): Load {
  const scale = (value: number) => Math.floor((value * modulus) / 2 ** 32) + offset;
  if (!input) return (skb, state) => scale(symmetric(skb, state));
  const load = compute(input);
  let chosen = seed;
  return (skb, state) => {
    const value = load(skb, state);
    if (value === undefined) return undefined;
    chosen ??= state.net.netfilter.random.uint32();
    return scale(jhash(wordsOf(value), chosen));
  };
}

function symmetric(skb: Skb, state: HookState): number {
  const { bytes, network } = skb;
  const length = state.family === 4 ? 4 : 16;
  const at = network + (state.family === 4 ? 12 : 8);
  const words: number[] = [];
  for (let i = 0; i < length; i += 4) words.push((be32(bytes, at + i) ^ be32(bytes, at + length + i)) >>> 0);
  words.push(state.protocol);
  return jhash(words, 0);
}

const NUMBERS: Record<BinaryOperator, (a: number, b: number) => number> = {
  '&': (a, b) => (a & b) >>> 0,
  '|': (a, b) => (a | b) >>> 0,
  '^': (a, b) => (a ^ b) >>> 0,
  '<<': (a, b) => (a << b) >>> 0,
  '>>': (a, b) => a >>> b,
};

const BIGINTS: Record<BinaryOperator, (a: bigint, b: bigint) => bigint> = {
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  '<<': (a, b) => a << b,
  '>>': (a, b) => a >> b,
};

const WORD = 0xffff_ffff;

/** Bitwise arithmetic on what fits in a register. */
export function arithmetic(operator: BinaryOperator, a: Atom, b: Atom): Atom {
  if (typeof a === 'number' && typeof b === 'number' && a <= WORD && b <= WORD) return NUMBERS[operator](a, b);
  const result = BIGINTS[operator](BigInt(a), BigInt(b));
  return typeof a === 'bigint' ? result : Number(result);
}

function binary(operator: BinaryOperator, left: Load, right: Load): Load {
  return (skb, state) => {
    const a = left(skb, state);
    const b = right(skb, state);
    return a === undefined || b === undefined ? undefined : arithmetic(operator, a as Atom, b as Atom);
  };
}
