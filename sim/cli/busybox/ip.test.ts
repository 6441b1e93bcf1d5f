import { expect, test } from 'vitest';
import { busybox } from './busybox.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { sed } from '../sed/sed.ts';
import { replay } from '../tool/transcript.ts';

const commands = [busybox, ip, ...coreutils, sed];

test('ip of busybox', () => {
  const recorded = String.raw`
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
$ ip link set v0 up
$ ip link set v1 up
$ ip link set lo up
$ sleep 1
$ busybox ip link
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: v1@v0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue qlen 1000
    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
$ busybox ip -o link show v0
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue qlen 1000\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
$ busybox ip addr add 10.0.0.1/24 dev v0
$ busybox ip addr add 10.0.0.1/24 dev v0
ip: RTNETLINK answers: File exists
? 2
$ busybox ip -4 addr
1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue qlen 1000
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue qlen 1000
    inet 10.0.0.1/24 scope global v0
       valid_lft forever preferred_lft forever
$ busybox ip -o -4 addr show dev v0
3: v0    inet 10.0.0.1/24 scope global v0\       valid_lft forever preferred_lft forever
$ busybox ip route add default via 10.0.0.254
$ busybox ip route add 10.5.0.0/16 via 10.0.0.9 dev v0 metric 5
$ busybox ip route
default via 10.0.0.254 dev v0 
10.0.0.0/24 dev v0 scope link  src 10.0.0.1 
10.5.0.0/16 via 10.0.0.9 dev v0  metric 5 
$ busybox ip route get 1.1.1.1
1.1.1.1 via 10.0.0.254 dev v0  src 10.0.0.1 
    cache 
$ busybox ip route show 10.5.0.0/16
10.5.0.0/16 via 10.0.0.9 dev v0  metric 5 
$ busybox ip route del 10.5.0.0/16
$ busybox ip route del 10.5.0.0/16
ip: RTNETLINK answers: No such process
? 2
$ busybox ip rule
0:	from all lookup local 
32766:	from all lookup main 
32767:	from all lookup default 
$ busybox ip neigh | sed 's@lladdr.*probes@@'
$ ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:77 dev v0 nud stale
$ busybox ip neigh | sed 's@lladdr.*probes@@'
10.0.0.7 dev v0  0 STALE
$ busybox ip link set nosuch up
ip: SIOCGIFFLAGS: No such device
? 2
$ busybox ip addr add 10.0.0.1/24
ip: need "dev IFACE"
? 1
$ busybox ip addr add x dev v0
ip: RTNETLINK answers: Numerical result out of range
? 2
$ busybox ip route add 1.1.1.0/24 via x
ip: an inet address is expected rather than "x"
? 1
$ busybox ip addr flush dev v0
$ busybox ip -4 addr show dev v0
$ busybox ip foo
BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
	[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
	[master IFACE | nomaster] [netns PID] [type TYPE ARGS]
ip tunnel add|change|del|show [NAME]
	[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION
? 1
$ busybox ip link foo
ip: invalid argument 'foo' to 'ip'
? 2
$ busybox ip -4
BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: ip [OPTIONS] address|route|link|tunnel|neigh|rule [ARGS]

OPTIONS := -f[amily] inet|inet6|link | -o[neline]

ip addr add|del IFADDR dev IFACE | show|flush [dev IFACE] [to PREFIX]
ip route list|flush|add|del|change|append|replace|test ROUTE
ip link set IFACE [up|down] [arp on|off] [multicast on|off]
	[promisc on|off] [mtu NUM] [name NAME] [qlen NUM] [address MAC]
	[master IFACE | nomaster] [netns PID] [type TYPE ARGS]
ip tunnel add|change|del|show [NAME]
	[mode ipip|gre|sit] [remote ADDR] [local ADDR] [ttl TTL]
ip neigh show|flush [to PREFIX] [dev DEV] [nud STATE]
ip rule [list] | add|del SELECTOR ACTION
? 1
$ busybox ip link set v0 mtu 1400
$ busybox ip link show v0
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc noqueue qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
