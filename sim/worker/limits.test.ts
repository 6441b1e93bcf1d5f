import { describe, expect, it } from 'vitest';
import { RUN_LIMITS, World } from '../complete.ts';
import { type CellCommands, CellRun } from './cell-run.ts';
import { flatRun, type Hindrance } from './flat-run.ts';

/** As RUN_LIMITS, but a twentieth of the work, so that the stories below are told quickly. */
const LIMITS = { events: RUN_LIMITS.events / 20, virtual: RUN_LIMITS.virtual };
/** Events of a batch, as a page's worker takes them. */
const BATCH = 2_000;

interface Told {
  output: string;
  statuses: (number | undefined)[];
  /** Why the cell was interrupted, if it was. */
  why: Hindrance | undefined;
  /** It didn't end even then. */
  over: boolean;
}

/** A cell run flat, as a reader's click does it. */
function cell(world: World, ...commands: string[]): Told {
  return told(world, { host: 'host1', commands });
}

function told(world: World, cell: CellCommands): Told {
  const told: Told = { output: '', statuses: [], why: undefined, over: false };
  const run = new CellRun(world, cell, {
    output: (_, text) => {
      if (told.output.length < 10_000) told.output += text;
    },
    ended: (_, status) => told.statuses.push(status),
  });
  const hindered = (why: Hindrance, over: boolean): void => {
    told.why ??= why;
    told.over = over;
  };
  const batch = flatRun(world, run, hindered, LIMITS);
  while (!batch(BATCH));
  return told;
}

/** Runs a cell in a new world, and another after it, which must work as if nothing had been. */
function story(...commands: string[]): Told {
  const world = World.create('linux');
  const told = cell(world, ...commands);
  const after = cell(world, 'ip link set lo up; ping -c 1 127.0.0.1 | head -2; echo alive');
  expect(after.output).toMatch(/^PING 127\.0\.0\.1 .*\n64 bytes from 127\.0\.0\.1: .*\nalive\n$/);
  expect(after.why).toBeUndefined();
  return told;
}

it('what listens in a terminal of its own is left alone, however silent it is', () => {
  const world = World.create('linux');
  expect(told(world, { host: 'host1', commands: ['conntrack -E'], terminal: 'events' })).toMatchObject({ why: undefined, statuses: [] });
  expect(cell(world, 'pgrep -x conntrack').statuses).toEqual([0]);
});

describe('what would go on for ever is interrupted, and the next cell runs', () => {
  it.each([
    ['a loop of the shell', 'while :; do :; done'],
    ['a pipe that never dries up', 'yes | cat > /dev/null'],
    ['a terminal full of y', 'yes'],
    ['a flood of pings', 'ip link set lo up; ping -f 127.0.0.1 > /dev/null'],
    ['zeros without end, counted', 'cat /dev/zero | wc -c'],
    ['an endless loop in awk', "awk 'BEGIN { while (1) n++ }'"],
    ['an endless generator in jq', "jq -n 'last(repeat(1))'"],
    ['a file that grows and grows', 'cat /dev/zero > f'],
  ])('%s', (_, command) => {
    expect(story(command)).toMatchObject({ why: 'limit', over: false, statuses: [130] });
  });

  it('what comes after it in the same cell is not run', () => {
    expect(story('while :; do :; done', 'echo never')).toMatchObject({ output: '', why: 'limit' });
  });

  it.each([
    ['nobody writes', 'cat'],
    ['a pipe without another end', 'mkfifo p; cat p'],
    ['nobody calls', 'nc -l -p 80'],
    ['a capture of silence', 'tcpdump -i lo -c 1 2>/dev/null'],
  ])('what waits for something that never comes: %s', (_, command) => {
    expect(['stuck', undefined]).toContain(story(command).why);
  });

  it('a capture of its own output stops, too', () => {
    const told = story(
      'ip link set lo up; tcpdump -l -i lo -nn udp 2>/dev/null | nc -u 127.0.0.1 9 & sleep 0.1; echo go | nc -u -w 1 127.0.0.1 9; sleep 1; kill %1; echo over',
    );
    expect(told.output).toContain('over');
  });
});

describe('what would eat the memory is refused in so many words', () => {
  it.each([
    ['a recursion of the shell', 'f() { f; }; f', 'bash: line 1: f: maximum function nesting level exceeded (400)\n', 1],
    [
      'of awk',
      "awk 'function f(n) { return f(n + 1) } BEGIN { f(0) }' 2>&1 | head -1",
      'awk: run time error: function call nesting too deep\n',
      0,
    ],
    ['of jq', "jq -n 'def f: 1 + f; f'", 'jq: error (at <unknown>): recursion too deep\n', 5],
    ['a text that doubles, in the shell', 'x=a; while :; do x=$x$x; done', 'bash: line 1: xrealloc: cannot allocate memory\n', 1],
    ['in awk', 'awk \'BEGIN { x = "aaaaaaaa"; while (1) x = x x }\'', 'awk: out of memory\n', 2],
    ['words from braces', 'echo {1..100000000}', /brace expansion makes too many words for this simulation/, 1],
    ['a full disk', 'cat /dev/zero > /dev/full', 'cat: write error: No space left on device\n', 1],
  ])('%s', (_, command, output, status) => {
    const told = story(command);
    if (typeof output === 'string') expect(told.output).toBe(output);
    else expect(told.output).toMatch(output);
    expect(told.statuses).toEqual([status]);
  });

  it('a fork bomb finds the process table full; the machine beside it works', () => {
    const world = World.create('lan');
    const told = cell(world, ':(){ :|:& };:', 'echo still here');
    const other = world.console('host2').run('echo fine', (text) => {
      told.output += text;
    });
    world.runUntil(() => other.done);
    expect(cell(world, 'echo alive; sleep 1').output).toMatch(/alive\n(.*\n)*.*fork: retry: Resource temporarily unavailable/);
    expect(told.output).toMatch(/fine\n$/);
  });
});

describe('packets that would go round for ever', () => {
  it('in a loop of bridges: the storm is interrupted, and ends with the loop', () => {
    const world = World.create('linux');
    const lines = [
      'for b in br0 br1; do ip link add $b type bridge; done; for i in 1 2; do ip link add a$i type veth peer name b$i; done',
      'for i in 1 2; do ip link set a$i master br0 up; ip link set b$i master br1 up; done; ip link set br0 up; ip link set br1 up',
      'ip addr add 10.0.0.1/24 dev br0; ping -c 1 -W 1 10.0.0.2 > /dev/null; while :; do sleep 1; done',
    ];
    expect(cell(world, ...lines)).toMatchObject({ why: 'limit', over: false });
    expect(cell(world, 'ip link set a2 down; sleep 1; echo cut').output).toBe('cut\n');
    expect(cell(world, 'ip link set lo up; ping -c 1 127.0.0.1 | tail -1').output).toContain('rtt');
  });

  it('in a loop of routes: the TTL ends it, and somebody says so', () => {
    const told = story(
      'for n in r1 r2; do ip netns add $n; ip netns exec $n sysctl -qw net.ipv4.ip_forward=1; done; ip link add x netns r1 type veth peer name x netns r2',
      'for n in 1 2; do ip -n r$n addr add 10.0.0.$n/24 dev x; ip -n r$n link set x up; ip netns exec r$n sysctl -qw net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.x.send_redirects=0; done',
      'ip -n r1 route add 10.9.0.0/16 via 10.0.0.2; ip -n r2 route add 10.9.0.0/16 via 10.0.0.1',
      'ip netns add h; ip link add y netns h type veth peer name y netns r1; ip -n h addr add 10.1.0.2/24 dev y; ip -n r1 addr add 10.1.0.1/24 dev y',
      'ip -n h link set y up; ip -n r1 link set y up; ip -n h route add default via 10.1.0.1; ip -n r2 route add 10.1.0.0/24 via 10.0.0.1',
      'ip netns exec h ping -c 1 -W 1 10.9.0.1 | grep -c "Time to live exceeded"',
    );
    expect(told).toMatchObject({ why: undefined, output: '1\n' });
  });
});
