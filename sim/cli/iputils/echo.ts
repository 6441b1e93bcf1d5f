import { emitIcmp, ICMP_HEADER, ICMP_TYPE } from '../../wire/icmp.ts';
import * as icmp from '../../wire/icmp.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip from '../../wire/ipv4.ts';
import { icmp6Text } from './icmp6-text.ts';
import { icmpText } from './icmp-text.ts';

/** What differs between echo over ICMP and over ICMPv6; identifier and sequence number stand in the same places. */
export interface EchoProtocol {
  /** A request as the socket takes it; the kernel fills in what is its business. */
  request(identifier: number, sequence: number, data: Uint8Array): Uint8Array;
  /** Where the ICMP message starts in what a raw socket hands over. */
  start(data: Uint8Array): number;
  isRequest(data: Uint8Array, at: number): boolean;
  isReply(data: Uint8Array, at: number): boolean;
  /** The kernel has already checked ICMPv6. */
  intact(data: Uint8Array, at: number): boolean;
  /** An error in words. */
  text(type: number, code: number, info: number): string;
}

export const ECHO4: EchoProtocol = {
  request(identifier, sequence, data) {
    const packet = new Uint8Array(ICMP_HEADER + data.length);
    emitIcmp(packet, 0, { kind: 'echo-request', identifier, sequence, data });
    return packet;
  },
  start: (data) => ip.headerLength(data, 0),
  isRequest: (data, at) => icmp.type(data, at) === ICMP_TYPE.Echo,
  isReply: (data, at) => icmp.type(data, at) === ICMP_TYPE.EchoReply,
  intact: (data, at) => icmp.checksumValid(data, at, data.length),
  text: icmpText,
};

export const ECHO6: EchoProtocol = {
  request(identifier, sequence, data) {
    const packet = new Uint8Array(icmp6.ICMPV6_HEADER + data.length);
    icmp6.setType(packet, 0, icmp6.ICMPV6_TYPE.Echo);
    icmp6.setIdentifier(packet, 0, identifier);
    icmp6.setSequence(packet, 0, sequence);
    packet.set(data, icmp6.ICMPV6_HEADER);
    return packet;
  },
  start: () => 0,
  isRequest: (data, at) => icmp6.type(data, at) === icmp6.ICMPV6_TYPE.Echo,
  isReply: (data, at) => icmp6.type(data, at) === icmp6.ICMPV6_TYPE.EchoReply,
  intact: () => true,
  text: icmp6Text,
};
