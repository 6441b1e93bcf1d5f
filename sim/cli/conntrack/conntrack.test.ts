import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { iptables } from '../../host/iptables/iptables.ts';
import { address, datagram, echo, send } from '../../kernel/netfilter/testbed.ts';
import { run, testMachine } from '../harness.ts';
import { conntrack } from './conntrack.ts';

const VERSION = 'conntrack v1.4.9 (conntrack-tools)';
const shown = (count: number, what = 'shown') => `${VERSION}: ${count} flow entries have been ${what}.\n`;

/** A machine that has just sent itself a ping and a question nobody answered. */
function machine() {
  const host = testMachine([conntrack]);
  const { net } = host.init.namespaces;
  net.setUp(net.loopback);
  address(net, 'lo', '10.0.0.1', 32);
  expect(iptables(net, '-A INPUT -m conntrack --ctstate NEW')).toBeUndefined();
  // The second address has nobody behind it who would answer.
  expect(iptables(net, '-A OUTPUT -p icmp --icmp-type port-unreachable -j DROP')).toBeUndefined();
  send(net, 1, echo(7), '127.0.0.1');
  send(net, 17, datagram('127.0.0.1', '10.0.0.1', 4000, 53), '10.0.0.1', '127.0.0.1');
  host.events.runUntil(host.now + SECOND);
  const call = (...args: string[]) => {
    const { stdout, stderr, status } = run(host, '/usr/sbin/conntrack', args);
    return { stdout, stderr, status };
  };
  return { host, net, call };
}

const PING = 'icmp     1 28 src=127.0.0.1 dst=127.0.0.1 type=8 code=0 id=7 src=127.0.0.1 dst=127.0.0.1 type=0 code=0 id=7 mark=0 use=1';
const QUESTION =
  'udp      17 28 src=127.0.0.1 dst=10.0.0.1 sport=4000 dport=53 [UNREPLIED] src=10.0.0.1 dst=127.0.0.1 sport=53 dport=4000 mark=0 use=1';

describe('conntrack -L', () => {
  it('lists what is tracked, and counts it on standard error', () => {
    const { call } = machine();
    expect(call('-L')).toEqual({ stdout: `${PING}\n${QUESTION}\n`, stderr: shown(2), status: 0 });
    expect(call('-C').stdout).toBe('2\n');
  });

  it('filters', () => {
    const { call } = machine();
    for (const args of [
      ['-p', 'udp'],
      ['-d', '10.0.0.0/8'],
      ['-p', 'udp', '--dport', '53'],
      ['-p', '17', '--orig-port-src', '4000'],
      ['--reply-src', '10.0.0.1'],
    ])
      expect(call('-L', ...args), args.join(' ')).toMatchObject({ stdout: `${QUESTION}\n`, stderr: shown(1) });
    expect(call('-L', '-p', 'icmp', '--icmp-id', '8').stdout).toBe('');
    expect(call('-L', '-u', 'ASSURED').stdout).toBe('');
    expect(call('-L', '--src-nat', '1.1.1.1').stdout).toBe('');
  });

  it('shows more when asked', () => {
    const { call, net } = machine();
    const [entry] = net.netfilter.conntrack.table.list();
    expect(call('-L', '-p', 'icmp', '-o', 'extended,id').stdout).toBe(`ipv4     2 ${PING} id=${entry?.id}\n`);
    expect(call('-L', '-p', 'udp', '-o', 'save').stdout).toBe(
      '-A -t 28 -u UNSET -s 127.0.0.1 -d 10.0.0.1 -r 10.0.0.1 -q 127.0.0.1 -p udp --sport 4000 --dport 53 --reply-port-src 53 --reply-port-dst 4000\n',
    );
  });
});

describe('changing the table', () => {
  it('-D deletes and shows what it deleted', () => {
    const { call } = machine();
    expect(call('-D', '-p', 'udp')).toEqual({ stdout: `${QUESTION}\n`, stderr: shown(1, 'deleted'), status: 0 });
    expect(call('-D', '-p', 'udp')).toEqual({ stdout: '', stderr: shown(0, 'deleted'), status: 1 });
  });

  it('-U sets marks, -F empties it', () => {
    const { call, net } = machine();
    expect(call('-U', '-p', 'icmp', '--mark', '5').stderr).toBe(shown(1, 'updated'));
    expect(call('-L', '--mark', '5/7').stdout).toContain('mark=5 use=1');
    expect(call('-F').stderr).toBe(`${VERSION}: connection tracking table has been emptied.\n`);
    expect(net.netfilter.conntrack.table.count).toBe(0);
  });
});

describe('bad calls', () => {
  const hint = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
  it.each([
    ['-Q', "unknown option `-Q'", 2],
    ['--foo', "unknown option `--foo'", 2],
    ['-L foo', "unknown type `foo'", 2],
    ['-L -F', 'Invalid commands combination', 2],
    ['-L -p foo', "`foo' unsupported protocol", 2],
    ['-L -s foo', "Invalid IP address `foo'", 2],
    ['-L -s 10.0.0.0/33', 'Invalid netmask', 2],
    ['-L --dport 80', "unknown option `--dport'", 2],
    ['-L -p tcp --state established', "unknown TCP state `established'", 2],
    ['-L -o foo', "Bad parameter `foo'", 2],
    ['-L -t 5', "Illegal option `--timeout' with this command", 2],
    ['-s 1.1.1.1', "Illegal option `--src' with this command", 2],
    ['-G', "You need to supply the `--protonum' option for this command", 2],
    ['-L -m foo', "unexpected value 'foo' with -m option", 1],
  ])('conntrack %s', (args, message, status) => {
    const { call } = machine();
    expect(call(...args.split(' '))).toEqual({ stdout: '', stderr: `${VERSION}: ${message}\n${status === 2 ? hint : ''}`, status });
  });
});

describe('conntrack -E', () => {
  it('tells of connections as they come and change, until it is interrupted', () => {
    const { host, net } = machine();
    for (const connection of net.netfilter.conntrack.table.list()) net.netfilter.conntrack.table.remove(connection);
    host.events.after(SECOND, 'ping', () => void send(net, 1, echo(9), '127.0.0.1'));
    host.events.after(2 * SECOND, 'interrupt', () => {
      for (const process of host.processes()) if (process.name === 'conntrack') process.signal('SIGINT');
    });
    const { stdout, stderr, status } = run(host, '/usr/sbin/conntrack', ['-E']);
    expect(stdout).toBe(
      `    [NEW] icmp     1 30 src=127.0.0.1 dst=127.0.0.1 type=8 code=0 id=9 [UNREPLIED] src=127.0.0.1 dst=127.0.0.1 type=0 code=0 id=9
 [UPDATE] icmp     1 30 src=127.0.0.1 dst=127.0.0.1 type=8 code=0 id=9 src=127.0.0.1 dst=127.0.0.1 type=0 code=0 id=9
`,
    );
    expect([stderr, status]).toEqual([`${VERSION}: 2 flow events have been shown.\n`, 0]);
  });
});
