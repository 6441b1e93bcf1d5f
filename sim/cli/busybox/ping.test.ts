import { expect, test } from 'vitest';
import { busybox } from './busybox.ts';
import { ip } from '../iproute2/ip.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { replay } from '../tool/transcript.ts';
import { TWO_ON_A_BRIDGE_AND_LO, untimed } from '../iputils/bridge.fixture.ts';

const commands = [busybox, ip, ...coreutils];

test('ping of busybox', () => {
  const recorded = `
${TWO_ON_A_BRIDGE_AND_LO}$ sleep 1
$ busybox ping -c 2 -i 0.2 10.0.0.1
PING 10.0.0.1 (10.0.0.1): 56 data bytes
64 bytes from 10.0.0.1: seq=0 ttl=64 time=T ms
64 bytes from 10.0.0.1: seq=1 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -q -c 1 10.0.0.1
PING 10.0.0.1 (10.0.0.1): 56 data bytes

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -c 1 -s 1000 127.0.0.1
PING 127.0.0.1 (127.0.0.1): 1000 data bytes
1008 bytes from 127.0.0.1: seq=0 ttl=64 time=T ms

--- 127.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -c 1 -W 1 10.0.0.99
PING 10.0.0.99 (10.0.0.99): 56 data bytes

--- 10.0.0.99 ping statistics ---
1 packets transmitted, 0 packets received, 100% packet loss
? 1
$ busybox ping -w 1 10.0.0.98
PING 10.0.0.98 (10.0.0.98): 56 data bytes

--- 10.0.0.98 ping statistics ---
1 packets transmitted, 0 packets received, 100% packet loss
? 1
$ busybox ping -c 1 -I br0 10.0.0.1
PING 10.0.0.1 (10.0.0.1): 56 data bytes
64 bytes from 10.0.0.1: seq=0 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -c 1 -I nosuch 10.0.0.1
ping: bad address 'nosuch'
? 1
$ busybox ping -c 1 -I 10.0.0.254 10.0.0.1
PING 10.0.0.1 (10.0.0.1) from 10.0.0.254: 56 data bytes
64 bytes from 10.0.0.1: seq=0 ttl=64 time=T ms

--- 10.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -c 1 1.2.3.4
PING 1.2.3.4 (1.2.3.4): 56 data bytes
ping: sendto: Network is unreachable
? 1
$ busybox ping -c x 10.0.0.1
ping: invalid number 'x'
? 1
$ busybox ping -c 1
BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: ping [OPTIONS] HOST

Send ICMP ECHO_REQUESTs to HOST

	-4,-6		Force IP or IPv6 name resolution
	-c CNT		Send only CNT pings
	-s SIZE		Send SIZE data bytes in packets (default 56)
	-i SECS		Interval
	-A		Ping as soon as reply is received
	-t TTL		Set TTL
	-I IFACE/IP	Source interface or IP address
	-W SEC		Seconds to wait for the first response (default 10)
			(after all -c CNT packets are sent)
	-w SEC		Seconds until ping exits (default:infinite)
			(can exit earlier with -c CNT)
	-q		Quiet, only display output at start/finish
	-p HEXBYTE	Payload pattern
? 1
$ busybox ping -c 1 a b c
BusyBox v1.38.0 (Debian 1:1.38.0-3+b1) multi-call binary.

Usage: ping [OPTIONS] HOST

Send ICMP ECHO_REQUESTs to HOST

	-4,-6		Force IP or IPv6 name resolution
	-c CNT		Send only CNT pings
	-s SIZE		Send SIZE data bytes in packets (default 56)
	-i SECS		Interval
	-A		Ping as soon as reply is received
	-t TTL		Set TTL
	-I IFACE/IP	Source interface or IP address
	-W SEC		Seconds to wait for the first response (default 10)
			(after all -c CNT packets are sent)
	-w SEC		Seconds until ping exits (default:infinite)
			(can exit earlier with -c CNT)
	-q		Quiet, only display output at start/finish
	-p HEXBYTE	Payload pattern
? 1
`.slice(1);
  expect(untimed(replay(commands, {}, recorded))).toBe(recorded);
});

test('ping6 of busybox', () => {
  const recorded = `
$ ip link set lo up
$ sleep 1
$ busybox ping6 -c 2 -i 0.2 ::1
PING ::1 (::1): 56 data bytes
64 bytes from ::1: seq=0 ttl=64 time=T ms
64 bytes from ::1: seq=1 ttl=64 time=T ms

--- ::1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -6 -q -c 1 ::1
PING ::1 (::1): 56 data bytes

--- ::1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
$ busybox ping -4 -c 1 ::1
ping: bad address '::1'
? 1
$ busybox ping6 -c 1 127.0.0.1
ping6: bad address '127.0.0.1'
? 1
$ busybox ping6 -c 1 -I ::1 ::1
PING ::1 (::1) from ::1: 56 data bytes
64 bytes from ::1: seq=0 ttl=64 time=T ms

--- ::1 ping statistics ---
1 packets transmitted, 1 packets received, 0% packet loss
round-trip min/avg/max = T ms
`.slice(1);
  expect(untimed(replay(commands, {}, recorded))).toBe(recorded);
});
