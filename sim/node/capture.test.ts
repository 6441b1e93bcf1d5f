import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnknownCapturePoint, World } from '../index.ts';

/** The root folder that sim/oracle/setup-root makes by default. */
const ORACLE_ROOT = process.env.ORACLE_ROOT ?? '/var/tmp/oracle-root';

/** How to run a real reader of captures: inside the oracle's root folder, or as it is; `undefined` where there is none. */
function reader(program: string, wanted: RegExp): string[] | undefined {
  return [['chroot', ORACLE_ROOT, program], [program]].find(([command, ...rest]) => {
    const { status, stdout } = spawnSync(command as string, [...rest, '--version'], { encoding: 'utf8', timeout: 10_000 });
    return status === 0 && wanted.test(stdout);
  });
}

// Earlier versions word some lines differently.
const tcpdump = reader('tcpdump', /^tcpdump version 4\.99\.([6-9]|\d\d)/);
const tshark = spawnSync('tshark', ['--version'], { encoding: 'utf8', timeout: 10_000 }).stdout?.startsWith('TShark') ?? false;

function read(command: string[], options: string[], file: Uint8Array): string {
  const [program = '', ...rest] = command;
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
  return spawnSync(program, [...rest, ...options, '-r', '-'], { input: file, encoding: 'latin1', env, maxBuffer: 1 << 26 }).stdout;
}

function sh(world: World, command: string, host = 'host1'): string {
  let output = '';
  const run = world.console(host).run(command, (text) => {
    output += text;
  });
  if (world.runUntil(() => run.done) !== 'done') throw new Error(`${command} does not end; printed: ${output}`);
  return output;
}

/** Two namespaces on a bridge, a router behind it, and everything that two hosts have to say to one another. */
const SETUP = `
ip link set lo up
ip link add br0 type bridge; ip addr add 10.0.0.1/24 dev br0; ip -6 addr add fd00::1/64 dev br0 nodad
ip link set br0 up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
for n in a b; do
  ip netns add $n; ip link add v$n type veth peer name eth0 netns $n; ip link set v$n master br0 up
  ip -n $n link set lo up; ip -n $n link set eth0 up
done
ip -n a addr add 10.0.0.2/24 dev eth0; ip -n b addr add 10.0.0.3/24 dev eth0
ip -n a -6 addr add fd00::2/64 dev eth0 nodad; ip -n b -6 addr add fd00::3/64 dev eth0 nodad
ip -n a route add default via 10.0.0.1; ip -n a -6 route add default via fd00::1
echo hello > /tmp/index.html; ip netns exec b busybox httpd -p 80 -h /tmp; ip netns exec b nc -lk 179 > /dev/null & sleep 3`;

const TRAFFIC = `
ip netns exec a ping -c 1 10.0.0.3; ip netns exec a ping -c 1 fd00::3; ip netns exec a ping -c 1 -s 3000 10.0.0.3
ip netns exec a ping -c 1 -s 3000 fd00::3; ip netns exec a ping -c 1 -t 1 192.0.2.1; ip netns exec a ping -c 1 -W 1 192.0.2.1
ip netns exec a ping -c 1 -W 1 2001:db8::1; ip netns exec a ping -c 1 -W 2 10.0.0.77
ip netns exec a curl -s http://10.0.0.3/; ip netns exec a curl -s 'http://[fd00::3]/nosuch'; ip netns exec a curl -s http://10.0.0.3:81/
echo x | ip netns exec a nc -u -w 1 10.0.0.3 9; echo x | ip netns exec a nc -u -w 1 fd00::3 9
printf '%b' '\\0022\\0233\\0001\\0000\\0000\\0001\\0000\\0000\\0000\\0000\\0000\\0000\\0003www\\0007example\\0000\\0000\\0001\\0000\\0001' > /tmp/query
ip netns exec a nc -u -w 1 10.0.0.3 53 < /tmp/query
printf '%b' '\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0377\\0000\\0023\\0004' > /tmp/keepalive
ip netns exec a nc -N 10.0.0.3 179 < /tmp/keepalive`;

/** A world in which all of that happened, and what its tcpdump captured of it. */
function captured(): { world: World; file: Uint8Array } {
  const world = World.create('linux');
  sh(world, SETUP);
  sh(world, 'ip netns exec a tcpdump -U -i eth0 -w /tmp/a.pcap 2> /dev/null & sleep 0.1');
  sh(world, `(${TRAFFIC}\n) > /dev/null 2>&1; sleep 3; kill %2; wait %2`);
  return { world, file: Buffer.from(sh(world, 'base64 -w 0 /tmp/a.pcap'), 'base64') };
}

const { world, file } = captured();

/** What the simulated tcpdump says of its own capture. */
function ours(...options: string[]): string {
  return sh(world, `tcpdump -nn ${options.join(' ')} -r /tmp/a.pcap 2> /dev/null`);
}

test('a capture has something of every protocol that is spoken here', () => {
  const lines = ours('-v');
  for (const word of [
    'ARP, ',
    'ICMP echo',
    'ICMP6, neighbor sol',
    'HTTP/1.1 200 OK',
    'Flags [S]',
    'frag (',
    'flags [+]',
    'unreachable',
    'router solicitation',
  ]) {
    expect(lines).toContain(word);
  }
  expect(lines).toContain('A? www.example.');
  expect(lines).toContain('Keepalive Message (4), length: 19');
});

test('a capture file can be had of any device, as the trace remembers it', () => {
  const whole = world.capture({ host: 'host1', namespace: 'a', device: 'eth0' });
  expect([...whole.subarray(0, 4)]).toEqual([0xd4, 0xc3, 0xb2, 0xa1]);
  // The capture began later and ended sooner than the trace.
  expect(whole.length).toBeGreaterThanOrEqual(file.length);
  expect(Buffer.from(whole).includes(Buffer.from(file.subarray(24)))).toBe(true);
  expect(world.capture({ host: 'host1', device: 'any' }).length).toBeGreaterThan(whole.length);
  expect(() => world.capture({ host: 'host1', device: 'eth7' })).toThrow(UnknownCapturePoint);
  expect(() => world.capture({ host: 'host1', namespace: 'c', device: 'eth0' })).toThrow(/unknown namespace 'c'; there are: host1, a, b/);
});

describe.skipIf(tcpdump === undefined)('the real tcpdump 4.99.6 (skipped where there is none)', () => {
  test.each([[''], ['-v'], ['-vv'], ['-e -S'], ['-q -tttt'], ['-A -ttt'], ['-XX -tt'], ['-x -#']])(
    'reads it as ours does: %s',
    (options) => {
      const flags = options.split(' ').filter((flag) => flag !== '');
      expect(ours(...flags)).toBe(read(tcpdump as string[], ['-nn', ...flags], file));
    },
  );

  test('finds no wrong checksum', () => {
    const lines = read(tcpdump as string[], ['-nn', '-vv'], file).split('\n');
    expect(lines.filter((line) => /bad|wrong|incorrect|invalid/.test(line))).toEqual([]);
  });
});

describe.skipIf(!tshark)('the real tshark (skipped where there is none)', () => {
  test('finds nothing malformed', () => {
    const checks = ['ip.check_checksum', 'tcp.check_checksum', 'udp.check_checksum'].flatMap((name) => ['-o', `${name}:TRUE`]);
    const fields = ['frame.number', '_ws.malformed', '_ws.expert.message'].flatMap((name) => ['-e', name]);
    // It doesn't read what comes through a socket, as Node's pipes are.
    const folder = mkdtempSync(join(tmpdir(), 'netdive-capture-'));
    writeFileSync(join(folder, 'a.pcap'), file);
    const options = ['-n', ...checks, '-T', 'fields', ...fields, '-r', join(folder, 'a.pcap')];
    const shown = spawnSync('tshark', options, { encoding: 'utf8', timeout: 60_000 }).stdout;
    rmSync(folder, { recursive: true });
    const packets = shown.split('\n').filter((line) => line !== '');
    expect(packets.length).toBe(ours('-#').trimEnd().split('\n').length);
    expect(packets.filter((line) => /malformed|bad|wrong|incorrect/i.test(line))).toEqual([]);
  });
});
