import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnknownCapturePoint, World } from '../complete.ts';

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

function fileOf(world: World, path: string): Uint8Array {
  return Buffer.from(sh(world, `base64 -w 0 ${path}`), 'base64');
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
  return { world, file: fileOf(world, '/tmp/a.pcap') };
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

/** Each protocol whose checksum tshark checks. */
const CHECKED = ['ip', 'tcp', 'udp', 'icmp', 'icmpv6', 'igmp'] as const;

/** Per packet, what tshark says of its checksums (a list of states per protocol) and what else it has to complain of. */
function dissected(file: Uint8Array): { status: string[][]; malformed: string; expert: string }[] {
  const checks = ['ip', 'tcp', 'udp'].flatMap((name) => ['-o', `${name}.check_checksum:TRUE`]);
  const wanted = ['_ws.malformed', '_ws.expert.message', ...CHECKED.map((name) => `${name}.checksum.status`)];
  // It doesn't read what comes through a socket, as Node's pipes are.
  const folder = mkdtempSync(join(tmpdir(), 'netdive-capture-'));
  writeFileSync(join(folder, 'a.pcap'), file);
  const options = [
    '-n',
    ...checks,
    '-T',
    'fields',
    ...['frame.number', ...wanted].flatMap((name) => ['-e', name]),
    '-r',
    join(folder, 'a.pcap'),
  ];
  const { stdout } = spawnSync('tshark', options, { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26 });
  rmSync(folder, { recursive: true });
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [, malformed = '', expert = '', ...status] = line.split('\t');
    return { malformed, expert, status: status.map((states) => states.split(',').filter((state) => state !== '')) };
  });
}

const BAD = '0';
const GOOD = '1';

/** The packets that tshark finds something wrong with. */
function faulty(packets: ReturnType<typeof dissected>) {
  return packets.filter(
    ({ malformed, expert, status }) => malformed !== '' || /malformed|bad|wrong|incorrect/i.test(expert) || status.flat().includes(BAD),
  );
}

describe.skipIf(!tshark)('the real tshark (skipped where there is none)', () => {
  test('finds nothing malformed', () => {
    const packets = dissected(file);
    expect(packets.length).toBe(ours('-#').trimEnd().split('\n').length);
    expect(faulty(packets)).toEqual([]);
  });
});

/** A bridge that speaks STP and knows VLANs, tunnels of every kind between the two namespaces on it, and routes that refuse. */
const OVERLAYS = `
ip link set lo up; sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip link add br0 type bridge vlan_filtering 1 stp_state 1 forward_delay 200 hello_time 100
ip addr add 10.0.0.1/24 dev br0; ip -6 addr add fd00::1/64 dev br0 nodad; ip link set br0 up
ip link add low mtu 1280 type dummy; ip link set low up; ip route add 198.51.100.4 dev low; ip route add 2001:db8::4 dev low
ip route add prohibit 198.51.100.1; ip route add unreachable 198.51.100.2; ip route add 198.51.100.3 dev br0
ip route add prohibit 2001:db8::1; ip route add unreachable 2001:db8::2; ip route add 2001:db8::3 via fd00::77
i=2; for n in a b; do
  ip netns add $n; ip link add v$n type veth peer name eth0 netns $n; ip link set v$n master br0 up; bridge vlan add dev v$n vid 10
  ip -n $n link set lo up; ip -n $n link set eth0 up; ip -n $n addr add 10.0.0.$i/24 dev eth0; ip -n $n -6 addr add fd00::$i/64 dev eth0 nodad
  ip -n $n route add default via 10.0.0.1; ip -n $n -6 route add default via fd00::1
  other=$((5 - i))
  ip -n $n link add link eth0 name eth0.10 type vlan id 10; ip -n $n addr add 10.10.0.$i/24 dev eth0.10
  ip -n $n link add vx0 type vxlan id 42 local 10.0.0.$i remote 10.0.0.$other dstport 4789 dev eth0; ip -n $n addr add 10.42.0.$i/24 dev vx0
  ip -n $n link add ipip0 type ipip local 10.0.0.$i remote 10.0.0.$other; ip -n $n addr add 10.4.0.$i/24 dev ipip0
  ip -n $n link add wg0 type wireguard; ip -n $n addr add 10.6.0.$i/24 dev wg0; (umask 077; wg genkey > /tmp/$n.key)
  for device in eth0.10 vx0 ipip0 tunl0; do ip -n $n link set $device up; done
  i=$other
done
ip netns exec a wg set wg0 private-key /tmp/a.key peer $(wg pubkey < /tmp/b.key) allowed-ips 10.6.0.0/24 endpoint 10.0.0.3:51820
ip netns exec b wg set wg0 private-key /tmp/b.key listen-port 51820 peer $(wg pubkey < /tmp/a.key) allowed-ips 10.6.0.0/24
ip -n a link set wg0 up; ip -n b link set wg0 up
ip netns add c; ip -n a link add mv0 link eth0 type macvlan mode bridge; ip -n a link set mv0 netns c
ip -n c link set mv0 up; ip -n c addr add 10.0.0.4/24 dev mv0
ip netns add d; ip -n b link add iv0 link eth0 type ipvlan mode l2; ip -n b link set iv0 netns d
ip -n d link set iv0 up; ip -n d addr add 10.0.0.5/24 dev iv0
ip -n d link set tunl0 up; ip -n d addr add 10.5.0.5/32 dev tunl0; ip -n d route add 10.5.0.2 via 10.0.0.2 dev tunl0 onlink
ip -n a addr add 10.5.0.2/32 dev tunl0; ip -n a route add 10.5.0.5 via 10.0.0.5 dev tunl0 onlink
head -c 40000 /dev/zero > /tmp/index.html; ip netns exec b busybox httpd -p 80 -h /tmp
ip netns exec b dnsmasq --no-resolv --no-hosts --address=/web.example/10.0.0.3 --address=/web.example/fd00::3 --txt-record=t.example,hello \\
  --mx-host=example,mail.example,10 --srv-host=_http._tcp.example,web.example,80,1,2 --cname=www.example,web.example
port=90; for with in icmp-host-prohibited icmp-proto-unreachable icmp-admin-prohibited tcp-reset; do
  ip netns exec b iptables -A INPUT -p tcp --dport $port -j REJECT --reject-with $with; port=$((port + 1))
done
ip netns exec a iptables -A INPUT -i eth0 -p tcp --sport 80 -m statistic --mode nth --every 9 --packet 4 -j DROP; sleep 5`;

const OVERLAY_TRAFFIC = `
in_a='ip netns exec a'; for net in 10 42 4 6; do $in_a ping -c 1 10.$net.0.3; done; $in_a ping -c 1 10.5.0.5
ip netns exec c ping -c 1 10.0.0.3; ip netns exec d ping -c 1 10.0.0.2; ip netns exec c ping -c 1 10.0.0.5
for to in 10.0.0.3 fd00::3 10.4.0.3 10.42.0.3 10.10.0.3; do $in_a ping -c 1 -s 3000 $to; done
for last in 1 2 3; do $in_a ping -c 1 -W 4 198.51.100.$last; $in_a ping -c 1 -W 4 2001:db8::$last; done
$in_a ping -c 1 -W 1 -M do -s 1400 198.51.100.4; $in_a ping -c 1 -W 1 -s 1400 2001:db8::4
$in_a ping -c 1 -t 1 198.51.100.4; $in_a ping -c 1 -t 1 2001:db8::4; $in_a ping -c 1 192.0.2.1; $in_a traceroute -n -q 1 10.6.0.3
echo x | $in_a nc -u -w 1 10.0.0.3 9; echo x | $in_a nc -u -w 1 fd00::3 9
for port in 81 90 91 92 93; do $in_a nc -w 1 10.0.0.3 $port; done; $in_a curl -s 'http://[fd00::3]:81/'
for host in 10.0.0.3 10.6.0.3 10.4.0.3 10.42.0.3 [fd00::3]; do $in_a curl -s http://$host/; done
for name in 'web.example a' 'web.example aaaa' 't.example txt' 'example mx' '_http._tcp.example srv' www.example nosuch.net; do $in_a dig @10.0.0.3 $name; done
$in_a dig +tcp @fd00::3 web.example; $in_a dig +noedns @fd00::3 web.example; $in_a dig @10.0.0.3 -x 10.0.0.3
ip -n a link add vx1 type vxlan id 43 group 239.1.1.1 dstport 8472 dev eth0; ip -n a link set vx1 up; sleep 3; ip -n a link del vx1; sleep 3`;

/** What the routers and hosts on the way object to it, as tcpdump words it. */
const REFUSALS = [
  'ICMP redirect 198.51.100.3 to host',
  'ICMP time exceeded in-transit',
  'ICMP net 192.0.2.1 unreachable',
  'ICMP host 198.51.100.2 unreachable',
  'unreachable - need to frag (mtu 1280)',
  'udp port 9 unreachable',
  'protocol 6 unreachable',
  'unreachable - admin prohibited',
  'ICMP6, time exceeded in-transit',
  'ICMP6, packet too big, mtu 1280',
  'unreachable prohibited 2001:db8::1',
  'unreachable route 2001:db8::2',
  'unreachable address 2001:db8::3',
];

const ANSWERS = [
  'AAAA fd00::3',
  'TXT "hello"',
  'MX mail.example. 10',
  'SRV web.example.:80 1 2',
  'CNAME web.example.',

  'Refused',
];

/** Where that traffic is captured (a namespace, a device), and what is to be seen there. */
const POINTS: [string, string, string[]][] = [
  [
    'a',
    'eth0',
    ['STP 802.1d', 'vlan 10', 'VXLAN, flags [I] (0x08), vni 42', 'proto IPIP (4)', 'igmp v3 report', 'multicast listener report'],
  ],
  ['a', 'any', ['sackOK', 'wscale', 'sack 1 {', 'Flags [R', 'ifindex ', 'frag (', ...REFUSALS, ...ANSWERS]],
  ['a', 'tunl0', ['ip: (tos', 'ICMP echo reply']],
  ['a', 'ipip0', ['ip: (tos', 'HTTP/1.1 200 OK', 'flags [+]']],
  ['a', 'wg0', ['ip: (tos', 'HTTP/1.1 200 OK', 'udp port 33']],
  ['c', 'mv0', ['Request who-has', 'ICMP echo reply']],
  ['d', 'iv0', ['Request who-has', 'ICMP echo reply']],
];

function overlaysCaptured(): World {
  const world = World.create('linux');
  sh(world, OVERLAYS);
  for (const [namespace, device] of POINTS) {
    sh(world, `ip netns exec ${namespace} tcpdump -U -i ${device} -w /tmp/${namespace}-${device}.pcap 2> /dev/null & sleep 0.1`);
  }
  sh(world, `(${OVERLAY_TRAFFIC}\n) > /tmp/log 2>&1; killall tcpdump; sleep 1`);
  return world;
}

describe('tunnels, VLANs, errors and losses, captured where they pass', () => {
  const world = overlaysCaptured();
  const ours = (path: string, options: string) => sh(world, `tcpdump -nn ${options} -r ${path} 2> /dev/null`);
  // A device of -i any is named by whoever reads the file, from the number that it has there.
  const nameless = (lines: string) => lines.replace(/^( ?[\d:.]+) \S+ +(In|Out|B|M|P) +/gm, '$1 $2 ');

  describe.each(POINTS)('%s: %s', (namespace, device, seen) => {
    const path = `/tmp/${namespace}-${device}.pcap`;

    test('what is said there', () => {
      const lines = ours(path, '-e -vv');
      for (const words of seen) expect(lines).toContain(words);
    });

    test('the trace remembers as much', () => {
      const whole = Buffer.from(world.capture({ host: 'host1', namespace, device }));
      expect(whole.includes(Buffer.from(fileOf(world, path).subarray(24)))).toBe(true);
    });

    test.skipIf(tcpdump === undefined).each([[''], ['-v'], ['-e -vv'], ['-q -x -ttt']])(
      'the real tcpdump reads it as ours does: %s',
      (options) => {
        const flags = options.split(' ').filter((flag) => flag !== '');
        const theirs = read(tcpdump as string[], ['-nn', ...flags], fileOf(world, path));
        expect(nameless(ours(path, options))).toBe(nameless(theirs));
        expect(theirs.split('\n').filter((line) => /\bbad |wrong|incorrect|invalid/.test(line))).toEqual([]);
      },
    );
  });

  test.skipIf(!tshark).each([['a-eth0'], ['a-any'], ['a-ipip0']])('the real tshark finds nothing malformed in %s', (name) => {
    const packets = dissected(fileOf(world, `/tmp/${name}.pcap`));
    expect(packets.length).toBe(ours(`/tmp/${name}.pcap`, '-q').trimEnd().split('\n').length);
    expect(faulty(packets)).toEqual([]);
    const found = CHECKED.filter((_, protocol) => packets.some(({ status }) => status[protocol]?.includes(GOOD)));
    expect(found).toEqual(name === 'a-ipip0' ? ['ip', 'tcp', 'icmp'] : [...CHECKED]);
  });

  test('one byte that is turned over is found by each of them', () => {
    const file = fileOf(world, '/tmp/a-eth0.pcap').slice();
    const at = Buffer.from(file.buffer, file.byteOffset, file.length).indexOf('HTTP/1.1 200 OK');
    file[at] = 0;
    if (tcpdump) expect(read(tcpdump, ['-nn', '-vv'], file).match(/\(incorrect -> /g)).toHaveLength(1);
    if (tshark) expect(faulty(dissected(file))).toHaveLength(1);
  });
});
