import { ARP_OPERATION } from '../wire/arp.ts';
import { be16 } from '../wire/endian.ts';
import { ETHERNET_HEADER, ETHERTYPE, ETHERTYPE_MIN } from '../wire/ethernet.ts';
import { LLC_HEADER, parseBpdu } from '../wire/stp.ts';
import { VLAN_HEADER } from '../wire/vlan.ts';
import { isWireError } from '../wire/wire-error.ts';
import { type Dissector, hex, type Kind, LayerBuilder, type Span } from './layer.ts';
import { etherTypeName } from './names.ts';

export const ethernet: Dissector = (b, span) => {
  const build = new LayerBuilder('Ethernet', b, span);
  build.mac('destination', 0);
  build.mac('source', 6);
  const type = be16(b, span.at + 12);
  if (type < ETHERTYPE_MIN) build.u16('length', 12);
  else build.u16('type', 12, etherTypeText);
  if (build.cut) return { layer: build.layer };
  const kind = type < ETHERTYPE_MIN ? 'llc' : kindOf(type);
  return { layer: build.layer, next: { ...span, kind, at: span.at + ETHERNET_HEADER } };
};

export const vlan: Dissector = (b, span) => {
  const build = new LayerBuilder('VLAN', b, span);
  build.field('priority', String((b[span.at] ?? 0) >>> 5), 0, 1);
  build.u16('VLAN', 0, (value) => String(value & 0xfff));
  build.u16('type', 2, etherTypeText);
  if (build.cut) return { layer: build.layer };
  return { layer: build.layer, next: { ...span, kind: kindOf(be16(b, span.at + 2)), at: span.at + VLAN_HEADER } };
};

/** 802.2 headers. */
export const llc: Dissector = (b, span) => {
  const build = new LayerBuilder('LLC', b, span);
  const access = (value: number): string => `${hex(value, 2)}${value === 0x42 ? ' (spanning tree)' : ''}`;
  build.u8('destination access point', 0, access);
  build.u8('source access point', 1, access);
  build.u8('control', 2, (value) => hex(value, 2));
  const kind = b[span.at] === 0x42 && b[span.at + 1] === 0x42 ? 'stp' : 'data';
  return { layer: build.layer, next: build.cut ? undefined : { ...span, kind, at: span.at + LLC_HEADER } };
};

/** A spanning tree message (IEEE 802.1D). */
export const stp: Dissector = (b, span) => {
  const build = new LayerBuilder('STP', b, span);
  build.u16('protocol', 0);
  build.u8('version', 2);
  build.u8('type', 3, (value) => `${hex(value, 2)} (${value === 0x80 ? 'topology change' : 'configuration'})`);
  const message = parseBpdu(b, span.at, span.end);
  if (isWireError(message)) build.wrong(message);
  if (b[span.at + 3] === 0x80) return { layer: build.layer };
  const identifier = (at: number) => {
    const digits = [...b.subarray(span.at + at, span.at + at + 8)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `${digits.slice(0, 2).join('')}.${digits.slice(2).join(':')}`;
  };
  const seconds = (value: number) => `${value / 256} s`;
  build.u8('flags', 4, (value) => hex(value, 2));
  build.field('root', identifier(5), 5, 8);
  build.u32('cost to the root', 13);
  build.field('bridge', identifier(17), 17, 8);
  build.u16('port', 25, (value) => hex(value, 4));
  build.u16('message age', 27, seconds);
  build.u16('maximum age', 29, seconds);
  build.u16('hello time', 31, seconds);
  build.u16('forward delay', 33, seconds);
  return { layer: build.layer };
};

export const arp: Dissector = (b, span) => {
  const build = new LayerBuilder('ARP', b, span);
  build.u16('hardware type', 0, (value) => (value === 1 ? '1 (Ethernet)' : String(value)));
  build.u16('protocol type', 2, etherTypeText);
  build.u8('hardware address length', 4);
  build.u8('protocol address length', 5);
  build.u16('operation', 6, operationText);
  if (be16(b, span.at) !== 1 || be16(b, span.at + 2) !== ETHERTYPE.IPv4 || be16(b, span.at + 4) !== 0x0604) {
    build.wrong('it is not about IPv4 over Ethernet');
    return { layer: build.layer };
  }
  build.mac('sender MAC', 8);
  build.ipv4('sender address', 14);
  build.mac('target MAC', 18);
  build.ipv4('target address', 24);
  return { layer: build.layer };
};

function operationText(operation: number): string {
  if (operation === ARP_OPERATION.Request) return '1 (request)';
  return operation === ARP_OPERATION.Reply ? '2 (reply)' : String(operation);
}

function etherTypeText(type: number): string {
  return `${hex(type, 4)} (${etherTypeName(type)})`;
}

function kindOf(etherType: number): Kind {
  switch (etherType) {
    case ETHERTYPE.ARP:
      return 'arp';
    case ETHERTYPE.IPv4:
      return 'ipv4';
    case ETHERTYPE.IPv6:
      return 'ipv6';
    case ETHERTYPE.VLAN:
    case ETHERTYPE.QinQ:
      return 'vlan';
  }
  return 'data';
}

/** Where bytes that start with an IP header go, by the version in their first half-byte. */
export function ipSpan(b: Uint8Array, span: Omit<Span, 'kind'>): Span {
  return { ...span, kind: (b[span.at] ?? 0) >>> 4 === 6 ? 'ipv6' : 'ipv4' };
}
