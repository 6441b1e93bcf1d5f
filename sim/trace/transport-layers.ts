import { decode } from '../base/bytes.ts';
import * as tcp from '../wire/tcp.ts';
import { parseTcpOptions } from '../wire/tcp-options.ts';
import * as udp from '../wire/udp.ts';
import * as vxlan from '../wire/vxlan.ts';
import { parseWireguard, wireguardType } from '../wire/wireguard.ts';
import { isWireError } from '../wire/wire-error.ts';
import { type Dissector, hex, LayerBuilder, type Span } from './layer.ts';
import { tcpFlagNames } from './names.ts';

export const dissectUdp: Dissector = (b, span) => {
  const { at } = span;
  const build = new LayerBuilder('UDP', b, span);
  build.u16('source port', 0);
  build.u16('destination port', 2);
  build.u16('length', 4);
  const parsed = udp.parseUdp(b, at, span.end, span.pseudo);
  const end = isWireError(parsed) ? span.end : Math.min(span.end, at + parsed.length);
  if (udp.checksum(b, at) === 0) build.u16('checksum', 6, () => '0x0000 (not computed)');
  else build.checksum(6, span.pseudo === undefined || end < at + udp.UDP_HEADER ? undefined : udp.checksumValid(b, at, end, span.pseudo));
  if (isWireError(parsed)) build.wrong(parsed);
  if (build.layer.length < udp.UDP_HEADER) return { layer: build.layer };
  const next: Span = { kind: 'data', at: at + udp.UDP_HEADER, end, level: span.level, quoted: span.quoted };
  const [from, to] = [udp.sourcePort(b, at), udp.destinationPort(b, at)];
  if (to === udp.UDP_PORT.VXLAN || to === udp.UDP_PORT.FlannelVXLAN) next.kind = 'vxlan';
  else if (isWireguard(b, next, from, to)) next.kind = 'wireguard';
  else if (from === udp.UDP_PORT.DNS || to === udp.UDP_PORT.DNS) next.kind = 'dns';
  return { layer: build.layer, next };
};

export const dissectVxlan: Dissector = (b, span) => {
  const build = new LayerBuilder('VXLAN', b, span);
  build.u8('flags', 0, (value) => hex(value, 2));
  build.u24('VNI', 4);
  build.field('reserved', String(b[span.at + 7] ?? 0), 7, 1);
  const parsed = vxlan.parseVxlan(b, span.at, span.end);
  if (isWireError(parsed)) {
    build.wrong(parsed);
    return { layer: build.layer };
  }
  const { end, quoted } = span;
  return { layer: build.layer, next: { kind: 'ethernet', at: span.at + vxlan.VXLAN_HEADER, end, level: span.level + 1, quoted } };
};

/** The port says so, and the bytes agree. */
function isWireguard(b: Uint8Array, { at, end }: Span, from: number, to: number): boolean {
  const port = udp.UDP_PORT.WireGuard;
  return (from === port || to === port) && wireguardType(b, at, end) !== undefined;
}

const WIREGUARD_MESSAGES = {
  initiation: 'handshake initiation',
  response: 'handshake response',
  cookie: 'cookie reply',
  transport: 'transport data',
};

/** What can be read without the keys. */
export const dissectWireguard: Dissector = (b, span) => {
  const build = new LayerBuilder('WireGuard', b, span);
  const message = parseWireguard(b, span.at, span.end);
  if (isWireError(message)) {
    build.wrong(message);
    return { layer: build.layer };
  }
  const { type } = message;
  build.field('type', `${b[span.at]} (${WIREGUARD_MESSAGES[type]})`, 0, 4);
  let offset = 4;
  const index = (name: string, value: number) => {
    build.field(name, hex(value, 8), offset, 4);
    offset += 4;
  };
  const sealed = (name: string, length: number) => {
    build.field(name, `${length} bytes`, offset, length);
    offset += length;
  };
  if (type === 'initiation' || type === 'response') index('sender index', message.sender);
  if (type !== 'initiation') index('receiver index', message.receiver);
  if (type === 'transport') {
    build.field('counter', String(message.counter), offset, 8);
    offset += 8;
    sealed(message.sealed.length === TAG ? 'tag alone: a keepalive' : 'sealed packet and tag', message.sealed.length);
    return { layer: build.layer };
  }
  if (type === 'cookie') {
    sealed('nonce', 24);
    sealed('sealed cookie', 32);
    return { layer: build.layer };
  }
  sealed('ephemeral public key', 32);
  if (type === 'initiation') {
    sealed("sender's public key, sealed", 48);
    sealed('timestamp, sealed', 28);
  } else sealed('nothing, sealed', TAG);
  sealed('MAC 1', TAG);
  sealed('MAC 2', TAG);
  return { layer: build.layer };
};

const TAG = 16;

const HTTP = /^(?:[A-Z]+ \S+ HTTP\/1\.[01]\r?\n|HTTP\/1\.[01] \d{3})/;

export const dissectTcp: Dissector = (b, span) => {
  const { at, end } = span;
  const build = new LayerBuilder('TCP', b, span);
  build.u16('source port', 0);
  build.u16('destination port', 2);
  build.u32('sequence number', 4);
  build.u32('acknowledgement number', 8);
  const length = tcp.headerLength(b, at);
  build.field('header length', `${length} bytes`, 12, 1);
  build.field('flags', tcpFlagNames(tcp.flags(b, at)), 12, 2);
  build.u16('window', 14);
  build.checksum(16, span.pseudo === undefined ? undefined : tcp.checksumValid(b, at, end, span.pseudo));
  build.u16('urgent pointer', 18);
  const { layer } = build;
  if (layer.length < tcp.TCP_HEADER) return { layer };
  if (length < tcp.TCP_HEADER) build.wrong(`data offset ${length} is below ${tcp.TCP_HEADER}`);
  else tcpOptions(b, span, build, length);
  const payload = at + length;
  if (length < tcp.TCP_HEADER || payload >= end) return { layer };
  const kind = HTTP.test(decode(b.subarray(payload, Math.min(end, payload + 300)))) ? 'http' : 'data';
  return { layer, next: { kind, at: payload, end, level: span.level, quoted: span.quoted } };
};

function tcpOptions(b: Uint8Array, span: Span, build: LayerBuilder, length: number): void {
  for (let offset = tcp.TCP_HEADER; offset < length; ) {
    const at = span.at + offset;
    const code = b[at] as number;
    const size = code === tcp.TCP_OPTION.End ? length - offset : code === tcp.TCP_OPTION.Nop ? 1 : (b[at + 1] ?? 0);
    const whole = code === tcp.TCP_OPTION.Nop || size >= 2 ? at + size : span.end;
    const options = parseTcpOptions(b, at, Math.min(span.end, span.at + length, whole));
    const option = isWireError(options) ? undefined : options[0];
    if (!option) {
      if (isWireError(options)) build.wrong(options);
      return;
    }
    if (!build.field('option', optionText(option), offset, size)) return;
    offset += size;
  }
}

function optionText(option: tcp.TcpOption): string {
  switch (option.kind) {
    case 'mss':
      return `maximum segment size ${option.mss}`;
    case 'wscale':
      return `window scale ${option.shift} (times ${2 ** option.shift})`;
    case 'sack-permitted':
      return 'selective acknowledgement permitted';
    case 'sack':
      return `received ${option.blocks.map(([left, right]) => `${left}–${right}`).join(', ')}`;
    case 'timestamps':
      return `timestamps ${option.value}, echo ${option.echo}`;
    case 'nop':
      return 'no operation';
    case 'end':
      return 'end of options';
    case 'unknown':
      return `kind ${option.code}`;
  }
}
