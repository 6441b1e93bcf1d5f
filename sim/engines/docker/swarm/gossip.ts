import { encode, decode } from '../../../base/bytes.ts';
import type { IPv4, Mac } from '../../../base/address.ts';
import { MILLISECOND, SECOND } from '../../../base/time.ts';
import { OpenDatagramSocket, OpenStreamSocket } from '../../../host/inet-socket.ts';
import { type Blocking, WaitQueue } from '../../../host/wait.ts';
import { TcpSocket } from '../../../kernel/socket/tcp/socket.ts';
import { UdpSocket } from '../../../kernel/socket/udp.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import type { PortConfig } from './objects.ts';

export const GOSSIP_PORT = 7_946;

/** memberlist's settings for local networks. */
const PROBE_INTERVAL = SECOND;
const PROBE_TIMEOUT = 500 * MILLISECOND;
const SUSPICION = 4 * SECOND;
const SYNC_INTERVAL = 30 * SECOND;
const TCP_TIMEOUT = 10 * SECOND;
const CHUNK = 65_536;

/** What one node tells the others: that it is on a network, or about an endpoint there. */
export interface Fact {
  /** Unique in the swarm. */
  key: string;
  node: string;
  /** Later ones of the same key take the place of earlier ones. */
  sequence: number;
  gone?: true;
  network: string;
  endpoint?: EndpointFact;
}

/** An endpoint of an overlay network: where it is, and what it is called (libnetwork's EndpointRecord and PeerRecord in one). */
export interface EndpointFact {
  address: IPv4;
  mac: Mac;
  /** The host behind which it is. */
  host: IPv4;
  /** Names of its own; the first answers for the address. */
  names: string[];
  service?: { id: string; name: string; vip: IPv4; ports: PortConfig[]; aliases: string[] };
}

interface Member {
  name: string;
  address: IPv4;
}

type Packet =
  | { type: 'facts'; from: Member; facts: Fact[] }
  | { type: 'ping'; from: Member; sequence: number }
  | { type: 'ack'; from: Member; sequence: number }
  | { type: 'leave'; from: Member };

interface State {
  from: Member;
  members: Member[];
  facts: Fact[];
}

/**
 * Who is there and what each knows, without the managers (memberlist and libnetwork's NetworkDB on port 7946). Simplified: every node
 * keeps everything and tells everybody at once, by UDP; whole states are exchanged by TCP on joining and every half minute, which heals
 * what was lost. Members that answer neither are given up with all that they told.
 */
export class Gossip {
  readonly self: Member;
  readonly members = new Map<string, Member>();
  readonly facts = new Map<string, Fact>();
  readonly #engine: Engine;
  readonly #changed: (fact: Fact) => void;
  readonly #udp: OpenDatagramSocket;
  readonly #tcp: OpenStreamSocket;
  readonly #fds: number[];
  readonly #acks = new Map<number, WaitQueue>();
  readonly #stopped = new WaitQueue();
  /** Addresses of members that were given up: they have to be reached before they are listened to again. */
  readonly #lost = new Set<IPv4>();
  /** Addresses to join by: the managers told them. */
  readonly #known = new Set<IPv4>();
  #running = true;
  #sequence = 0;
  #probe = 0;

  constructor(engine: Engine, name: string, address: IPv4, changed: (fact: Fact) => void) {
    this.#engine = engine;
    this.self = { name, address };
    this.#changed = changed;
    const { init } = engine.host.kernel;
    this.#tcp = new OpenStreamSocket(engine.daemon, new TcpSocket(init, 6));
    this.#udp = new OpenDatagramSocket(engine.daemon, new UdpSocket(init, 6));
    this.#fds = [engine.daemon.install(this.#tcp), engine.daemon.install(this.#udp)];
    this.#tcp.options.reuseAddress = true;
    this.#tcp.bind(0n, GOSSIP_PORT);
    this.#tcp.listen(4_096);
    this.#udp.bind(0n, GOSSIP_PORT);
    for (const body of [this.#accept(), this.#receive(), this.#probeMembers(), this.#syncMembers()]) go(engine.host.events, body);
  }

  /** Says goodbye and stops. */
  stop(): void {
    if (!this.#running) return;
    this.#broadcast({ type: 'leave', from: this.self });
    this.#running = false;
    this.#stopped.wake();
    for (const fd of this.#fds) this.#engine.daemon.close(fd);
  }

  /** Joins by these members, and tries again as long as there are none. */
  meet(addresses: readonly IPv4[]): void {
    for (const address of addresses) {
      if (address === this.self.address || this.#known.has(address)) continue;
      this.#known.add(address);
      go(this.#engine.host.events, this.#exchangeWith(address));
    }
  }

  forget(address: IPv4): void {
    this.#known.delete(address);
  }

  publish(key: string, network: string, endpoint?: EndpointFact): void {
    this.#tell({ key, node: this.self.name, sequence: ++this.#sequence, network, ...(endpoint ? { endpoint } : {}) });
  }

  withdraw(key: string): void {
    const fact = this.facts.get(key);
    if (fact && !fact.gone) this.#tell({ ...fact, sequence: ++this.#sequence, gone: true });
  }

  /** What holds now. */
  current(): Fact[] {
    return [...this.facts.values()].filter((fact) => !fact.gone);
  }

  #tell(fact: Fact): void {
    this.#learn(fact);
    this.#broadcast({ type: 'facts', from: this.self, facts: [fact] });
  }

  #broadcast(packet: Packet): void {
    for (const member of this.members.values()) this.#send(packet, member.address);
  }

  #send(packet: Packet, to: IPv4): void {
    this.#udp.sendTo(encode(JSON.stringify(packet)), mapped(to), GOSSIP_PORT);
  }

  #learn(fact: Fact): void {
    const before = this.facts.get(fact.key);
    if (before && (before.sequence >= fact.sequence || (fact.gone && before.gone))) return;
    // Nobody but itself speaks for a node that is gone.
    if (fact.node !== this.self.name && !this.members.has(fact.node) && !fact.gone) return;
    this.facts.set(fact.key, fact);
    if (!fact.gone || before) this.#changed(fact);
  }

  #admit(member: Member): void {
    if (member.name !== this.self.name) this.members.set(member.name, member);
  }

  #lose(member: Member): void {
    if (!this.members.delete(member.name)) return;
    this.#lost.add(member.address);
    for (const fact of this.current()) {
      if (fact.node !== member.name) continue;
      this.facts.delete(fact.key);
      this.#changed({ ...fact, gone: true });
    }
  }

  *#receive(): Blocking<void> {
    while (this.#running) {
      const datagram = this.#udp.receive();
      if (datagram === 'EAGAIN') yield { on: [this.#udp.readable, this.#stopped] };
      else if (typeof datagram !== 'string') {
        const packet = parse<Packet>(decode(datagram.data));
        if (packet) this.#take(packet);
      }
    }
  }

  #take(packet: Packet): void {
    switch (packet.type) {
      case 'ping':
        this.#send({ type: 'ack', from: this.self, sequence: packet.sequence }, packet.from.address);
        return;
      case 'ack':
        this.#acks.get(packet.sequence)?.wake();
        this.#acks.delete(packet.sequence);
        return;
      case 'leave':
        this.#lose(packet.from);
        this.#known.delete(packet.from.address);
        return;
      case 'facts':
        for (const fact of packet.facts) this.#learn(fact);
    }
  }

  /** Asks one member after the other whether it is still there. */
  *#probeMembers(): Blocking<void> {
    for (let turn = 0; this.#running; turn++) {
      yield { on: [this.#stopped], until: this.#engine.host.now + PROBE_INTERVAL };
      const members = [...this.members.values()];
      const member = members[turn % (members.length || 1)];
      if (member && this.#running && !(yield* this.#answers(member))) go(this.#engine.host.events, this.#suspect(member));
    }
  }

  *#answers(member: Member): Blocking<boolean> {
    const sequence = ++this.#probe;
    const queue = new WaitQueue();
    this.#acks.set(sequence, queue);
    this.#send({ type: 'ping', from: this.self, sequence }, member.address);
    const until = this.#engine.host.now + PROBE_TIMEOUT;
    while (this.#acks.has(sequence) && this.#running && this.#engine.host.now < until) yield { on: [queue, this.#stopped], until };
    const answered = !this.#acks.delete(sequence);
    // TCP is tried where UDP doesn't pass.
    return answered || (yield* this.#reaches(member.address));
  }

  /** Whether anybody answers at its port. */
  *#reaches(address: IPv4): Blocking<boolean> {
    const { daemon, host } = this.#engine;
    const socket = new OpenStreamSocket(daemon, new TcpSocket(host.kernel.init, 4));
    const fd = daemon.install(socket);
    const failed = yield* socket.connect(address, GOSSIP_PORT, host.now + PROBE_TIMEOUT);
    daemon.close(fd);
    return failed === undefined;
  }

  *#suspect(member: Member): Blocking<void> {
    const until = this.#engine.host.now + SUSPICION;
    while (this.#running && this.#engine.host.now < until) yield { on: [this.#stopped], until };
    if (this.#running && this.members.has(member.name) && !(yield* this.#answers(member))) this.#lose(member);
  }

  /** Exchanges whole states with one of those that are known, whether they answered of late or not. */
  *#syncMembers(): Blocking<void> {
    for (let turn = 0; this.#running; turn++) {
      const until = this.#engine.host.now + SYNC_INTERVAL;
      while (this.#running && this.#engine.host.now < until) yield { on: [this.#stopped], until };
      const addresses = [...new Set([...[...this.members.values()].map(({ address }) => address), ...this.#known])];
      const address = addresses[turn % (addresses.length || 1)];
      if (address !== undefined && this.#running) yield* this.#exchangeWith(address);
    }
  }

  #state(): State {
    return { from: this.self, members: [...this.members.values()], facts: [...this.facts.values()] };
  }

  #merge(state: State): void {
    this.#lost.delete(state.from.address);
    this.#admit(state.from);
    this.meet(state.members.map(({ address }) => address));
    for (const fact of state.facts) this.#learn(fact);
  }

  /** @returns whether it answered */
  *#exchangeWith(address: IPv4, timeout = TCP_TIMEOUT): Blocking<boolean> {
    const { daemon, host } = this.#engine;
    const until = host.now + timeout;
    const socket = new OpenStreamSocket(daemon, new TcpSocket(host.kernel.init, 4));
    const fd = daemon.install(socket);
    const failed = yield* socket.connect(address, GOSSIP_PORT, until);
    if (!failed && this.#running) {
      yield* writeLine(socket, this.#state(), until);
      const state = parse<State>(yield* readLine(socket, until, () => host.now));
      if (state && this.#running) {
        this.#merge(state);
        daemon.close(fd);
        return true;
      }
    }
    daemon.close(fd);
    return false;
  }

  *#accept(): Blocking<void> {
    while (this.#running) {
      const client = yield* this.#tcp.accept(this.#engine.daemon, this.#engine.host.now + SYNC_INTERVAL);
      if (typeof client === 'string') {
        if (client !== 'EINTR' && client !== 'EAGAIN') return;
        continue;
      }
      go(this.#engine.host.events, this.#serve(client));
    }
  }

  *#serve(client: OpenStreamSocket): Blocking<void> {
    const { daemon, host } = this.#engine;
    const fd = daemon.install(client);
    const until = host.now + TCP_TIMEOUT;
    const state = parse<State>(yield* readLine(client, until, () => host.now));
    const heard = state !== undefined && (!this.#lost.has(state.from.address) || (yield* this.#reaches(state.from.address)));
    if (state && heard && this.#running) {
      const own = this.#state();
      this.#merge(state);
      yield* writeLine(client, own, until);
    }
    daemon.close(fd);
  }
}

/** Sockets for both families see IPv4 addresses so. */
function mapped(address: IPv4): bigint {
  return 0xffff_0000_0000n + BigInt(address);
}

function parse<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

function* writeLine(socket: OpenStreamSocket, value: unknown, until: number): Blocking<void> {
  for (let rest = encode(`${JSON.stringify(value)}\n`); rest.length > 0; ) {
    const count = socket.write(rest);
    if (count === 'EAGAIN') {
      if ((yield { on: [socket.writable], until }) === 'timeout') return;
    } else if (typeof count === 'string') return;
    else rest = rest.subarray(count);
  }
}

function* readLine(socket: OpenStreamSocket, until: number, now: () => number): Blocking<string> {
  let text = '';
  while (!text.includes('\n') && now() < until) {
    const bytes = socket.read(CHUNK);
    if (bytes === 'EAGAIN') yield { on: [socket.readable], until };
    else if (typeof bytes === 'string' || bytes.length === 0) break;
    else text += decode(bytes);
  }
  return text;
}
