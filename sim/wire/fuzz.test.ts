import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emitArp, parseArp } from './arp.ts';
import { CAPTURED_NAMES, captured } from './captured.ts';
import { encodeDns, parseDns } from './dns.ts';
import { parseEthernet } from './ethernet.ts';
import { encodeRequestHead, encodeResponseHead, headEnd, parseRequestHead, parseResponseHead } from './http.ts';
import { ChunkedReader } from './http-chunked.ts';
import { emitIcmp, fillChecksum as fillIcmp, icmpLength, parseIcmp } from './icmp.ts';
import { emitIcmpv6, icmpv6Length, parseIcmpv6 } from './icmpv6.ts';
import { emitIgmp, fillChecksum as fillIgmp, igmpLength, parseIgmp } from './igmp.ts';
import * as ipv4 from './ipv4.ts';
import * as ipv6 from './ipv6.ts';
import { readPcap, writePcap } from './pcap.ts';
import { emitSll2, parseSll2, sll2Length } from './sll2.ts';
import { emitTcp, parseTcp, readOptions, tcpLength } from './tcp.ts';
import { emitUdp, parseUdp } from './udp.ts';
import { emitVlan, parseVlan } from './vlan.ts';
import { emitVxlan, parseVxlan } from './vxlan.ts';
import { isWireError, type WireError } from './wire-error.ts';

fc.configureGlobal({ seed: 20260101, numRuns: 400 });

/** A format as the fuzzer sees it: bytes → value or error, value → bytes; `mend` makes checksums right so that parsing gets past them. */
interface Format {
  parse: (b: Uint8Array) => unknown;
  emit: (value: never) => Uint8Array;
  mend?: (b: Uint8Array) => void;
  /** Where this format may start in a captured frame. */
  starts: number[];
  /** A byte that must be right for parsing to get anywhere. */
  fixed?: [offset: number, value: number][];
}

function format<T>(
  parse: (b: Uint8Array, at: number, end: number) => T | WireError,
  emit: (b: Uint8Array, at: number, value: T) => void,
  length: (value: T) => number,
  rest: Pick<Format, 'starts' | 'mend' | 'fixed'>,
): Format {
  return {
    parse: (b) => parse(b, 0, b.length),
    emit: (value) => {
      const b = new Uint8Array(length(value));
      emit(b, 0, value);
      return b;
    },
    ...rest,
  };
}

const FORMATS: Record<string, Format> = {
  arp: format(parseArp, emitArp, () => 28, { starts: [14, 64] }),
  ipv4: format((b, at, end) => ipv4.parseIpv4(b, at, end, true), ipv4.emitIpv4, ipv4.ipv4Length, {
    starts: [14, 42],
    mend: (b) => b.length >= 20 && ipv4.headerLength(b, 0) <= b.length && ipv4.fillChecksum(b, 0),
    fixed: [[0, 0x46]],
  }),
  icmp: format(parseIcmp, emitIcmp, icmpLength, { starts: [34], mend: (b) => b.length >= 8 && fillIcmp(b, 0, b.length) }),
  igmp: format(parseIgmp, emitIgmp, igmpLength, { starts: [38], mend: (b) => b.length >= 8 && fillIgmp(b, 0, b.length) }),
  udp: format(parseUdp, emitUdp, () => 8, { starts: [34, 54] }),
  tcp: format(parseTcp, emitTcp, tcpLength, { starts: [34], fixed: [[12, 0x80]] }),
  ipv6: format(
    (b, at, end) => ipv6.parseIpv6(b, at, end, true),
    ipv6.emitIpv6,
    () => 40,
    { starts: [14], fixed: [[0, 0x60]] },
  ),
  fragment: format(ipv6.parseFragment, ipv6.emitFragment, () => 8, { starts: [54] }),
  icmpv6: format(parseIcmpv6, emitIcmpv6, icmpv6Length, { starts: [54, 62] }),
  vlan: format(parseVlan, emitVlan, () => 4, { starts: [14] }),
  vxlan: format(parseVxlan, emitVxlan, () => 8, { starts: [42] }),
  sll2: format(parseSll2, emitSll2, sll2Length, { starts: [0] }),
  dns: { parse: (b) => parseDns(b, 0, b.length), emit: encodeDns as Format['emit'], starts: [42, 70] },
  pcap: { parse: readPcap, emit: writePcap as Format['emit'], starts: [0] },
  'request head': {
    parse: (b) => parseRequestHead(b, 0, Math.max(0, headEnd(b, 0, b.length))),
    emit: encodeRequestHead as Format['emit'],
    starts: [66],
  },
  'response head': {
    parse: (b) => parseResponseHead(b, 0, Math.max(0, headEnd(b, 0, b.length))),
    emit: encodeResponseHead as Format['emit'],
    starts: [66],
  },
};

/** Parses; when that gives a value, its bytes must parse to the same value. Returns whether it gave one. */
function check(name: string, f: Format, b: Uint8Array): boolean {
  const value = f.parse(b);
  if (isWireError(value)) {
    expect(value.offset).toBeGreaterThanOrEqual(0);
    return false;
  }
  const again = f.emit(value as never);
  f.mend?.(again);
  expect(f.parse(again), name).toEqual(value);
  return true;
}

function set(b: Uint8Array, f: Format): Uint8Array {
  for (const [offset, value] of f.fixed ?? []) if (offset < b.length) b[offset] = value;
  f.mend?.(b);
  return b;
}

describe.each(Object.entries(FORMATS))('%s', (name, f) => {
  it('takes any bytes without throwing, and what it accepts survives emit and parse', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (b) => {
        check(name, f, b.slice());
        check(name, f, set(b.slice(), f));
      }),
    );
  });

  it('takes real frames with bytes changed or cut off, too', () => {
    let accepted = 0;
    const edit = fc.record({ at: fc.nat(200), value: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.constantFrom(...CAPTURED_NAMES),
        fc.constantFrom(...f.starts),
        fc.array(edit, { maxLength: 4 }),
        fc.integer({ min: -20, max: 0 }),
        (frame, start, edits, cut) => {
          const b = captured(frame).slice(start);
          for (const { at, value } of edits) if (at < b.length) b[at] = value;
          f.mend?.(b);
          if (check(name, f, b.slice(0, Math.max(0, b.length + cut)))) accepted++;
          if (check(name, f, b)) accepted++;
        },
      ),
    );
    if (name !== 'pcap') expect(accepted).toBeGreaterThan(0);
  });
});

describe('the other readers', () => {
  it('take any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (b) => {
        parseEthernet(b, 0, b.length);
        for (const syn of [true, false]) readOptions(b, 0, b.length, syn);
        new ChunkedReader().push(b);
        if (b.length >= 40) {
          b[6] = [0, 43, 44, 51, 60][(b[6] as number) % 5] as number;
          const upper = ipv6.upperLayer(b, 0, b.length);
          if (!isWireError(upper)) expect(upper.offset).toBeLessThanOrEqual(b.length);
        }
      }),
    );
  });
});
