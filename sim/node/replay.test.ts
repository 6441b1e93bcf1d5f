import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Recording, World } from '../complete.ts';
import { traceDigest } from './trace-digest.ts';

const TRACE_HASH = join(import.meta.dirname, 'trace-hash.ts');

/** A bridge with two namespaces on it. */
const SETUP = `ip link add br0 type bridge; ip addr add 10.0.0.1/24 dev br0; ip link set br0 up
for n in red blue; do
  ip netns add $n; ip link add v-$n type veth peer name eth0 netns $n; ip link set v-$n master br0 up; ip -n $n link set eth0 up
done`;

/** What each world has besides. */
const ELSEWHERE: Record<string, string> = {
  linux: 'true',
  lan: 'ping -c 2 192.168.50.12',
  docker: 'docker run --rm busybox ping -c 1 172.17.0.1',
};

/**
 * A reader's visit: commands, a terminal, Ctrl-C in the middle of a ping, time passing in uneven slices, and a key pressed between
 * two events of the same microsecond.
 */
function visit(scenario: string, seed: string): World {
  const world = World.create(scenario, { seed });
  const console = world.console('host1');
  const ignore = (): void => {};
  for (const command of [SETUP, ELSEWHERE[scenario] as string]) {
    const run = console.run(command, ignore);
    world.runUntil(() => run.done);
  }
  const terminal = world.openTerminal('host1', { columns: 80, rows: 24, onOutput: ignore });
  world.advance(123_457);
  terminal.write(new TextEncoder().encode('ip -n red addr add 10.0.0.2/24 dev eth0\r'));
  const ping = console.run('ping 10.0.0.2', ignore);
  // A frame that a bridge floods arrives at both ports at once.
  while (world.events.nextDue !== world.now) world.advance(1_000_000, 1);
  terminal.write(new TextEncoder().encode('ip -n blue addr add 10.0.0.3/24 dev eth0\r'));
  for (let slice = 0; slice < 50; slice++) world.advance(40_009 + slice, 7);
  terminal.resize(100, 30);
  world.advance(2_000_003);
  ping.interrupt();
  world.runUntil(() => ping.done);
  terminal.close();
  world.advance(1_000_000);
  return world;
}

function digestInFreshProcess(recording: Recording): string {
  const input = JSON.stringify(recording, (_, value) => (value instanceof Uint8Array ? [...value] : value));
  const { stdout, stderr, status } = spawnSync(process.execPath, [TRACE_HASH], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}

describe.each(Object.keys(ELSEWHERE))('a visit to the world %s', (scenario) => {
  const visited = visit(scenario, 'seed');
  const digest = traceDigest(visited);

  test('left a trace: frames crossed the bridge', () => {
    expect(visited.trace.events().filter(({ frame }) => frame.length > 0).length).toBeGreaterThan(10);
    expect(visited.log.map(({ kind }) => kind)).toEqual([
      'run',
      'run',
      'openTerminal',
      'type',
      'run',
      'type',
      'resize',
      'interrupt',
      'closeTerminal',
    ]);
  });

  test('goes the same way a second time', () => {
    expect(traceDigest(visit(scenario, 'seed'))).toBe(digest);
  });

  test('is replayed from its recording, byte for byte', () => {
    const again = World.replay(visited.recording());
    expect(traceDigest(again)).toBe(digest);
    expect(again.recording()).toEqual(visited.recording());
  });

  test('is replayed in a fresh process, byte for byte', () => {
    expect(digestInFreshProcess(visited.recording())).toBe(digest);
  });

  test('differs under another seed', () => {
    expect(traceDigest(visit(scenario, 'another seed'))).not.toBe(digest);
  });
});
