import { describe, expect, test } from 'vitest';
import { typist } from '../harness.ts';
import { commands } from '../registry.ts';

const LINK = `
ip netns add p; ip link add v0 type veth peer name v0 netns p
ifconfig v0 10.1.0.1/24; ip -n p addr add 10.1.0.2/24 dev v0; ip -n p link set v0 up
`;

function machine() {
  const type = typist(commands);
  type(LINK);
  return (command: string) => type(command);
}

describe('ifconfig', () => {
  test('an address by the old way brings the interface up, with a broadcast address', () => {
    expect(machine()('ifconfig v0').stdout).toContain(
      'v0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500\n        inet 10.1.0.1  netmask 255.255.255.0  broadcast 10.1.0.255\n',
    );
  });

  test('an alias is an address with a label, and down removes it', () => {
    const type = machine();
    type('ifconfig v0:1 10.2.0.1/24');
    expect(type('ip -o -4 addr show dev v0').stdout).toContain('inet 10.2.0.1/24 brd 10.2.0.255 scope global v0:1');
    type('ifconfig v0:1 down');
    expect(type('ip -o -4 addr show dev v0').stdout).not.toContain('10.2.0.1');
  });

  test('the mask takes the broadcast address along', () => {
    const type = machine();
    type('ifconfig v0 netmask 255.255.0.0');
    expect(type('ip -o -4 addr show dev v0').stdout).toContain('inet 10.1.0.1/16 brd 10.1.255.255');
    expect(type('ifconfig v0 netmask 255.0.255.0')).toMatchObject({ stderr: 'SIOCSIFNETMASK: Invalid argument\n', status: 1 });
  });
});

describe('route', () => {
  test('adds and removes what ip route shows', () => {
    const type = machine();
    type('route add -net 10.5.0.0 netmask 255.255.0.0 gw 10.1.0.2; route add -net 10.7.0.0/16 reject');
    expect(type('ip route').stdout).toContain('10.5.0.0/16 via 10.1.0.2 dev v0 \nunreachable 10.7.0.0/16 scope host \n');
    expect(type('route -n').stdout).toContain('10.7.0.0        -               255.255.0.0     !     0      -        0 -\n');
    type('route del -net 10.5.0.0/16');
    expect(type('route del -net 10.5.0.0/16')).toMatchObject({ stderr: 'SIOCDELRT: No such process\n', status: 7 });
  });

  test('a router off the link is unreachable', () => {
    expect(machine()('route add default gw 10.99.0.1')).toMatchObject({ stderr: 'SIOCADDRT: Network is unreachable\n', status: 7 });
  });
});

describe('arp', () => {
  test('sets and forgets entries', () => {
    const type = machine();
    type('arp -s 10.1.0.9 52:54:00:00:00:09');
    expect(type('arp -an').stdout).toBe('? (10.1.0.9) at 52:54:00:00:00:09 [ether] PERM on v0\n');
    type('arp -d 10.1.0.9');
    expect(type('arp -n 10.1.0.9').stdout).toBe('10.1.0.9 (10.1.0.9) -- no entry\n');
  });
});

describe('netstat', () => {
  test('shows who listens, and whose it is', () => {
    const { stdout } = machine()('sleep 5 | nc -l 9000 & sleep 0.1; netstat -ltn; netstat -ltnp | tail -1');
    expect(stdout).toContain('tcp        0      0 0.0.0.0:9000            0.0.0.0:*               LISTEN     \n');
    expect(stdout).toMatch(/LISTEN {6}\d+\/nc +\n$/);
  });

  test('-r and -i are route and ifconfig in columns', () => {
    const { stdout } = machine()('netstat -rn; netstat -i');
    expect(stdout).toContain('10.1.0.0        0.0.0.0         255.255.255.0   U         0 0          0 v0\n');
    expect(stdout).toMatch(/^lo {14}65536 .* LRU$/m);
  });
});

test.each(['ifconfig', 'busybox ifconfig'])(
  '%s takes an alias down and leaves the device up, since an alias is a label of an address',
  (tool) => {
    const type = machine();
    type(`${tool} v0:1 10.9.8.7 netmask 255.255.255.252 broadcast 10.9.8.99`);
    expect(type('ip -o -4 addr show dev v0').stdout).toContain('inet 10.9.8.7/30 brd 10.9.8.99 scope global v0:1');
    type(`${tool} v0:1 down`);
    expect(type('ip -o -4 addr show dev v0').stdout).toMatch(/^.*10\.1\.0\.1\/24.*\n$/);
    expect(type('ip -br link show v0').stdout).toContain('UP');
    expect(type(`${tool} v0:1 down`).stderr).toContain('SIOCSIFFLAGS: Cannot assign requested address\n');
  },
);
