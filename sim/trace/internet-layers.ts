import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../wire/checksum.ts';
import * as ipv4 from '../wire/ipv4.ts';
import * as ipv6 from '../wire/ipv6.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { isWireError } from '../wire/wire-error.ts';
import { type Dissector, hex, LayerBuilder, type Span } from './layer.ts';
import { protocolName } from './names.ts';

const FLAGS: readonly [bit: number, name: string][] = [
  [ipv4.IPV4_FLAG.Reserved, 'reserved'],
  [ipv4.IPV4_FLAG.DF, 'do not fragment'],
  [ipv4.IPV4_FLAG.MF, 'more fragments'],
];

export const dissectIpv4: Dissector = (b, span) => {
  const { at } = span;
  const build = new LayerBuilder('IPv4', b, span);
  const length = ipv4.headerLength(b, at);
  build.u8('version', 0, (value) => String(value >>> 4));
  build.field('header length', `${length} bytes`, 0, 1);
  build.u8('type of service', 1, (value) => hex(value, 2));
  build.u16('total length', 2);
  build.u16('identification', 4);
  build.u8('flags', 6, (value) => flagText(value >>> 5));
  build.field('fragment offset', String(ipv4.fragmentOffset(b, at)), 6, 2);
  build.u8('TTL', 8);
  build.u8('protocol', 9, protocolText);
  build.checksum(10, at + Math.max(length, ipv4.IPV4_HEADER) <= span.end ? ipv4.checksumValid(b, at) : undefined);
  build.ipv4('source', 12);
  build.ipv4('destination', 16);
  const { layer } = build;
  const parsed = ipv4.parseIpv4(b, at, span.end, span.quoted);
  if (isWireError(parsed)) build.wrong(parsed);
  if (layer.length < ipv4.IPV4_HEADER || ipv4.version(b, at) !== 4 || length < ipv4.IPV4_HEADER) return { layer };
  if (length > ipv4.IPV4_HEADER && !build.field('options', optionText(b, at), 20, length - 20)) return { layer };
  const start = at + length;
  const end = Math.min(span.end, at + ipv4.totalLength(b, at));
  const protocol = ipv4.protocol(b, at);
  const next: Span = { kind: upperKind(protocol), at: start, end, level: span.level, quoted: span.quoted };
  if (ipv4.fragmentOffset(b, at) > 0) next.kind = 'data';
  else if (!ipv4.moreFragments(b, at) && !span.quoted) {
    next.pseudo = pseudoHeaderIPv4(ipv4.source(b, at), ipv4.destination(b, at), protocol, end - start);
  }
  return { layer, next: tunnelled(next, protocol) };
};

export const dissectIpv6: Dissector = (b, span) => {
  const { at } = span;
  const build = new LayerBuilder('IPv6', b, span);
  build.u8('version', 0, (value) => String(value >>> 4));
  build.field('traffic class', hex(ipv6.trafficClass(b, at), 2), 0, 2);
  build.field('flow label', hex(ipv6.flowLabel(b, at), 5), 1, 3);
  build.u16('payload length', 4);
  build.u8('next header', 6, protocolText);
  build.u8('hop limit', 7);
  build.ipv6('source', 8);
  build.ipv6('destination', 24);
  const { layer } = build;
  const parsed = ipv6.parseIpv6(b, at, span.end, span.quoted);
  if (isWireError(parsed)) build.wrong(parsed);
  if (layer.length < ipv6.IPV6_HEADER || ipv6.version(b, at) !== 6) return { layer };
  const start = at + ipv6.IPV6_HEADER;
  const end = Math.min(span.end, start + ipv6.payloadLength(b, at));
  const protocol = ipv6.nextHeader(b, at);
  const next: Span = { kind: ipv6Kind(protocol), at: start, end, level: span.level, quoted: span.quoted };
  const upper = ipv6.upperLayer(b, at, end);
  // The pseudo header names the upper protocol and its length, wherever extension headers put it.
  if (!isWireError(upper) && !span.quoted && !(upper.fragment > 0)) {
    next.pseudo = pseudoHeaderIPv6(ipv6.source(b, at), ipv6.destination(b, at), upper.protocol, end - upper.offset);
  }
  return { layer, next: tunnelled(next, protocol) };
};

/** Hop-by-hop, routing and destination options. */
export const dissectExtension: Dissector = (b, span) => {
  const build = new LayerBuilder('IPv6 extension', b, span);
  const protocol = b[span.at] ?? 0;
  const length = ((b[span.at + 1] ?? 0) + 1) * 8;
  build.u8('next header', 0, protocolText);
  build.field('header length', `${length} bytes`, 1, 1);
  if (!build.field('contents', `${length - 2} bytes`, 2, length - 2)) return { layer: build.layer };
  return { layer: build.layer, next: tunnelled({ ...span, kind: ipv6Kind(protocol), at: span.at + length }, protocol) };
};

export const dissectFragment: Dissector = (b, span) => {
  const build = new LayerBuilder('IPv6 fragment', b, span);
  const protocol = b[span.at] ?? 0;
  const offset = ipv6.fragmentOffset(b, span.at);
  build.u8('next header', 0, protocolText);
  build.u16('fragment offset', 2, () => String(offset));
  build.field('more fragments', ipv6.moreFragments(b, span.at) ? 'yes' : 'no', 3, 1);
  build.u32('identification', 4, (value) => hex(value, 8));
  if (build.cut) return { layer: build.layer };
  const next: Span = { ...span, kind: offset > 0 ? 'data' : ipv6Kind(protocol), at: span.at + ipv6.FRAGMENT_HEADER };
  return { layer: build.layer, next: tunnelled(next, protocol) };
};

function flagText(flags: number): string {
  return (
    FLAGS.filter(([bit]) => (flags & bit) !== 0)
      .map(([, name]) => name)
      .join(', ') || 'none'
  );
}

function optionText(b: Uint8Array, at: number): string {
  const [kind, length] = [b[at + 20], ipv4.headerLength(b, at) - 20];
  return kind === 0x94 ? 'router alert' : `${length} bytes`;
}

function protocolText(protocol: number): string {
  return `${protocol} (${protocolName(protocol)})`;
}

/** Inside a tunnel the next packet stands one level deeper. */
function tunnelled(next: Span, protocol: number): Span {
  const tunnel = (protocol === PROTOCOL.IPIP || protocol === PROTOCOL.IPv6) && next.kind !== 'data';
  return tunnel ? { ...next, level: next.level + 1, pseudo: undefined } : next;
}

function upperKind(protocol: number): Span['kind'] {
  switch (protocol) {
    case PROTOCOL.ICMP:
      return 'icmp';
    case PROTOCOL.ICMPv6:
      return 'icmpv6';
    case PROTOCOL.IGMP:
      return 'igmp';
    case PROTOCOL.TCP:
      return 'tcp';
    case PROTOCOL.UDP:
      return 'udp';
    case PROTOCOL.IPIP:
      return 'ipv4';
    case PROTOCOL.IPv6:
      return 'ipv6';
  }
  return 'data';
}

function ipv6Kind(protocol: number): Span['kind'] {
  if (protocol === PROTOCOL.Fragment) return 'fragment';
  // Authentication headers count their length otherwise and nothing here sends them.
  if (ipv6.isExtensionHeader(protocol) && protocol !== PROTOCOL.AH) return 'extension';
  return upperKind(protocol);
}
