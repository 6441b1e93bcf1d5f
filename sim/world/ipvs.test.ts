import { expect, it } from 'vitest';
import { World } from './world.ts';

it('IPVS hands IPv6 connections to its servers by turns, and refuses where none has weight', () => {
  const world = World.create('linux');
  const console = world.console('host1');
  const type = (command: string): string => {
    let printed = '';
    const run = console.run(command, (text) => {
      printed += text;
    });
    expect(world.runUntil(() => run.done)).toBe('done');
    return printed;
  };
  type(
    'for n in cli lb s1 s2; do ip netns add $n; ip -n $n link set lo up; done; ip netns exec lb sysctl -qw net.ipv6.conf.all.forwarding=1',
  );
  type(
    'for n in cli s1 s2; do ip link add e-$n netns lb type veth peer name eth0 netns $n; ip -n lb link set e-$n up; ip -n $n link set eth0 up; done',
  );
  type(
    'i=1; for n in cli s1 s2; do ip -n lb addr add fd0$i::1/64 dev e-$n nodad; ip -n $n addr add fd0$i::2/64 dev eth0 nodad; i=$((i+1)); done',
  );
  type(
    'i=1; for n in cli s1 s2; do ip -n $n -6 route add default via fd0$i::1; i=$((i+1)); done; ip -n lb addr add fd09::9/128 dev lo nodad; sleep 2',
  );
  type('for n in s1 s2; do ip netns exec $n sh -c "while :; do echo $n | nc -6 -l -p 8080 -q 0; done >/dev/null 2>&1 &"; done; sleep 1');
  type('lb="ip netns exec lb ipvsadm"; $lb -A -t [fd09::9]:80 -s rr; for i in 2 3; do $lb -a -t [fd09::9]:80 -r [fd0$i::2]:8080 -m; done');
  expect(type('for i in 1 2; do ip netns exec cli nc -w 2 fd09::9 80 < /dev/null; sleep 1; done')).toBe('s2\ns1\n');
  expect(type("$lb -Lnc | awk '{print $5, $6}' | tail -2")).toBe('[fd09::9]:80 [fd03::2]:8080\n[fd09::9]:80 [fd02::2]:8080\n');
  type('for i in 2 3; do $lb -e -t [fd09::9]:80 -r [fd0$i::2]:8080 -m -w 0; done');
  expect(type('ip netns exec cli nc -v -w 2 fd09::9 80 < /dev/null')).toBe(
    'nc: connect to fd09::9 port 80 (tcp) failed: Connection refused\n',
  );
});
