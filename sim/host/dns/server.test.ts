import { describe, expect, it } from 'vitest';
import { encode } from '../../base/bytes.ts';
import { type Micros, MILLISECOND, SECOND } from '../../base/time.ts';
import { TraceKind } from '../../base/trace.ts';
import { testMachine } from '../../cli/harness.ts';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, dnsQuery, dnsResponse } from '../../wire/dns.ts';
import type { Host } from '../host.ts';
import { listenOn, openDatagramSocket } from '../inet-socket.ts';
import { openRtNetlink } from '../netlink/open.ts';
import type { Process } from '../process.ts';
import type { Blocking } from '../wait.ts';
import { exchangeDatagram, exchangeStream } from './exchange.ts';
import { type DnsAnswerer, forwardQuery, serveDns } from './server.ts';

const LOCALHOST = 0x7f00_0001;

/** A process of the machine that serves DNS on loopback. */
function serve(host: Host, port: number, answer: (process: Process) => DnsAnswerer): Process {
  const server = host.init.fork(function* (process) {
    const [udp, tcp] = [openDatagramSocket(process), listenOn(process, LOCALHOST, port)];
    if (typeof tcp === 'string' || udp.bind(LOCALHOST, port)) return 1;
    process.install(udp);
    process.install(tcp);
    yield* serveDns(process, { datagrams: [udp], streams: [tcp] }, answer(process));
    return 0;
  });
  if (typeof server === 'string') throw new Error(server);
  return server;
}

function machine(): Host {
  const host = testMachine([]);
  openRtNetlink(host.kernel.init).setLink(1, { up: true });
  return host;
}

/** Runs the body in a process of its own and returns what it returned. */
function within<T>(host: Host, body: (process: Process) => Blocking<T>, limit: Micros = 10 * SECOND): T {
  let result: { value: T } | undefined;
  host.init.fork(function* (process) {
    result = { value: yield* body(process) };
    return 0;
  });
  const end = host.now + limit;
  while (!result && host.now < end) host.events.step();
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  if (!result) throw new Error('never ended');
  return result.value;
}

/** `N.txt.` has N strings of a hundred bytes; other names have the address 10.0.0.1. */
function* example({ query }: { query: DnsMessage }): Blocking<DnsMessage> {
  const reply = dnsResponse(query);
  if (query.edns) reply.edns = { udpSize: 1232, version: 0, dnssecOk: false, options: [] };
  const { name = '.', type } = query.questions[0] ?? {};
  const strings = Array.from({ length: Number.parseInt(name, 10) }, () => encode('x'.repeat(100)));
  const data = type === DNS_TYPE.TXT ? ({ kind: 'TXT', strings } as const) : ({ kind: 'A', address: 0x0a00_0001 } as const);
  reply.answers.push({ name, class: 1, ttl: 60, data });
  return reply;
}

function* silent(): Blocking<undefined> {
  return undefined;
}

const at = (port: number) => ({ address: LOCALHOST, port });

describe('a DNS server', () => {
  it('cuts what does not fit into a datagram, and has it all by TCP', () => {
    const host = machine();
    serve(host, 53, () => example);
    const ask = (text: string, exchange: typeof exchangeStream, edns: number) =>
      within(host, (process) => {
        const query = dnsQuery(7, text, DNS_TYPE.TXT);
        if (edns > 0) query.edns = { udpSize: edns, version: 0, dnssecOk: false, options: [] };
        return exchange(process, at(53), query, { until: host.now + SECOND });
      });
    expect(ask('4.txt.', exchangeDatagram, 0)).toMatchObject({ message: { truncated: false, answers: [{}] } });
    expect(ask('5.txt.', exchangeDatagram, 0)).toMatchObject({ message: { truncated: true, answers: [] } });
    expect(ask('5.txt.', exchangeDatagram, 1232)).toMatchObject({ message: { truncated: false, answers: [{}] } });
    expect(ask('20.txt.', exchangeDatagram, 4096)).toMatchObject({ message: { truncated: true } });
    expect(ask('20.txt.', exchangeStream, 0)).toMatchObject({ message: { truncated: false }, size: 24 + 12 + 2020 });
  });

  it('answers one client while it waits for another, and forgets neither id', () => {
    const host = machine();
    serve(
      host,
      53,
      (process) =>
        function* (request) {
          yield* process.sleep(request.query.id * MILLISECOND);
          return dnsResponse(request.query, DNS_RCODE.Refused);
        },
    );
    const order: number[] = [];
    for (const id of [300, 100, 200]) {
      host.init.fork(function* (process) {
        const reply = yield* exchangeDatagram(process, at(53), dnsQuery(id, 'x.', DNS_TYPE.A), { until: host.now + SECOND });
        if (typeof reply !== 'string') order.push(reply.message.id);
        return 0;
      });
    }
    host.events.runUntil(host.now + SECOND);
    expect(order).toEqual([100, 200, 300]);
  });

  it('forwards to the next server when the first is silent, under an id of its own', () => {
    const host = machine();
    serve(host, 5301, () => silent);
    serve(host, 5302, () => example);
    serve(
      host,
      53,
      (process) =>
        ({ query, transport }) =>
          forwardQuery(process, query, [at(5301), at(5302)], { transport, timeout: SECOND }),
    );
    const began = host.now;
    const reply = within(host, (process) =>
      exchangeDatagram(process, at(53), dnsQuery(9, 'web.', DNS_TYPE.A), { until: host.now + 5 * SECOND }),
    );
    expect(reply).toMatchObject({ message: { id: 9, answers: [{ name: 'web.', data: { address: 0x0a00_0001 } }] } });
    expect(host.now - began).toBeGreaterThan(SECOND);
    const asked = host.kernel.trace.events().filter((event) => event.kind === TraceKind.Transmit);
    expect(asked.length).toBeGreaterThanOrEqual(5);
  });

  it('a closed port and a silent one are told apart', () => {
    const host = machine();
    serve(host, 53, () => silent);
    const ask = (port: number) =>
      within(host, (process) => exchangeDatagram(process, at(port), dnsQuery(1, 'x.', DNS_TYPE.A), { until: host.now + SECOND }));
    expect(ask(54)).toBe('ECONNREFUSED');
    expect(ask(53)).toBe('ETIMEDOUT');
  });

  it('lets its sockets go when it is killed', () => {
    const host = machine();
    const server = serve(host, 53, () => example);
    host.events.runUntil(host.now + MILLISECOND);
    server.signal('SIGTERM');
    host.events.runUntil(host.now + MILLISECOND);
    expect([...host.kernel.init.sockets.udp.sockets]).toEqual([]);
  });
});
