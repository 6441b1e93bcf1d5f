import { expect, test } from 'vitest';
import { ping } from './ping.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { replay } from '../tool/transcript.ts';
import { TWO_ON_A_BRIDGE_AND_LO, untimed } from './bridge.fixture.ts';

const commands = [ping, ip, ...coreutils];

test('ping on a bridge with two namespaces', () => {
  const recorded = `
${TWO_ON_A_BRIDGE_AND_LO}$ sleep 1
$ ping -c 2 -i 0.2 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms
64 bytes from 10.0.0.1: icmp_seq=2 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -q -c 2 -i 0.2 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.

--- 10.0.0.1 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -s 8 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 8(36) bytes of data.
16 bytes from 10.0.0.1: icmp_seq=1 ttl=64

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms

$ ping -c 1 -s 1472 -M do 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 1472(1500) bytes of data.
1480 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -s 1473 -M do 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 1473(1501) bytes of data.
ping: sendmsg: Message too long

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time Tms

? 1
$ ping -c 1 -s 2000 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 2000(2028) bytes of data.
2008 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -I br0 10.0.0.1
PING 10.0.0.1 (10.0.0.1) from 10.0.0.254 br0: 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -I 10.0.0.254 10.0.0.1
PING 10.0.0.1 (10.0.0.1) from 10.0.0.254 : 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -I nosuch 10.0.0.1
ping: SO_BINDTODEVICE nosuch: No such device
? 2
$ ping -c 1 -I 1.2.3.4 10.0.0.1
ping: bind: Cannot assign requested address
? 2
$ ping -c 1 -W 0.2 10.0.0.99
PING 10.0.0.99 (10.0.0.99) 56(84) bytes of data.

--- 10.0.0.99 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time Tms

? 1
$ ping -c 1 10.0.0.99
PING 10.0.0.99 (10.0.0.99) 56(84) bytes of data.
From 10.0.0.254 icmp_seq=1 Destination Host Unreachable

--- 10.0.0.99 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time Tms

? 1
$ ping -c 3 -O -i 0.2 -W 0.3 -p ff 10.0.0.98
PATTERN: 0xff
PING 10.0.0.98 (10.0.0.98) 56(84) bytes of data.
no answer yet for icmp_seq=1
no answer yet for icmp_seq=2

--- 10.0.0.98 ping statistics ---
3 packets transmitted, 0 received, 100% packet loss, time Tms

? 1
$ ping -w 1 -i 0.4 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.
64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=T ms
64 bytes from 10.0.0.1: icmp_seq=2 ttl=64 time=T ms
64 bytes from 10.0.0.1: icmp_seq=3 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 1.2.3.4
ping: connect: Network is unreachable
? 2
$ ping -c 1 10.0.0.255
ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules
? 2
$ ping -c 2 -b -i 0.2 10.0.0.255
WARNING: pinging broadcast address
PING 10.0.0.255 (10.0.0.255) 56(84) bytes of data.

--- 10.0.0.255 ping statistics ---
2 packets transmitted, 0 received, 100% packet loss, time Tms

? 1
$ ping -c 1 127.1
PING 127.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=T ms

--- 127.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -A -c 3 -q 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.

--- 10.0.0.1 ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms, ipg/ewma T
$ ip route add unreachable 10.66.0.0/16
$ ip route add prohibit 10.67.0.0/16
$ ip route add blackhole 10.68.0.0/16
$ ping -c 1 10.66.0.1
ping: connect: No route to host
? 2
$ ping -c 1 10.67.0.1
ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules
? 2
$ ping -c 1 10.68.0.1
ping: connect: Invalid argument
? 2
$ ip netns exec a ping -c 1 10.0.0.2
PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=T ms

--- 10.0.0.2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping
ping: usage error: Destination address required
? 2
$ ping -c 0 10.0.0.1
ping: invalid argument: '0': out of range: 1 <= value <= 9223372036854775807
? 1
$ ping -c x 10.0.0.1
ping: invalid argument: 'x'
? 1
$ ping -s 65508 10.0.0.1
ping: invalid -s value: '65508': out of range: 0 <= value <= 65507
? 1
$ ping -i -1 10.0.0.1
ping: bad timing interval: -1
? 2
$ ping -t 256 10.0.0.1
ping: invalid argument: '256': out of range: 0 <= value <= 255
? 1
$ ping -Q 256 10.0.0.1
ping: the decimal value of TOS bits must be in range 0-255: 256
? 2
$ ping -M maybe 10.0.0.1
ping: invalid -M argument: maybe
? 2
$ ping -p xyz 10.0.0.1
ping: patterns must be specified as hex digits: xyz
? 2
$ ping -4 -6 10.0.0.1
ping: only one -4 or -6 option may be specified
? 2
$ ping -4 ::1
ping: ::1: Address family for hostname not supported
? 2
$ ping ''
ping: : Name or service not known
? 2
$ ping -Z 10.0.0.1 | head -1
ping: invalid option -- 'Z'

Usage
  ping [options] <destination>

Options:
  <destination>      DNS name or IP address
  -3                 RTT precision (do not round up the result time)
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -H                 force reverse DNS name resolution (useful for numeric
                     destinations or for -f), override -n
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define path MTU discovery, can be one of <do|dont|want|probe>
  -n                 no reverse DNS name resolution, override -H
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use IPv6 node info query, try <help> as argument

For more details see ping(8).
`.slice(1);
  expect(untimed(replay(commands, {}, recorded))).toBe(recorded);
});

test('ping over IPv6', () => {
  const recorded = `
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1
$ ip netns add red
$ ip link set v1 netns red
$ ip link set lo up
$ ip link set v0 up
$ ip -n red link set v1 address 02:00:00:00:00:02 up
$ ip -6 addr add 2001:db8::1/64 dev v0 nodad
$ ip -n red -6 addr add 2001:db8::2/64 dev v1 nodad
$ sleep 3
$ ping -c 1 ::1
PING ::1 (::1) 56 data bytes
64 bytes from ::1: icmp_seq=1 ttl=64 time=T ms

--- ::1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 2 -i 0.2 2001:db8::2
PING 2001:db8::2 (2001:db8::2) 56 data bytes
64 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=T ms
64 bytes from 2001:db8::2: icmp_seq=2 ttl=64 time=T ms

--- 2001:db8::2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -I v0 2001:db8::2
PING 2001:db8::2 (2001:db8::2) from 2001:db8::1 v0: 56 data bytes
64 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=T ms

--- 2001:db8::2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -I 2001:db8::1 2001:db8::2
PING 2001:db8::2 (2001:db8::2) from 2001:db8::1 : 56 data bytes
64 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=T ms

--- 2001:db8::2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 fe80::ff:fe00:2%v0
PING fe80::ff:fe00:2%v0 (fe80::ff:fe00:2%v0) 56 data bytes
64 bytes from fe80::ff:fe00:2%v0: icmp_seq=1 ttl=64 time=T ms

--- fe80::ff:fe00:2%v0 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 -s 3000 2001:db8::2
PING 2001:db8::2 (2001:db8::2) 3000 data bytes
3008 bytes from 2001:db8::2: icmp_seq=1 ttl=64 time=T ms

--- 2001:db8::2 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time Tms
rtt min/avg/max/mdev = T ms
$ ping -c 1 2001:db8::9
PING 2001:db8::9 (2001:db8::9) 56 data bytes
From 2001:db8::1 icmp_seq=1 Destination unreachable: Address unreachable

--- 2001:db8::9 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time Tms

? 1
$ ping -c 1 2001:db9::1
ping: connect: Network is unreachable
? 2
$ ping -4 -c 1 ::1
ping: ::1: Address family for hostname not supported
? 2
$ ping -6 -c 1 127.0.0.1
ping: 127.0.0.1: Address family for hostname not supported
? 2
$ ping -c 1 -I foo 2001:db8::2
ping: unknown iface: foo
? 2
$ ping -c 1 -I 2001:db8::77 2001:db8::2
ping: bind icmp socket: Cannot assign requested address
? 2
$ ping -6 -s 100000 ::1
ping: invalid -s value: '100000': out of range: 0 <= value <= 65527
? 1
$ ip -6 neigh show 2001:db8::9
2001:db8::9 dev v0 FAILED 
`.slice(1);
  expect(untimed(replay(commands, {}, recorded))).toBe(recorded);
});
