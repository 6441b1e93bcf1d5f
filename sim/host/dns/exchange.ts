import type { Errno } from '../../base/errno.ts';
import type { Micros } from '../../base/time.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { TcpSocket } from '../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../kernel/socket/udp.ts';
import { type DnsMessage, encodeDns, parseDns, sameName } from '../../wire/dns.ts';
import { DnsStreamReader, frameDns } from '../../wire/dns-stream.ts';
import { isWireError } from '../../wire/wire-error.ts';
import { type Endpoint, OpenDatagramSocket, OpenStreamSocket } from '../inet-socket.ts';
import type { Process } from '../process.ts';
import type { Blocking } from '../wait.ts';

/** An answer as it came. */
export interface DnsReply {
  message: DnsMessage;
  /** Its bytes, without TCP's length in front. */
  size: number;
  server: Endpoint;
}

export interface ExchangeOptions {
  /** Absolute virtual time. */
  until: Micros;
  /** The namespace to ask from, when it isn't the process's own. */
  net?: NetNamespace;
  /** The address and port to ask from; port 0 lets the kernel choose. */
  from?: Endpoint;
}

/**
 * Asks one server by UDP and waits for its answer; answers to other questions are passed over.
 *
 * @returns ETIMEDOUT when none came in time, EINTR, or what the socket says (ECONNREFUSED for a closed port, ENETUNREACH …)
 */
export function* exchangeDatagram(
  process: Process,
  server: Endpoint,
  query: DnsMessage,
  options: ExchangeOptions,
): Blocking<DnsReply | Errno> {
  const replies = yield* exchangeDatagrams(process, server, [query], options);
  return typeof replies === 'string' ? replies : (replies[0] as DnsReply);
}

/** As `exchangeDatagram`, with several questions at once from the same port. @returns the answers in the questions' order */
export function* exchangeDatagrams(
  process: Process,
  server: Endpoint,
  queries: readonly DnsMessage[],
  options: ExchangeOptions,
): Blocking<DnsReply[] | Errno> {
  const { net = process.namespaces.net } = options;
  const socket = new OpenDatagramSocket(process, new UdpSocket(net, typeof server.address === 'bigint' ? 6 : 4));
  const fd = process.install(socket);
  try {
    const bound = options.from && socket.bind(options.from.address, options.from.port);
    const failed = bound ?? socket.connect(server.address, server.port);
    if (failed) return failed;
    for (const query of queries) {
      const unsent = socket.sendTo(encodeDns(query));
      if (unsent) return unsent;
    }
    const replies = new Map<DnsMessage, DnsReply>();
    for (;;) {
      const datagram = socket.receive();
      if (datagram === 'EAGAIN') {
        const woken = yield { on: [socket.readable], until: options.until };
        if (woken === 'timeout') return 'ETIMEDOUT';
        if (woken === 'signal') return 'EINTR';
        continue;
      }
      if (typeof datagram === 'string') return datagram;
      const message = parseDns(datagram.data, 0, datagram.data.length);
      const query = isWireError(message) ? undefined : queries.find((each) => answers(message, each));
      if (isWireError(message) || !query) continue;
      replies.set(query, { message, size: datagram.data.length, server });
      if (replies.size === queries.length) return queries.map((each) => replies.get(each) as DnsReply);
    }
  } finally {
    process.close(fd);
  }
}

/**
 * Asks one server by TCP, in a connection of its own.
 *
 * @returns as `exchangeDatagram`; ECONNRESET also for a connection that ended before the answer, EPROTO for bytes that are none
 */
export function* exchangeStream(
  process: Process,
  server: Endpoint,
  query: DnsMessage,
  options: ExchangeOptions,
): Blocking<DnsReply | Errno> {
  const { net = process.namespaces.net } = options;
  const socket = new OpenStreamSocket(process, new TcpSocket(net, typeof server.address === 'bigint' ? 6 : 4));
  const fd = process.install(socket);
  try {
    const bound = options.from && socket.bind(options.from.address, options.from.port);
    const failed = bound ?? (yield* socket.connect(server.address, server.port, options.until));
    if (failed) return failed === 'EINPROGRESS' ? 'ETIMEDOUT' : failed;
    // A question is far smaller than the send buffer of a fresh connection: the write can't be cut.
    const sent = socket.write(frameDns(encodeDns(query)));
    if (typeof sent === 'string') return sent;
    const reader = new DnsStreamReader();
    for (;;) {
      const bytes = socket.read(65_536);
      if (bytes === 'EAGAIN') {
        const woken = yield { on: [socket.readable], until: options.until };
        if (woken === 'timeout') return 'ETIMEDOUT';
        if (woken === 'signal') return 'EINTR';
        continue;
      }
      if (typeof bytes === 'string') return bytes;
      if (bytes.length === 0) return 'ECONNRESET';
      reader.push(bytes);
      for (let frame = reader.next(); frame; frame = reader.next()) {
        const message = parseDns(frame, 0, frame.length);
        if (isWireError(message)) return 'EPROTO';
        if (answers(message, query)) return { message, size: frame.length, server };
      }
    }
  } finally {
    process.close(fd);
  }
}

/** Whether a message answers a query: same id and same question; a server that could not read it may leave the question out. */
function answers(message: DnsMessage, query: DnsMessage): boolean {
  if (!message.response || message.id !== query.id) return false;
  const [asked, answered] = [query.questions[0], message.questions[0]];
  if (!asked || !answered) return message.rcode !== 0 || asked === answered;
  return asked.type === answered.type && asked.class === answered.class && sameName(asked.name, answered.name);
}
