import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import type { Host } from '../../host/host.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import { dnsmasq } from '../dnsmasq/dnsmasq.ts';
import { run, testMachine } from '../harness.ts';
import { makeDirectories } from '../install.ts';
import { commands } from './index.ts';

/** A machine on which dnsmasq answers for `test`. */
function machine(resolvConf = 'nameserver 127.0.0.1\nsearch corp.test test\n'): Host {
  const host = testMachine([...commands, dnsmasq], { '/etc/resolv.conf': resolvConf });
  makeDirectories(host.init.namespaces.mnt.root, '/var/run');
  openRtNetlink(host.kernel.init).setLink(1, { up: true });
  const options = [
    '--listen-address=127.0.0.1',
    '--bind-interfaces',
    '--no-resolv',
    '--no-hosts',
    '--local=/test/',
    '--host-record=web.test,10.0.0.1,fd00::1,60',
    '--host-record=db.corp.test,10.0.0.7',
    '--cname=www.test,web.test',
    `--txt-record=big.test${',xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'.repeat(20)}`,
  ];
  const server = host.init.spawn('/usr/sbin/dnsmasq', { argv: ['dnsmasq', '-k', ...options] });
  if (typeof server === 'string') throw new Error(server);
  host.events.runUntil(host.now + SECOND / 10);
  return host;
}

const dig = (host: Host, ...args: string[]) => run(host, '/usr/bin/dig', args);

describe('dig', () => {
  it('asks by UDP, and again by TCP when the answer was cut', () => {
    const host = machine();
    const { stdout } = dig(host, 'big.test', 'TXT', '+noall', '+stats');
    expect(stdout).toMatch(
      /^;; Truncated, retrying in TCP mode\.\n;; Query time: \d msec\n;; SERVER: 127\.0\.0\.1#53\(127\.0\.0\.1\) \(TCP\)\n/,
    );
    expect(dig(host, 'big.test', 'TXT', '+ignore', '+noall', '+comments').stdout).toContain(
      ';; flags: qr aa tc rd ra; QUERY: 1, ANSWER: 0',
    );
  });

  it('takes a name as whole unless told to search', () => {
    const host = machine();
    expect(dig(host, 'db', '+short').stdout).toBe('');
    expect(dig(host, 'db', '+search', '+short').stdout).toBe('10.0.0.7\n');
    expect(dig(host, 'web.test', '+search', '+ndots=3', '+noall', '+question').stdout).toBe(';web.test.\t\t\tIN\tA\n');
  });

  it('settings before the first name are for all, those after a name for that one', () => {
    const host = machine();
    expect(dig(host, '+noall', '+answer', 'web.test', 'www.test', 'AAAA').stdout).toBe(
      'web.test.\t\t60\tIN\tA\t10.0.0.1\nwww.test.\t\t0\tIN\tCNAME\tweb.test.\nweb.test.\t\t60\tIN\tAAAA\tfd00::1\n',
    );
    expect(dig(host, '+short', '-x', '10.0.0.1', 'db.corp.test').stdout).toBe('web.test.\n10.0.0.7\n');
  });

  it('long names push the other fields on by a blank or a tab', () => {
    const host = machine();
    expect(dig(host, '@127.0.0.1', '-x', 'fd00::1', '+noall', '+answer').stdout).toBe(
      '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa. 60 IN\tPTR web.test.\n',
    );
  });

  it('a port that is closed, one server after the other, and the exit status', () => {
    const host = machine('nameserver 127.0.0.2\nnameserver 127.0.0.1\n');
    expect(dig(host, 'web.test', '+short', '+tries=1')).toMatchObject({
      stdout: ';; communications error to 127.0.0.2#53: connection refused\n10.0.0.1\n',
      status: 0,
    });
    expect(dig(host, '-p', '54', '@127.0.0.1', 'web.test', '+tries=2')).toMatchObject({
      stdout: `;; communications error to 127.0.0.1#54: connection refused
;; communications error to 127.0.0.1#54: connection refused

; <<>> DiG 9.20.30-1-Debian <<>> -p 54 @127.0.0.1 web.test +tries=2
; (1 server found)
;; global options: +cmd
;; no servers could be reached
`,
      status: 9,
    });
  });

  it('names what is not modelled, and what nobody has', () => {
    const host = machine();
    expect(dig(host, '+trace', 'web.test')).toMatchObject({
      stderr: 'dig: the option +trace is not modelled (see sim/FIDELITY.md)\n',
      status: 1,
    });
    expect(dig(host, '+time=abc', 'web.test')).toMatchObject({
      stderr: "invalid timeout 'abc': not a valid number\ndig: Couldn't parse timeout\n",
      status: 10,
    });
    expect(dig(host, 'web..test').stderr).toBe("dig: 'web..test' is not a legal name (empty label)\n");
  });
});

describe('nslookup', () => {
  it('follows the search list and reads commands', () => {
    const host = machine();
    expect(run(host, '/usr/bin/nslookup', ['db']).stdout).toBe(
      'Server:\t\t127.0.0.1\nAddress:\t127.0.0.1#53\n\nName:\tdb.corp.test\nAddress: 10.0.0.7\n\n',
    );
    const session = run(host, '/usr/bin/nslookup', [], { stdin: 'set type=aaaa\nset all\nwww.test\nexit\n' });
    expect(session.stdout).toBe(`Default server: 127.0.0.1
Address: 127.0.0.1#53

Set options:
  novc\t\t\tnodebug\t\tnod2
  search\t\trecurse
  timeout = 0\t\tretry = 3\tport = 53\tndots = 1
  querytype = aaaa    \tclass = IN
  srchlist = corp.test/test
Server:\t\t127.0.0.1
Address:\t127.0.0.1#53

www.test\tcanonical name = web.test.
Name:\tweb.test
Address: fd00::1

`);
  });
});

describe('host', () => {
  it('asks for more than the address, and says what is missing only when asked for it', () => {
    const host = machine();
    expect(run(host, '/usr/bin/host', ['db']).stdout).toBe('db.corp.test has address 10.0.0.7\n');
    expect(run(host, '/usr/bin/host', ['-t', 'mx', 'web.test']).stdout).toBe('web.test has no MX record\n');
    expect(run(host, '/usr/bin/host', ['10.0.0.1']).stdout).toBe('1.0.0.10.in-addr.arpa domain name pointer web.test.\n');
  });
});
