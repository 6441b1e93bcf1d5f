import { describe, expect, test } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';
import { annotation } from './annotation.ts';

const machine = () => typist(commands, { '/etc/hosts': '127.0.0.1 localhost\n' });

const PATH = `
for n in a r b; do ip netns add $n; ip -n $n link set lo up; done
ip link add eth0 netns a type veth peer name eth0 netns r
ip link add eth1 netns r type veth peer name eth0 netns b
ip -n a addr add 10.1.0.2/24 dev eth0; ip -n r addr add 10.1.0.1/24 dev eth0
ip -n r addr add 10.2.0.1/24 dev eth1; ip -n b addr add 10.2.0.2/24 dev eth0
for n in a r b; do ip -n $n link set eth0 up; done; ip -n r link set eth1 up
ip -n a route add default via 10.1.0.1; ip -n b route add default via 10.2.0.1
ip netns exec r sysctl -qw net.ipv4.ip_forward=1
`;

const timeless = (text: string) => text.replace(/[0-9.]+ ms/g, 'T');

describe('traceroute', () => {
  test('names each router on the way, and ends with the host that has no such port', () => {
    const type = machine();
    type(PATH);
    expect(timeless(type('ip netns exec a traceroute -n 10.2.0.2').stdout)).toBe(
      'traceroute to 10.2.0.2 (10.2.0.2), 30 hops max, 60 byte packets\n 1  10.1.0.1  T  T  T\n 2  10.2.0.2  T  T  T\n',
    );
  });

  test('echo requests and SYNs get there as well', () => {
    const type = machine();
    type(PATH);
    for (const method of ['-I', '-T'])
      expect(timeless(type(`ip netns exec a traceroute -n -q 1 ${method} 10.2.0.2`).stdout)).toBe(
        'traceroute to 10.2.0.2 (10.2.0.2), 30 hops max, 60 byte packets\n 1  10.1.0.1  T\n 2  10.2.0.2  T\n',
      );
  });

  test('the router that knows no way says so', () => {
    const type = machine();
    type(PATH);
    expect(timeless(type('ip netns exec a traceroute -n -q 1 10.9.0.1').stdout)).toContain(' 1  10.1.0.1  T !N\n');
  });

  test('routers answer six times at once, then once a second', () => {
    const type = machine();
    type(PATH);
    const shown = type('ip netns exec a traceroute -n -q 8 -m 1 10.2.0.2').stdout;
    expect(timeless(shown)).toContain(' 1  10.1.0.1  T  T  T  T  T  T * *\n');
  });

  test('a smaller link on the way shows with --mtu', () => {
    const type = machine();
    type(`${PATH}ip -n r link set eth1 mtu 1400; ip -n b link set eth0 mtu 1400`);
    expect(timeless(type('ip netns exec a traceroute -n -q 1 --mtu 10.2.0.2').stdout)).toContain(
      ' 1  10.1.0.1  T F=1500\n 2  10.2.0.2  T F=1400\n',
    );
  });

  test('wrong arguments are named with their places', () => {
    const type = machine();
    expect(type('traceroute -Q x')).toMatchObject({ stderr: "Bad option `-Q' (argc 1)\n", status: 2 });
    expect(type('traceroute -m 256 127.0.0.1')).toMatchObject({ stderr: 'max hops cannot be more than 255\n', status: 2 });
    expect(type('traceroute 127.0.0.1 60 extra').stderr).toBe("Extra arg `extra' (position 3, argc 3)\n");
    expect(type('traceroute -n 10.0.0.1')).toMatchObject({ stderr: '\nconnect: Network is unreachable\n', status: 1 });
  });

  test('annotations of both families', () => {
    expect(annotation(4, 11, 0, 0)).toBeUndefined();
    expect([annotation(4, 3, 1, 0), annotation(4, 3, 13, 0), annotation(4, 3, 4, 1400), annotation(4, 3, 99, 0)]).toEqual([
      '!H',
      '!X',
      '!F-1400',
      '!<99>',
    ]);
    expect([annotation(6, 1, 0, 0), annotation(6, 1, 4, 0), annotation(6, 2, 0, 1280)]).toEqual(['!N', '', '!F-1280']);
  });
});
