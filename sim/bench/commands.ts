import { World } from '../complete.ts';
import { best, type Figure } from './measure.ts';

/** Types a command at a world's host1 and waits for its end. */
export function run(world: World, command: string): void {
  const started = world.console('host1').run(command, () => {});
  const outcome = world.runUntil(() => started.done, {});
  if (outcome !== 'done') throw new Error(`${command}: ${outcome}`);
  if (started.status !== 0) throw new Error(`${command}: status ${started.status}`);
}

function command(what: string, scenario: string, text: string, goal?: number): Figure {
  let events = 0;
  const milliseconds = best(() => {
    const world = World.create(scenario);
    const before = world.events.executed;
    run(world, text);
    events = world.events.executed - before;
  });
  const empty = best(() => run(World.create(scenario), ':'));
  const value = Math.max(milliseconds - empty, 0);
  return { what, value, unit: 'ms', ...(goal === undefined ? {} : { goal }), note: `${Math.round(events / value)} events/ms` };
}

/** Fifty namespaces on a bridge: seven commands each, as a person would type them. */
const FIFTY = `ip link add br0 type bridge; ip link set br0 up
for i in $(seq 1 50); do
  ip netns add n$i
  ip link add v$i type veth peer name eth0 netns n$i
  ip link set v$i master br0
  ip link set v$i up
  ip -n n$i addr add 10.0.0.$i/24 dev eth0
  ip -n n$i link set eth0 up
  ip -n n$i link set lo up
done`;
const ALL_PAIRS =
  'for i in $(seq 1 50); do for j in $(seq 1 50); do [ $i = $j ] || ip netns exec n$i ping -q -c 1 10.0.0.$j; done; done > /dev/null';

/** Docker as a chapter uses it: networks, containers on them, a few with ports. */
const TEN_CONTAINERS = `for n in one two three; do docker network create $n; done > /dev/null
for i in 1 2 3; do
  docker run -d --network one -p 808$i:80 busybox sleep 1000
  docker run -d --network two busybox sleep 1000
  docker run -d --network three busybox sleep 1000
done > /dev/null
docker run -d --network one --network two busybox sleep 1000 > /dev/null`;

/** What a reader waits for: worlds, and commands typed at them. */
export function commandFigures(): Figure[] {
  return [
    { what: 'making the world linux', value: best(() => World.create('linux')), unit: 'ms' },
    { what: 'making the world lan', value: best(() => World.create('lan')), unit: 'ms' },
    command('1,000 pings across the LAN', 'lan', 'ping -q -c 1000 -i 0.01 192.168.50.12 > /dev/null'),
    command('1,000 rounds of a shell loop', 'linux', 'for ((i = 0; i < 1000; i++)); do :; done'),
    command('100 pipelines of three processes', 'linux', 'for i in $(seq 100); do echo a b | tr a-z A-Z | wc -c; done'),
    command('sorting 10,000 lines', 'linux', 'seq 10000 | sort -rn | tail -1'),
    command('50 namespaces on a bridge', 'linux', FIFTY),
    command('the same, and 2,450 pings between them', 'linux', `${FIFTY}\n${ALL_PAIRS}`, 350),
    command('three networks and ten containers', 'docker', TEN_CONTAINERS, 60),
    command('twenty times docker run -d', 'docker', 'for i in $(seq 20); do docker run -d busybox sleep 1000; done > /dev/null', 100),
  ];
}
