import { describe, expect, it } from 'vitest';
import { formatIP, parseIP } from '../base/address.ts';
import { SECOND } from '../base/time.ts';
import { DnsZone } from '../host/dns/zone.ts';
import { serveDns } from '../host/dns/server.ts';
import type { Host } from '../host/host.ts';
import { listenOn, openDatagramSocket } from '../host/inet-socket.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { dnsResponse } from '../wire/dns.ts';
import { testMachine } from './harness.ts';
import { nameOfAddress, resolveName } from './name-resolution.ts';

const LOCALHOST = 0x7f00_0001;

/** A machine with a name server of its own for `test`; `asked` collects the questions. */
function machine(files: Record<string, string>): { host: Host; asked: string[]; transports: string[] } {
  const host = testMachine([], files);
  openRtNetlink(host.kernel.init).setLink(1, { up: true });
  const zone = new DnsZone('.', {
    kind: 'SOA',
    primary: 'ns.',
    mailbox: 'root.',
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: 1,
  });
  const address = (text: string) => {
    const ip = parseIP(text) as number | bigint;
    return typeof ip === 'bigint' ? ({ kind: 'AAAA', address: ip } as const) : ({ kind: 'A', address: ip } as const);
  };
  zone.add('web.test.', address('127.0.0.5'), 5);
  zone.add('web.test.', address('fd00::1'), 5);
  zone.add('www.test.', { kind: 'CNAME', name: 'web.test.' }, 5);
  zone.add('four.corp.test.', address('10.0.0.4'), 5);
  zone.add('text.test.', { kind: 'TXT', strings: [Uint8Array.of(120)] }, 5);
  zone.add('5.0.0.127.in-addr.arpa.', { kind: 'PTR', name: 'web.test.' }, 5);
  for (let n = 1; n <= 60; n++) zone.add('many.test.', address(`10.0.1.${n}`), 5);
  const asked: string[] = [];
  const transports: string[] = [];
  host.init.fork(function* (process) {
    const [udp, tcp] = [openDatagramSocket(process), listenOn(process, LOCALHOST, 53)];
    if (typeof tcp === 'string' || udp.bind(LOCALHOST, 53)) return 1;
    process.install(udp);
    process.install(tcp);
    yield* serveDns(process, { datagrams: [udp], streams: [tcp] }, function* ({ query, transport }) {
      const { name = '.', type } = query.questions[0] ?? {};
      asked.push(`${name} ${type}`);
      transports.push(transport);
      const { answers, rcode, authorities } = zone.answer(name, type ?? 1);
      return { ...dnsResponse(query, rcode), answers, authorities };
    });
    return 0;
  });
  return { host, asked, transports };
}

/** The result in one line, the addresses in the order in which a program would try them. */
function resolved(host: Host, name: string, family: 0 | 4 | 6 = 0): string {
  let text: string | undefined;
  host.init.fork(function* (process) {
    const found = yield* resolveName(process, name, family);
    text = typeof found === 'string' ? found : `${found.name}: ${found.addresses.map(formatIP).join(' ')}`;
    return 0;
  });
  const end = host.now + 100 * SECOND;
  while (text === undefined && host.now < end) host.events.step();
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  return text ?? 'never';
}

describe('a name', () => {
  const SERVER = 'nameserver 127.0.0.1\nsearch corp.test test\n';

  it('is looked for in /etc/hosts before any server is asked', () => {
    const { host, asked } = machine({ '/etc/hosts': '10.1.1.1 web.test web\n10.1.1.2 web.test\n', '/etc/resolv.conf': SERVER });
    expect(resolved(host, 'WEB.test')).toBe('web.test: 10.1.1.1 10.1.1.2');
    expect(asked).toEqual([]);
  });

  it('both kinds of addresses are asked for at once; what can be reached comes first', () => {
    const { host, asked } = machine({ '/etc/resolv.conf': SERVER });
    expect(resolved(host, 'www.test')).toBe('web.test: 127.0.0.5 fd00::1');
    expect(asked).toEqual(['www.test. 1', 'www.test. 28']);
  });

  it('the search list comes first for a name without dots, last for one with', () => {
    const { host, asked } = machine({ '/etc/resolv.conf': SERVER });
    expect(resolved(host, 'four', 4)).toBe('four.corp.test: 10.0.0.4');
    expect(resolved(host, 'a.b', 4)).toBe('EAI_NONAME');
    expect(asked).toEqual(['four.corp.test. 1', 'a.b. 1', 'a.b.corp.test. 1', 'a.b.test. 1']);
  });

  it('ndots:5, as Kubernetes has it, asks the search list first; a final dot asks once', () => {
    const { host, asked } = machine({ '/etc/resolv.conf': `${SERVER}options ndots:5\n` });
    expect(resolved(host, 'web.test', 4)).toBe('web.test: 127.0.0.5');
    expect(resolved(host, 'web.test.', 4)).toBe('web.test: 127.0.0.5');
    expect(asked).toEqual(['web.test.corp.test. 1', 'web.test.test. 1', 'web.test. 1', 'web.test. 1']);
  });

  it('a name without addresses is told from one that does not exist', () => {
    const { host } = machine({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' });
    expect(resolved(host, 'text.test')).toBe('EAI_NODATA');
    expect(resolved(host, 'nosuch.test')).toBe('EAI_NONAME');
  });

  it('an answer that was cut is asked for again by TCP', () => {
    const { host, transports } = machine({ '/etc/resolv.conf': 'nameserver 127.0.0.1\n' });
    expect(resolved(host, 'many.test', 4).split(' ')).toHaveLength(61);
    expect(transports).toEqual(['udp', 'tcp']);
  });

  it('a server that is not there is passed over; without any it may work later', () => {
    const { host } = machine({ '/etc/resolv.conf': 'nameserver 127.0.0.2\nnameserver 127.0.0.1\n' });
    expect(resolved(host, 'web.test', 4)).toBe('web.test: 127.0.0.5');
    const alone = machine({ '/etc/resolv.conf': 'nameserver 127.0.0.2\n' });
    expect(resolved(alone.host, 'web.test')).toBe('EAI_AGAIN');
  });

  it('/etc/nsswitch.conf says where to look', () => {
    const files = { '/etc/hosts': '10.1.1.1 web.test\n', '/etc/resolv.conf': 'nameserver 127.0.0.1\n' };
    expect(resolved(machine({ ...files, '/etc/nsswitch.conf': 'hosts: dns files\n' }).host, 'web.test', 4)).toBe('web.test: 127.0.0.5');
    expect(resolved(machine({ ...files, '/etc/nsswitch.conf': 'hosts: files\n' }).host, 'text.test')).toBe('EAI_NONAME');
  });
});

it('an address has a name in /etc/hosts or a PTR record', () => {
  const { host } = machine({ '/etc/hosts': '10.1.1.1 one uno\n', '/etc/resolv.conf': 'nameserver 127.0.0.1\n' });
  const names: (string | undefined)[] = [];
  host.init.fork(function* (process) {
    for (const address of ['10.1.1.1', '127.0.0.5', '10.9.9.9']) names.push(yield* nameOfAddress(process, parseIP(address) as number));
    return 0;
  });
  host.events.runUntil(host.now + SECOND);
  expect(names).toEqual(['one', 'web.test', undefined]);
});
