import { expect, test } from 'vitest';
import { ip } from './ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { replay } from '../tool/transcript.ts';

const commands = [ip, ...coreutils];

test('addresses are added, shown, filtered and flushed', () => {
  const recorded = String.raw`
$ ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02
$ ip link set v0 up
$ ip link set v1 up
$ ip addr add 10.0.0.1/24 dev v0
$ ip addr add 10.0.0.2/24 dev v0
$ ip addr add 10.0.0.1/24 dev v0
Error: ipv4: Address already assigned.
? 2
$ ip addr add 10.0.1.1/24 brd + dev v0 label v0:web
$ ip addr add 10.1.0.1 peer 10.1.0.2 dev v0
$ ip addr add 10.4.0.1/24 dev v0 noprefixroute
$ ip -4 addr show dev v0
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 10.0.0.1/24 scope global v0
       valid_lft forever preferred_lft forever
    inet 10.0.1.1/24 brd 10.0.1.255 scope global v0:web
       valid_lft forever preferred_lft forever
    inet 10.1.0.1 peer 10.1.0.2/32 scope global v0
       valid_lft forever preferred_lft forever
    inet 10.4.0.1/24 scope global noprefixroute v0
       valid_lft forever preferred_lft forever
    inet 10.0.0.2/24 scope global secondary v0
       valid_lft forever preferred_lft forever
$ ip a s v0 scope link
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet6 fe80::ff:fe00:1/64 scope link tentative proto kernel_ll 
       valid_lft forever preferred_lft forever
$ ip a s v0 to 10.0.0.0/16
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 10.0.0.1/24 scope global v0
       valid_lft forever preferred_lft forever
    inet 10.0.1.1/24 brd 10.0.1.255 scope global v0:web
       valid_lft forever preferred_lft forever
    inet 10.0.0.2/24 scope global secondary v0
       valid_lft forever preferred_lft forever
$ ip a s v0 label v0:web
    inet 10.0.1.1/24 brd 10.0.1.255 scope global v0:web
       valid_lft forever preferred_lft forever
$ ip a s v0 secondary
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
    inet 10.0.0.2/24 scope global secondary v0
       valid_lft forever preferred_lft forever
$ ip -4 -br a
v0@v1            UP             10.0.0.1/24 10.0.1.1/24 10.1.0.1 peer 10.1.0.2/32 10.4.0.1/24 10.0.0.2/24 
$ ip -4 -o a show v0
3: v0    inet 10.0.0.1/24 scope global v0\       valid_lft forever preferred_lft forever
3: v0    inet 10.0.1.1/24 brd 10.0.1.255 scope global v0:web\       valid_lft forever preferred_lft forever
3: v0    inet 10.1.0.1 peer 10.1.0.2/32 scope global v0\       valid_lft forever preferred_lft forever
3: v0    inet 10.4.0.1/24 scope global noprefixroute v0\       valid_lft forever preferred_lft forever
3: v0    inet 10.0.0.2/24 scope global secondary v0\       valid_lft forever preferred_lft forever
$ ip -4 -j a show v0 to 10.0.0.1/32
[{"ifindex":3,"link":"v1","ifname":"v0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,"qdisc":"noqueue","operstate":"UP","group":"default","txqlen":1000,"addr_info":[{"family":"inet","local":"10.0.0.1","prefixlen":24,"scope":"global","label":"v0","valid_life_time":4294967295,"preferred_life_time":4294967295},{},{},{},{}]}]
$ ip -6 addr add 2001:db8::1/64 dev v0
$ sleep 3
$ ip -6 -br addr show v0 scope global
v0@v1            UP             2001:db8::1/64 
$ ip -6 addr show v0 scope global
3: v0@v1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet6 2001:db8::1/64 scope global 
       valid_lft forever preferred_lft forever
$ ip addr del 10.0.0.2 dev v0
Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length (10.0.0.2/32) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!
$ ip addr del 10.0.0.2/24 dev v0
Error: ipv4: Address not found.
? 2
$ ip addr del 10.9.9.9/24 dev v0
Error: ipv4: Address not found.
? 2
$ ip addr flush dev v0 label v0:web
$ ip -s addr flush dev v0 to 10.0.0.0/24

*** Round 1, deleting 1 addresses ***
*** Flush is complete after 1 round ***
$ ip -4 -br a
v0@v1            UP             10.1.0.1 peer 10.1.0.2/32 10.4.0.1/24 
$ ip addr add
Not enough information: "dev" argument is required.
? 1
$ ip addr add 1.2.3.4
Not enough information: "dev" argument is required.
? 1
$ ip addr add 1.2.3.4 dev nosuch
Cannot find device "nosuch"
? 1
$ ip addr add x dev v0
Error: any valid prefix is expected rather than "x".
? 1
$ ip addr add 1.2.3.4/33 dev v0
Error: any valid prefix is expected rather than "1.2.3.4/33".
? 1
$ ip addr add 1.2.3.4/24 1.2.3.5/24 dev v0
Error: either "local" is duplicate, or "1.2.3.5/24" is garbage.
? 255
$ ip addr add 300.1.1.1 dev v0
Error: any valid prefix is expected rather than "300.1.1.1".
? 1
$ ip addr add 1.2.3.4/24 dev v0 foo
Error: either "local" is duplicate, or "foo" is garbage.
? 255
$ ip addr add 1.2.3.4/24 dev v0 label foo
$ ip addr add 1.2.3.4/24 brd x dev v0
Error: inet address is expected rather than "x".
? 1
$ ip addr add 1.2.3.4/24 scope foo dev v0
Error: argument "foo" is wrong: invalid scope value.
? 255
$ ip -6 addr add 1.2.3.4/24 dev v0
Error: inet6 prefix is expected rather than "1.2.3.4/24".
? 1
$ ip addr add 224.0.0.1/24 dev v0
$ ip addr show nosuch
Device "nosuch" does not exist.
? 1
$ ip addr flush
Flush requires arguments.
? 1
$ ip addr foo
Command "foo" is unknown, try "ip address help".
? 255
`.slice(1);
  expect(replay(commands, {}, recorded)).toBe(recorded);
});
