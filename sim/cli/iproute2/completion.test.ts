import { expect, test } from 'vitest';
import { run, testMachine } from '../harness.ts';
import { bridge } from './bridge.ts';
import { ip } from './ip.ts';

function candidates(line: string): string[] {
  const host = testMachine([ip, bridge]);
  for (const words of ['netns add red', 'link add v0 type veth peer name v1', 'link set v1 netns red', 'link add br0 type bridge']) {
    run(host, '/usr/bin/ip', words.split(' '));
  }
  const words = line.split(' ');
  const command = words[0] === 'bridge' ? bridge : ip;
  return command.complete?.(host.init, words.slice(0, -1), words.at(-1) ?? '') ?? [];
}

test('Tab completes objects, commands, links and namespaces', () => {
  expect(candidates('ip ro')).toEqual(['route']);
  expect(candidates('ip link s')).toEqual(['set', 'show']);
  expect(candidates('ip link set v')).toEqual(['v0']);
  expect(candidates('ip -n red link set v')).toEqual(['v1']);
  expect(candidates('ip netns exec ')).toEqual(['red']);
  expect(candidates('ip link add x type ve')).toEqual(['veth']);
  expect(candidates('bridge fdb show br b')).toContain('br0');
});
