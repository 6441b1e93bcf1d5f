import { beforeAll, describe, expect, it } from 'vitest';
import { World } from '../../complete.ts';
import { typed } from './console.fixture.ts';

let world: World;
const sh = (command: string): string => typed(world, command);

beforeAll(() => {
  world = World.create('docker');
});

describe('images that do something', () => {
  it('a pull brings an image, a second one finds it up to date, nobody knows where an unknown one is', () => {
    expect(sh('docker pull -q alpine')).toBe('docker.io/library/alpine:latest\n');
    expect(sh('docker pull alpine | tail -2')).toBe('Status: Image is up to date for alpine:latest\ndocker.io/library/alpine:latest\n');
    expect(sh("docker pull nosuch 2>&1 | tail -1 | sed 's/[0-9]*->/PORT->/'")).toBe(
      'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io on 10.255.255.53:53: read udp 192.168.50.11:PORT->10.255.255.53:53: i/o timeout\n',
    );
    expect(sh('docker run --rm alpine apk add curl')).toContain("apk: 'apk add' is not modelled");
  });

  it('whoami shows the address that a request came from, and its headers', () => {
    sh('docker run -d --name who --hostname box traefik/whoami -name w; sleep 0.5');
    const shown = sh('curl -s -H "X-Forwarded-For: 9.9.9.9" $(docker inspect -f "{{.NetworkSettings.IPAddress}}" who)/path');
    expect(shown).toMatch(
      /^Name: w\nHostname: box\nIP: 127\.0\.0\.1\nIP: ::1\nIP: 172\.17\.0\.2\nRemoteAddr: 172\.17\.0\.1:\d+\nGET \/path HTTP\/1\.1\nHost: 172\.17\.0\.2\nUser-Agent: curl\/[\d.]+\nAccept: \*\/\*\nX-Forwarded-For: 9\.9\.9\.9\n\n$/,
    );
  });

  it('http-echo says its text, and complains without one', () => {
    sh('docker run -d --name echo --network host hashicorp/http-echo -text hello -listen :5000; sleep 0.5');
    expect(sh('curl -s 127.0.0.1:5000; docker run --rm hashicorp/http-echo; echo $?')).toBe('hello\nMissing -text option!\n127\n');
  });

  it('redis keeps strings for clients of other containers', () => {
    sh('docker run -d --name cache redis; sleep 0.5');
    const cli = 'docker run --rm redis redis-cli -h 172.17.0.3';
    expect(sh(`${cli} set n 41; ${cli} incr n; ${cli} get none; ${cli} keys '*'; ${cli} incr`)).toBe(
      "OK\n42\n\nn\nERR wrong number of arguments for 'incr' command\n",
    );
    expect(sh('docker exec cache redis-cli -p 1 ping')).toBe('Could not connect to Redis at 127.0.0.1:1: Connection refused\n');
    expect(sh('printf "PING\\r\\n" | nc -N 172.17.0.3 6379')).toBe('+PONG\n');
  });

  it('the address outside answers, also from inside a container', () => {
    expect(sh('curl -s http://203.0.113.10/')).toBe('hello from the internet\n');
  });
});

describe('files of containers', () => {
  it('copies in and out, and tells what has changed', () => {
    sh('docker run -d --name files busybox sleep 1000; mkdir -p /tmp/d/e; echo x > /tmp/d/e/f');
    expect(sh('docker cp /tmp/d files:/srv; docker exec files cat /srv/e/f')).toBe('x\n');
    expect(sh('docker cp files:/srv/e/. /tmp/out; cat /tmp/out/f')).toBe('x\n');
    expect(sh('docker diff files')).toBe('A /srv\nA /srv/e\nA /srv/e/f\n');
    expect(sh('docker cp files:/bin/busybox /tmp/busybox; /tmp/busybox echo it runs')).toBe('it runs\n');
  });

  it('a volume outlives its container, an anonymous one with --rm does not', () => {
    expect(sh('docker run --rm -v keep:/d -v /gone busybox sh -c "echo k > /d/f"; docker volume ls -q')).toBe('keep\n');
    expect(sh('docker run --rm -v keep:/d busybox cat /d/f; docker volume rm keep')).toBe('k\nkeep\n');
  });

  it('processes inside cannot kill their first one', () => {
    expect(sh('docker exec files kill -9 1; docker inspect -f "{{.State.Status}}" files')).toBe('running\n');
    expect(sh('docker kill files; docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" files')).toBe('files\nexited 137\n');
  });
});

describe('a terminal in a container', () => {
  it('^P^Q leaves the shell running; attach comes back to it', () => {
    let shown = '';
    const terminal = world.openTerminal('host1', { columns: 80, rows: 24, onOutput: (bytes) => (shown += String.fromCharCode(...bytes)) });
    const type = (text: string): void => {
      terminal.write(Uint8Array.from(text, (c) => c.charCodeAt(0)));
      world.advance(2_000_000);
    };
    world.advance(1_000_000);
    type('docker run -it --name shell busybox sh\n');
    type('echo in-$((1+1))\n');
    expect(shown).toContain('in-2');
    type('\x10\x11');
    expect(shown).toContain('read escape sequence');
    expect(sh('docker inspect -f "{{.State.Status}}" shell')).toBe('running\n');
    type('docker attach shell\n');
    type('exit 5\n');
    type('echo status $?\n');
    expect(shown).toContain('status 5');
    terminal.close();
  });
});
