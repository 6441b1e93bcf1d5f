import { describe, expect, it } from 'vitest';
import { fromHex } from '../../../wire/captured.ts';
import { line } from './line.fixture.ts';

const lines = (frame: string, verbose: number): string[] => line(fromHex(frame), { verbose }).split('\n');

// Frames written by hand; every expectation is what tcpdump 4.99.6 prints of them.
describe('what other protocols of data centres say', () => {
  it('Geneve tells its flags, its network and its options', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500005c123440004011115a0a0001020a000202c35017c1004881aa05c0080000002a000102800100' +
          '0100020101010231323334353637384500002412344000400111b90af400020af4010308006668000100016162636465666768',
        2,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto UDP (17), length 92)',
      '    10.0.1.2.50000 > 10.0.2.2.6081: [udp sum ok] Geneve, Flags [OC], vni 0x2a, options [class Open Virtual Networking (OVN) (0x102) type 0x80(C) len 8 data 00010002, class Open vSwitch (0x101) type 0x1 len 12 data 31323334 35363738]',
      '\tIP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto ICMP (1), length 36)',
      '    10.244.0.2 > 10.244.1.3: ICMP echo request, id 1, seq 1, length 16',
    ]);
  });

  it('ESP hides what it carries, an authentication header does not', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500005c12344000403211390a0001020a000202c0ffee0100000007000102030405060708090a0b0c' +
          '0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f',
        0,
      ),
    ).toEqual(['IP 10.0.1.2 > 10.0.2.2: ESP(spi=0xc0ffee01,seq=0x7), length 72']);
    expect(
      lines(
        '0242ac1100030242ac11000208004500003c12344000403311580a0001020a000202010400000000010000000003000000000000000000' +
          '00000008006668000100016162636465666768',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto AH (51), length 60)',
      '    10.0.1.2 > 10.0.2.2: AH(length=4(24-bytes),spi=0x00000100,seq=0x3,icv=0x000000000000000000000000): ICMP echo request, id 1, seq 1, length 16',
    ]);
  });

  it('VRRP tells who is master and of which addresses', () => {
    expect(
      lines(
        '01005e00001200005e00013308004500002c12344000ff709667c0a8320be00000122133ff020101bc61c0a83264c0a832657365637265' + '7400000000',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 255, id 4660, offset 0, flags [DF], proto VRRP (112), length 44)',
      '    192.168.50.11 > 224.0.0.18: VRRPv2, Advertisement, vrid 51, prio 255, authtype simple, intvl 1s, length 24, addrs(2): 192.168.50.100,192.168.50.101 auth "secret"',
    ]);
  });

  it('MPLS shows its stack of labels', () => {
    expect(
      lines(
        '0242ac1100030242ac11000288470001023f00064b404500002412344000400111b90af400020af4010308006668000100016162636465' + '6667680000',
        0,
      ),
    ).toEqual([
      'MPLS (label 16, tc 1, ttl 63) (label 100, tc 5, [S], ttl 64) IP 10.244.0.2 > 10.244.1.3: ICMP echo request, id 1, seq 1, length 16',
    ]);
  });

  it('SCTP lists its chunks', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500006812344000408410db0a0001020a000202960c960c00000001deadbeef00070017000003e800' +
          '0100020000000068656c6c6f20770000020019000003e8000100020000001268656c6c6f20776f7200000000000013000003e800010002' +
          '0000001b68656c00',
        0,
      ),
    ).toEqual([
      'IP 10.0.1.2.38412 > 10.0.2.2.38412: sctp (1) [DATA] (U)(B)(E) [TSN: 1000] [SID: 1] [SSEQ 2] [PPID 0x0] , (2) [DATA] (B) [TSN: 1000] [SID: 1] [SSEQ 2] [PPID S1AP] , (3) [DATA] [TSN: 1000] [SID: 1] [SSEQ 2] [PPID X2AP] ',
    ]);
    expect(
      lines(
        '0242ac1100030242ac11000208004500004012344000408411030a0001020a000202960c960c00000001deadbeef03000020000003e800' +
          '010000000200020002000300050007000003de000003df',
        0,
      ),
    ).toEqual([
      'IP 10.0.1.2.38412 > 10.0.2.2.38412: sctp (1) [SACK] [cum ack 1000] [a_rwnd 65536] [#gap acks 2] [#dup tsns 2] ',
      '\t\t[gap ack block #1: start = 1002, end = 1003] ',
      '\t\t[gap ack block #2: start = 1005, end = 1007] ',
      '\t\t[dup TSN #1: 990] ',
      '\t\t[dup TSN #2: 991] ',
    ]);
  });

  it('syslog takes the number in angle brackets apart', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500004412344000401111720a0001020a0002029c400202003002963c33343e4f6374203131203232' +
          '3a31343a3135206d796d616368696e652073753a206661696c6564',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto UDP (17), length 68)',
      '    10.0.1.2.40000 > 10.0.2.2.514: SYSLOG, length: 40',
      '\tFacility auth (4), Severity critical (2)',
      '\tMsg: Oct 11 22:14:15 mymachine su: failed',
    ]);
  });

  it('NTP tells the times', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500004c123440004011116a0a0001020a000202007b9c400038c9cc240106ec000012340000567847' +
          '505300e900000000000000e900000180000000e900000190000000e9000001a0000000',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto UDP (17), length 76)',
      '    10.0.1.2.123 > 10.0.2.2.40000: NTPv4, Server, length 48',
      '\tLeap indicator:  (0), Stratum 1 (primary reference), poll 6 (64s), precision -20',
      '\tRoot Delay: 0.071105, Root dispersion: 0.337768, Reference-ID: GPS^@',
      '\t  Reference Timestamp:  3909091328.000000000 (2023-11-16T02:42:08Z)',
      '\t  Origin Timestamp:     3909091329.500000000 (2023-11-16T02:42:09Z)',
      '\t  Receive Timestamp:    3909091329.562500000 (2023-11-16T02:42:09Z)',
      '\t  Transmit Timestamp:   3909091329.625000000 (2023-11-16T02:42:09Z)',
      '\t    Originator - Receive Timestamp:  +0.062500000',
      '\t    Originator - Transmit Timestamp: +0.125000000',
    ]);
  });

  it('TFTP names the file and the options', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500004412344000401111720a0001020a0002029c400045003065c200017078656c696e75782e3000' +
          '6f6374657400626c6b73697a650031343238007473697a65003000',
        0,
      ),
    ).toEqual(['IP 10.0.1.2.40000 > 10.0.2.2.69: TFTP, length 40, RRQ "pxelinux.0" octet blksize 1428 tsize 0']);
  });

  it('LLDP introduces the neighbour', () => {
    expect(
      lines(
        '0180c200000e52540000000188cc0207045254000000010405056574683006020078080655706c696e6b0a0f737769746368312e657861' +
          '6d706c650c1b44656269616e20474e552f4c696e7578204c696e757820362e31380e04001c0014100c0501c0a832010200000003001018' +
          '1102fd0000000000000000000000000000010200000003000000',
        1,
      ),
    ).toEqual([
      'LLDP, length 122',
      '\tChassis ID TLV (1), length 7',
      '\t  Subtype MAC address (4): 52:54:00:00:00:01',
      '\tPort ID TLV (2), length 5',
      '\t  Subtype Interface Name (5): eth0',
      '\tTime to Live TLV (3), length 2: TTL 120s',
      '\tPort Description TLV (4), length 6: Uplink',
      '\tSystem Name TLV (5), length 15: switch1.example',
      '\tSystem Description TLV (6), length 27',
      '\t  Debian GNU/Linux Linux 6.18',
      '\tSystem Capabilities TLV (7), length 4',
      '\t  System  Capabilities [Bridge, WLAN AP, Router] (0x001c)',
      '\t  Enabled Capabilities [Bridge, Router] (0x0014)',
      '\tManagement Address TLV (8), length 12',
      '\t  Management Address length 5, AFI IPv4 (1): 192.168.50.1',
      '\t  Interface Index Interface Numbering (2): 3',
      '\tManagement Address TLV (8), length 24',
      '\t  Management Address length 17, AFI IPv6 (2): fd00::1',
      '\t  Interface Index Interface Numbering (2): 3',
      '\tEnd TLV (0), length 0',
    ]);
  });

  it('DHCP offers an address', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500015b12344000401141f8c0a83201c0a832140043004401471a2e020106003903f3260000000000' +
          '000000c0a83214c0a8320100000000525400000001' +
          '00'.repeat(202) +
          '638253633501023604c0a83201330400000e103a04000007083b0400000c4e0104ffffff001c04c0a832ff0304c0a83201060808080808' +
          '010101010f0b6578616d706c652e6f72671a0205dc2a04c0000201ff',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto UDP (17), length 347)',
      '    192.168.50.1.67 > 192.168.50.20.68: BOOTP/DHCP, Reply, length 319, xid 0x3903f326, Flags [none]',
      '\t  Your-IP 192.168.50.20',
      '\t  Server-IP 192.168.50.1',
      '\t  Client-Ethernet-Address 52:54:00:00:00:01',
      '\t  Vendor-rfc1048 Extensions',
      '\t    Magic Cookie 0x63825363',
      '\t    DHCP-Message (53), length 1: Offer',
      '\t    Server-ID (54), length 4: 192.168.50.1',
      '\t    Lease-Time (51), length 4: 3600',
      '\t    RN (58), length 4: 1800',
      '\t    RB (59), length 4: 3150',
      '\t    Subnet-Mask (1), length 4: 255.255.255.0',
      '\t    BR (28), length 4: 192.168.50.255',
      '\t    Default-Gateway (3), length 4: 192.168.50.1',
      '\t    Domain-Name-Server (6), length 8: 8.8.8.8,1.1.1.1',
      '\t    Domain-Name (15), length 11: "example.org"',
      '\t    MTU (26), length 2: 1500',
      '\t    NTP (42), length 4: 192.0.2.1',
    ]);
  });

  it('DHCP options of every kind', () => {
    expect(
      lines(
        '0242ac1100030242ac11000208004500017b12344000401141d8c0a83201c0a832140043004401671dbc020106013903f3260000000000' +
          '00000000000000000000000a00000152540000000100000000000000000000736572766572' +
          '00'.repeat(58) +
          '7078656c696e75782e3' +
          '00'.repeat(118) +
          '063825363350105790d180a0001c0a8320200c0a83201520f010465746830020361626309027a7a770503636f6d00fc08687474703a2f2' +
          'f782b03010203210801020304050607080204fffff1f01301011401022e0108340103420c746674702e6578616d706c6543057078652e3' +
          '05d020007ff',
        1,
      ),
    ).toEqual([
      'IP (tos 0x0, ttl 64, id 4660, offset 0, flags [DF], proto UDP (17), length 379)',
      '    192.168.50.1.67 > 192.168.50.20.68: BOOTP/DHCP, Reply, length 351, hops 1, xid 0x3903f326, Flags [none]',
      '\t  Gateway-IP 10.0.0.1',
      '\t  Client-Ethernet-Address 52:54:00:00:00:01',
      '\t  sname "server"',
      '\t  file "pxelinux.0"',
      '\t  Vendor-rfc1048 Extensions',
      '\t    Magic Cookie 0x63825363',
      '\t    DHCP-Message (53), length 1: ACK',
      '\t    Classless-Static-Route (121), length 13: (10.0.1.0/24:192.168.50.2),(default:192.168.50.1)',
      '\t    Agent-Information (82), length 15: ',
      '\t      Circuit-ID SubOption 1, length 4: eth0',
      '\t      Remote-ID SubOption 2, length 3: abc',
      '\t      Unknown SubOption 9, length 2: ',
      '\t\t0x0000:  7a7a',
      '\t    Unknown (119), length 5: 3.99.111.109.0',
      '\t    Unknown (252), length 8: 1752462448,976170872',
      '\t    Vendor-Option (43), length 3: 1.2.3',
      '\t    Static-Route (33), length 8: (1.2.3.4:5.6.7.8)',
      '\t    Time-Zone (2), length 4: -3600',
      '\t    IPF (19), length 1: Y',
      '\t    SRT (20), length 1: 2?',
      '\t    Netbios-Node (46), length 1: h-node',
      '\t    OO (52), length 1: file+sname',
      '\t    TFTP (66), length 12: "tftp.example"',
      '\t    BF (67), length 5: "pxe.0"',
      '\t    ARCH (93), length 2: 7',
    ]);
  });
});
