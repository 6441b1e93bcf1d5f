import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { iptables } from '../../host/iptables/iptables.ts';
import { address, datagram, send } from '../../kernel/netfilter/testbed.ts';
import { run, testMachine } from '../harness.ts';
import { ipset } from './ipset.ts';
import { compareMembers } from './print.ts';

function machine() {
  const host = testMachine([ipset]);
  const ipsetOf = (line: string, stdin = '') => run(host, '/usr/sbin/ipset', line.split(' '), { stdin });
  return { host, net: host.init.namespaces.net, ipsetOf };
}

describe('ipset', () => {
  it('lists elements in the order of the kernel’s hash, which initval decides', () => {
    const { ipsetOf } = machine();
    ipsetOf('create a hash:ip initval 0xdc84a9e6');
    ipsetOf('add a 10.0.0.1');
    ipsetOf('add a 10.0.1.0/30');
    expect(ipsetOf('list a').stdout).toBe(`Name: a
Type: hash:ip
Revision: 6
Header: family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0xdc84a9e6
Size in memory: 416
References: 0
Number of entries: 5
Members:
10.0.1.1
10.0.1.3
10.0.1.0
10.0.0.1
10.0.1.2
`);
  });

  it('doubles the hash when a bucket is full', () => {
    const { ipsetOf } = machine();
    ipsetOf('create big hash:ip hashsize 64 initval 5');
    const lines = Array.from({ length: 250 }, (_, i) => `add big 10.0.0.${i + 1}\n`).join('');
    expect(ipsetOf('restore', lines).stderr).toBe('');
    expect(ipsetOf('list -t big').stdout).toContain('hashsize 64 maxelem 65536 bucketsize 12 initval 0x00000005\nSize in memory: 5816\n');
    const more = Array.from({ length: 250 }, (_, i) => [1, 2, 3].map((host) => `add big 10.0.${i + 1}.${host}\n`).join('')).join('');
    expect(ipsetOf('restore', more).stderr).toBe('');
    expect(ipsetOf('list -t big').stdout).toMatch(/hashsize 256 [\s\S]*Number of entries: 1000\n/);
  });

  it('cuts a range of addresses into the fewest networks', () => {
    const { ipsetOf } = machine();
    ipsetOf('create n hash:net');
    ipsetOf('add n 10.0.0.5-10.0.0.9');
    expect(ipsetOf('-s list n').stdout).toMatch(/Members:\n10\.0\.0\.5\n10\.0\.0\.6\/31\n10\.0\.0\.8\/31\n$/);
  });

  it('finds an address in the longest network, and exceptions count as absent', () => {
    const { ipsetOf } = machine();
    ipsetOf('create n hash:net');
    ipsetOf('add n 10.0.0.0/8');
    ipsetOf('add n 10.1.0.0/16 nomatch');
    expect(ipsetOf('test n 10.2.0.1')).toMatchObject({ status: 0, stderr: 'Warning: 10.2.0.1 is in set n.\n' });
    expect(ipsetOf('test n 10.1.0.1')).toMatchObject({ status: 1, stderr: '10.1.0.1 is NOT in set n.\n' });
    expect(ipsetOf('test n 10.1.0.1 nomatch').status).toBe(0);
  });

  it('forgets elements when their time is over', () => {
    const { host, ipsetOf } = machine();
    ipsetOf('create t hash:ip timeout 10');
    ipsetOf('add t 10.0.0.1');
    ipsetOf('add t 10.0.0.2 timeout 3');
    ipsetOf('add t 10.0.0.3 timeout 0');
    host.events.runUntil(host.now + 5 * SECOND);
    expect(ipsetOf('-s save t').stdout.split('\n').slice(1)).toEqual(['add t 10.0.0.1 timeout 4', 'add t 10.0.0.3 timeout 0', '']);
  });

  it('loses what came before a line that makes no sense', () => {
    const { ipsetOf } = machine();
    const outcome = ipsetOf('restore', 'create r hash:ip\nadd r 1.1.1.1\nadd r foo\n');
    expect(outcome.stderr).toBe('ipset v7.24: Error in line 3: Syntax error: cannot parse foo: resolving to IPv4 address failed\n');
    expect(ipsetOf('save r').stdout).not.toContain('1.1.1.1');
  });

  it('keeps a set that a rule asks, and gives it up with the rule', () => {
    const { net, ipsetOf } = machine();
    ipsetOf('create bad hash:ip');
    expect(iptables(net, '-A INPUT -m set --match-set bad src -j DROP')).toBeUndefined();
    expect(ipsetOf('destroy bad').stderr).toContain('it is in use by a kernel component');
    expect(iptables(net, '-F INPUT')).toBeUndefined();
    expect(ipsetOf('destroy bad').status).toBe(0);
  });

  it('counts packets that rules find, and fills itself by the SET target', () => {
    const { net, ipsetOf } = machine();
    net.setUp(net.loopback);
    address(net, 'lo', '10.0.0.1', 32);
    ipsetOf('create seen hash:ip,port counters');
    expect(iptables(net, '-A OUTPUT -p udp -m set ! --match-set seen dst,dst -j SET --add-set seen dst,dst')).toBeUndefined();
    for (let i = 0; i < 3; i++) send(net, 17, datagram('10.0.0.1', '10.0.0.1', 4000, 53), '10.0.0.1', '10.0.0.1');
    expect(ipsetOf('save seen').stdout).toMatch(/add seen 10\.0\.0\.1,udp:53 packets 3 bytes \d+\n/);
  });

  it('lacks the types that the recorded kernel was built without', () => {
    const { ipsetOf } = machine();
    expect(ipsetOf('create x hash:ip,mark').stderr).toBe('ipset v7.24: Kernel error received: set type not supported\n');
  });

  it('sorts by the parts of elements', () => {
    const sorted = ['10.0.0.0/24 nomatch', '10.0.0.10', '10.0.0.9', '10.0.0.0/30'].sort(compareMembers);
    expect(sorted).toEqual(['10.0.0.0/30', '10.0.0.0/24 nomatch', '10.0.0.9', '10.0.0.10']);
  });
});
