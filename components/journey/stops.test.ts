import { describe, expect, test } from 'vitest';
import { journeyOf, RUN_LIMITS, World } from '../../sim/complete.ts';
import { momentsOf } from '../topology/frames.ts';
import { peerOf } from '../topology/host.ts';
import { journeyHtml } from './render.ts';
import { type Followed, followedOf } from './stops.ts';

/** Runs commands on a world's host and follows the first packet whose line contains `text`. */
function follow(commands: readonly string[], text: string): Followed {
  const world = World.create('docker');
  let from = 0;
  for (const command of commands) {
    from = world.trace.next;
    const run = world.console('host1').run(command, () => {});
    world.runUntil(() => run.done, RUN_LIMITS);
  }
  const topology = world.topology();
  const events = world.trace.events(from);
  const hop = momentsOf(events, topology)
    .flat()
    .find((each) => each.text.includes(text));
  const packet = hop?.packet as number;
  return followedOf(
    journeyOf(events, packet, (device) => peerOf(device, topology.links)),
    topology,
  );
}

const TWO = ['docker run -d --name one busybox sleep 999', 'docker run -d --name two busybox sleep 999'];

describe('a ping between two containers', () => {
  const followed = follow([...TWO, 'docker exec one ping -c 1 172.17.0.3'], 'echo request');

  test('takes the four steps of the path: eth0, veth, bridge, veth, eth0', () => {
    expect(followed.outcome).toBe('delivered');
    const way = followed.stops
      .filter(({ kind }) => kind === 'send' || kind === 'bridge')
      .map(({ text }) => text.replace(/veth\w+/g, 'veth'));
    expect(way).toEqual(['eth0 of one → veth of host1', 'docker0 knows that address: out by veth', 'veth of host1 → eth0 of two']);
  });

  test('is told with sender and target, and who decided what', () => {
    expect(followed.title).toMatch(/^172\.17\.0\.2 → 172\.17\.0\.3: echo request/);
    expect(followed.stops[0]).toMatchObject({ kind: 'route', where: 'one', text: '172.17.0.0/16 dev eth0' });
    expect(followed.stops.at(-1)).toMatchObject({ kind: 'deliver', where: 'two' });
  });
});

describe('a ping that a rule forbids', () => {
  const rules = ['iptables -A DOCKER-USER -p tcp -j ACCEPT', 'iptables -A DOCKER-USER -s 172.17.0.2 -j DROP'];
  const followed = follow([...TWO, ...rules, 'docker exec one ping -c 1 -W 1 172.17.0.3'], 'dropped at');

  test('ends at that rule, after those that did not match', () => {
    expect(followed.outcome).toBe('dropped');
    const asked = followed.stops.filter(
      ({ rule }) => rule?.table === 'filter' && / -j (?:ACCEPT|DROP)$/.test(rule.text) && rule.chain === 'DOCKER-USER',
    );
    expect(asked.map(({ rule }) => [rule?.matched, rule?.mismatch])).toEqual([
      [false, 'protocol'],
      [true, undefined],
    ]);
    expect(followed.stops.at(-1)?.detail).toMatch(/^NETFILTER_DROP by filter DOCKER-USER \d+: -s 172\.17\.0\.2\/32 -j DROP$/);
  });

  test('reads the same in the page, with everything that could be markup escaped', () => {
    const html = journeyHtml(followed);
    expect(html).toContain('no match: protocol');
    expect(html).toContain('<span class="nd-outcome nd-outcome-dropped">dropped</span>');
    expect(journeyHtml({ ...followed, title: '<b>' })).not.toContain('<b>:');
  });
});
