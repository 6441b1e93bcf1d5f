import { expect, test } from 'vitest';
import { busybox } from './busybox.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { TWO_ON_A_BRIDGE_AND_LO } from '../iputils/bridge.fixture.ts';
import { replay } from '../tool/transcript.ts';

const commands = [busybox, ip, ...coreutils];

test('arp, route, ifconfig and brctl of busybox', () => {
  const recorded = `
${TWO_ON_A_BRIDGE_AND_LO}$ ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:77 dev br0
$ ip neigh add 10.0.0.1 lladdr 02:00:00:00:00:1a dev br0 nud stale
$ ip route add default via 10.0.0.1
$ ip route add 10.9.0.0/16 via 10.0.0.2 metric 7
$ ip route add unreachable 10.66.0.0/16
$ sleep 1
$ busybox arp -an
? (10.0.0.7) at 02:00:00:00:00:77 [ether] PERM on br0
? (10.0.0.1) at 02:00:00:00:00:1a [ether]  on br0
$ busybox arp -n 10.0.0.7
? (10.0.0.7) at 02:00:00:00:00:77 [ether] PERM on br0
$ busybox arp -n 10.0.0.99
No match found in 2 entries
$ busybox arp -n -i br0
? (10.0.0.7) at 02:00:00:00:00:77 [ether] PERM on br0
? (10.0.0.1) at 02:00:00:00:00:1a [ether]  on br0
$ busybox arp -s 10.0.0.8 02:00:00:00:00:88
$ busybox arp -d 10.0.0.8
$ busybox arp -n 10.0.0.8
No match found in 2 entries
$ busybox arp -d 10.0.0.9
arp: SIOCDARP(pub): No such file or directory
? 1
$ busybox arp -n -i nosuch
No match found in 2 entries
$ busybox route -n
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.1        0.0.0.0         UG    0      0        0 br0
10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 br0
10.9.0.0        10.0.0.2        255.255.0.0     UG    7      0        0 br0
10.66.0.0       0.0.0.0         255.255.0.0     !     0      0        0 *
$ busybox route add -net 10.20.0.0/16 gw 10.0.0.2
$ busybox route -n
Kernel IP routing table
Destination     Gateway         Genmask         Flags Metric Ref    Use Iface
0.0.0.0         10.0.0.1        0.0.0.0         UG    0      0        0 br0
10.0.0.0        0.0.0.0         255.255.255.0   U     0      0        0 br0
10.9.0.0        10.0.0.2        255.255.0.0     UG    7      0        0 br0
10.20.0.0       10.0.0.2        255.255.0.0     UG    0      0        0 br0
10.66.0.0       0.0.0.0         255.255.0.0     !     0      0        0 *
$ busybox route del -net 10.20.0.0/16
$ busybox route del -net 10.20.0.0/16
route: SIOCDELRT: No such process
? 1
$ busybox route add -net 10.20.0.0/16 gw 1.2.3.4
route: SIOCADDRT: Network is unreachable
? 1
$ busybox route foo
BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: route [-ne] [-A inet[6]] [{add|del} [-net|-host] TARGET [netmask MASK]
	[gw GATEWAY] [metric N] [mss BYTES] [window BYTES] [reject] [IFACE]]

Show or edit kernel routing tables

	-n	Don't resolve names
	-e	Display other/more information
	-A inet[6]	Select address family
? 1
$ busybox ifconfig lo
lo        Link encap:Local Loopback  
          inet addr:127.0.0.1  Mask:255.0.0.0
          inet6 addr: ::1/128 Scope:Host
          UP LOOPBACK RUNNING  MTU:65536  Metric:1
          RX packets:0 errors:0 dropped:0 overruns:0 frame:0
          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0
          collisions:0 txqueuelen:1000 
          RX bytes:0 (0.0 B)  TX bytes:0 (0.0 B)

$ busybox ifconfig nosuch
ifconfig: nosuch: error fetching interface information: Device not found
? 1
$ busybox ifconfig va mtu 1400
$ ip link show va
3: va@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1400 qdisc noqueue master br0 state UP mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:0a brd ff:ff:ff:ff:ff:ff link-netns a
$ busybox ifconfig va down
$ ip link show va
3: va@if2: <BROADCAST,MULTICAST> mtu 1400 qdisc noqueue master br0 state DOWN mode DEFAULT group default qlen 1000
    link/ether 02:00:00:00:00:0a brd ff:ff:ff:ff:ff:ff link-netns a
$ busybox brctl show
brctl: invalid argument 'show' to 'brctl'
? 1
$ busybox brctl addbr br1
$ busybox brctl addif br1 va
brctl: bridge br1: Device or resource busy
? 1
$ busybox brctl showmacs nosuch
brctl: invalid argument 'showmacs' to 'brctl'
? 1
$ busybox hostname foo bar
$ busybox nosuch
nosuch: applet not found
? 127
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
