import { formatIP, type IP } from '../../../base/address.ts';
import type { Random } from '../../../base/random.ts';
import { fillChecksum as fillIcmpChecksum } from '../../../wire/icmp.ts';
import * as icmp6 from '../../../wire/icmpv6.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import { pseudoHeaderIPv6 } from '../../../wire/checksum.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import { type Connection, STATUS, Tracked } from '../conntrack/connection.ts';
import { hasPorts, invertIcmp, isIcmp, quotedTuple, type Tuple } from '../conntrack/tuple.ts';
import { type Family, type HookFunction, type HookName, type HookState, PRIORITY, type Verdict } from '../hooks.ts';
import { locate } from '../locate.ts';
import { type Manipulation, manipulationAt, type NatRange } from './range.ts';
import { type Headers, rewrite, rewriteAddress } from './rewrite.ts';
import { chooseUnique } from './unique.ts';

const REDIRECT = 5;

const STATUS_OF = {
  source: { changed: STATUS.SRC_NAT, done: STATUS.SRC_NAT_DONE },
  destination: { changed: STATUS.DST_NAT, done: STATUS.DST_NAT_DONE },
} as const;

/** Where packets are translated. */
const NAT_HOOKS = ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'] as const;

/** One hook of one family, with the chains of type nat that stand there. */
interface NatPlace {
  family: Family;
  hook: HookName;
  chains: readonly { priority: number; run: HookFunction }[];
  run: HookFunction;
}

/** Network address translation of one namespace (net/netfilter/nf_nat_core.c, nf_nat_proto.c). */
export class Nat {
  readonly #net: NetNamespace;
  readonly random: Random;
  readonly #places: NatPlace[] = [];

  constructor(net: NetNamespace) {
    this.#net = net;
    this.random = net.kernel.random(`nat/${net.uid}`);
  }

  /**
   * Adds a chain of type nat. All of a hook's chains stand at the priority of NAT, in the order of their own (nf_nat_register_fn); the
   * first chain of a family brings the translation at all four hooks.
   */
  register(family: Family, hook: HookName, priority: number, chain: HookFunction): void {
    if (!this.#places.some((place) => place.family === family)) for (const each of NAT_HOOKS) this.#stand(family, each);
    const place = this.#places.find((each) => each.family === family && each.hook === hook) as NatPlace;
    const behind = place.chains.findIndex((other) => other.priority > priority);
    // A new array: the old one may be being run through.
    place.chains = place.chains.toSpliced(behind < 0 ? place.chains.length : behind, 0, { priority, run: chain });
  }

  /** Takes a chain away; the translation goes with the last. */
  unregister(family: Family, chain: HookFunction): void {
    const own = this.#places.filter((place) => place.family === family);
    for (const place of own) place.chains = place.chains.filter((other) => other.run !== chain);
    if (own.some((place) => place.chains.length > 0)) return;
    for (const place of own) {
      this.#net.netfilter.hooks.unregister(place.run, family);
      this.#places.splice(this.#places.indexOf(place), 1);
    }
  }

  #stand(family: Family, hook: HookName): void {
    const place: NatPlace = { family, hook, chains: [], run: () => 'accept' };
    place.run = this.#hookFunction(place);
    this.#places.push(place);
    const destination = manipulationAt(hook) === 'destination';
    this.#net.netfilter.hooks.register(family, hook, destination ? PRIORITY.destinationNat : PRIORITY.sourceNat, place.run);
  }

  /** Only the first packet of a connection passes the chains; what they decided holds for all the others (nf_nat_inet_fn). */
  #hookFunction(place: NatPlace): HookFunction {
    const { hook } = place;
    const manipulation = manipulationAt(hook);
    const { done } = STATUS_OF[manipulation];
    return (skb, state) => {
      const tracked = skb.conntrack;
      if (!(tracked instanceof Tracked) || !tracked.connection) return 'accept';
      const { connection } = tracked;
      locate(skb, state);
      if (tracked.state === 'RELATED' && isIcmp(state.family, state.protocol)) {
        return this.#translateError(connection, tracked.reply, manipulation, skb, state);
      }
      if (tracked.state === 'NEW' || tracked.state === 'RELATED') {
        if (!connection.has(done)) {
          for (const { run } of place.chains) {
            const verdict = run(skb, state);
            if (verdict !== 'accept') return verdict;
            if (connection.has(done)) break;
          }
          if (!connection.has(done)) this.#bindNothing(connection, manipulation);
          locate(skb, state);
        } else if (this.#leftMasquerade(tracked, connection, hook, state)) return 'drop';
      } else if (this.#leftMasquerade(tracked, connection, hook, state)) return 'drop';
      this.#translate(connection, tracked.reply, manipulation, skb, state);
      return 'accept';
    };
  }

  /**
   * Decides what one end of a connection becomes, once (nf_nat_setup_info).
   * @returns drop when that end has been decided already
   */
  setup(connection: Connection, range: NatRange, manipulation: Manipulation): Verdict {
    const { changed, done } = STATUS_OF[manipulation];
    if (connection.has(STATUS.CONFIRMED)) return 'accept';
    if (connection.has(done)) return 'drop';
    const { replyDirection: reply } = connection;
    const icmp = isIcmp(connection.family, connection.protocol);
    const tuple: Tuple = {
      protocol: connection.protocol,
      source: reply.destination,
      destination: reply.source,
      sourcePort: icmp ? reply.sourcePort : reply.destinationPort,
      destinationPort: icmp ? connection.original.destinationPort : reply.sourcePort,
    };
    const before = { ...tuple };
    chooseUnique(tuple, range, connection, manipulation, this.#net.netfilter.conntrack.table, this.random);
    if (
      tuple.source !== before.source ||
      tuple.destination !== before.destination ||
      tuple.sourcePort !== before.sourcePort ||
      tuple.destinationPort !== before.destinationPort
    ) {
      reply.source = tuple.destination;
      reply.destination = tuple.source;
      reply.sourcePort = icmp ? tuple.sourcePort : tuple.destinationPort;
      reply.destinationPort = icmp ? (invertIcmp(connection.protocol, tuple.destinationPort) ?? 0) : tuple.sourcePort;
      connection.status |= changed;
    }
    connection.status |= done;
    return 'accept';
  }

  /** No rule: the end stays as it is, but it may need another port where two connections would look the same (nf_nat_alloc_null_binding). */
  #bindNothing(connection: Connection, manipulation: Manipulation): void {
    const { replyDirection: reply } = connection;
    const address = manipulation === 'source' ? reply.destination : reply.source;
    this.setup(connection, { minAddress: address, maxAddress: address }, manipulation);
  }

  /** A masqueraded connection that now leaves by another device has the wrong address for good (nf_nat_oif_changed). */
  #leftMasquerade(tracked: Tracked, connection: Connection, hook: HookName, state: HookState): boolean {
    if (connection.masqueradeIndex === 0 || tracked.reply || hook !== 'POSTROUTING') return false;
    if (connection.masqueradeIndex === state.output?.ifindex) return false;
    this.#net.netfilter.conntrack.table.remove(connection);
    return true;
  }

  /** Rewrites one end of a packet as the connection says (nf_nat_packet). */
  #translate(connection: Connection, reply: boolean, manipulation: Manipulation, skb: Skb, state: HookState): void {
    if (!connection.has(bitFor(manipulation, reply))) return;
    // The packet must look as if it answered the other direction's.
    const other = reply ? connection.original : connection.replyDirection;
    const address = manipulation === 'source' ? other.destination : other.source;
    const icmp = isIcmp(connection.family, connection.protocol);
    const port = icmp ? other.sourcePort : manipulation === 'source' ? other.destinationPort : other.sourcePort;
    this.#tell(connection, reply, manipulation, address, port, skb, state);
    rewrite(headersOf(skb, state), manipulation, address, port);
    if (manipulation === 'destination' && state.hook === 'PREROUTING') skb.route = undefined;
  }

  #tell(connection: Connection, reply: boolean, manipulation: Manipulation, address: IP, port: number, skb: Skb, state: HookState): void {
    const { netfilter } = this.#net;
    if (!this.#net.kernel.trace.enabled) return;
    const slot = (manipulation === 'source' ? 0 : 2) + (reply ? 1 : 0);
    let text = connection.rewriteTexts[slot];
    if (text === undefined) {
      const own = reply ? connection.replyDirection : connection.original;
      const source = manipulation === 'source';
      const ported = hasPorts(connection.protocol);
      const before = end(source ? own.source : own.destination, ported ? (source ? own.sourcePort : own.destinationPort) : undefined);
      text = `${source ? 'source' : 'destination'} ${before} -> ${end(address, ported ? port : undefined)}`;
      connection.rewriteTexts[slot] = text;
    }
    netfilter.traceRewrite(skb, state, text);
  }

  /**
   * An ICMP error about a translated packet: what it quotes is translated back, and its own addresses to fit
   * (nf_nat_icmp_reply_translation, nf_nat_icmpv6_reply_translation).
   */
  #translateError(connection: Connection, reply: boolean, manipulation: Manipulation, skb: Skb, state: HookState): Verdict {
    const { bytes } = skb;
    const natted = connection.has(STATUS.SRC_NAT | STATUS.DST_NAT);
    if (state.family === 4 && bytes[state.transport] === REDIRECT && natted) return 'drop';
    if (!connection.has(bitFor(manipulation, reply))) return 'accept';
    const quoted = quotedTuple(bytes, state.transport, skb.end, state.family);
    if (!quoted) return 'drop';
    const other = reply ? connection.original : connection.replyDirection;
    const icmp = isIcmp(connection.family, connection.protocol);
    const inner: Headers = {
      bytes,
      network: quoted.network,
      transport: quoted.transport,
      end: skb.end,
      family: state.family,
      protocol: quoted.tuple.protocol,
    };
    // Quoted packets go the other way round: there the other end is changed.
    if (manipulation === 'source') rewrite(inner, 'destination', other.destination, icmp ? other.sourcePort : other.destinationPort);
    else rewrite(inner, 'source', other.source, other.sourcePort);
    const outer = headersOf(skb, state);
    rewriteAddress(outer, manipulation, manipulation === 'source' ? other.destination : other.source);
    if (state.family === 4) fillIcmpChecksum(bytes, state.transport, skb.end);
    else {
      const length = skb.end - state.transport;
      const pseudo = pseudoHeaderIPv6(ip6.source(bytes, skb.network), ip6.destination(bytes, skb.network), ip6.PROTOCOL.ICMPv6, length);
      icmp6.fillChecksum(bytes, state.transport, skb.end, pseudo);
    }
    if (manipulation === 'destination' && state.hook === 'PREROUTING') skb.route = undefined;
    this.#net.netfilter.traceRewrite(skb, state, `quoted packet's addresses translated back`);
    return 'accept';
  }
}

/** The status bit that says whether packets of a direction are changed at that end. */
function bitFor(manipulation: Manipulation, reply: boolean): number {
  return (manipulation === 'source') !== reply ? STATUS.SRC_NAT : STATUS.DST_NAT;
}

function headersOf(skb: Skb, state: HookState): Headers {
  return {
    bytes: skb.bytes,
    network: skb.network,
    transport: state.transport,
    end: skb.end,
    family: state.family,
    protocol: state.protocol,
  };
}

function end(address: IP, port: number | undefined): string {
  if (port === undefined) return formatIP(address);
  return typeof address === 'bigint' ? `[${formatIP(address)}]:${port}` : `${formatIP(address)}:${port}`;
}
