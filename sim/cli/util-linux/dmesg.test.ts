import { expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { iptables } from '../../host/iptables/iptables.ts';
import { address, datagram, send } from '../../kernel/netfilter/testbed.ts';
import { run, testMachine } from '../harness.ts';
import { commands } from './index.ts';

/** A machine whose rules have logged a packet 1.5 and one 4 seconds after its start. */
function machine() {
  const host = testMachine(commands);
  const { net } = host.init.namespaces;
  net.setUp(net.loopback);
  address(net, 'lo', '10.0.0.1', 32);
  expect(iptables(net, '-A OUTPUT -p udp --dport 53 -j LOG --log-prefix "asks: " --log-level info')).toBeUndefined();
  const ask = (time: number) => {
    host.events.runUntil(time);
    send(net, 17, datagram('10.0.0.1', '10.0.0.1', 4000, 53), '10.0.0.1', '10.0.0.1');
  };
  ask(1.5 * SECOND);
  ask(4 * SECOND);
  const dmesg = (line = '') => run(host, '/usr/bin/dmesg', line === '' ? [] : line.split(' '));
  return { host, dmesg };
}

it('dmesg shows what the LOG target wrote, with the time since the start', () => {
  const { dmesg } = machine();
  const lines = dmesg().stdout.split('\n');
  expect(lines[0]).toMatch(
    /^\[ {4}1\.500000\] asks: IN= OUT=lo SRC=10\.0\.0\.1 DST=10\.0\.0\.1 LEN=32 .* PROTO=UDP SPT=4000 DPT=53 LEN=12 $/,
  );
  expect(lines[1]).toMatch(/^\[ {4}4\.000000\] asks: /);
});

it('dmesg decodes, filters and counts differences', () => {
  const { dmesg } = machine();
  expect(dmesg('-x').stdout).toMatch(/^kern {2}:info {2}: \[ {4}1\.500000\] asks: /);
  expect(dmesg('-r').stdout).toMatch(/^<6>\[ {4}1\.500000\] asks: /);
  expect(dmesg('-t').stdout).toMatch(/^asks: /);
  expect(dmesg('-d').stdout).toMatch(/\n\[ {4}4\.000000 < {4}2\.500000>\] asks: /);
  expect(dmesg('-e').stdout).toMatch(/\n\[ {2}\+2\.500000\] asks: /);
  expect(dmesg('-l warn').stdout).toBe('');
  expect(dmesg('-l warn,info').stdout.split('\n')).toHaveLength(3);
  expect(dmesg('-l loud')).toMatchObject({ stderr: "dmesg: unknown level 'loud'\n", status: 1 });
});

it('dmesg -c shows and forgets', () => {
  const { dmesg } = machine();
  expect(dmesg('-c').stdout).not.toBe('');
  expect(dmesg().stdout).toBe('');
});
