import { beforeEach, describe, expect, it } from 'vitest';
import { World } from '../../complete.ts';
import { typed } from '../docker/console.fixture.ts';

/** A machine with Docker; `sh` types a command there. */
let world: World;
const sh = (command: string): string => typed(world, command);

/** Starts the nginx image with a configuration of these lines inside `http`. */
function serve(http: string): void {
  sh(`cat > /tmp/nginx.conf <<'X'\nuser root; error_log stderr; events {}\nhttp { access_log /dev/stdout; ${http} }\nX`);
  sh('docker run -d --name web --network host -v /tmp/nginx.conf:/etc/nginx/nginx.conf nginx; sleep 0.5');
}

beforeEach(() => {
  world = World.create('docker');
});

describe('nginx', () => {
  it('takes the exact location, then ^~, then the first regex, then the longest prefix', () => {
    serve(`server { listen 80;
      location / { return 200 "root\\n"; }
      location = /x { return 200 "exact\\n"; }
      location ^~ /pre { return 200 "pre\\n"; }
      location ~* \\.JPG$ { return 200 "regex\\n"; }
      location /img/ { return 200 "img\\n"; } }`);
    const paths = ['/x', '/x/y', '/pre/a.jpg', '/img/a.jpg', '/img/b'];
    expect(paths.map((path) => sh(`curl -s http://127.0.0.1${path}`))).toEqual(['exact\n', 'root\n', 'pre\n', 'regex\n', 'img\n']);
  });

  it('chooses the server by the Host header: exact, wildcard, regex, default', () => {
    serve(`server { listen 80; return 200 "default\\n"; }
      server { listen 80; server_name a.example *.b.example; return 200 "named $host\\n"; }
      server { listen 80; server_name ~^c(?<n>\\d+)$; return 200 "regex $n\\n"; }`);
    const hosts = ['a.example', 'A.Example:80', 'x.b.example', 'c42', 'other'];
    expect(hosts.map((host) => sh(`curl -s -H 'Host: ${host}' http://127.0.0.1/`))).toEqual([
      'named a.example\n',
      'named a.example\n',
      'named x.b.example\n',
      'regex 42\n',
      'default\n',
    ]);
  });

  it('runs two connections at once: a slow upstream keeps nobody else waiting', () => {
    serve(
      `server { listen 80; location /slow { proxy_pass http://127.0.0.1:9; proxy_connect_timeout 5s; } location / { return 200 "fast\\n"; } }`,
    );
    sh('iptables -A INPUT -p tcp --dport 9 -j DROP');
    sh('(curl -s -o /dev/null -w "slow %{http_code}\\n" http://127.0.0.1/slow > /tmp/slow &)');
    expect(sh('curl -s -m 1 http://127.0.0.1/')).toBe('fast\n');
    expect(sh('sleep 6; cat /tmp/slow')).toBe('slow 504\n');
  });

  it('keeps the old configuration when the new one is bad, and lets requests finish on a good one', () => {
    serve('server { listen 80; return 200 "one\\n"; }');
    sh('cat > /tmp/nginx.conf <<"X"\nevents {} http { nonsense; }\nX');
    expect(sh('docker exec web nginx -s reload')).toContain('unknown directive "nonsense" in /etc/nginx/nginx.conf:1');
    expect(sh('docker kill -s HUP web >/dev/null; sleep 0.2; curl -s http://127.0.0.1/')).toBe('one\n');
    expect(sh('docker logs web 2>&1 | grep -c nonsense')).toBe('1\n');
    sh('cat > /tmp/nginx.conf <<"X"\nuser root; events {} http { access_log off; server { listen 81; return 200 "two\\n"; } }\nX');
    sh('docker exec web nginx -s reload; sleep 0.2');
    expect(sh('curl -s http://127.0.0.1:81/; curl -s http://127.0.0.1/; echo $?')).toBe('two\n7\n');
    expect(sh('docker stop web; docker inspect -f "{{.State.ExitCode}}" web')).toBe('web\n0\n');
  });

  it('refuses by name what is not modelled', () => {
    serve('server { listen 443 ssl; }');
    expect(sh('docker logs web')).toContain('"listen ... ssl" is not modelled (see sim/FIDELITY.md) in /etc/nginx/nginx.conf:2');
  });
});
