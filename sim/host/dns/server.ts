import type { IP } from '../../base/address.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { DNS_UDP_LIMIT, type DnsMessage, encodeDns, parseDns } from '../../wire/dns.ts';
import { DnsStreamReader, frameDns } from '../../wire/dns-stream.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { Endpoint, OpenDatagramSocket, OpenStreamSocket } from '../inet-socket.ts';
import type { Process } from '../process.ts';
import { Tasks } from '../tasks.ts';
import type { Blocking } from '../wait.ts';
import { exchangeDatagram, exchangeStream } from './exchange.ts';

/** One question as it reached a server. */
export interface DnsRequest {
  query: DnsMessage;
  transport: 'udp' | 'tcp';
  client: Endpoint;
  /** The address that was asked; what is sent back comes from it. */
  server: IP;
}

/** Decides what to say; may block (ask somebody else), while other requests are answered. `undefined` says nothing at all. */
export type DnsAnswerer = (request: DnsRequest) => Blocking<DnsMessage | undefined>;

/** Sockets that a server has bound: datagrams, and streams that listen. They may stand in any namespace. */
export interface DnsListeners {
  datagrams: readonly OpenDatagramSocket[];
  streams: readonly OpenStreamSocket[];
}

export interface DnsServerOptions {
  /** The largest UDP answer to send, whatever the client takes. */
  udpLimit?: number;
  /** How long a TCP connection may be silent. */
  idle?: Micros;
  /** Asked after every signal: whether to stop serving. */
  stop?: () => boolean;
}

/** What the DNS Flag Day of 2020 settled on: fits any path's MTU without fragments. */
export const EDNS_SIZE = 1232;

/**
 * Serves DNS on sockets until told to stop: requests are answered side by side, UDP answers that don't fit are cut and marked (TC), TCP
 * connections carry any number of questions. What isn't a query is passed over without an answer.
 */
export function* serveDns(process: Process, listeners: DnsListeners, answer: DnsAnswerer, options: DnsServerOptions = {}): Blocking<void> {
  const tasks = new Tasks(process);
  for (const socket of listeners.datagrams) tasks.add(receiveQueries(tasks, socket, answer, options));
  for (const socket of listeners.streams) tasks.add(acceptConnections(process, tasks, socket, answer, options));
  yield* tasks.run(options.stop);
}

function* receiveQueries(tasks: Tasks, socket: OpenDatagramSocket, answer: DnsAnswerer, options: DnsServerOptions): Blocking<void> {
  for (;;) {
    const datagram = socket.receive();
    if (datagram === 'EAGAIN') {
      yield { on: [socket.readable] };
      continue;
    }
    // An answer that nobody took (ECONNREFUSED) concerns only who asked.
    if (typeof datagram === 'string') {
      if (socket.socket.closed) return;
      continue;
    }
    const query = readQuery(datagram.data);
    if (!query) continue;
    const client = { address: datagram.source, port: datagram.sourcePort };
    tasks.add(answerDatagram(socket, { query, transport: 'udp', client, server: datagram.destination }, answer, options));
  }
}

function* answerDatagram(
  socket: OpenDatagramSocket,
  request: DnsRequest,
  answer: DnsAnswerer,
  { udpLimit = EDNS_SIZE }: DnsServerOptions,
): Blocking<void> {
  const reply = yield* answer(request);
  if (!reply) return;
  const taken = Math.max(DNS_UDP_LIMIT, request.query.edns?.udpSize ?? 0);
  socket.sendTo(encodeDns(reply, Math.min(taken, udpLimit)), request.client.address, request.client.port, request.server);
}

function* acceptConnections(
  process: Process,
  tasks: Tasks,
  listener: OpenStreamSocket,
  answer: DnsAnswerer,
  options: DnsServerOptions,
): Blocking<void> {
  for (;;) {
    const socket = yield* listener.accept(process);
    if (typeof socket !== 'string') tasks.add(serveConnection(process, socket, answer, options));
    else if (socket !== 'ECONNABORTED' && socket !== 'EINTR') return;
  }
}

function* serveConnection(
  process: Process,
  socket: OpenStreamSocket,
  answer: DnsAnswerer,
  { idle = 10 * SECOND }: DnsServerOptions,
): Blocking<void> {
  const fd = process.install(socket);
  const reader = new DnsStreamReader();
  try {
    for (;;) {
      const bytes = socket.read(65_536);
      if (bytes === 'EAGAIN') {
        if ((yield { on: [socket.readable], until: process.host.now + idle }) === 'timeout') return;
        continue;
      }
      if (typeof bytes === 'string' || bytes.length === 0) return;
      reader.push(bytes);
      for (let frame = reader.next(); frame; frame = reader.next()) {
        const query = readQuery(frame);
        const client = socket.peer;
        if (!query || !client) return;
        const reply = yield* answer({ query, transport: 'tcp', client, server: socket.name.address });
        if (reply && !(yield* sendAll(socket, frameDns(encodeDns(reply))))) return;
      }
    }
  } finally {
    process.close(fd);
  }
}

/** @returns whether everything went out; a connection that the client has closed is no reason to end the server */
function* sendAll(socket: OpenStreamSocket, bytes: Uint8Array): Blocking<boolean> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = socket.write(rest);
    if (count === 'EAGAIN') yield { on: [socket.writable] };
    else if (typeof count === 'string') return false;
    else rest = rest.subarray(count);
  }
  return true;
}

function readQuery(bytes: Uint8Array): DnsMessage | undefined {
  const message = parseDns(bytes, 0, bytes.length);
  return isWireError(message) || message.response ? undefined : message;
}

export interface ForwardOptions {
  transport: 'udp' | 'tcp';
  /** How long to wait for each server. */
  timeout: Micros;
  /** The namespace to ask from, when it isn't the process's own. */
  net?: NetNamespace;
}

/**
 * Passes a query on to servers, one after the other, under an id of our own, and returns the first one's answer under the client's.
 *
 * @returns `undefined` when none of them answered
 */
export function* forwardQuery(
  process: Process,
  query: DnsMessage,
  servers: readonly Endpoint[],
  options: ForwardOptions,
): Blocking<DnsMessage | undefined> {
  const question = query.questions[0];
  const random = process.host.random(`dns/forward/${process.pid}/${question?.name}/${question?.type}/${query.id}/${process.host.now}`);
  const exchange = options.transport === 'tcp' ? exchangeStream : exchangeDatagram;
  for (const server of servers) {
    const ours = { ...query, id: random.below(65_536) };
    const until = process.host.now + options.timeout;
    const reply = yield* exchange(process, server, ours, options.net ? { until, net: options.net } : { until });
    if (typeof reply !== 'string') return { ...reply.message, id: query.id };
  }
  return undefined;
}
