import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { replay } from '../tool/transcript.ts';
import { typist } from '../harness.ts';
import { commands as installed } from '../registry.ts';

const commands = [ip];

test('rules are added in front of the three that are always there', () => {
  const recorded = `
$ ip rule
0:	from all lookup local
32766:	from all lookup main
32767:	from all lookup default
$ ip -j rule
[{"priority":0,"src":"all","table":"local"},{"priority":32766,"src":"all","table":"main"},{"priority":32767,"src":"all","table":"default"}]
$ ip -6 rule
0:	from all lookup local
32766:	from all lookup main
$ ip rule add from 10.0.0.0/8 table 100
$ ip rule add fwmark 0x1 table 200 pref 50
$ ip rule add to 1.2.3.4 iif lo blackhole
$ ip rule
0:	from all lookup local
49:	from all to 1.2.3.4 iif lo blackhole
50:	from all fwmark 0x1 lookup 200
32765:	from 10.0.0.0/8 lookup 100
32766:	from all lookup main
32767:	from all lookup default
$ ip rule del pref 50
$ ip rule del from 10.0.0.0/8 table 100
$ ip rule del from 10.0.0.0/8 table 100
RTNETLINK answers: No such file or directory
? 2
$ ip rule add
"ip rule add" requires arguments.
? 1
$ ip rule add from x
Error: any valid prefix is expected rather than "x".
? 1
$ ip rule add table foo
Error: argument "foo" is wrong: invalid table ID

? 255
$ ip rule add from 1.2.3.4 foo
Error: argument "foo" is wrong: Failed to parse rule type
? 255
$ ip rule flush
$ ip rule
0:	from all lookup local
$ ip rule foo
Command "foo" is unknown, try "ip rule help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});

test('rules may ask for protocols and ports, of packets that pass as well', () => {
  const type = typist(installed);
  type(`ip link add v0 type veth peer name v1; ip addr add 10.1.0.1/24 dev v0; ip link set v0 up; ip link set v1 up
ip route add 10.9.0.0/16 via 10.1.0.2; ip route add blackhole 10.9.0.0/16 table 7
ip rule add ipproto tcp dport 80-90 lookup 7 pref 100`);
  expect(type('ip rule list pref 100').stdout).toBe('100:\tfrom all ipproto tcp dport 80-90 lookup 7\n');
  expect(type('ip route get 10.9.0.1 ipproto tcp dport 80').stderr).toBe('RTNETLINK answers: Invalid argument\n');
  expect(type('ip route get 10.9.0.1 ipproto tcp dport 443').stdout).toContain('via 10.1.0.2 dev v0');
  expect(type('ip rule del ipproto tcp dport 80-90; ip route get 10.9.0.1 ipproto tcp dport 80').stdout).toContain('via 10.1.0.2');
  expect(type('ip rule add uidrange 5 lookup 7').stderr).toContain('invalid UID range');
});

test('a second uplink has its table under a name, and rules send its packets there', () => {
  const type = typist(installed);
  type(`ip link add v0 type veth peer name v1; ip addr add 10.1.0.1/24 dev v0; ip link set v0 up; ip link set v1 up
mkdir -p /etc/iproute2; echo '200 isp  # the other provider' >> /etc/iproute2/rt_tables
ip route add default via 10.1.0.254 table isp`);
  expect(type('ip rule add dscp AF41 lookup isp pref 10; ip rule add uidrange 1000-1999 lookup isp pref 11; ip rule').stdout).toContain(
    '10:\tfrom all lookup isp dscp AF41\n11:\tfrom all uidrange 1000-1999 lookup isp\n',
  );
  expect(type('ip route get 8.8.8.8').stderr).toBe('RTNETLINK answers: Network is unreachable\n');
  expect(type('ip route get 8.8.8.8 tos AF41').stdout).toContain('8.8.8.8 via 10.1.0.254 dev v0 table isp');
  expect(type('ip route get 8.8.8.8 uid 1500').stdout).toContain('table isp');
});

test('a rule may jump over others, to one that comes later', () => {
  const type = typist(installed);
  type(`ip link add v0 type veth peer name v1; ip addr add 10.1.0.1/24 dev v0; ip link set v0 up; ip link set v1 up
ip rule add pref 10 goto 30; ip rule add pref 20 unreachable`);
  // Nobody is there yet: the search goes on behind the jump.
  expect(type('ip rule show pref 10').stdout).toBe('10:\tfrom all goto 30 [unresolved]\n');
  expect(type('ip route get 10.1.0.9').stderr).toBe('RTNETLINK answers: Network is unreachable\n');
  expect(type('ip rule add pref 30 nop; ip route get 10.1.0.9').stdout).toContain('10.1.0.9 dev v0');
  expect(type('ip rule add pref 40 goto 40').stderr).toBe('Error: Backward goto not supported.\n');
});
