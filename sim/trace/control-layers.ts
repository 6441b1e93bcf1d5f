import { formatIPv4, formatIPv6, formatMac } from '../base/address.ts';
import { be16 } from '../wire/endian.ts';
import * as icmp from '../wire/icmp.ts';
import * as icmpv6 from '../wire/icmpv6.ts';
import * as igmp from '../wire/igmp.ts';
import { type MulticastRecord, parseMulticastRecords } from '../wire/mld.ts';
import { parseNdOptions } from '../wire/nd-options.ts';
import { isWireError } from '../wire/wire-error.ts';
import { type Dissected, type Dissector, LayerBuilder, type Span } from './layer.ts';
import { ipSpan } from './link-layers.ts';
import { icmpName, icmpv6Name, igmpName, recordVerb } from './names.ts';

const TYPE = icmp.ICMP_TYPE;
const TYPE6 = icmpv6.ICMPV6_TYPE;

export const dissectIcmp: Dissector = (b, span) => {
  const { at, end } = span;
  const build = new LayerBuilder('ICMP', b, span);
  const type = b[at] ?? 0;
  const code = b[at + 1] ?? 0;
  build.u8('type', 0, (value) => `${value} (${icmpName(value, code)})`);
  build.u8('code', 1);
  build.checksum(2, span.pseudo === undefined ? undefined : icmp.checksumValid(b, at, end));
  if (type === TYPE.Echo || type === TYPE.EchoReply) {
    build.u16('identifier', 4);
    build.u16('sequence', 6);
  } else if (type === TYPE.Redirect) build.ipv4('gateway', 4);
  else if (type === TYPE.ParameterProblem) build.u8('pointer', 4);
  else if (type === TYPE.Unreachable && code === icmp.ICMP_UNREACHABLE.FragmentationNeeded) build.u16('MTU', 6);
  else build.u32('unused', 4);
  return behind(b, span, build, icmp.isError(type));
};

/** After the eight bytes of an ICMP header: a quoted packet or data. */
function behind(b: Uint8Array, span: Span, build: LayerBuilder, isError: boolean): Dissected {
  const { layer } = build;
  const at = span.at + 8;
  if (at >= span.end) return { layer };
  layer.length = 8;
  const rest = { at, end: span.end, level: span.level };
  if (isError) return { layer, quote: ipSpan(b, { ...rest, quoted: true }) };
  return { layer, next: { ...rest, kind: 'data', quoted: span.quoted } };
}

export const dissectIcmpv6: Dissector = (b, span) => {
  const { at, end } = span;
  const build = new LayerBuilder('ICMPv6', b, span);
  const type = b[at] ?? 0;
  const code = b[at + 1] ?? 0;
  build.u8('type', 0, (value) => `${value} (${icmpv6Name(value, code)})`);
  build.u8('code', 1);
  build.checksum(2, span.pseudo === undefined ? undefined : icmpv6.checksumValid(b, at, end, span.pseudo));
  if (type === TYPE6.Mld2Report) return records(b, span, build, 16);
  if (type >= TYPE6.MldQuery && type <= TYPE6.MldDone) {
    build.u16('maximum response', 4, (value) => `${value} ms`);
    build.ipv6('group', 8);
    return { layer: build.layer };
  }
  if (type >= TYPE6.RouterSolicitation && type <= TYPE6.Redirect) return discovery(b, span, build, type);
  if (type === TYPE6.Echo || type === TYPE6.EchoReply) {
    build.u16('identifier', 4);
    build.u16('sequence', 6);
  } else if (type === TYPE6.PacketTooBig) build.u32('MTU', 4);
  else if (type === TYPE6.ParameterProblem) build.u32('pointer', 4);
  else build.u32('unused', 4);
  return behind(b, span, build, icmpv6.isError(type));
};

function discovery(b: Uint8Array, span: Span, build: LayerBuilder, type: number): Dissected {
  if (type === TYPE6.RouterAdvertisement) {
    build.u8('hop limit', 4);
    build.u16('router lifetime', 6, (value) => `${value} s`);
    build.u32('reachable time', 8, (value) => `${value} ms`);
    build.u32('retransmission timer', 12, (value) => `${value} ms`);
  } else if (type !== TYPE6.RouterSolicitation) {
    if (type === TYPE6.NeighbourAdvertisement) build.u8('flags', 4, advertisementFlagText);
    build.ipv6('target', 8);
    if (type === TYPE6.Redirect) build.ipv6('destination', 24);
  }
  options(b, span, build, icmpv6.optionsOffset(type));
  return { layer: build.layer };
}

function advertisementFlagText(value: number): string {
  const names = Object.entries(icmpv6.NA_FLAG).flatMap(([name, bit]) => ((value & bit) !== 0 ? [name.toLowerCase()] : []));
  return names.join(', ') || 'none';
}

function options(b: Uint8Array, span: Span, build: LayerBuilder, offset: number): void {
  for (let i = offset; span.at + i < span.end; ) {
    const at = span.at + i;
    const length = (b[at + 1] ?? 0) * 8;
    const parsed = parseNdOptions(b, at, Math.min(span.end, at + length || span.end));
    if (isWireError(parsed) || parsed.length === 0) {
      if (isWireError(parsed)) build.wrong(parsed);
      return;
    }
    const option = parsed[0] as icmpv6.NdOption;
    build.field(option.kind === 'unknown' ? `option ${option.type}` : option.kind.replaceAll('-', ' '), optionText(option), i, length);
    i += length;
  }
}

function optionText(option: icmpv6.NdOption): string {
  switch (option.kind) {
    case 'source-link-layer':
    case 'target-link-layer':
      return formatMac(option.mac);
    case 'prefix':
      return `${formatIPv6(option.prefix)}/${option.length}`;
    case 'mtu':
      return String(option.mtu);
    case 'rdnss':
      return option.servers.map(formatIPv6).join(', ');
    case 'unknown':
      return option.type === 14 ? 'nonce' : `${option.data.length} bytes`;
  }
}

export const dissectIgmp: Dissector = (b, span) => {
  const build = new LayerBuilder('IGMP', b, span);
  const type = b[span.at] ?? 0;
  build.u8('type', 0, (value) => `${value} (${igmpName(value)})`);
  build.u8('maximum response', 1);
  build.checksum(2, span.pseudo === undefined ? undefined : igmp.checksumValid(b, span.at, span.end));
  if (type === igmp.IGMP_TYPE.ReportV3) return records(b, span, build, 4);
  build.ipv4('group', 4);
  return { layer: build.layer };
};

/** The group records of MLDv2 and IGMPv3 reports, one field each. */
function records(b: Uint8Array, span: Span, build: LayerBuilder, addressLength: 4 | 16): Dissected {
  build.u16('records', 6);
  let offset = 8;
  for (let n = be16(b, span.at + 6); n > 0 && !build.cut; n--) {
    const parsed = parseMulticastRecords(b, span.at + offset, span.end, 1, addressLength);
    if (isWireError(parsed)) {
      build.wrong(parsed);
      break;
    }
    const record = parsed[0] as MulticastRecord;
    const length = 4 + addressLength * (1 + record.sources.length) + record.auxiliary.length;
    const group = addressLength === 16 ? formatIPv6(record.group) : formatIPv4(Number(record.group));
    build.field('record', `${recordVerb(record.type, record.sources.length)} ${group}`, offset, length);
    offset += length;
  }
  return { layer: build.layer };
}
