import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CAPTURED_NAMES, captured, fromHex, toHex } from './captured.ts';
import { pseudoHeaderIPv4 } from './checksum.ts';
import { DNS_TYPE, type DnsData, dnsQuery, dnsResponse, encodeDns } from './dns.ts';
import { ETHERTYPE, emitEthernet } from './ethernet.ts';
import { emitIpv4, PROTOCOL } from './ipv4.ts';
import { LINKTYPE, readPcap, writePcap } from './pcap.ts';
import { ARPHRD, emitSll2, SLL2_HEADER, SLL2_PACKET_TYPE } from './sll2.ts';
import { emitUdp, fillChecksum } from './udp.ts';

const TIME = 1_767_225_600_000_000;

describe('a capture file', () => {
  const packet = { time: 1_767_225_600_250_001, bytes: fromHex('aabbccdd'), length: 60 };

  it('has the header and the records that pcap-savefile(5) tells', () => {
    const file = writePcap({ linkType: LINKTYPE.Ethernet, snapLength: 262144, packets: [packet] });
    expect(toHex(file)).toBe(
      'd4c3b2a1' +
        '02000400' +
        '00000000' +
        '00000000' +
        '00000400' +
        '01000000' +
        '00b95569' +
        '91d00300' +
        '04000000' +
        '3c000000' +
        'aabbccdd',
    );
    expect(readPcap(file)).toEqual({ linkType: 1, snapLength: 262144, packets: [packet] });
  });

  it('is read in the other byte order and with nanoseconds as well', () => {
    const file = fromHex('a1b23c4d 0002 0004 00000000 00000000 00040000 00000114 6955b900 0ee6b668 00000004 0000003c aabbccdd');
    expect(readPcap(file)).toEqual({ linkType: LINKTYPE.LinuxSll2, snapLength: 262144, packets: [packet] });
  });

  it('cuts packets to the snapshot length and keeps how long they were', () => {
    const file = readPcap(writePcap({ linkType: 1, snapLength: 2, packets: [packet] }));
    expect(file).toMatchObject({ packets: [{ bytes: fromHex('aabb'), length: 60 }] });
  });

  it('says what is wrong with it', () => {
    expect(readPcap(fromHex('00'))).toMatchObject({ malformed: 'a capture file header needs 24 bytes, 1 are there' });
    expect(readPcap(new Uint8Array(24))).toMatchObject({ malformed: 'the file has no capture file magic' });
    expect(readPcap(fromHex(`0a0d0d0a${'00'.repeat(20)}`))).toMatchObject({ malformed: expect.stringContaining('pcapng') });
    const file = writePcap({ linkType: 1, snapLength: 100, packets: [packet] });
    expect(readPcap(file.subarray(0, 30))).toMatchObject({ malformed: 'a capture record header needs 16 bytes, 6 are there' });
    expect(readPcap(file.subarray(0, 42))).toMatchObject({ malformed: 'a capture record needs 4 bytes, 2 are there' });
  });
});

/** The root folder that sim/oracle/setup-root makes by default. */
const ORACLE_ROOT = process.env.ORACLE_ROOT ?? '/var/tmp/oracle-root';

/** How to run the real tcpdump here: as it is, or inside the oracle's root folder. */
const tcpdump = [['tcpdump'], ['chroot', ORACLE_ROOT, 'tcpdump']].find(
  ([program, ...rest]) => spawnSync(program as string, [...rest, '--version']).status === 0,
);

/** What the real tcpdump prints of a file, without times. */
function read(file: Uint8Array, ...options: string[]): string[] {
  const [program, ...rest] = tcpdump as string[];
  const result = spawnSync(program as string, [...rest, '-nn', '-t', ...options, '-r', '-'], { input: file, encoding: 'utf8' });
  expect(result.stderr).toContain('reading from file');
  return result.stdout.split('\n').filter((line) => line !== '');
}

describe.skipIf(tcpdump === undefined)('the real tcpdump (skipped where there is none)', () => {
  it('reads every frame of ours, with no bad checksum', () => {
    const packets = CAPTURED_NAMES.map((name) => ({ time: TIME, bytes: captured(name), length: captured(name).length }));
    const lines = read(writePcap({ linkType: LINKTYPE.Ethernet, snapLength: 262144, packets }), '-vv');
    expect(lines).toContain('ARP, Ethernet (len 6), IPv4 (len 4), Request who-has 10.0.1.1 tell 10.0.1.2, length 28');
    expect(lines.filter((line) => /bad|wrong|incorrect/.test(line))).toEqual([]);
  });

  it('reads a cooked capture', () => {
    const echo = captured('echoRequest').slice(14);
    const bytes = new Uint8Array(SLL2_HEADER + echo.length);
    const packetType = SLL2_PACKET_TYPE.Outgoing;
    emitSll2(bytes, 0, {
      protocol: 0x800,
      ifindex: 999_999,
      hardwareType: ARPHRD.Ether,
      packetType,
      addressLength: 6,
      address: 0x020000000102,
    });
    bytes.set(echo, SLL2_HEADER);
    const file = writePcap({ linkType: LINKTYPE.LinuxSll2, snapLength: 262144, packets: [{ time: TIME, bytes, length: bytes.length }] });
    expect(read(file, '-e')).toEqual([
      '?     Out ifindex 999999 02:00:00:00:01:02 ethertype IPv4 (0x0800), length 104: 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64',
    ]);
  });

  it('reads every type of DNS record that we write', () => {
    const name = 'x.example.';
    const message = dnsResponse(dnsQuery(1, name, DNS_TYPE.ANY));
    const data: DnsData[] = [
      { kind: 'A', address: 0x0a000001 },
      { kind: 'AAAA', address: 0xfd00_0000_0000_0000_0000_0000_0000_0001n },
      { kind: 'CNAME', name: 'y.example.' },
      { kind: 'PTR', name: 'x.example.' },
      { kind: 'MX', preference: 10, exchange: 'mail.example.' },
      { kind: 'TXT', strings: [Uint8Array.of(0x76, 0x3d, 0x31)] },
      { kind: 'SRV', priority: 0, weight: 100, port: 8080, target: 'x.example.' },
    ];
    message.recursionAvailable = true;
    message.answers = data.map((each) => ({ name, class: 1, ttl: 5, data: each }));
    const bytes = udpFrame(encodeDns(message), 53);
    const [line] = read(
      writePcap({ linkType: LINKTYPE.Ethernet, snapLength: 262144, packets: [{ time: TIME, bytes, length: bytes.length }] }),
    );
    expect(line).toBe(
      'IP 10.0.2.2.53 > 10.0.1.2.4000: 1 7/0/0 A 10.0.0.1, AAAA fd00::1, CNAME y.example., PTR x.example., MX mail.example. 10, ' +
        `TXT "v=1", SRV x.example.:8080 0 100 (${encodeDns(message).length})`,
    );
  });
});

/** A whole frame from 10.0.2.2 to 10.0.1.2, port 4000. */
function udpFrame(payload: Uint8Array, sourcePort: number): Uint8Array {
  const b = new Uint8Array(42 + payload.length);
  const length = 8 + payload.length;
  const [source, destination] = [0x0a000202, 0x0a000102];
  emitEthernet(b, 0, { destination: 0x020000000102, source: 0x020000000101, etherType: ETHERTYPE.IPv4 });
  emitIpv4(b, 14, {
    tos: 0,
    totalLength: 20 + length,
    identification: 1,
    flags: 0,
    fragmentOffset: 0,
    ttl: 64,
    protocol: PROTOCOL.UDP,
    source,
    destination,
    options: new Uint8Array(0),
  });
  emitUdp(b, 34, { sourcePort, destinationPort: 4000, length });
  b.set(payload, 42);
  fillChecksum(b, 34, b.length, pseudoHeaderIPv4(source, destination, PROTOCOL.UDP, length));
  return b;
}
