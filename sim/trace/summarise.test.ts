import { describe, expect, it } from 'vitest';
import { CAPTURED_NAMES, type CapturedName, captured, fromHex } from '../wire/captured.ts';
import { DNS_TYPE, type DnsData, type DnsMessage, type DnsRecord, dnsQuery, dnsResponse, encodeDns } from '../wire/dns.ts';
import { emitIpv4, PROTOCOL } from '../wire/ipv4.ts';
import { emitUdp } from '../wire/udp.ts';
import { summarise } from './summarise.ts';
import { summariseUdp } from './summarise-transport.ts';

const line = (frame: Uint8Array): string => {
  const { protocol, text, source, destination } = summarise(frame);
  return `${source} → ${destination} ${protocol}: ${text}`;
};

const EXPECTED: Record<CapturedName, string> = {
  mldReport: ':: → ff02::16 ICMPv6: multicast listener report: joins ff02::1:ff00:1, joins ff02::1:ff00:101, joins ff05::2, joins ff02::2',
  dadSolicitation: ':: → ff02::1:ff00:102 ICMPv6: neighbour solicitation for fe80::ff:fe00:102 (duplicate address check)',
  routerSolicitation: 'fe80::ff:fe00:102 → ff02::2 ICMPv6: router solicitation',
  arpRequest: '10.0.1.2 → 10.0.1.1 ARP: who has 10.0.1.1? tell 10.0.1.2',
  arpReply: '10.0.1.1 → 10.0.1.2 ARP: 10.0.1.1 is at 02:00:00:00:01:01',
  echoRequest: '10.0.1.2 → 10.0.2.2 ICMP: echo request id 2725 seq 1',
  echoReply: '10.0.2.2 → 10.0.1.2 ICMP: echo reply id 2725 seq 1',
  neighbourSolicitation: 'fd00:1::2 → ff02::1:ff00:1 ICMPv6: neighbour solicitation for fd00:1::1',
  neighbourAdvertisement: 'fd00:1::1 → fd00:1::2 ICMPv6: neighbour advertisement: fd00:1::1 is at 02:00:00:00:01:01',
  echoRequest6: 'fd00:1::2 → fd00:2::2 ICMPv6: echo request id 2726 seq 1',
  echoReply6: 'fd00:2::2 → fd00:1::2 ICMPv6: echo reply id 2726 seq 1',
  ttlOne: '10.0.1.2 → 10.0.2.2 ICMP: echo request id 2727 seq 1',
  timeExceeded: '10.0.1.1 → 10.0.1.2 ICMP: time exceeded for 10.0.2.2',
  timeExceeded6: 'fd00:1::1 → fd00:1::2 ICMPv6: time exceeded for fd00:2::2',
  netUnreachable: '10.0.1.1 → 10.0.1.2 ICMP: network unreachable for 10.0.9.9',
  lastFragment6: 'fd00:1::2 → fd00:2::2 ICMPv6: fragment at 2896 of packet 2152003272',
  udp: '10.0.1.2 → 10.0.2.2 UDP: 34890 → 9, 3 bytes',
  portUnreachable: '10.0.2.2 → 10.0.1.2 ICMP: port unreachable for 10.0.2.2 UDP port 9',
  udp6: 'fd00:1::2 → fd00:2::2 UDP: 40338 → 9, 3 bytes',
  portUnreachable6: 'fd00:2::2 → fd00:1::2 ICMPv6: port unreachable for fd00:2::2 UDP port 9',
  tcpRefusedSyn: '10.0.1.2 → 10.0.2.2 TCP: 59610 → 8081 SYN',
  tcpRefusedReset: '10.0.2.2 → 10.0.1.2 TCP: 8081 → 59610 RST ACK',
  dnsQuery: '10.0.1.2 → 10.0.2.2 DNS: A web.default.svc.cluster.local.?',
  vxlanArpRequest: '10.0.1.2 → 10.0.2.2 VXLAN: VNI 42: who has 192.168.9.2? tell 192.168.9.1',
  vxlanArpReply: '10.0.2.2 → 10.0.1.2 VXLAN: VNI 42: 192.168.9.2 is at 66:d8:27:b3:a3:22',
  vxlanEcho: '10.0.1.2 → 10.0.2.2 VXLAN: VNI 42: 192.168.9.1 → 192.168.9.2 ICMP echo request id 2752 seq 1',
  vxlanUnreachable: '10.0.2.2 → 10.0.1.2 ICMP: port unreachable for 10.0.2.2 UDP port 4789',
  igmpReport: '10.0.1.2 → 224.0.0.22 IGMP: membership report: joins 239.1.1.1',
  redirect: '10.0.1.1 → 10.0.1.2 ICMP: redirect: reach 10.0.7.7 through 10.0.1.2',
  tcpSyn: '10.0.1.2 → 10.0.2.2 TCP: 36060 → 8080 SYN',
  tcpSynAck: '10.0.2.2 → 10.0.1.2 TCP: 8080 → 36060 SYN ACK',
  tcpAck: '10.0.1.2 → 10.0.2.2 TCP: 36060 → 8080 ACK',
  httpRequest: '10.0.1.2 → 10.0.2.2 HTTP: GET /f.txt HTTP/1.1',
  httpResponse: '10.0.2.2 → 10.0.1.2 HTTP: HTTP/1.1 200 OK',
  tcpFin: '10.0.2.2 → 10.0.1.2 TCP: 8080 → 36060 FIN ACK',
  fragmentationNeeded: '10.0.1.1 → 10.0.1.2 ICMP: fragmentation needed, MTU 100 for 10.0.2.2',
  firstFragment: '10.0.1.2 → 10.0.2.2 ICMP: echo request id 2776 seq 1 (first fragment of packet 31809)',
  lastFragment: '10.0.1.2 → 10.0.2.2 ICMP: fragment at 80 of packet 31809',
  stp: '02:00:00:00:02:01 → 01:80:c2:00:00:00 STP: spanning tree: hello',
};

describe('a frame in one line', () => {
  it.each(CAPTURED_NAMES)('%s', (name) => {
    expect(line(captured(name))).toBe(EXPECTED[name]);
  });
});

/** `captured`, with some bytes changed. */
function changed(name: CapturedName, changes: Record<number, number>): Uint8Array {
  const frame = captured(name);
  for (const [at, value] of Object.entries(changes)) frame[Number(at)] = value;
  return frame;
}

describe('frames that are met less often', () => {
  const ethernet = (type: string, payload: string): Uint8Array => fromHex(`0200 0000 0102 0200 0000 0101 ${type} ${payload}`);
  const arp = (operation: string, sender: string, target: string): string =>
    summarise(ethernet('0806', `0001 0800 0604 ${operation} 020000000101 ${sender} 000000000000 ${target}`)).text;

  it('ARP probes and announcements', () => {
    expect(arp('0001', '00000000', '0a000101')).toBe('who has 10.0.1.1? (probe)');
    expect(arp('0001', '0a000101', '0a000101')).toBe('10.0.1.1 is at 02:00:00:00:01:01 (announcement)');
    expect(arp('0008', '0a000101', '0a000102')).toBe('operation 8');
  });

  it('a VLAN tag stands before what it carries', () => {
    const frame = captured('arpReply');
    const tagged = Uint8Array.from([...frame.slice(0, 12), 0x81, 0x00, 0x20, 0x05, ...frame.slice(12)]);
    expect(line(tagged)).toBe('10.0.1.1 → 10.0.1.2 ARP: VLAN 5: 10.0.1.1 is at 02:00:00:00:01:01');
  });

  it('IP in IP, and a device without a link layer', () => {
    const inner = captured('echoRequest').slice(14);
    const outer = new Uint8Array(20 + inner.length);
    const header = { tos: 0, totalLength: outer.length, identification: 0, flags: 2, fragmentOffset: 0, ttl: 64, protocol: PROTOCOL.IPIP };
    emitIpv4(outer, 0, { ...header, source: 0xc0a8320b, destination: 0xc0a8320c, options: new Uint8Array(0) });
    outer.set(inner, 20);
    expect(summarise(outer, 'ip')).toEqual({
      protocol: 'IPIP',
      text: '10.0.1.2 → 10.0.2.2 ICMP echo request id 2725 seq 1',
      source: '192.168.50.11',
      destination: '192.168.50.12',
    });
  });

  it('a DNS answer', () => {
    const text = (change: (message: DnsMessage) => void): string => {
      const message = dnsResponse(dnsQuery(1, 'web.example.', DNS_TYPE.A));
      change(message);
      const dns = encodeDns(message);
      const b = new Uint8Array(8 + dns.length);
      emitUdp(b, 0, { sourcePort: 53, destinationPort: 4000, length: b.length });
      b.set(dns, 8);
      return summariseUdp(b, 0, b.length, undefined).text;
    };
    const record = (data: DnsData): DnsRecord => ({ name: 'web.example.', class: 1, ttl: 5, data });
    expect(text((m) => m.answers.push(record({ kind: 'CNAME', name: 'w.example.' }), record({ kind: 'A', address: 0x0a000001 })))).toBe(
      'A web.example. is w.example., 10.0.0.1',
    );
    expect(
      text((m) => {
        m.rcode = 3;
      }),
    ).toBe('A web.example.: NXDOMAIN');
    expect(text(() => {})).toBe('A web.example.: no such record');
  });

  it('an EtherType that nothing here reads', () => {
    expect(line(ethernet('88cc', '0207'))).toBe('02:00:00:00:01:01 → 02:00:00:00:01:02 LLDP: 2 bytes');
    expect(summarise(ethernet('1234', '')).protocol).toBe('EtherType 0x1234');
  });

  it('what is malformed says how', () => {
    expect(summarise(new Uint8Array(3)).text).toBe('malformed: an Ethernet header needs 14 bytes, 3 are there');
    expect(summarise(changed('echoRequest', { 22: 9 })).text).toBe('malformed: the header checksum is wrong');
    expect(summarise(changed('echoRequest', { 60: 9 })).text).toBe('malformed: the ICMP checksum is wrong');
    expect(summarise(changed('tcpSyn', { 48: 9 })).text).toBe('malformed: the TCP checksum is wrong');
    expect(summarise(changed('udp', { 43: 9 })).text).toBe('malformed: the UDP checksum is wrong');
    expect(summarise(changed('neighbourSolicitation', { 70: 9 })).text).toBe('malformed: the ICMPv6 checksum is wrong');
    expect(summarise(changed('arpRequest', { 15: 9 })).text).toBe('malformed: hardware type 9 is not Ethernet');
    expect(summarise(captured('echoRequest').slice(0, 50)).text).toBe('malformed: the IPv4 packet needs 84 bytes, 36 are there');
  });
});
