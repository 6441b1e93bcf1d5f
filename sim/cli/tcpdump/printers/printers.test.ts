import { describe, expect, it } from 'vitest';
import { captured, fromHex } from '../../../wire/captured.ts';
import { line } from './line.fixture.ts';

// Every expectation is what tcpdump 4.99.6 prints of these frames.
describe('a line for a packet', () => {
  it.each([
    ['arpRequest', 'ARP, Request who-has 10.0.1.1 tell 10.0.1.2, length 28'],
    ['arpReply', 'ARP, Reply 10.0.1.1 is-at 02:00:00:00:01:01, length 28'],
    ['echoRequest', 'IP 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64'],
    ['timeExceeded', 'IP 10.0.1.1 > 10.0.1.2: ICMP time exceeded in-transit, length 92'],
    ['netUnreachable', 'IP 10.0.1.1 > 10.0.1.2: ICMP net 10.0.9.9 unreachable, length 92'],
    ['portUnreachable', 'IP 10.0.2.2 > 10.0.1.2: ICMP 10.0.2.2 udp port 9 unreachable, length 39'],
    ['udp', 'IP 10.0.1.2.34890 > 10.0.2.2.9: UDP, length 3'],
    ['mldReport', 'IP6 :: > ff02::16: HBH ICMP6, multicast listener report v2, 4 group record(s), length 88'],
    ['neighbourSolicitation', 'IP6 fd00:1::2 > ff02::1:ff00:1: ICMP6, neighbor solicitation, who has fd00:1::1, length 32'],
  ] as const)('%s', (name, expected) => {
    expect(line(captured(name))).toBe(expected);
  });

  it('tells more the oftener -v is given', () => {
    expect(line(captured('portUnreachable'), { verbose: 1 })).toBe(
      [
        'IP (tos 0xc0, ttl 63, id 7128, offset 0, flags [none], proto ICMP (1), length 59)',
        '    10.0.2.2 > 10.0.1.2: ICMP 10.0.2.2 udp port 9 unreachable, length 39',
        '\tIP (tos 0x0, ttl 63, id 37822, offset 0, flags [DF], proto UDP (17), length 31)',
        '    10.0.1.2.34890 > 10.0.2.2.9: UDP, length 3',
      ].join('\n'),
    );
    expect(line(captured('udp6'), { verbose: 2, link: true })).toBe(
      '02:00:00:00:01:02 > 02:00:00:00:01:01, ethertype IPv6 (0x86dd), length 65: (flowlabel 0x939a4, hlim 64, next-header UDP (17), ' +
        'payload length 11) fd00:1::2.40338 > fd00:2::2.9: [udp sum ok] UDP, length 3',
    );
  });

  it('names the protocol whose bytes ran out', () => {
    const frame = captured('udp');
    expect(line(frame.slice(0, 38), {}, new Map(), frame.length)).toBe('IP 10.0.1.2.34890 > 10.0.2.2.9:  [|udp]');
    expect(line(frame.slice(0, 36), {}, new Map(), frame.length)).toBe('IP 10.0.1.2 > 10.0.2.2:  [|udp]');
  });

  it('points out wrong checksums', () => {
    const frame = captured('udp');
    frame[frame.length - 1] = 0x58;
    expect(line(frame, { verbose: 2 })).toContain('[bad udp cksum 0xee17 -> 0x');
  });
});

describe('protocols that tunnels and bridges carry', () => {
  const inner = captured('echoRequest');
  const outer = (protocol: number, payload: Uint8Array): Uint8Array => {
    const header = fromHex(
      `02000000010202000000010108004500${(20 + payload.length).toString(16).padStart(4, '0')}00000000400${'0'}0000c0a8320bc0a8320c`,
    );
    header[23] = protocol;
    return new Uint8Array([...header, ...payload]);
  };

  it('VXLAN shows the frame inside on a line of its own', () => {
    const datagram = new Uint8Array([
      ...fromHex(`c350 12b5 ${(16 + inner.length).toString(16).padStart(4, '0')} 0000 08000000 00002a00`),
      ...inner,
    ]);
    expect(line(outer(17, datagram))).toBe(
      'IP 192.168.50.11.50000 > 192.168.50.12.4789: VXLAN, flags [I] (0x08), vni 42\n' +
        'IP 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64',
    );
  });

  it('IP in IP and GRE go on on the same line', () => {
    const packet = inner.slice(14);
    expect(line(outer(4, packet))).toBe(
      'IP 192.168.50.11 > 192.168.50.12: IP 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64',
    );
    expect(line(outer(47, new Uint8Array([0, 0, 8, 0, ...packet])))).toBe(
      'IP 192.168.50.11 > 192.168.50.12: GREv0, length 88: IP 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64',
    );
  });

  it('a spanning-tree hello', () => {
    const hello = fromHex(
      '0180c20000000242ac1100020026424203 0000 00 00 00 80000242ac110001 00000000 80000242ac110001 8001 0000 1400 0200 0f00 0000000000000000',
    );
    expect(line(hello)).toBe('STP 802.1d, Config, Flags [none], bridge-id 8000.02:42:ac:11:00:01.8001, length 35');
  });
});
