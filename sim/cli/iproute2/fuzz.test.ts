import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { run, testMachine } from '../harness.ts';
import { bridge } from './bridge.ts';
import { ip } from './ip.ts';

/** Words of the grammar, valid and invalid values, in any order: what a hasty user may type. */
const WORDS = [
  ...['-4', '-6', '-d', '-s', '-j', '-p', '-o', '-br', '-c', '-n', '-batch', '-force', '-N', '-a', '-f', '--', '-', '-resolve', '-V'],
  ...['link', 'addr', 'route', 'neigh', 'netns', 'rule', 'fdb', 'vlan', 'monitor', 'tunnel', 'l', 'a', 'r', 'n', 'x', 'help'],
  ...['show', 'add', 'del', 'set', 'change', 'replace', 'append', 'prepend', 'flush', 'get', 'list', 'exec', 'identify', 'pids', 'list-id'],
  ...[
    'dev',
    'via',
    'src',
    'metric',
    'table',
    'proto',
    'scope',
    'type',
    'onlink',
    'nexthop',
    'weight',
    'mtu',
    'lock',
    'to',
    'root',
    'match',
  ],
  ...['master', 'nomaster', 'up', 'down', 'name', 'address', 'peer', 'broadcast', 'brd', 'label', 'lladdr', 'nud', 'proxy', 'local'],
  ...['veth', 'bridge', 'vlan', 'vxlan', 'dummy', 'macvlan', 'ageing_time', 'id', 'remote', 'dstport', 'valid_lft', 'preferred_lft'],
  ...['from', 'iif', 'oif', 'mark', 'fwmark', 'pref', 'tos', 'br', 'brport', 'self', 'dst', 'dynamic', 'static', 'hairpin', 'on', 'off'],
  ...['lo', 'v0', 'v1', 'br0', 'nosuch', 'averyverylongname', '.', '..', 'a/b', '', 'é', '💥', '\n'],
  ...['10.0.0.1', '10.0.0.1/24', '10/8', '1.2.3.4/99', '::1', 'fe80::1/64', 'default', 'all', '0.0.0.0/0', '02:00:00:00:00:01', '02:00'],
  ...['0', '1', '-1', '254', '4294967295', '99999999999999999999', '0x10', '1e3', '+', 'main', 'permanent', 'forever', 'unreachable'],
];

const line = fc.array(
  fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string({ maxLength: 12 }) }),
  {
    maxLength: 9,
  },
);

const sane = fc.array(line, { minLength: 1, maxLength: 6 });

test('whatever is typed, ip and bridge answer with an exit status', () => {
  const statuses = new Set<number>();
  fc.assert(
    fc.property(sane, fc.constantFrom('link', 'addr', 'route', 'neigh', 'rule', 'fdb'), (lines, object) => {
      const host = testMachine([ip, bridge]);
      run(host, '/usr/bin/ip', ['link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1']);
      run(host, '/usr/bin/ip', ['link', 'add', 'br0', 'type', 'bridge']);
      for (const words of lines) {
        // `run` fails on exceptions inside a program.
        const tool = object === 'fdb' ? bridge : ip;
        const args = [object, ...words].map((word) => word.replaceAll('\0', ''));
        statuses.add(run(host, tool.paths[0] as string, args).status);
        statuses.add(run(host, tool.paths[0] as string, args.slice(1)).status);
      }
    }),
    { numRuns: 60, seed: 1 },
  );
  for (const status of statuses) expect([0, 1, 2, 127, 255]).toContain(status);
});
