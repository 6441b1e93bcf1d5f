import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { shellCommands } from '../bash/main.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip, ...coreutils, ...shellCommands()];

test('network namespaces have names, ids and links of their own', () => {
  const recorded = `
$ ip netns
$ ip netns add red
$ ip netns add red
Cannot create namespace file "/run/netns/red": File exists
? 1
$ ip netns
red
$ ip netns exec red ip -br link
lo               DOWN           00:00:00:00:00:00 <LOOPBACK> 
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name eth0 address 02:00:00:00:00:02 netns red
$ ip netns
red (id: 0)
$ ip -br link show v0
v0@if2           DOWN           02:00:00:00:00:01 <BROADCAST,MULTICAST> 
$ ip -n red link
1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: eth0@if2: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netnsid 0
$ ip -n red addr add 10.0.0.2/24 dev eth0
$ ip -n red -4 -br addr
eth0@if2         DOWN           10.0.0.2/24 
$ ip netns exec red ip link set eth0 up
$ ip link set v0 up
$ sleep 1
$ ip link show v0
2: v0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns red
$ ip -d link show v0
2: v0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns red promiscuity 0 allmulti 0 minmtu 68 maxmtu 65535 
    veth addrgenmode eui64 numtxqueues 2 numrxqueues 2 gso_max_size 65536 gso_max_segs 65535 tso_max_size 524280 tso_max_segs 65535 gro_max_size 65536 gso_ipv4_max_size 65536 gro_ipv4_max_size 65536 
$ ip -j netns
[{"name":"red","id":0}]
$ ip netns exec red ip netns identify
red
$ ip netns identify

$ ip netns list-id
nsid 0 (iproute2 netns name: red)
$ ip netns set red 5
Error: Peer netns already has a nsid assigned.
? 2
$ ip netns exec nosuch ls
Cannot open network namespace "nosuch": No such file or directory
? 255
$ ip netns exec red
No command specified
? 1
$ ip netns exec red nosuchcmd
exec of "nosuchcmd" failed: No such file or directory
? 1
$ ip netns exec red sh -c 'exit 7'
? 7
$ ip netns del nosuch
Cannot remove namespace file "/run/netns/nosuch": No such file or directory
? 1
$ ip netns add x/y
Invalid netns name "x/y"
? 255
$ ip netns add
No netns name specified
? 1
$ ip netns del
No netns name specified
? 1
$ ip netns pids nosuch
Cannot open network namespace: No such file or directory
? 1
$ ip netns pids red
$ ip -n nosuch link
Cannot open network namespace "nosuch": No such file or directory
? 255
$ ip link add br9 address 02:00:00:00:00:09 type bridge
$ ip link set br9 netns red
Error: The interface netns is immutable.
? 2
$ ip -n red link del br9
Cannot find device "br9"
? 1
$ ip netns del red
$ ip netns
$ ip link show v0
Device "v0" does not exist.
? 1
$ ip netns foo
Command "foo" is unknown, try "ip netns help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
