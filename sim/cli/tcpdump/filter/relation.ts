import type { LinkLayout } from './link.ts';
import { firstFragment, IP_PROTOCOLS, ipv4Protocol, ipv6NextHeader, isIPv4, isIPv6, protocolTest } from './protocols.ts';
import { both, type Subject, type Test, type Value } from './subject.ts';
import {
  type Arithmetic,
  type ArithmeticOperator,
  type FilterError,
  isFilterError,
  type ProtocolKeyword,
  type Relation,
} from './syntax.ts';

/** Comparisons of numbers read from packets (gen_relation, gen_load, gen_arth). All numbers have 32 bits without a sign, as in BPF. */

/** A number, and what must hold of a packet before it may be read: `tcp[13]` is of TCP packets only. */
interface Term {
  value: Value;
  guard: Test | undefined;
  /** Set when it is known beforehand. */
  constant?: number;
}

const RELATIONS: Readonly<Record<Relation, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

const OPERATORS: Readonly<Record<ArithmeticOperator, (left: number, right: number, packet: Subject) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => Math.imul(left, right),
  '/': (left, right, packet) => (right === 0 ? packet.fail() : Math.floor(left / right)),
  '%': (left, right, packet) => (right === 0 ? packet.fail() : left % right),
  '&': (left, right) => left & right,
  '|': (left, right) => left | right,
  '^': (left, right) => left ^ right,
  '<<': (left, right) => (right > 31 ? 0 : left << right),
  '>>': (left, right) => (right > 31 ? 0 : left >>> right),
};

export function relationTest(link: LinkLayout, operator: Relation, left: Arithmetic, right: Arithmetic): Test | FilterError {
  const a = compile(link, left);
  if (isFilterError(a)) return a;
  const b = compile(link, right);
  if (isFilterError(b)) return b;
  const holds = RELATIONS[operator];
  const test: Test = (packet) => holds(a.value(packet), b.value(packet));
  const guarded = a.guard ? both(a.guard, test) : test;
  return b.guard ? both(b.guard, guarded) : guarded;
}

function compile(link: LinkLayout, arithmetic: Arithmetic): Term | FilterError {
  switch (arithmetic.kind) {
    case 'constant': {
      const { value } = arithmetic;
      return { value: () => value, guard: undefined, constant: value };
    }
    case 'length':
      return { value: (packet) => packet.length, guard: undefined };
    case 'negative': {
      const of = compile(link, arithmetic.of);
      return isFilterError(of) ? of : { value: (packet) => -of.value(packet) >>> 0, guard: of.guard };
    }
    case 'binary':
      return compileBinary(link, arithmetic.operator, arithmetic.left, arithmetic.right);
    case 'load':
      return compileLoad(link, arithmetic.protocol, arithmetic.at, arithmetic.size);
  }
}

function compileBinary(link: LinkLayout, operator: ArithmeticOperator, left: Arithmetic, right: Arithmetic): Term | FilterError {
  const a = compile(link, left);
  if (isFilterError(a)) return a;
  const b = compile(link, right);
  if (isFilterError(b)) return b;
  if (operator === '/' && b.constant === 0) return { filterError: 'division by zero' };
  if (operator === '%' && b.constant === 0) return { filterError: 'modulus by zero' };
  if ((operator === '<<' || operator === '>>') && (b.constant ?? 0) > 31) return { filterError: 'shift by more than 31 bits' };
  const apply = OPERATORS[operator];
  return { value: (packet) => apply(a.value(packet), b.value(packet), packet) >>> 0, guard: joined(a.guard, b.guard) };
}

function joined(left: Test | undefined, right: Test | undefined): Test | undefined {
  return left && right ? both(left, right) : (left ?? right);
}

function compileLoad(link: LinkLayout, protocol: ProtocolKeyword, at: Arithmetic, size: number): Term | FilterError {
  if (size !== 1 && size !== 2 && size !== 4) return { filterError: 'data size must be 1, 2, or 4' };
  const index = compile(link, at);
  if (isFilterError(index)) return index;
  const base = baseOf(link, protocol);
  if (isFilterError(base)) return base;
  const read = size === 1 ? 'u8' : size === 2 ? 'u16' : 'u32';
  return {
    value: (packet) => packet[read](base.start(packet) + index.value(packet)),
    guard: joined(index.guard, base.guard),
  };
}

/** Where a protocol's header starts, and in which packets. */
function baseOf(link: LinkLayout, protocol: ProtocolKeyword): { start: Value; guard: Test | undefined } | FilterError {
  const { network } = link;
  if (protocol === 'link') return { start: () => 0, guard: undefined };
  if (protocol === 'icmp6') {
    return { start: () => network + 40, guard: both(isIPv6(link), ipv6NextHeader(link, 58)) };
  }
  const upper = IP_PROTOCOLS[protocol];
  if (upper) {
    if (protocol === 'ah' || protocol === 'esp') return { filterError: `'${protocol}' does not support the index operation` };
    const guard = both(isIPv4(link), both(ipv4Protocol(link, upper.number), firstFragment(link)));
    return { start: (packet) => network + (packet.u8(network) & 15) * 4, guard };
  }
  if (['stp', 'ipx', 'netbeui', 'iso', 'aarp'].includes(protocol)) {
    return { filterError: `'${protocol}' does not support the index operation` };
  }
  const guard = protocolTest(link, protocol);
  return isFilterError(guard) ? guard : { start: () => network, guard };
}
