import type { IP, IPv6 } from '../../../base/address.ts';
import { checksumUpdate128, checksumUpdate16, checksumUpdate32 } from '../../../wire/checksum.ts';
import { be16, setBe16 } from '../../../wire/endian.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { hasPorts } from '../conntrack/tuple.ts';
import type { Family } from '../hooks.ts';
import type { Manipulation } from './range.ts';

const { TCP, UDP, UDPLite, ICMP, ICMPv6 } = ip.PROTOCOL;

/** Where a packet's headers are. */
export interface Headers {
  bytes: Uint8Array;
  network: number;
  transport: number;
  /** Where the packet, or what is quoted of it, ends. */
  end: number;
  family: Family;
  protocol: number;
}

/** The offset of a transport checksum that covers the addresses, or -1. */
function checksumOffset(headers: Headers): number {
  const { protocol, transport, end } = headers;
  let at = -1;
  if (protocol === TCP) at = transport + 16;
  else if (protocol === UDP || protocol === UDPLite) at = transport + 6;
  else if (protocol === ICMPv6) at = transport + 2;
  if (at < 0 || at + 2 > end) return -1;
  // A UDP datagram without a checksum stays without.
  if (protocol === UDP && be16(headers.bytes, at) === 0) return -1;
  return at;
}

function update(headers: Headers, at: number, next: number): void {
  setBe16(headers.bytes, at, headers.protocol === UDP && next === 0 ? 0xffff : next);
}

/**
 * Changes one end's address and port (nf_nat_manip_pkt); checksums follow by what changed.
 * @param port for ICMP queries the identifier; ignored where the protocol has none
 */
export function rewrite(headers: Headers, manipulation: Manipulation, address: IP, port: number): void {
  rewriteAddress(headers, manipulation, address);
  rewritePort(headers, manipulation, port);
}

export function rewriteAddress(headers: Headers, manipulation: Manipulation, address: IP): void {
  const { bytes, network, family } = headers;
  const check = checksumOffset(headers);
  if (family === 4) {
    const before = manipulation === 'source' ? ip.source(bytes, network) : ip.destination(bytes, network);
    if (before === address) return;
    if (manipulation === 'source') ip.setSource(bytes, network, address as number);
    else ip.setDestination(bytes, network, address as number);
    ip.setChecksum(bytes, network, checksumUpdate32(ip.checksum(bytes, network), before, address as number));
    if (check >= 0) update(headers, check, checksumUpdate32(be16(bytes, check), before, address as number));
    return;
  }
  const before = manipulation === 'source' ? ip6.source(bytes, network) : ip6.destination(bytes, network);
  if (manipulation === 'source') ip6.setSource(bytes, network, address as IPv6);
  else ip6.setDestination(bytes, network, address as IPv6);
  if (check >= 0) update(headers, check, checksumUpdate128(be16(bytes, check), before, address as IPv6));
}

function rewritePort(headers: Headers, manipulation: Manipulation, port: number): void {
  const { bytes, transport, end, protocol } = headers;
  let at: number;
  let check: number;
  if (hasPorts(protocol)) {
    at = manipulation === 'source' ? transport : transport + 2;
    check = checksumOffset(headers);
  } else if (protocol === ICMP || protocol === ICMPv6) {
    if (!hasIdentifier(protocol, bytes[transport] as number)) return;
    at = transport + 4;
    check = transport + 2;
  } else return;
  if (at + 2 > end) return;
  const before = be16(bytes, at);
  if (before === port) return;
  setBe16(bytes, at, port);
  if (check >= 0) update(headers, check, checksumUpdate16(be16(bytes, check), before, port));
}

/** Whether an ICMP message is a question or an answer, and not an error. */
function hasIdentifier(protocol: number, type: number): boolean {
  if (protocol === ICMPv6) return type === 128 || type === 129;
  return type === icmp.ICMP_TYPE.Echo || type === icmp.ICMP_TYPE.EchoReply || (type >= 13 && type <= 18);
}
