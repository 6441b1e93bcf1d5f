import { expect, test } from 'vitest';
import { commands as coreutils } from '../coreutils/index.ts';
import { commands as grep } from '../grep/index.ts';
import { ip } from '../iproute2/ip.ts';
import { ss } from '../iproute2/ss.ts';
import { ping } from '../iputils/ping.ts';
import { replay } from '../tool/transcript.ts';
import { wg } from './wg.ts';

const commands = [wg, ip, ping, ...coreutils, ...grep];

const FILES = {
  'a.key': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=\n',
  'b.key': 'WAmgVYXkbT2bCtdcDwolI88/iVi/aV3/PHcUBTQSYmo=\n',
  'short.key': 'debian\n',
  'unknown.conf': '[Interface]\nAddress = 10.0.0.1/24\n',
  'unnamed.conf': '[Interface]\nListenPort=1\n[Peer]\nAllowedIPs=10.0.0.0/8\n',
};

test('keys are real: a public key follows from the private one, and nothing else is taken', () => {
  const recorded = `
$ echo WAmgVYXkbT2bCtdcDwolI88/iVi/aV3/PHcUBTQSYmo= | wg pubkey
K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=
$ wg pubkey
wg: Key is not the correct length or format
? 1
$ echo abc | wg pubkey
wg: Key is not the correct length or format
? 1
$ echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa= | wg pubkey
wg: Key is not the correct length or format
? 1
$ echo AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=x | wg pubkey
wg: Trailing characters found after key
? 1
$ echo AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= | wg pubkey
/TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=
$ wg genkey | wg pubkey | wc -c
45
$ wg genpsk | wc -c
45
`.slice(1);
  expect(replay(commands, FILES, recorded)).toBe(recorded);
});

// Recorded from wireguard-tools 1.0.20260223, but for the error where there is no such device: the recording kernel has no WireGuard.
test('what wg says about what it does not understand', () => {
  const recorded = `
$ wg foo
Invalid subcommand: \`foo'
Usage: wg <cmd> [<args>]

Available subcommands:
  show: Shows the current configuration and device information
  showconf: Shows the current configuration of a given WireGuard interface, for use with \`setconf'
  set: Change the current configuration, add peers, remove peers, or change peers
  setconf: Applies a configuration file to a WireGuard interface
  addconf: Appends a configuration file to a WireGuard interface
  syncconf: Synchronizes a configuration file to a WireGuard interface
  genkey: Generates a new private key and writes it to stdout
  genpsk: Generates a new preshared key and writes it to stdout
  pubkey: Reads a private key from stdin and writes a public key to stdout
You may pass \`--help' to any of these subcommands to view usage.
? 1
$ wg -h | head -2
Usage: wg <cmd> [<args>]

$ wg show -h
Usage: wg show { <interface> | all | interfaces } [public-key | private-key | listen-port | fwmark | peers | preshared-keys | endpoints | allowed-ips | latest-handshakes | transfer | persistent-keepalive | dump]
$ wg show wg9
Unable to access interface: No such device
? 1
$ wg show
$ wg show all
$ wg show interfaces
$ wg show interfaces x
Usage: wg show { <interface> | all | interfaces } [public-key | private-key | listen-port | fwmark | peers | preshared-keys | endpoints | allowed-ips | latest-handshakes | transfer | persistent-keepalive | dump]
? 1
$ wg show wg9 foo
Unable to access interface: No such device
? 1
$ wg show a b c d
Usage: wg show { <interface> | all | interfaces } [public-key | private-key | listen-port | fwmark | peers | preshared-keys | endpoints | allowed-ips | latest-handshakes | transfer | persistent-keepalive | dump]
? 1
$ wg showconf
Usage: wg showconf <interface>
? 1
$ wg showconf wg9
Unable to access interface: No such device
? 1
$ wg set
Usage: wg set <interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] [peer <base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] [persistent-keepalive <interval seconds>] [allowed-ips [+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...] ]...
? 1
$ wg set wg9
Usage: wg set <interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] [peer <base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] [persistent-keepalive <interval seconds>] [allowed-ips [+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...] ]...
? 1
$ wg set --help
Usage: wg set <interface> [listen-port <port>] [fwmark <mark>] [private-key <file path>] [peer <base64 public key> [remove] [preshared-key <file path>] [endpoint <ip>:<port>] [persistent-keepalive <interval seconds>] [allowed-ips [+|-]<ip1>/<cidr1>[,[+|-]<ip2>/<cidr2>]...] ]...
? 1
$ wg set wg9 listen-port
Invalid argument: listen-port
? 1
$ wg set wg9 listen-port abc
Servname not supported for ai_socktype: \`abc'
? 1
$ wg set wg9 listen-port ''
Unable to parse empty port
? 1
$ wg set wg9 listen-port 70000
Unable to modify interface: No such device
? 1
$ wg set wg9 listen-port http
Servname not supported for ai_socktype: \`http'
? 1
$ wg set wg9 listen-port -1
Servname not supported for ai_socktype: \`-1'
? 1
$ wg set wg9 fwmark x
Fwmark is neither 0/off nor 0-0xffffffff: \`x'
? 1
$ wg set wg9 fwmark 0x10g
Fwmark is neither 0/off nor 0-0xffffffff: \`0x10g'
? 1
$ wg set wg9 fwmark 0xfffffffff
Fwmark is neither 0/off nor 0-0xffffffff: \`0xfffffffff'
? 1
$ wg set wg9 private-key /nonexistent
fopen: No such file or directory
? 1
$ wg set wg9 private-key short.key
Invalid length key in key file
? 1
$ wg set wg9 peer abc
Key is not the correct length or format: \`abc'
? 1
$ wg set wg9 foo bar
Invalid argument: foo
? 1
$ wg set wg9 endpoint 1.2.3.4:5
Invalid argument: endpoint
? 1
$ wg set wg9 peer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=
Key is not the correct length or format: \`aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa='
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint
Invalid argument: endpoint
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint 1.2.3.4
Unable to find port of endpoint: \`1.2.3.4'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint 1.2.3.4:
Unable to find port of endpoint: \`1.2.3.4:'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint ''
Unable to parse empty endpoint
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '[::1'
Unable to find matching brace of endpoint: \`[::1'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '[::1]'
Unable to find port of endpoint: \`[::1]'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '[::1]:'
Unable to find port of endpoint: \`[::1]:'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '1.2.3.4:99999'
Unable to modify interface: No such device
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '1.2.3.4:0'
Unable to modify interface: No such device
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= endpoint '::1:51820'
Unable to modify interface: No such device
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips 10.0.0.0/33
AllowedIP is not in the correct format: \`10.0.0.0/33'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips 10.0.0.1/24
Warning: AllowedIP has nonzero host part: 10.0.0.1/24
Unable to modify interface: No such device
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips 10.0.0.0/x
AllowedIP is not in the correct format: \`10.0.0.0/x'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips 10.0.0/8
Unable to parse IP address: \`10.0.0'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips '10.0.0.0/8, fd00::/129'
AllowedIP is not in the correct format: \`fd00::/129'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips 'fd00::1/64'
Warning: AllowedIP has nonzero host part: fd00::1/64
Unable to modify interface: No such device
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= allowed-ips ','
Unable to parse IP address: \`'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= persistent-keepalive x
Persistent keepalive interval is neither 0/off nor 1-65535: \`x'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= persistent-keepalive 65536
Persistent keepalive interval is neither 0/off nor 1-65535: \`65536'
? 1
$ wg set wg9 peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE= preshared-key
Invalid argument: preshared-key
? 1
$ wg setconf
Usage: wg setconf <interface> <configuration filename>
? 1
$ wg setconf wg9 /nonexistent
fopen: No such file or directory
? 1
$ wg syncconf wg9
Usage: wg syncconf <interface> <configuration filename>
? 1
$ wg addconf --help
Usage: wg addconf <interface> <configuration filename>
? 1
$ wg genkey x
Usage: wg genkey
? 1
$ wg genpsk --help
Usage: wg genpsk
? 1
$ wg setconf wg9 unknown.conf
Line unrecognized: \`Address=10.0.0.1/24'
Configuration parsing error
? 1
$ wg setconf wg9 unnamed.conf
A peer is missing a public key
Invalid configuration
? 1
`.slice(1);
  expect(replay(commands, FILES, recorded)).toBe(recorded);
});

test('a tunnel between two namespaces: configured, used, and looked at', () => {
  const recorded = `
$ ip netns add a
$ ip netns add b
$ ip -n a link add eth0 type veth peer name eth0 netns b
$ ip -n a addr add 192.0.2.1/24 dev eth0
$ ip -n b addr add 192.0.2.2/24 dev eth0
$ ip -n a link set lo up
$ ip -n a link set eth0 up
$ ip -n b link set eth0 up
$ ip -n a link add wg0 type wireguard
$ ip -n b link add wg0 type wireguard
$ ip -n a addr add 10.0.0.1/24 dev wg0
$ ip -n b addr add 10.0.0.2/24 dev wg0
$ ip -n a link show wg0
3: wg0: <POINTOPOINT,NOARP> mtu 1420 qdisc noop state DOWN mode DEFAULT group default qlen 1000
    link/none 
$ ip netns exec a wg set wg0 private-key a.key listen-port 51820 peer K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= allowed-ips 10.0.0.2/32 endpoint 192.0.2.2:51821
$ ip netns exec b wg set wg0 private-key b.key listen-port 51821 peer /TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU= allowed-ips 10.0.0.1/32
$ ip netns exec a wg
interface: wg0
  public key: /TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=
  private key: (hidden)
  listening port: 51820

peer: K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=
  endpoint: 192.0.2.2:51821
  allowed ips: 10.0.0.2/32
$ ip -n a link set wg0 up
$ ip -n b link set wg0 up
$ ip -d -n a link show wg0
3: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/none  promiscuity 0 allmulti 0 minmtu 0 maxmtu 2147483552 
    wireguard addrgenmode none numtxqueues 1 numrxqueues 1 gso_max_size 65536 gso_max_segs 65535 tso_max_size 65536 tso_max_segs 65535 gro_max_size 65536 gso_ipv4_max_size 65536 gro_ipv4_max_size 65536 
$ ip netns exec a ss -uln
State  Recv-Q Send-Q Local Address:Port  Peer Address:Port
UNCONN 0      0            0.0.0.0:51820      0.0.0.0:*
UNCONN 0      0               [::]:51820         [::]:*
$ ip netns exec b ping -c 1 10.0.0.1
PING 10.0.0.1 (10.0.0.1) 56(84) bytes of data.

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 0 received, 100% packet loss, time 0ms

? 1
$ ip netns exec a ping -c 2 10.0.0.2
PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.762 ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.028 ms

--- 10.0.0.2 ping statistics ---
2 packets transmitted, 2 received, 0% packet loss, time 1001ms
rtt min/avg/max/mdev = 0.028/0.395/0.762/0.367 ms
$ ip netns exec a ping -c 1 10.0.0.3
PING 10.0.0.3 (10.0.0.3) 56(84) bytes of data.
From 10.0.0.1 icmp_seq=1 Destination Host Unreachable
ping: sendmsg: Required key not available

--- 10.0.0.3 ping statistics ---
1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms

? 1
$ ip netns exec a wg
interface: wg0
  public key: /TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=
  private key: (hidden)
  listening port: 51820

peer: K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=
  endpoint: 192.0.2.2:51821
  allowed ips: 10.0.0.2/32
  latest handshake: 1 second ago
  transfer: 348 B received, 404 B sent
$ ip netns exec b wg show wg0 transfer
/TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=	404	348
$ ip netns exec b wg show all endpoints
wg0	/TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=	192.0.2.1:51820
$ ip -s -n a link show wg0
3: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/none 
    RX:  bytes packets errors dropped  missed   mcast           
           348       3      0       0       0       0 
    TX:  bytes packets errors dropped carrier collsns           
           372       3      1       0       0       0 
$ ip netns exec a wg set wg0 peer K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= persistent-keepalive 25 preshared-key a.key allowed-ips +fd00::/64
$ ip netns exec a wg set wg0 fwmark 0xca6c peer b5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= allowed-ips fd00::/64,0.0.0.0/0 endpoint [2001:db8::1]:51820
$ ip netns exec a wg showconf wg0
[Interface]
ListenPort = 51820
FwMark = 0xca6c
PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEE=

[Peer]
PublicKey = K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=
PresharedKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=
AllowedIPs = 10.0.0.2/32
Endpoint = 192.0.2.2:51821
PersistentKeepalive = 25

[Peer]
PublicKey = b5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=
AllowedIPs = fd00::/64, 0.0.0.0/0
Endpoint = [2001:db8::1]:51820
$ ip netns exec a wg show wg0 dump
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEE=	/TOE4TKtAqVsePRVR+5AA43HkAK5DSntkOCO7nYq5xU=	51820	0xca6c
K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=	AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=	192.0.2.2:51821	10.0.0.2/32	1767225610	348	436	25
b5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=	(none)	[2001:db8::1]:51820	fd00::/64,0.0.0.0/0	0	0	0	off
$ ip netns exec a wg set wg0 peer b5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= remove
$ ip netns exec a wg set wg0 peer K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI= allowed-ips -10.0.0.2/32
$ ip netns exec a wg show wg0 allowed-ips
K5sF9yESrSBsOXPd6TcpKNgqoy1Ik3ZFKl4FolzrRyI=	(none)
$ ip netns exec a wg show eth0
Unable to access interface: Operation not supported
? 1
$ ip -n a link add wg1 type wireguard foo
Garbage instead of arguments "foo ...". Try "ip link help".
? 1
`.slice(1);
  expect(replay([...commands, ss], FILES, recorded)).toBe(recorded);
});
