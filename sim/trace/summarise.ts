import { formatIP, formatIPv4, formatMac, type IP } from '../base/address.ts';
import { parseArp } from '../wire/arp.ts';
import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../wire/checksum.ts';
import { ETHERNET_HEADER, ETHERTYPE, ETHERTYPE_MIN, parseEthernet } from '../wire/ethernet.ts';
import * as ipv4 from '../wire/ipv4.ts';
import * as ipv6 from '../wire/ipv6.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import * as udp from '../wire/udp.ts';
import { parseVlan, VLAN_HEADER } from '../wire/vlan.ts';
import { parseVxlan, VXLAN_HEADER } from '../wire/vxlan.ts';
import { parseWireguard } from '../wire/wireguard.ts';
import { isWireError } from '../wire/wire-error.ts';
import { etherTypeName, protocolName } from './names.ts';
import { summariseIcmp, summariseIcmpv6, summariseIgmp } from './summarise-control.ts';
import { summariseTcp, summariseUdp, type Text } from './summarise-transport.ts';

/** One line about a frame, for people. */
export interface Summary {
  /** The innermost protocol that the text speaks of: `ARP`, `ICMP`, `ICMPv6`, `TCP`, `UDP`, `DNS`, `HTTP`, `VXLAN`, `IPIP` … */
  protocol: string;
  text: string;
  /** IP addresses where the frame carries IP or ARP, MAC addresses otherwise. Of the outer packet when there are several. */
  source: string;
  destination: string;
}

/** How a frame starts: at an Ethernet header, or at once with IP as on tunnel devices (told apart by the version). */
export type Start = 'ethernet' | 'ip';

/** Says in a line what a frame is. Never throws: what can't be read is said to be malformed. */
export function summarise(frame: Uint8Array, start: Start = 'ethernet'): Summary {
  if (start === 'ip') return summariseIp(frame, 0, frame.length, { source: '', destination: '' });
  return summariseEthernet(frame, 0, frame.length);
}

type Ends = Pick<Summary, 'source' | 'destination'>;

function summariseEthernet(b: Uint8Array, at: number, end: number): Summary {
  const header = parseEthernet(b, at, end);
  if (isWireError(header)) return { protocol: 'Ethernet', text: malformed(header.malformed), source: '', destination: '' };
  const ends = { source: formatMac(header.source), destination: formatMac(header.destination) };
  const start = at + ETHERNET_HEADER;
  if (header.etherType < ETHERTYPE_MIN) return { ...ends, ...summariseLlc(b, start, end) };
  return summarisePayload(b, start, end, header.etherType, ends);
}

function summarisePayload(b: Uint8Array, at: number, end: number, etherType: number, ends: Ends): Summary {
  if (etherType === ETHERTYPE.ARP) return { ...ends, ...summariseArp(b, at, end) };
  if (etherType === ETHERTYPE.IPv4 || etherType === ETHERTYPE.IPv6) return summariseIp(b, at, end, ends);
  if (etherType === ETHERTYPE.VLAN || etherType === ETHERTYPE.QinQ) {
    const tag = parseVlan(b, at, end);
    if (isWireError(tag)) return { ...ends, protocol: 'VLAN', text: malformed(tag.malformed) };
    const inner = summarisePayload(b, at + VLAN_HEADER, end, tag.etherType, ends);
    return { ...inner, text: `VLAN ${tag.vid}: ${inner.text}` };
  }
  return { ...ends, protocol: etherTypeName(etherType), text: `${end - at} bytes` };
}

/** 802.3 frames: of these only spanning tree is met (destination and source SAP 0x42). */
function summariseLlc(b: Uint8Array, at: number, end: number): Text {
  if (end - at >= 7 && b[at] === 0x42 && b[at + 1] === 0x42) {
    return { protocol: 'STP', text: b[at + 6] === 0x80 ? 'spanning tree: topology change' : 'spanning tree: hello' };
  }
  return { protocol: 'LLC', text: `${end - at} bytes` };
}

function summariseArp(b: Uint8Array, at: number, end: number): Text & Partial<Ends> {
  const arp = parseArp(b, at, end);
  if (isWireError(arp)) return { protocol: 'ARP', text: malformed(arp.malformed) };
  const [sender, target] = [formatIPv4(arp.senderAddress), formatIPv4(arp.targetAddress)];
  const ends = { source: sender, destination: target };
  if (arp.operation === 2) return { protocol: 'ARP', text: `${sender} is at ${formatMac(arp.senderMac)}`, ...ends };
  if (arp.operation !== 1) return { protocol: 'ARP', text: `operation ${arp.operation}`, ...ends };
  if (arp.senderAddress === arp.targetAddress) {
    return { protocol: 'ARP', text: `${sender} is at ${formatMac(arp.senderMac)} (announcement)`, ...ends };
  }
  if (arp.senderAddress === 0) return { protocol: 'ARP', text: `who has ${target}? (probe)`, ...ends };
  return { protocol: 'ARP', text: `who has ${target}? tell ${sender}`, ...ends };
}

function summariseIp(b: Uint8Array, at: number, end: number, ends: Ends): Summary {
  const version = (b[at] ?? 0) >>> 4;
  if (version === 6) return summariseIpv6(b, at, end, ends);
  if (version === 4) return summariseIpv4(b, at, end, ends);
  return { ...ends, protocol: 'IP', text: malformed(end > at ? `version ${version}` : 'an empty packet') };
}

function summariseIpv4(b: Uint8Array, at: number, end: number, ends: Ends): Summary {
  const header = ipv4.parseIpv4(b, at, end);
  if (isWireError(header)) return { ...ends, protocol: 'IPv4', text: malformed(header.malformed) };
  const { source, destination, protocol } = header;
  const own = { source: formatIPv4(source), destination: formatIPv4(destination) };
  const start = at + ipv4.ipv4Length(header);
  const stop = at + header.totalLength;
  if (header.fragmentOffset > 0) return { ...own, ...laterFragment(protocol, header.fragmentOffset, header.identification) };
  const first = ipv4.moreFragments(b, at);
  const pseudo = first ? undefined : pseudoHeaderIPv4(source, destination, protocol, stop - start);
  const upper = summariseUpper(b, start, stop, protocol, pseudo, destination);
  return { ...own, ...(first ? { ...upper, text: `${upper.text} (first fragment of packet ${header.identification})` } : upper) };
}

function summariseIpv6(b: Uint8Array, at: number, end: number, ends: Ends): Summary {
  const header = ipv6.parseIpv6(b, at, end);
  if (isWireError(header)) return { ...ends, protocol: 'IPv6', text: malformed(header.malformed) };
  const own = { source: formatIP(header.source), destination: formatIP(header.destination) };
  const stop = at + ipv6.IPV6_HEADER + header.payloadLength;
  const upper = ipv6.upperLayer(b, at, stop);
  if (isWireError(upper)) return { ...own, protocol: 'IPv6', text: malformed(upper.malformed) };
  const { fragment, offset, protocol } = upper;
  const identification = fragment > 0 ? ipv6.fragmentIdentification(b, fragment) : 0;
  if (protocol === PROTOCOL.Fragment) {
    return { ...own, ...laterFragment(b[fragment] as number, ipv6.fragmentOffset(b, fragment), identification) };
  }
  const first = fragment > 0 && ipv6.moreFragments(b, fragment);
  const pseudo = first ? undefined : pseudoHeaderIPv6(header.source, header.destination, protocol, stop - offset);
  const text = summariseUpper(b, offset, stop, protocol, pseudo, header.destination);
  return { ...own, ...(first ? { ...text, text: `${text.text} (first fragment of packet ${identification})` } : text) };
}

function laterFragment(protocol: number, offset: number, identification: number): Text {
  return { protocol: protocolName(protocol), text: `fragment at ${offset} of packet ${identification}` };
}

/** @param pseudo the pseudo header's sum, or undefined when a checksum can't be verified */
function summariseUpper(b: Uint8Array, at: number, end: number, protocol: number, pseudo: number | undefined, destination: IP): Text {
  switch (protocol) {
    case PROTOCOL.ICMP:
      return summariseIcmp(b, at, end, pseudo !== undefined);
    case PROTOCOL.ICMPv6:
      return summariseIcmpv6(b, at, end, pseudo, destination);
    case PROTOCOL.IGMP:
      return summariseIgmp(b, at, end);
    case PROTOCOL.TCP:
      return summariseTcp(b, at, end, pseudo);
    case PROTOCOL.UDP:
      return summariseVxlan(b, at, end) ?? summariseWireguard(b, at, end) ?? summariseUdp(b, at, end, pseudo);
    case PROTOCOL.IPIP:
    case PROTOCOL.IPv6:
      return { protocol: 'IPIP', text: nested(summariseIp(b, at, end, { source: '', destination: '' })) };
  }
  return { protocol: protocolName(protocol), text: `${end - at} bytes` };
}

function summariseVxlan(b: Uint8Array, at: number, end: number): Text | undefined {
  const header = udp.parseUdp(b, at, end);
  if (isWireError(header)) return undefined;
  if (header.destinationPort !== udp.UDP_PORT.VXLAN && header.destinationPort !== udp.UDP_PORT.FlannelVXLAN) return undefined;
  const start = at + udp.UDP_HEADER;
  const vxlan = parseVxlan(b, start, end);
  if (isWireError(vxlan)) return undefined;
  return { protocol: 'VXLAN', text: `VNI ${vxlan.vni}: ${nested(summariseEthernet(b, start + VXLAN_HEADER, end))}` };
}

function summariseWireguard(b: Uint8Array, at: number, end: number): Text | undefined {
  const header = udp.parseUdp(b, at, end);
  if (isWireError(header)) return undefined;
  if (header.destinationPort !== udp.UDP_PORT.WireGuard && header.sourcePort !== udp.UDP_PORT.WireGuard) return undefined;
  const message = parseWireguard(b, at + udp.UDP_HEADER, end);
  if (isWireError(message)) return undefined;
  if (message.type === 'cookie') return { protocol: 'WireGuard', text: 'cookie reply' };
  if (message.type !== 'transport') return { protocol: 'WireGuard', text: `handshake ${message.type}` };
  const { sealed, counter } = message;
  return {
    protocol: 'WireGuard',
    text: sealed.length === 16 ? 'keepalive' : `transport data, counter ${counter}, ${sealed.length} bytes sealed`,
  };
}

/** What a tunnel carries, with its own ends: those of the summary are the tunnel's. ARP's text names them already. */
function nested(inner: Summary): string {
  if (inner.protocol === 'ARP' || inner.source === '') return inner.text;
  return `${inner.source} → ${inner.destination} ${inner.protocol} ${inner.text}`;
}

function malformed(what: string): string {
  return `malformed: ${what}`;
}
