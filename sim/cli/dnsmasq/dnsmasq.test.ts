import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { TraceKind } from '../../base/trace.ts';
import type { Host } from '../../host/host.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import { dig } from '../bind/dig.ts';
import { run, testMachine } from '../harness.ts';
import { makeDirectories } from '../install.ts';
import { dnsmasq } from './dnsmasq.ts';

function machine(files: Record<string, string> = {}): Host {
  const host = testMachine([dig, dnsmasq], files);
  makeDirectories(host.init.namespaces.mnt.root, '/var/run');
  openRtNetlink(host.kernel.init).setLink(1, { up: true });
  return host;
}

function start(host: Host, ...options: string[]): void {
  const server = host.init.spawn('/usr/sbin/dnsmasq', { argv: ['dnsmasq', '-k', '-R', '-h', '-z', ...options] });
  if (typeof server === 'string') throw new Error(server);
  host.events.runUntil(host.now + SECOND / 10);
}

const ask = (host: Host, ...words: string[]) =>
  run(host, '/usr/bin/dig', ['@127.0.0.1', ...words, '+noall', '+answer', '+tries=1']).stdout.replaceAll('\t', ' ');

describe('dnsmasq', () => {
  it('--address covers a domain and all below it; a longer domain wins', () => {
    const host = machine();
    start(
      host,
      '-a',
      '127.0.0.1',
      '--address=/test/10.0.0.1',
      '--address=/db.test/10.0.0.2',
      '--address=/none.test/',
      '--address=/null.test/#',
    );
    expect(ask(host, 'a.b.test')).toBe('a.b.test.  0 IN A 10.0.0.1\n');
    expect(ask(host, 'x.db.test')).toBe('x.db.test.  0 IN A 10.0.0.2\n');
    expect(ask(host, 'x.none.test')).toBe('');
    expect(ask(host, 'null.test', 'AAAA')).toBe('null.test.  0 IN AAAA ::\n');
    expect(ask(host, 'nottest')).toBe('');
  });

  it('hosts files, expanded names, and the way back', () => {
    const host = machine({ '/etc/lan': '10.5.5.5 printer\n10.5.5.6 printer\nfd05::5 six.lan\n' });
    start(host, '-a', '127.0.0.1', '-H', '/etc/lan', '-E', '-s', 'lan', '--local-ttl=7');
    expect(ask(host, 'printer.lan')).toBe('printer.lan.  7 IN A 10.5.5.5\nprinter.lan.  7 IN A 10.5.5.6\n');
    expect(ask(host, '-x', '10.5.5.6')).toBe('6.5.5.10.in-addr.arpa. 7 IN PTR printer.lan.\n');
    expect(ask(host, 'six.lan', 'AAAA')).toBe('six.lan.  7 IN AAAA fd05::5\n');
  });

  it('a domain has a server of its own, whose answers are kept as long as they last', () => {
    const host = machine();
    start(host, '-a', '127.0.0.2', '--host-record=web.up,10.0.0.9,30');
    start(host, '-a', '127.0.0.1', '--server=/up/127.0.0.2');
    const queries = () => host.kernel.trace.events().filter((event) => event.kind === TraceKind.Transmit).length;
    expect(ask(host, 'web.up')).toBe('web.up.   30 IN A 10.0.0.9\n');
    const before = queries();
    host.events.runUntil(host.now + 10 * SECOND);
    expect(ask(host, 'web.up')).toMatch(/^web\.up\. {3}(19|20) IN A 10\.0\.0\.9\n$/);
    expect(queries() - before).toBe(2);
    host.events.runUntil(host.now + 21 * SECOND);
    expect(ask(host, 'web.up')).toBe('web.up.   30 IN A 10.0.0.9\n');
  });

  it('refuses what nobody can answer', () => {
    const host = machine();
    start(host, '-a', '127.0.0.1');
    const { stdout } = run(host, '/usr/bin/dig', ['@127.0.0.1', 'example.org', '+noall', '+comments']);
    expect(stdout).toContain('status: REFUSED');
    expect(stdout).toContain('; EDE: 14 (Not Ready)\n');
  });

  it('reads a configuration file, and says in which line it is wrong', () => {
    const host = machine({
      '/etc/good': 'port=5300\n# comment\nlisten-address=127.0.0.1\naddress=/c.test/10.0.0.8\n',
      '/etc/bad': 'no-hosts\nbogus=1\n',
    });
    start(host, '-C', '/etc/good');
    expect(ask(host, '-p', '5300', 'c.test')).toBe('c.test.   0 IN A 10.0.0.8\n');
    const failed = (...args: string[]) => run(host, '/usr/sbin/dnsmasq', ['-d', ...args]);
    expect(failed('-C', '/etc/bad')).toMatchObject({ stderr: '\ndnsmasq: bad option at line 2 of /etc/bad\n', status: 1 });
    expect(failed('--address=foo').stderr).toBe('\ndnsmasq: bad command line options: Bad address in --address\n');
    expect(failed('-z', '-a', '127.0.0.1', '-p', '5300')).toMatchObject({
      stderr: '\ndnsmasq: failed to create listening socket for 127.0.0.1: Address already in use\n',
      status: 2,
    });
    expect(failed('--dhcp-range=10.0.0.2,10.0.0.9').stderr).toBe(
      'dnsmasq: the option --dhcp-range is not modelled (see sim/FIDELITY.md)\n',
    );
  });
});
