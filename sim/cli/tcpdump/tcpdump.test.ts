import { expect, it } from 'vitest';
import { captured } from '../../wire/captured.ts';
import { LINKTYPE, type PcapPacket, writePcap } from '../../wire/pcap.ts';
import { type Outcome, run, testMachine } from '../harness.ts';
import { tcpdump } from './tcpdump.ts';

const TIME = 1_767_225_600_000_000;
const READING = 'reading from file -, link-type EN10MB (Ethernet), snapshot length 262144\n';

const FILE = writePcap({
  linkType: LINKTYPE.Ethernet,
  snapLength: 262_144,
  packets: (['arpRequest', 'echoRequest', 'udp'] as const).map((name, i): PcapPacket => {
    const bytes = captured(name);
    return { time: TIME + i * 500_000, bytes, length: bytes.length };
  }),
});

/** Reads a capture of an ARP request, a ping and a datagram, half a second apart. */
function read(...args: string[]): Outcome {
  const host = testMachine([tcpdump], {
    '/etc/hosts': '10.0.1.2 client.example\n10.0.2.2 server\n',
    '/etc/services': 'discard 9/udp\n',
    '/tmp/f': 'icmp',
  });
  return run(host, '/usr/bin/tcpdump', ['-r', '-', ...args], { stdin: FILE });
}

it('names addresses and ports from the files of the machine, unless it shall not', () => {
  expect(read('udp')).toMatchObject({
    stdout: '00:00:01.000000 IP client.example.34890 > server.discard: UDP, length 3\n',
    stderr: READING,
  });
  expect(read('-N', '-t', 'udp').stdout).toBe('IP client.34890 > server.discard: UDP, length 3\n');
  expect(read('-n', '-t', 'udp').stdout).toBe('IP 10.0.1.2.34890 > 10.0.2.2.9: UDP, length 3\n');
});

it('shows times as -t, repeated, asks for', () => {
  const times = (option: string): string[] =>
    read('-n', option, 'not arp')
      .stdout.trimEnd()
      .split('\n')
      .map((line) => line.split('IP ')[0] ?? '');
  expect(times('-tt')).toEqual(['1767225600.500000 ', '1767225601.000000 ']);
  expect(times('-ttt')).toEqual([' 00:00:00.000000 ', ' 00:00:00.500000 ']);
  expect(times('-tttt')).toEqual(['2026-01-01 00:00:00.500000 ', '2026-01-01 00:00:01.000000 ']);
  expect(times('--nano')).toEqual(['00:00:00.500000000 ', '00:00:01.000000000 ']);
});

it('counts, numbers and stops', () => {
  expect(read('--count').stdout).toBe('3 packets\n');
  expect(read('-n', '-t', '-c', '1', '-#').stdout).toBe('    1  ARP, Request who-has 10.0.1.1 tell 10.0.1.2, length 28\n');
});

it('takes the filter from a file, and writes what it keeps', () => {
  expect(read('-n', '-t', '-F', '/tmp/f').stdout).toBe('IP 10.0.1.2 > 10.0.2.2: ICMP echo request, id 2725, seq 1, length 64\n');
  expect(read('-F', '/nowhere').stderr).toBe(`${READING}tcpdump: can't open /nowhere: No such file or directory\n`);
  expect(read('-w', '-', 'icmp').stdout.length).toBeLessThan(FILE.length);
});

it('says what is no capture file', () => {
  const host = testMachine([tcpdump]);
  const reading = (stdin: Uint8Array | string): string => run(host, '/usr/bin/tcpdump', ['-nn', '-t', '-r', '-'], { stdin }).stderr;
  expect(reading('hello')).toBe('tcpdump: unknown file format\n');
  expect(reading('')).toBe('tcpdump: truncated dump file; tried to read 4 file header bytes, only got 0\n');
  expect(reading(FILE.subarray(0, 60))).toBe(
    `${READING}tcpdump: pcap_loop: truncated dump file; tried to read 42 captured bytes, only got 20\n`,
  );
});

it('refuses by name what it does not have', () => {
  expect(read('-d')).toMatchObject({ stderr: 'tcpdump: option -d is not modelled (see sim/FIDELITY.md)\n', status: 1 });
  expect(read('vxlan').stderr).toContain("the filter keyword 'vxlan' is not modelled");
});
