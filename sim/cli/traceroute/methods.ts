import type { IP } from '../../base/address.ts';
import type { OpenFile } from '../../host/file.ts';
import { openDatagramSocket, openStreamSocket, type OpenDatagramSocket } from '../../host/inet-socket.ts';
import { type OpenIcmpSocket, openRawSocket } from '../../host/socket.ts';
import { RawSocket } from '../../kernel/socket/raw.ts';
import { pseudoHeaderIPv4, pseudoHeaderIPv6 } from '../../wire/checksum.ts';
import * as icmp from '../../wire/icmp.ts';
import * as icmp6 from '../../wire/icmpv6.ts';
import * as ip from '../../wire/ipv4.ts';
import * as tcp from '../../wire/tcp.ts';
import { Stop } from './options.ts';
import type { Probe } from './probe.ts';
import type { Method, Trace } from './trace.ts';

/** The first destination port of the default method (IANA's port for traceroute). */
const FIRST_PORT = 33_434;

/** What fills the data. */
function filled(length: number): Uint8Array {
  return Uint8Array.from({ length: Math.max(0, length) }, (_, i) => 0x40 + (i & 0x3f));
}

/** UDP with a socket for each probe: to rising ports, or (`constant`) always to the same one. */
export class UdpMethod implements Method {
  readonly files: readonly OpenFile[] = [];
  readonly #trace: Trace;
  readonly #constant: boolean;
  #port: number;

  constructor(trace: Trace, constant: boolean) {
    this.#trace = trace;
    this.#constant = constant;
    this.#port = trace.settings.port ?? (constant ? 53 : FIRST_PORT);
  }

  send(probe: Probe, ttl: number): boolean {
    const trace = this.#trace;
    const { source, sourcePort } = trace.settings;
    const socket = openDatagramSocket(trace.process, trace.family);
    probe.fd = trace.process.install(socket);
    trace.tune(socket.options);
    socket.options.ttl = ttl;
    socket.options.multicastTtl = ttl;
    if (source !== undefined || sourcePort !== undefined) {
      const refused = socket.bind(source ?? (trace.family === 6 ? 0n : 0), sourcePort ?? 0);
      if (refused) trace.fail('bind', refused);
    }
    const unconnected = socket.connect(trace.destination, this.#port);
    if (unconnected) trace.fail('connect', unconnected);
    socket.options.receiveErrors = true;
    probe.key = this.#port;
    probe.file = socket;
    if (!this.#constant) this.#port = (this.#port + 1) & 0xffff;
    const taken = trace.sent(socket.sendTo(filled(trace.dataLength)));
    if (!taken) {
      trace.process.close(probe.fd);
      probe.fd = undefined;
      probe.file = undefined;
    }
    return taken;
  }

  receive(): void {
    for (const probe of this.#trace.probes) {
      if (!probe.file?.poll().in) continue;
      const socket = probe.file as OpenDatagramSocket;
      const error = socket.receiveError();
      if (error) {
        this.#trace.failed(probe, error);
        continue;
      }
      const datagram = socket.receive();
      if (typeof datagram !== 'string') this.#trace.answered(probe, datagram.source, datagram.ttl);
    }
  }
}

/** A raw socket of a protocol, connected to the destination, with its errors in the error queue. */
function openRaw(trace: Trace, protocol: number): OpenIcmpSocket {
  const socket = openRawSocket(trace.process, protocol, trace.family);
  if (typeof socket === 'string') {
    throw new Stop(`You do not have enough privileges to use this traceroute method.\nsocket: Operation not permitted\n`, 1);
  }
  trace.process.install(socket);
  trace.tune(socket.options);
  const { source } = trace.settings;
  const refused = source === undefined ? undefined : socket.bind(source);
  if (refused) trace.fail('bind', refused);
  const unconnected = socket.connect(trace.destination);
  if (unconnected) trace.fail('connect', unconnected);
  socket.options.receiveErrors = true;
  return socket;
}

/** Calls `use` with every message: what follows the IP header, in full or as an error quoted it. */
function receiveRaw(trace: Trace, socket: OpenIcmpSocket, find: (data: Uint8Array, at: number, error: boolean) => Probe | undefined): void {
  for (;;) {
    const error = socket.receiveError();
    if (error) {
      const local = error.origin === 'local' ? trace.probes.findLast(({ sent, done }) => sent !== undefined && !done) : undefined;
      const probe = local ?? find(error.data, 0, true);
      if (probe) trace.failed(probe, error);
      continue;
    }
    const message = socket.receive();
    if (message === 'EAGAIN') return;
    // The error of an entry that was in the queue.
    if (typeof message === 'string') continue;
    const at = socket.socket instanceof RawSocket ? ip.headerLength(message.data, 0) : 0;
    const probe = find(message.data, at, false);
    if (probe) trace.answered(probe, message.source, message.ttl);
  }
}

/** ICMP echo requests with rising sequence numbers. */
export class IcmpMethod implements Method {
  readonly files: readonly OpenFile[];
  readonly #trace: Trace;
  readonly #socket: OpenIcmpSocket;
  readonly #identifier: number;
  #sequence: number;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#socket = openRaw(trace, trace.family === 6 ? ip.PROTOCOL.ICMPv6 : ip.PROTOCOL.ICMP);
    this.#identifier = trace.process.nspid & 0xffff;
    this.#sequence = trace.settings.port ?? 1;
    this.files = [this.#socket];
  }

  send(probe: Probe, ttl: number): boolean {
    const trace = this.#trace;
    const data = filled(trace.dataLength);
    const message = new Uint8Array(icmp.ICMP_HEADER + data.length);
    icmp.setType(message, 0, trace.family === 6 ? icmp6.ICMPV6_TYPE.Echo : icmp.ICMP_TYPE.Echo);
    icmp.setIdentifier(message, 0, this.#identifier);
    icmp.setSequence(message, 0, this.#sequence);
    message.set(data, icmp.ICMP_HEADER);
    if (trace.family === 4) icmp.fillChecksum(message, 0, message.length);
    probe.key = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#socket.options.ttl = ttl;
    this.#socket.options.multicastTtl = ttl;
    return trace.sent(this.#socket.sendTo(message));
  }

  receive(): void {
    const six = this.#trace.family === 6;
    const request = six ? icmp6.ICMPV6_TYPE.Echo : icmp.ICMP_TYPE.Echo;
    const reply = six ? icmp6.ICMPV6_TYPE.EchoReply : icmp.ICMP_TYPE.EchoReply;
    receiveRaw(this.#trace, this.#socket, (data, at, error) => {
      if (data.length - at < icmp.ICMP_HEADER || icmp.type(data, at) !== (error ? request : reply)) return undefined;
      return icmp.identifier(data, at) === this.#identifier ? this.#trace.byKey(icmp.sequence(data, at)) : undefined;
    });
  }
}

/** TCP SYNs as Linux's own look; whatever the destination answers, its kernel's or a server's, ends the trace. */
export class TcpMethod implements Method {
  readonly files: readonly OpenFile[];
  readonly #trace: Trace;
  readonly #socket: OpenIcmpSocket;
  readonly #port: number;

  constructor(trace: Trace) {
    this.#trace = trace;
    this.#socket = openRaw(trace, ip.PROTOCOL.TCP);
    this.#port = trace.settings.port ?? 80;
    this.files = [this.#socket];
  }

  send(probe: Probe, ttl: number): boolean {
    const trace = this.#trace;
    const local = this.#socket.local as IP;
    // A port that nobody else takes meanwhile; what answers to it meets no connection and is reset by this host.
    const holder = openStreamSocket(trace.process, trace.family);
    probe.fd = trace.process.install(holder);
    const refused = holder.bind(local, trace.settings.sourcePort ?? 0);
    if (refused) trace.fail('bind', refused);
    probe.key = holder.name.port;
    this.#socket.options.ttl = ttl;
    return trace.sent(this.#socket.sendTo(this.#segment(probe.key, local)));
  }

  #segment(port: number, local: IP): Uint8Array {
    const { process, destination, family } = this.#trace;
    const header: tcp.TcpHeader = {
      sourcePort: port,
      destinationPort: this.#port,
      sequence: process.host.random(`traceroute/${process.pid}/${port}`).below(2 ** 31),
      acknowledgement: 0,
      flags: tcp.TCP_FLAG.SYN,
      window: 5840,
      urgentPointer: 0,
      options: [
        { kind: 'mss', mss: family === 6 ? 1440 : 1460 },
        { kind: 'sack-permitted' },
        { kind: 'timestamps', value: Math.floor(process.host.now / 1000) >>> 0, echo: 0 },
        { kind: 'nop' },
        { kind: 'wscale', shift: 2 },
      ],
    };
    const segment = new Uint8Array(tcp.tcpLength(header));
    tcp.emitTcp(segment, 0, header);
    const pseudo =
      typeof local === 'bigint'
        ? pseudoHeaderIPv6(local, destination as bigint, ip.PROTOCOL.TCP, segment.length)
        : pseudoHeaderIPv4(local, destination as number, ip.PROTOCOL.TCP, segment.length);
    tcp.fillChecksum(segment, 0, segment.length, pseudo);
    return segment;
  }

  receive(): void {
    receiveRaw(this.#trace, this.#socket, (data, at, error) => {
      if (data.length - at < 8) return undefined;
      const [mine, theirs] = [tcp.sourcePort(data, at), tcp.destinationPort(data, at)];
      const answer = !error && (tcp.flags(data, at) & (tcp.TCP_FLAG.RST | tcp.TCP_FLAG.ACK)) !== 0;
      if (error) return theirs === this.#port ? this.#trace.byKey(mine) : undefined;
      return answer && mine === this.#port ? this.#trace.byKey(theirs) : undefined;
    });
  }
}
