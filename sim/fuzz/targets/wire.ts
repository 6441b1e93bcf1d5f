import fc from 'fast-check';
import { emitArp, parseArp } from '../../wire/arp.ts';
import { encodeDns, parseDns } from '../../wire/dns.ts';
import { parseEthernet } from '../../wire/ethernet.ts';
import { encodeRequestHead, encodeResponseHead, headEnd, parseRequestHead, parseResponseHead } from '../../wire/http.ts';
import { ChunkedReader } from '../../wire/http-chunked.ts';
import { emitIcmp, fillChecksum as fillIcmp, icmpLength, parseIcmp } from '../../wire/icmp.ts';
import { emitIcmpv6, icmpv6Length, parseIcmpv6 } from '../../wire/icmpv6.ts';
import { emitIgmp, fillChecksum as fillIgmp, igmpLength, parseIgmp } from '../../wire/igmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import * as ipv6 from '../../wire/ipv6.ts';
import { LINKTYPE, readPcap, writePcap } from '../../wire/pcap.ts';
import { emitSll2, parseSll2, sll2Length } from '../../wire/sll2.ts';
import { bpduLength, emitBpdu, parseBpdu } from '../../wire/stp.ts';
import { emitTcp, parseTcp, readOptions, tcpLength } from '../../wire/tcp.ts';
import { emitUdp, parseUdp } from '../../wire/udp.ts';
import { emitVlan, parseVlan } from '../../wire/vlan.ts';
import { emitVxlan, parseVxlan } from '../../wire/vxlan.ts';
import { emitWireguard, parseWireguard, wireguardLength, wireguardType } from '../../wire/wireguard.ts';
import { isWireError, type WireError } from '../../wire/wire-error.ts';
import { nearBytes } from '../mutate.ts';
import { demand, demandSame, target } from '../target.ts';
import { frames } from '../valid.ts';

/** A format as the fuzzer sees it: bytes → value or error, value → bytes; `mend` makes checksums right so that parsing gets past them. */
interface Format {
  parse: (b: Uint8Array) => unknown;
  emit: (value: never) => Uint8Array;
  mend?: (b: Uint8Array) => void;
  /** Where this format may start in a frame. */
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

/** The type of a transport message, and a counter that somebody may have got to. */
function asTransport(b: Uint8Array): void {
  if (b.length < 16 || wireguardType(b, 0, b.length) !== undefined) return;
  b.set([4, 0, 0, 0]);
  b.set([0, 0, 0], 13);
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
  tcp: format(parseTcp, emitTcp, tcpLength, { starts: [34, 54], fixed: [[12, 0x80]] }),
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
  // No captured frame is one: their bytes pass for transport messages.
  wireguard: format(parseWireguard, emitWireguard, wireguardLength, { starts: [42], mend: asTransport }),
  sll2: format(parseSll2, emitSll2, sll2Length, { starts: [0] }),
  stp: format(parseBpdu, emitBpdu, bpduLength, { starts: [17] }),
  dns: { parse: (b) => parseDns(b, 0, b.length), emit: encodeDns as Format['emit'], starts: [42, 70] },
  requestHead: {
    parse: (b) => parseRequestHead(b, 0, Math.max(0, headEnd(b, 0, b.length))),
    emit: encodeRequestHead as Format['emit'],
    starts: [66],
  },
  responseHead: {
    parse: (b) => parseResponseHead(b, 0, Math.max(0, headEnd(b, 0, b.length))),
    emit: encodeResponseHead as Format['emit'],
    starts: [66],
  },
};

/** Parses; when that gives a value, its bytes must parse to the same value. */
function survives(name: string, f: Format, b: Uint8Array): void {
  const value = f.parse(b);
  if (isWireError(value)) {
    demand(value.offset >= 0, () => `${name}: an error before the first byte`);
    return;
  }
  const again = f.emit(value as never);
  f.mend?.(again);
  demandSame(f.parse(again), value, name);
}

/** Every format at every place of a frame where it may stand: as it is, with its checksum mended, and with its fixed bytes set. */
function checkFormats(frame: Uint8Array): void {
  for (const [name, f] of Object.entries(FORMATS)) {
    for (const start of f.starts) {
      const b = frame.slice(start);
      survives(name, f, b);
      f.mend?.(b);
      survives(name, f, b);
      for (const [offset, value] of f.fixed ?? []) if (offset < b.length) b[offset] = value;
      f.mend?.(b);
      survives(name, f, b);
    }
  }
}

/** What reads bytes and writes none. */
function checkReaders(b: Uint8Array): void {
  parseEthernet(b, 0, b.length);
  for (const syn of [true, false]) readOptions(b, 0, b.length, syn);
  new ChunkedReader().push(b);
  if (b.length < 40) return;
  const packet = b.slice();
  packet[6] = [0, 43, 44, 51, 60][(b[6] as number) % 5] as number;
  const upper = ipv6.upperLayer(packet, 0, packet.length);
  if (!isWireError(upper)) demand(upper.offset <= packet.length, () => 'an upper layer beyond the packet');
}

/** Bytes → headers of every protocol, and back. */
export const wire = target(
  'wire',
  20,
  () => nearBytes(frames()),
  (frame) => {
    checkFormats(frame);
    checkReaders(frame);
  },
);

function checkFile(bytes: Uint8Array): void {
  const file = readPcap(bytes);
  if (isWireError(file)) return;
  const again = readPcap(writePcap(file));
  demand(!isWireError(again), () => 'a written file is not read');
  demandSame(again, file, 'pcap');
}

/** Capture files, whole, cut and changed. */
export const pcap = target(
  'pcap',
  4,
  () => {
    const packets = frames().map((bytes, i) => ({ time: i * 1_000_003, bytes, length: bytes.length }));
    const files = [0, 1, 7, 40].map((from) =>
      writePcap({ linkType: LINKTYPE.Ethernet, snapLength: 262_144, packets: packets.slice(from, from + 3) } as never),
    );
    return fc.oneof({ weight: 4, arbitrary: nearBytes(files) }, fc.constantFrom(...files));
  },
  checkFile,
);
