import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { World } from '../complete.ts';
import { load, type Part, parts } from '../load.ts';
import { supply } from '../worker/supply.ts';
import { traceDigest } from './trace-digest.ts';

/** Commands of many families, one of which runs in the background while others are wanted. */
const LINUX = [
  'ip netns add red; ip link add v0 type veth peer name eth0 netns red',
  'ip addr add 10.0.0.1/24 dev v0; ip link set v0 up; ip -n red addr add 10.0.0.2/24 dev eth0; ip -n red link set eth0 up',
  'ip netns exec red busybox httpd -p 80 -h /etc & sleep 1',
  'tcpdump -c 3 -nn -i v0 2> /dev/null & busybox ping -c 1 10.0.0.2 | grep -c bytes; wait %2',
  'curl -s http://10.0.0.2/hostname | sed s/1/2/ | tr a-z A-Z',
  "ip -j addr show v0 | jq -r '.[0].addr_info[0].local' | awk -F. '{print $4}'",
  'iptables -A INPUT -m string --algo bm --string secret -j REJECT; iptables -S INPUT',
  'ss -tln; ls /usr/bin | wc -l; find /etc -name host* | sort | xargs cat | md5sum',
];

const DOCKER = [
  'docker network create -d bridge mine; docker run -d --name one --network mine busybox sleep infinity',
  'docker run --rm --network mine busybox sh -c "ping -c 1 one; wget -qO - http://203.0.113.10/"',
  "docker inspect -f '{{.State.Status}}' one; docker swarm init --advertise-addr 192.168.50.11 > /dev/null; docker node ls | wc -l",
  "printf 'FROM busybox\\nRUN echo built > /it\\n' > Dockerfile; docker build -q -t made . | cut -c 1-6; docker run --rm made cat /it",
];

interface Visit {
  digest: string;
  output: string;
  spent: number;
  /** The parts that the world stood still for. */
  awaited: string[];
}

/** Runs commands and types at a terminal; loads whatever the world wants when it wants it. */
async function visit(scenario: string, commands: readonly string[]): Promise<Visit> {
  const awaited: string[] = [];
  const settle = async (world: World): Promise<void> => {
    for (let part = world.wanted; part; part = world.wanted) {
      awaited.push(part.name);
      await load(part);
      world.resume();
    }
  };
  await Promise.all(World.parts(scenario).map(load));
  const world = World.create(scenario);
  await settle(world);
  let output = '';
  const print = (text: string): void => {
    output += text;
  };
  for (const command of commands) {
    const run = world.console('host1').run(command, print);
    while (world.runUntil(() => run.done) === 'wanting') await settle(world);
    print(`[${run.status}]\n`);
  }
  const utf8 = new TextDecoder();
  const terminal = world.openTerminal('host1', { columns: 80, rows: 24, onOutput: (bytes) => print(utf8.decode(bytes)) });
  for (const keys of ['ip li', '\t', 's\t', '\r', 'nslookup localhost', '\r', '\x03', 'exit\r']) {
    terminal.write(new TextEncoder().encode(keys));
    const until = world.now + 500_000;
    while (world.now < until) {
      world.advance(until - world.now);
      await settle(world);
    }
  }
  return { digest: traceDigest(world), output, spent: world.spent, awaited };
}

describe.each([
  ['linux', LINUX],
  ['docker', DOCKER],
])('a visit to the world %s', (scenario, commands) => {
  const before = new Map<Part, unknown>();
  beforeEach(() => {
    for (const part of parts) before.set(part, part.value);
  });
  afterEach(() => {
    for (const [part, value] of before) part.value = value;
  });

  test('goes the same way whether its code was there from the start or came when it was wanted', async () => {
    const whole = await visit(scenario, commands);
    expect(whole.awaited).toEqual([]);
    expect(whole.output).not.toContain('a bug of the simulation');
    for (const part of parts) part.value = undefined;
    const bit = await visit(scenario, commands);
    expect(bit.awaited.length).toBeGreaterThan(10);
    expect(bit.output).toBe(whole.output);
    expect({ digest: bit.digest, spent: bit.spent }).toEqual({ digest: whole.digest, spent: whole.spent });
    expect(parts.some((part) => part.value === undefined)).toBe(true);
  });
});

test('a world that wants code takes no input and runs no event, and says which code it is when it can’t come', async () => {
  for (const part of parts) part.value = undefined;
  const world = World.create('linux');
  world.console('host1').run('sleep 1', () => {});
  expect(world.runUntil(() => false)).toBe('wanting');
  const { now, spent } = world;
  expect(() => world.openTerminal('host1', { columns: 80, rows: 24, onOutput: () => {} })).toThrow("'sleep' is not loaded");
  expect(() => world.advance(1)).toThrow("'sleep' is not loaded");
  expect(() => world.resume()).toThrow("'sleep' is not loaded");
  expect({ now: world.now, spent: world.spent }).toEqual({ now, spent });
  const part = world.wanted as Part;
  const { fetch } = part;
  Object.assign(part, { fetch: () => Promise.reject(new Error('no network')) });
  await expect(supply(world)).rejects.toThrow("the code of 'sleep' could not be loaded (no network)");
  Object.assign(part, { fetch });
  await supply(world);
  expect(world.runUntil(() => world.now > now + 1_000_000)).not.toBe('wanting');
});
