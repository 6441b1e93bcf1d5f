import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { typist } from '../harness.ts';
import { commands as installed } from '../registry.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip, ...coreutils];

test('routes are added, asked for, replaced and flushed', () => {
  const recorded = String.raw`
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
$ ip link set v0 up
$ ip link set v1 up
$ ip addr add 10.0.0.1/24 dev v0
$ ip route add default via 10.0.0.254
$ ip route add 10.5.0.0/16 via 10.0.0.9
$ ip route add 10.7.0.0/16 dev v0
$ ip route add 10.8.0.0/16 dev v0 src 10.0.0.1 metric 5 proto static mtu 1400
$ ip route add 10.9.0.0/16 nexthop via 10.0.0.9 weight 2 nexthop via 10.0.0.10 dev v0
$ ip route add blackhole 10.66.0.0/16
$ ip route add unreachable 10.67.0.0/16 metric 7
$ ip route add prohibit 10.68/16
$ ip route add 10.70.0.0/16 via 10.77.0.9 dev v0 onlink
$ ip route add 10.71.0.0/16 via 10.0.0.9 table 100
$ ip route
default via 10.0.0.254 dev v0 
10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 
10.5.0.0/16 via 10.0.0.9 dev v0 
10.7.0.0/16 dev v0 scope link 
10.8.0.0/16 dev v0 proto static scope link src 10.0.0.1 metric 5 mtu 1400 
10.9.0.0/16 
	nexthop via 10.0.0.9 dev v0 weight 2 
	nexthop via 10.0.0.10 dev v0 weight 1 
blackhole 10.66.0.0/16 
unreachable 10.67.0.0/16 metric 7 
prohibit 10.68.0.0/16 
10.70.0.0/16 via 10.77.0.9 dev v0 onlink 
$ ip -o route show 10.9.0.0/16
10.9.0.0/16 \	nexthop via 10.0.0.9 dev v0 weight 2 \	nexthop via 10.0.0.10 dev v0 weight 1 
$ ip -d route show 10.5.0.0/16
unicast 10.5.0.0/16 via 10.0.0.9 dev v0 proto boot scope global 
$ ip -j route show 10.8.0.0/16
[{"dst":"10.8.0.0/16","dev":"v0","protocol":"static","scope":"link","prefsrc":"10.0.0.1","metric":5,"flags":[],"metrics":[{"mtu":1400}]}]
$ ip -j -p route show 10.9.0.0/16
[ {
        "dst": "10.9.0.0/16",
        "flags": [ ],
        "nexthops": [ {
                "gateway": "10.0.0.9",
                "dev": "v0",
                "weight": 2,
                "flags": [ ]
            },{
                "gateway": "10.0.0.10",
                "dev": "v0",
                "weight": 1,
                "flags": [ ]
            } ]
    } ]
$ ip route show table 100
10.71.0.0/16 via 10.0.0.9 dev v0 
$ ip route show table local
local 10.0.0.1 dev v0 proto kernel scope host src 10.0.0.1 
broadcast 10.0.0.255 dev v0 proto kernel scope link src 10.0.0.1 
$ ip route show type blackhole
blackhole 10.66.0.0/16 
$ ip route show root 10.64.0.0/10
blackhole 10.66.0.0/16 
unreachable 10.67.0.0/16 metric 7 
prohibit 10.68.0.0/16 
10.70.0.0/16 via 10.77.0.9 dev v0 onlink 
$ ip route show match 10.5.1.1
default via 10.0.0.254 dev v0 
10.5.0.0/16 via 10.0.0.9 dev v0 
$ ip route show proto static
10.8.0.0/16 dev v0 scope link src 10.0.0.1 metric 5 mtu 1400 
$ ip route show via 10.0.0.9
10.5.0.0/16 dev v0 
$ ip route show scope link
10.0.0.0/24 dev v0 proto kernel src 10.0.0.1 
10.7.0.0/16 dev v0 
10.8.0.0/16 dev v0 proto static src 10.0.0.1 metric 5 mtu 1400 
$ ip route get 1.1.1.1
1.1.1.1 via 10.0.0.254 dev v0 src 10.0.0.1 uid 0 
    cache 
$ ip route get 10.8.1.1
10.8.1.1 dev v0 src 10.0.0.1 uid 0 
    cache mtu 1400 
$ ip route get 10.0.0.1
local 10.0.0.1 dev lo src 10.0.0.1 uid 0 
    cache <local> 
$ ip route get 10.0.0.255
broadcast 10.0.0.255 dev v0 src 10.0.0.1 uid 0 
    cache <local,brd> 
$ ip -j route get 1.1.1.1
[{"dst":"1.1.1.1","gateway":"10.0.0.254","dev":"v0","prefsrc":"10.0.0.1","flags":[],"uid":0,"cache":[]}]
$ ip route get 10.66.0.1
RTNETLINK answers: Invalid argument
? 2
$ ip route get 10.67.0.1
RTNETLINK answers: No route to host
? 2
$ ip route get 10.68.0.1
RTNETLINK answers: Permission denied
? 2
$ ip route replace 10.5.0.0/16 via 10.0.0.7
$ ip route change 10.99.0.0/16 via 10.0.0.6
RTNETLINK answers: No such file or directory
? 2
$ ip route append default via 10.0.0.5
$ ip route show default
default via 10.0.0.254 dev v0 
default via 10.0.0.5 dev v0 
$ ip route del default
$ ip route del default
$ ip route del default
RTNETLINK answers: No such process
? 2
$ ip route get 1.1.1.1
RTNETLINK answers: Network is unreachable
? 2
$ ip route del 10.5.0.0/16 via 1.2.3.4
RTNETLINK answers: No such process
? 2
$ ip route flush 10.9.0.0/16
$ ip -s route flush proto static

*** Round 1, deleting 1 entries ***
*** Flush is complete after 1 round ***
$ ip route
10.0.0.0/24 dev v0 proto kernel scope link src 10.0.0.1 
10.5.0.0/16 via 10.0.0.7 dev v0 
10.7.0.0/16 dev v0 scope link 
blackhole 10.66.0.0/16 
unreachable 10.67.0.0/16 metric 7 
prohibit 10.68.0.0/16 
10.70.0.0/16 via 10.77.0.9 dev v0 onlink 
$ ip route add 10.7.0.0/16 dev v0
RTNETLINK answers: File exists
? 2
$ ip route add 10.5.1.5/16 via 10.0.0.9
Error: Invalid prefix for given prefix length.
? 2
$ ip route add 10.6.0.0/16 via 10.77.0.9
Error: Nexthop has invalid gateway.
? 2
$ ip route add foo via 10.0.0.9
Error: any valid prefix is expected rather than "foo".
? 1
$ ip route add 1.1.1.0/24 via foo
Error: inet address is expected rather than "foo".
? 1
$ ip route add 1.1.1.0/24 dev nosuch
Cannot find device "nosuch"
? 1
$ ip route add 1.1.1.0/24 via 10.0.0.9 foo
Error: either "to" is duplicate, or "foo" is garbage.
? 255
$ ip route add 1.1.1.0/24 via 10.0.0.9 metric x
Error: argument "x" is wrong: "metric" value is invalid

? 255
$ ip route add 1.1.1.0/24 via 10.0.0.9 table x
Error: argument "x" is wrong: "table" value is invalid

? 255
$ ip route add 1.1.1.0/24 dev v0 src 9.9.9.9
Error: Invalid prefsrc address.
? 2
$ ip route add
Usage: ip route { list | flush } SELECTOR
       ip route save SELECTOR
       ip route restore
       ip route showdump
       ip route get [ ROUTE_GET_FLAGS ] [ to ] ADDRESS
                            [ from ADDRESS iif STRING ]
                            [ oif STRING ] [ tos TOS ]
                            [ mark NUMBER ] [ vrf NAME ]
                            [ uid NUMBER ] [ ipproto PROTOCOL ]
                            [ sport NUMBER ] [ dport NUMBER ]
                            [ as ADDRESS ] [ flowlabel FLOWLABEL ]
       ip route { add | del | change | append | replace } ROUTE
SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ]
            [ table TABLE_ID ] [ vrf NAME ] [ proto RTPROTO ]
            [ type TYPE ] [ scope SCOPE ]
ROUTE := NODE_SPEC [ INFO_SPEC ]
NODE_SPEC := [ TYPE ] PREFIX [ tos TOS ]
             [ table TABLE_ID ] [ proto RTPROTO ]
             [ scope SCOPE ] [ metric METRIC ]
             [ ttl-propagate { enabled | disabled } ]
INFO_SPEC := { NH | nhid ID } OPTIONS FLAGS [ nexthop NH ]...
NH := [ encap ENCAPTYPE ENCAPHDR ] [ via [ FAMILY ] ADDRESS ]
      [ dev STRING ] [ weight NUMBER ] NHFLAGS
FAMILY := [ inet | inet6 | mpls | bridge | link ]
OPTIONS := FLAGS [ mtu NUMBER ] [ advmss NUMBER ] [ as [ to ] ADDRESS ]
           [ rtt TIME ] [ rttvar TIME ] [ reordering NUMBER ]
           [ window NUMBER ] [ cwnd NUMBER ] [ initcwnd NUMBER ]
           [ ssthresh NUMBER ] [ realms REALM ] [ src ADDRESS ]
           [ rto_min TIME ] [ hoplimit NUMBER ] [ initrwnd NUMBER ]
           [ features FEATURES ] [ quickack BOOL ] [ congctl NAME ]
           [ pref PREF ] [ expires TIME ] [ fastopen_no_cookie BOOL ]
TYPE := { unicast | local | broadcast | multicast | throw |
          unreachable | prohibit | blackhole | nat }
TABLE_ID := [ local | main | default | all | NUMBER ]
SCOPE := [ host | link | global | NUMBER ]
NHFLAGS := [ onlink | pervasive ]
RTPROTO := [ kernel | boot | static | NUMBER ]
PREF := [ low | medium | high ]
TIME := NUMBER[s|ms]
BOOL := [1|0]
FEATURES := ecn
ENCAPTYPE := [ mpls | ip | ip6 | seg6 | seg6local | rpl | ioam6 | xfrm ]
ENCAPHDR := [ MPLSLABEL | SEG6HDR | SEG6LOCAL | IOAM6HDR | XFRMINFO ]
SEG6HDR := [ mode SEGMODE ] segs ADDR1,ADDRi,ADDRn [hmac HMACKEYID] [cleanup]
SEGMODE := [ encap | encap.red | inline | l2encap | l2encap.red ]
SEG6LOCAL := action ACTION [ OPTIONS ] [ count ]
ACTION := { End | End.X | End.T | End.DX2 | End.DX6 | End.DX4 |
            End.DT6 | End.DT4 | End.DT46 | End.B6 | End.B6.Encaps |
            End.BM | End.S | End.AS | End.AM | End.BPF }
OPTIONS := OPTION [ OPTIONS ]
OPTION := { flavors FLAVORS | srh SEG6HDR | nh4 ADDR | nh6 ADDR | iif DEV | oif DEV |
            table TABLEID | vrftable TABLEID | endpoint PROGNAME }
FLAVORS := { FLAVOR[,FLAVOR] }
FLAVOR := { psp | usp | usd | next-csid }
IOAM6HDR := trace prealloc type IOAM6_TRACE_TYPE ns IOAM6_NAMESPACE size IOAM6_TRACE_SIZE
XFRMINFO := if_id IF_ID [ link_dev LINK ]
ROUTE_GET_FLAGS := ROUTE_GET_FLAG [ ROUTE_GET_FLAGS ]
ROUTE_GET_FLAG := [ connected | fibmatch | notify ]
? 255
$ ip route get
need at least a destination address
? 1
$ ip route foo
Command "foo" is unknown, try "ip route help".
? 255
$ ip link set v0 down
$ ip route add 1.1.2.0/24 dev v0
Error: Device for nexthop is not up.
? 2
$ ip route
blackhole 10.66.0.0/16 
unreachable 10.67.0.0/16 metric 7 
prohibit 10.68.0.0/16 
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});

test('IPv6 routes', () => {
  const recorded = `
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
$ ip link set v0 up
$ ip link set v1 up
$ ip -6 addr add 2001:db8::1/64 dev v0 nodad
$ ip -6 route add 2001:db8:1::/48 via 2001:db8::9
$ ip route add default via 2001:db8::9
$ ip -6 route add 2001:db8:2::/48 dev v0 metric 5
$ ip -6 route add blackhole 2001:db8:3::/48
$ ip -6 route show dev v0
2001:db8::/64 proto kernel metric 256 pref medium
2001:db8:1::/48 via 2001:db8::9 metric 1024 pref medium
2001:db8:2::/48 metric 5 pref medium
fe80::/64 proto kernel metric 256 pref medium
default via 2001:db8::9 metric 1024 pref medium
$ ip -6 -j route show default
[{"dst":"default","gateway":"2001:db8::9","dev":"v0","metric":1024,"flags":[],"pref":"medium"}]
$ ip -6 route show 2001:db8:1::/48
2001:db8:1::/48 via 2001:db8::9 dev v0 metric 1024 pref medium
$ ip -6 route get 2001:db8:1::5
2001:db8:1::5 from :: via 2001:db8::9 dev v0 src 2001:db8::1 metric 1024 pref medium
$ ip -6 route get 2001:db8:3::5
RTNETLINK answers: Invalid argument
? 2
$ ip -6 route add 2001:db8:1::/48 via 2001:db8::9
RTNETLINK answers: File exists
? 2
$ ip -6 route del 2001:db8:9::/48
RTNETLINK answers: No such process
? 2
$ ip -6 route add 2001:db8:9::/48 via 2001:db9::9
RTNETLINK answers: No route to host
? 2
$ ip -6 route add 2001:db8:9::/48 via 10.0.0.1
Error: inet6 address is expected rather than "10.0.0.1".
? 1
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});

test('an IPv4 route by a router that is only known by IPv6 carries packets', () => {
  const type = typist(installed);
  type(`ip netns add r; ip link add v0 type veth peer name eth0 netns r; ip link set v0 up; ip -n r link set eth0 up; ip -n r link set lo up
ip addr add 10.0.0.1/32 dev v0; ip -n r addr add 10.9.0.1/32 dev lo
sleep 3; router=$(ip -n r -6 -j addr show dev eth0 | jq -r '.[0].addr_info[0].local'); mine=$(ip -6 -j addr show dev v0 | jq -r '.[0].addr_info[0].local')
ip route add 10.9.0.1 via inet6 $router dev v0; ip -n r route add 10.0.0.1 via inet6 $mine dev eth0`);
  expect(type('ip route show 10.9.0.1 | cut -d" " -f1-3').stdout).toBe('10.9.0.1 via inet6\n');
  expect(type('ping -c 1 10.9.0.1 | grep received').stdout).toContain('1 received');
  expect(type('ip neigh show 10.9.0.1').stdout).toBe('');
});
