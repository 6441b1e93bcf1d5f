import { describe, expect, test } from 'vitest';
import { decode, encode } from '../base/bytes.ts';
import type { TopologyDevice } from './topology.ts';
import { scenarios, UnknownHost, UnknownScenario, World } from '../complete.ts';

/** Runs a command at a host's console to its end. */
function sh(world: World, command: string, host = 'host1'): { output: string; status: number | undefined } {
  let output = '';
  const run = world.console(host).run(command, (text) => {
    output += text;
  });
  if (world.runUntil(() => run.done) !== 'done') throw new Error(`${command} does not end; printed: ${output}`);
  return { output, status: run.status };
}

function open(world: World, host = 'host1', command?: string[]) {
  let screen = '';
  const terminal = world.openTerminal(host, {
    columns: 80,
    rows: 24,
    ...(command ? { command } : {}),
    onOutput: (bytes) => {
      screen += decode(bytes);
    },
  });
  world.advance(1_000_000);
  return { terminal, screen: () => screen, type: (text: string) => terminal.write(encode(text)) };
}

describe.each(scenarios())('the world $name', ({ name, hosts }) => {
  test('starts with its hosts, at rest, with addresses settled', () => {
    const world = World.create(name);
    expect([...world.hosts.keys()]).toEqual(hosts);
    expect(world.now).toBeGreaterThanOrEqual(3_000_000);
    for (const host of hosts) {
      expect(sh(world, 'hostname; pwd', host)).toEqual({ output: `${host}\n/root\n`, status: 0 });
      expect(sh(world, 'ip -6 addr show tentative', host).output).toBe('');
      expect(world.hosts.get(host)?.bugs).toEqual([]);
    }
  });
});

describe('a LAN', () => {
  test('has cards with the MACs and addresses of the recorded hosts, on a switch behind which lies the gateway', () => {
    const { hosts, links } = World.create('lan').topology();
    expect(hosts.map(({ name, kind }) => [name, kind])).toEqual([
      ['lan', 'outside'],
      ['host1', undefined],
      ['host2', undefined],
    ]);
    const device = (host: string, name: string): TopologyDevice | undefined =>
      hosts.find((one) => one.name === host)?.namespaces[0]?.devices.find((one) => one.name === name);
    expect(device('host2', 'eth0')).toMatchObject({
      ifindex: 2,
      mac: '52:54:00:00:32:0c',
      kind: 'nic',
      running: true,
      addresses: ['192.168.50.12/24', 'fe80::5054:ff:fe00:320c/64'],
    });
    expect(device('lan', 'host2')).toMatchObject({ master: device('lan', 'lan')?.uid });
    const wires = links.filter(({ kind }) => kind === 'wire').map(({ a, b }) => new Set([a, b]));
    expect(wires).toEqual(['host1', 'host2'].map((host) => new Set([device(host, 'eth0')?.uid, device('lan', host)?.uid])));
  });

  test('lets hosts reach each other and, through the gateway, the address outside', () => {
    const world = World.create('lan');
    expect(sh(world, 'ping -c 1 192.168.50.12').output).toMatch(/bytes from 192.168.50.12: icmp_seq=1 ttl=64/);
    expect(sh(world, 'ping -c 1 203.0.113.10').output).toMatch(/bytes from 203.0.113.10: icmp_seq=1 ttl=64/);
    expect(sh(world, 'ip route').output).toBe(
      'default via 192.168.50.1 dev eth0 \n192.168.50.0/24 dev eth0 proto kernel scope link src 192.168.50.11 \n',
    );
  });
});

describe('a console', () => {
  test('is one shell for as long as the world lives', () => {
    const world = World.create('linux');
    sh(world, 'cd /tmp; X=kept; greet() { echo "hello $1"; }');
    expect(sh(world, 'echo "$X $PWD"; greet you; (exit 3)')).toEqual({ output: 'kept /tmp\nhello you\n', status: 3 });
  });

  test('survives what would end a script: a syntax error, an unset variable, exec of nothing', () => {
    const world = World.create('linux');
    expect(sh(world, 'echo "unclosed').output).toMatch(/unexpected EOF while looking for matching/);
    expect(sh(world, ': "${NOTHING:?is missing}"').output).toMatch(/NOTHING: is missing/);
    expect(sh(world, 'no-such-command').status).toBe(127);
    expect(sh(world, 'echo alive').output).toBe('alive\n');
  });

  test('stops an endless loop at Ctrl-C, and goes on', () => {
    const world = World.create('linux');
    const console = world.console('host1');
    const run = console.run('while true; do :; done', () => {});
    expect(world.runUntil(() => run.done, { events: 10_000 })).toBe('limit');
    expect(console.busy).toBe(true);
    run.interrupt();
    expect(world.runUntil(() => run.done)).toBe('done');
    expect(run.status).toBe(130);
    expect(sh(world, 'echo after').output).toBe('after\n');
  });

  test('lets ping print its statistics at Ctrl-C', () => {
    const world = World.create('lan');
    let output = '';
    const run = world.console('host1').run('ping 192.168.50.12', (text) => {
      output += text;
    });
    world.advance(2_500_000);
    expect(run.done).toBe(false);
    run.interrupt();
    expect(world.runUntil(() => run.done)).toBe('done');
    expect(output).toMatch(/3 packets transmitted, 3 received, 0% packet loss/);
  });

  test('knows when nothing will happen any more', () => {
    const world = World.create('linux');
    const run = world.console('host1').run('read line < <(sleep infinity & wait)', () => {});
    expect(world.runUntil(() => run.done, { virtual: 10_000_000 })).not.toBe('done');
    run.interrupt();
    expect(world.runUntil(() => run.done)).toBe('done');
  });
});

describe('a terminal', () => {
  test('is a login shell that echoes, runs and takes Ctrl-C', () => {
    const world = World.create('linux');
    const { screen, type } = open(world);
    expect(screen()).toContain('root@host1:~# ');
    type('echo $((6 * 7))\r');
    world.advance(1_000_000);
    expect(screen()).toMatch(/echo \$\(\(6 \* 7\)\)\r\n(\x1b\[[?0-9;]*[a-zA-Z])*42\r\n/);
    type('while true; do :; done\r');
    world.advance(50_000);
    type('\x03');
    world.advance(50_000);
    type('echo stopped\r');
    world.advance(1_000_000);
    expect(screen()).toContain('stopped\r\n');
  });

  test('knows its size, and is told when it changes', () => {
    const world = World.create('linux');
    const { terminal, screen, type } = open(world);
    terminal.resize(100, 30);
    type('stty size\r');
    world.advance(1_000_000);
    expect(screen()).toContain('30 100\r\n');
  });

  test('closes when its shell exits, and ends its shell when it is closed', () => {
    const world = World.create('linux');
    const first = open(world);
    first.type('exit\r');
    world.advance(1_000_000);
    expect(first.terminal.closed).toBe(true);
    const second = open(world);
    const shells = () =>
      world.hosts
        .get('host1')
        ?.processes()
        .filter((process) => process.tty).length;
    expect(shells()).toBe(1);
    second.terminal.close();
    world.advance(1_000_000);
    expect(shells()).toBe(0);
  });

  test('can run a program in place of a shell', () => {
    const { terminal, screen } = open(World.create('linux'), 'host1', ['bash', '-c', 'echo here; tty']);
    expect(screen()).toBe('here\r\n/dev/pts/0\r\n');
    expect(terminal.closed).toBe(true);
  });

  test('says so when there is no such program', () => {
    const { terminal, screen } = open(World.create('linux'), 'host1', ['no-such-program']);
    expect(screen()).toBe('no-such-program: No such file or directory\r\n');
    expect(terminal.closed).toBe(true);
  });
});

test('there is no world and no host of just any name', () => {
  expect(() => World.create('moon')).toThrow(UnknownScenario);
  expect(() => World.create('linux').console('host2')).toThrow(UnknownHost);
  expect(() => World.create('linux').openTerminal('host2', { columns: 80, rows: 24, onOutput: () => {} })).toThrow(UnknownHost);
});
