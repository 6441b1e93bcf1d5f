import { expect, test } from 'vitest';
import { snmp } from '../../host/filesystems/proc-net-snmp.ts';
import { run, testMachine } from '../harness.ts';
import { ping } from '../iputils/ping.ts';
import { ip } from './ip.ts';

test('two pings to oneself are four packets, two questions and two answers', () => {
  const host = testMachine([ip, ping]);
  const { net } = host.init.namespaces;
  run(host, '/usr/bin/ip', ['link', 'set', 'lo', 'up']);
  run(host, '/usr/bin/ping', ['-c', '2', '-i', '0.2', '127.0.0.1']);
  const { InReceives, InDelivers, OutRequests, ForwDatagrams } = net.counters.ip;
  expect({ InReceives, InDelivers, OutRequests, ForwDatagrams }).toEqual({
    InReceives: 4,
    InDelivers: 4,
    OutRequests: 4,
    ForwDatagrams: 0,
  });
  expect(snmp(net)).toContain('IcmpMsg: InType0 InType8 OutType0 OutType8\nIcmpMsg: 2 2 2 2\n');
});
