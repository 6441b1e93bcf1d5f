import { expect, test } from 'vitest';
import { typist } from '../../cli/harness.ts';
import { commands } from '../../cli/registry.ts';

/** Recorded on a machine with these addresses. */
const RECORDED = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 127.0.0.0/8 2 0 2
        +-- 127.0.0.0/31 1 0 0
           |-- 127.0.0.0
              /8 host LOCAL
           |-- 127.0.0.1
              /32 host LOCAL
        |-- 127.255.255.255
           /32 link BROADCAST
     +-- 192.168.50.0/24 2 0 2
        +-- 192.168.50.0/28 2 0 2
           |-- 192.168.50.0
              /24 link UNICAST
           |-- 192.168.50.11
              /32 host LOCAL
        |-- 192.168.50.255
           /32 link BROADCAST
`;

function machine() {
  const type = typist(commands);
  type('ip link set lo up; ip link add eth0 type veth peer name far; ip link set far up; ip link set eth0 up');
  type('ip addr add 192.168.50.11/24 dev eth0; ip route add default via 192.168.50.1');
  return type;
}

test('the main and the local table are one trie until a rule parts them', () => {
  const type = machine();
  expect(type('cat /proc/net/fib_trie').stdout).toBe(RECORDED + RECORDED.replace('Main:', 'Local:'));
  type('ip rule add from 1.2.3.4 table 100');
  expect(type('cat /proc/net/fib_trie').stdout).toContain('Main:\n  +-- 0.0.0.0/0 2 0 2\n     |-- 0.0.0.0\n');
});

test("the trie tells a container's addresses where there is no ip command", () => {
  const type = machine();
  expect(type(`awk '/32 host/ { print f } {f=$2}' /proc/net/fib_trie | sort -u`).stdout).toBe('127.0.0.1\n192.168.50.11\n');
});

test('the old tools read IPv6 routes from /proc, the null entry of a table without a default route among them', () => {
  const type = machine();
  type('ip addr add 2001:db8::5/64 dev eth0 nodad; ip -6 route add 2001:db8:9::/48 via 2001:db8::2 metric 77');
  const [shown, own] = [type('route -6n').stdout, type('busybox route -A inet6').stdout];
  expect(shown).toContain('2001:db8:9::/48                2001:db8::2                UG   77  1      0 eth0\n');
  expect(shown).toContain('::1/128                        ::                         Un   0   2      0 lo\n');
  expect(shown).toContain('::/0                           ::                         !n   -1  1      0 lo\n');
  expect(own).toContain(
    '2001:db8:9::/48                             2001:db8::2                             UG    77     1        0 eth0    \n',
  );
});
