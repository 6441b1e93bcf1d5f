import { describe, expect, it } from 'vitest';
import { formatIPv4, formatIPv6, formatMac, parseIPv4, parseIPv6, parseMac } from '../base/address.ts';
import { arpLength, emitArp, parseArp } from './arp.ts';
import { CAPTURED_NAMES, captured, toHex } from './captured.ts';
import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from './checksum.ts';
import { encodeDns, parseDns } from './dns.ts';
import { be16 } from './endian.ts';
import { ETHERNET_HEADER, ETHERTYPE, ETHERTYPE_MIN, emitEthernet, parseEthernet } from './ethernet.ts';
import { emitIcmp, parseIcmp } from './icmp.ts';
import { emitIcmpv6, fillChecksum as fillIcmpv6, parseIcmpv6 } from './icmpv6.ts';
import { emitIgmp, parseIgmp } from './igmp.ts';
import * as ipv4 from './ipv4.ts';
import * as ipv6 from './ipv6.ts';
import * as tcp from './tcp.ts';
import * as udp from './udp.ts';
import { emitVxlan, parseVxlan, VXLAN_HEADER } from './vxlan.ts';
import { isWireError, type WireError } from './wire-error.ts';

/** The value, or a failed test that says what was malformed. */
function valid<T>(value: T | WireError): T {
  if (isWireError(value)) throw new Error(`${value.malformed} at ${value.offset}`);
  return value;
}

/** Parses a frame layer by layer and writes each layer anew into an array of its own, so that nothing is copied but payloads. */
function rebuild(b: Uint8Array): Uint8Array {
  const out = new Uint8Array(b.length);
  const header = valid(parseEthernet(b, 0, b.length));
  emitEthernet(out, 0, header);
  const at = ETHERNET_HEADER;
  if (header.etherType === ETHERTYPE.ARP) emitArp(out, at, valid(parseArp(b, at, b.length)));
  else if (header.etherType === ETHERTYPE.IPv4) rebuildIpv4(b, at, out);
  else if (header.etherType === ETHERTYPE.IPv6) rebuildIpv6(b, at, out);
  else throw new Error(`EtherType ${header.etherType}`);
  return out;
}

function rebuildIpv4(b: Uint8Array, at: number, out: Uint8Array): void {
  const header = valid(ipv4.parseIpv4(b, at, b.length));
  ipv4.emitIpv4(out, at, header);
  const start = at + ipv4.ipv4Length(header);
  const end = at + header.totalLength;
  if (ipv4.isFragment(b, at)) out.set(b.subarray(start, end), start);
  else if (header.protocol === ipv4.PROTOCOL.ICMP) emitIcmp(out, start, valid(parseIcmp(b, start, end)));
  else if (header.protocol === ipv4.PROTOCOL.IGMP) emitIgmp(out, start, valid(parseIgmp(b, start, end)));
  else
    rebuildTransport(
      b,
      start,
      end,
      out,
      header.protocol,
      pseudoHeaderIPv4(header.source, header.destination, header.protocol, end - start),
    );
}

function rebuildIpv6(b: Uint8Array, at: number, out: Uint8Array): void {
  const header = valid(ipv6.parseIpv6(b, at, b.length));
  ipv6.emitIpv6(out, at, header);
  const end = at + ipv6.IPV6_HEADER + header.payloadLength;
  const upper = valid(ipv6.upperLayer(b, at, end));
  const extensions = at + ipv6.IPV6_HEADER;
  out.set(b.subarray(extensions, upper.offset), extensions);
  if (upper.fragment > 0) {
    ipv6.emitFragment(out, upper.fragment, valid(ipv6.parseFragment(b, upper.fragment, end)));
    out.set(b.subarray(upper.fragment + ipv6.FRAGMENT_HEADER, end), upper.fragment + ipv6.FRAGMENT_HEADER);
    return;
  }
  const pseudo = pseudoHeaderIPv6(header.source, header.destination, upper.protocol, end - upper.offset);
  if (upper.protocol === ipv6.PROTOCOL.ICMPv6) {
    emitIcmpv6(out, upper.offset, valid(parseIcmpv6(b, upper.offset, end, pseudo)));
    fillIcmpv6(out, upper.offset, end, pseudo);
  } else rebuildTransport(b, upper.offset, end, out, upper.protocol, pseudo);
}

function rebuildTransport(b: Uint8Array, at: number, end: number, out: Uint8Array, protocol: number, pseudo: number): void {
  if (protocol === ipv4.PROTOCOL.TCP) {
    const header = valid(tcp.parseTcp(b, at, end, pseudo));
    tcp.emitTcp(out, at, header);
    out.set(b.subarray(at + tcp.tcpLength(header), end), at + tcp.tcpLength(header));
    tcp.fillChecksum(out, at, end, pseudo);
    return;
  }
  expect(protocol).toBe(ipv4.PROTOCOL.UDP);
  const header = valid(udp.parseUdp(b, at, end, pseudo));
  udp.emitUdp(out, at, header);
  const payload = at + udp.UDP_HEADER;
  if (header.destinationPort === udp.UDP_PORT.VXLAN) {
    emitVxlan(out, payload, valid(parseVxlan(b, payload, end)));
    out.set(rebuild(b.slice(payload + VXLAN_HEADER, end)), payload + VXLAN_HEADER);
  } else if (header.destinationPort === udp.UDP_PORT.DNS) out.set(encodeDns(valid(parseDns(b, payload, end))), payload);
  else out.set(b.subarray(payload, end), payload);
  udp.fillChecksum(out, at, end, pseudo);
}

describe('frames that a real kernel sent', () => {
  for (const name of CAPTURED_NAMES) {
    const frame = captured(name);
    if (be16(frame, 12) < ETHERTYPE_MIN) continue;
    it(`${name}: taken apart, checksums verified, and built again byte for byte`, () => {
      expect(toHex(rebuild(frame))).toBe(toHex(frame));
    });
  }

  it('fails on every wrong bit of an IPv4 header and of what a checksum covers', () => {
    for (const name of ['echoRequest', 'tcpSyn', 'udp', 'dnsQuery', 'igmpReport'] as const) {
      for (let bit = ETHERNET_HEADER * 8; bit < captured(name).length * 8; bit++) {
        const frame = captured(name);
        (frame[bit >> 3] as number) ^= 0x80 >> (bit & 7);
        expect(() => rebuild(frame), `${name}, bit ${bit}`).toThrow();
      }
    }
  });
});

describe('what the frames say', () => {
  const ip = ETHERNET_HEADER;

  it('ARP asks everybody and is answered by one', () => {
    expect(parseEthernet(captured('arpRequest'), 0, 42)).toEqual({
      destination: parseMac('ff:ff:ff:ff:ff:ff'),
      source: parseMac('02:00:00:00:01:02'),
      etherType: 0x0806,
    });
    expect(parseArp(captured('arpReply'), ip, ip + arpLength())).toEqual({
      operation: 2,
      senderMac: parseMac('02:00:00:00:01:01'),
      senderAddress: parseIPv4('10.0.1.1'),
      targetMac: parseMac('02:00:00:00:01:02'),
      targetAddress: parseIPv4('10.0.1.2'),
    });
  });

  it('a SYN offers Linux’s options', () => {
    const header = valid(tcp.parseTcp(captured('tcpSyn'), ip + 20, 74));
    expect(header).toMatchObject({ destinationPort: 8080, flags: tcp.TCP_FLAG.SYN, acknowledgement: 0, window: 65280 });
    const options = tcp.readOptions(captured('tcpSyn'), ip + 40, 74, true);
    expect(options).toEqual({ mss: 1360, sackPermitted: true, timestamps: { value: 2331439235, echo: 0 }, windowScale: 10 });
    expect(tcp.layOutOptions(options)).toEqual(header.options);
  });

  it('a segment of the connection carries only timestamps, after two NOPs', () => {
    const options = tcp.readOptions(captured('tcpAck'), ip + 40, 66, false);
    expect(options).toEqual({ timestamps: { value: 2331439235, echo: 326939390 } });
    expect(tcp.layOutOptions(options).map((option) => option.kind)).toEqual(['nop', 'nop', 'timestamps']);
  });

  it('an ICMP error quotes the packet that caused it', () => {
    const frame = captured('fragmentationNeeded');
    const message = valid(parseIcmp(frame, ip + 20, frame.length));
    if (message.kind !== 'unreachable') throw new Error(message.kind);
    expect([message.code, message.mtu]).toEqual([4, 100]);
    const quoted = valid(ipv4.parseIpv4(message.quote, 0, message.quote.length, true));
    expect([formatIPv4(quoted.source), formatIPv4(quoted.destination), quoted.totalLength]).toEqual(['10.0.1.2', '10.0.2.2', 128]);
    expect(quoted.flags).toBe(ipv4.IPV4_FLAG.DF);
  });

  it('two fragments share an identification; the second starts where the first ends', () => {
    const [first, last] = [captured('firstFragment'), captured('lastFragment')];
    expect(ipv4.identification(first, ip)).toBe(ipv4.identification(last, ip));
    expect([ipv4.moreFragments(first, ip), ipv4.moreFragments(last, ip)]).toEqual([true, false]);
    expect(ipv4.fragmentOffset(last, ip)).toBe(ipv4.totalLength(first, ip) - 20);
    expect([ipv4.isFragment(first, ip), ipv4.isFragment(last, ip), ipv4.isFragment(captured('udp'), ip)]).toEqual([true, true, false]);
  });

  it('an IPv6 node that looks for duplicates asks from :: with a nonce (RFC 7527)', () => {
    const frame = captured('dadSolicitation');
    expect(formatIPv6(ipv6.source(frame, ip))).toBe('::');
    expect(valid(parseIcmpv6(frame, ip + 40, frame.length))).toMatchObject({
      kind: 'neighbour-solicitation',
      target: parseIPv6('fe80::ff:fe00:102'),
      options: [{ kind: 'unknown', type: 14 }],
    });
  });

  it('a neighbour advertisement tells the router’s MAC', () => {
    const frame = captured('neighbourAdvertisement');
    expect(valid(parseIcmpv6(frame, ip + 40, frame.length))).toEqual({
      kind: 'neighbour-advertisement',
      flags: 0xe0,
      target: parseIPv6('fd00:1::1'),
      options: [{ kind: 'target-link-layer', mac: parseMac('02:00:00:00:01:01') }],
    });
  });

  it('an MLD report stands behind a hop-by-hop header', () => {
    const frame = captured('mldReport');
    const upper = valid(ipv6.upperLayer(frame, ip, frame.length));
    expect(upper).toEqual({ protocol: 58, offset: ip + 48, named: ip + 40, fragment: 0 });
    const report = valid(parseIcmpv6(frame, upper.offset, frame.length));
    if (report.kind !== 'mld2-report') throw new Error(report.kind);
    expect(report.records.map((record) => `${record.type} ${formatIPv6(record.group)}`)).toEqual([
      '4 ff02::1:ff00:1',
      '4 ff02::1:ff00:101',
      '4 ff05::2',
      '4 ff02::2',
    ]);
  });

  it('the walk over extension headers stops at a later fragment', () => {
    const frame = captured('lastFragment6');
    const upper = valid(ipv6.upperLayer(frame, ip, frame.length));
    expect(upper).toEqual({ protocol: 44, offset: ip + 40, named: ip + 6, fragment: ip + 40 });
    expect(ipv6.fragmentOffset(frame, upper.fragment)).toBe(2896);
  });

  it('VXLAN carries a whole frame between two hosts', () => {
    const frame = captured('vxlanArpReply');
    expect(valid(parseVxlan(frame, 42, frame.length))).toEqual({ vni: 42 });
    const inner = valid(parseArp(frame, 42 + 8 + 14, frame.length));
    expect([formatIPv4(inner.senderAddress), formatMac(inner.senderMac)]).toEqual(['192.168.9.2', '66:d8:27:b3:a3:22']);
  });

  it('dig asks with EDNS0 and a cookie', () => {
    const frame = captured('dnsQuery');
    const query = valid(parseDns(frame, 42, frame.length));
    expect(query).toMatchObject({
      id: 0xd286,
      response: false,
      recursionDesired: true,
      questions: [{ name: 'web.default.svc.cluster.local.', type: 1, class: 1 }],
    });
    expect(query.edns).toMatchObject({ udpSize: 1232, version: 0, dnssecOk: false });
    expect(query.edns?.options.map((option) => [option.code, option.data.length])).toEqual([[10, 8]]);
  });
});
