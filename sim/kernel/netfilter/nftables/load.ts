import { EPOCH_SECONDS, SECOND } from '../../../base/time.ts';
import { be128, be16, be32 } from '../../../wire/endian.ts';
import type { NetDevice } from '../../dev/device.ts';
import { fibLookup } from '../../ipv4/route.ts';
import { fib6Lookup } from '../../ipv6/route.ts';
import type { Skb } from '../../skb.ts';
import { STATUS, Tracked } from '../conntrack/connection.ts';
import type { HookState } from '../hooks.ts';
import { addressTypeOf } from '../match/addrtype.ts';
import type { Atom, CtKey, FibFlag, Guard, MetaKey, PayloadField, Value } from './expression.ts';

/** Finds a value for a packet; `undefined` when the packet has none, which ends the rule. */
export type Load = (skb: Skb, state: HookState) => Value | undefined;

function etherTypeOf(skb: Skb, state: HookState): number {
  if (state.family === 4) return 0x800;
  if (state.family === 6) return 0x86dd;
  return be16(skb.bytes, skb.mac + 12);
}

/** The rules' unwritten conditions: `tcp dport` asks for TCP first. */
export function guarded({ family, protocol, etherType }: Guard, load: Load): Load {
  return (skb, state) => {
    if (family !== undefined && state.family !== family) return undefined;
    if (protocol !== undefined && state.protocol !== protocol) return undefined;
    if (etherType !== undefined && etherTypeOf(skb, state) !== etherType) return undefined;
    return load(skb, state);
  };
}

/** Where a header starts, or -1 if the packet has none such. */
export function baseOf(base: PayloadField['base'], skb: Skb, state: HookState): number {
  if (base === 'network') return skb.network;
  if (base === 'transport') return state.fragmentOffset === 0 && isIp(state) ? state.transport : -1;
  const header = skb.network - 14;
  return skb.mac > 0 && header >= skb.mac ? skb.mac : -1;
}

function isIp(state: HookState): boolean {
  return state.family === 4 || state.family === 6;
}

/** nft_payload_eval. */
export function payload(field: PayloadField): Load {
  const { base, offset, bits } = field;
  const first = offset >> 3;
  const load: Load = (skb, state) => {
    const start = baseOf(base, skb, state);
    const end = start + ((offset + bits + 7) >> 3);
    if (start < 0 || end > skb.end) return undefined;
    return readBits(skb.bytes, start + first, offset & 7, bits);
  };
  return field.guard ? guarded(field.guard, load) : load;
}

/** A field of `bits` bits that begins `skip` bits into byte `at`. */
export function readBits(bytes: Uint8Array, at: number, skip: number, bits: number): Atom {
  if (skip === 0) {
    if (bits === 8) return bytes[at] as number;
    if (bits === 16) return be16(bytes, at);
    if (bits === 32) return be32(bytes, at);
    if (bits === 48) return be16(bytes, at) * 2 ** 32 + be32(bytes, at + 2);
    if (bits === 128) return be128(bytes, at);
  }
  const length = (skip + bits + 7) >> 3;
  let value = 0n;
  for (let i = 0; i < length; i++) value = (value << 8n) | BigInt(bytes[at + i] as number);
  value = (value >> BigInt(length * 8 - skip - bits)) & ((1n << BigInt(bits)) - 1n);
  return bits > 48 ? value : Number(value);
}

/** A TCP option's field, or whether the option is there (nft_exthdr_tcp_eval). */
export function tcpOption(number: number, offset: number, bits: number, exists: boolean): Load {
  return (skb, state) => {
    if (state.protocol !== 6 || state.fragmentOffset > 0) return exists ? 0 : undefined;
    const { bytes } = skb;
    const end = Math.min(skb.end, state.transport + ((bytes[state.transport + 12] as number) >> 4) * 4);
    for (let at = state.transport + 20; at < end; ) {
      const kind = bytes[at] as number;
      const length = kind <= 1 ? 1 : (bytes[at + 1] as number);
      if (kind === number) return exists ? 1 : readBits(bytes, at + (offset >> 3), offset & 7, bits);
      if (kind === 0 || length < 1) break;
      at += length;
    }
    return exists ? 0 : undefined;
  };
}

const PACKET_TYPES = { host: 0, broadcast: 1, multicast: 2, otherhost: 3, outgoing: 4 } as const;
const ARPHRD: Record<string, number> = { ether: 1, loopback: 772, none: 0xfffe };

function device(pick: (state: HookState) => NetDevice | undefined, value: (found: NetDevice) => Atom, none: Atom): Load {
  return (_skb, state) => {
    const found = pick(state);
    return found ? value(found) : none;
  };
}

const input = (state: HookState) => state.input;
const output = (state: HookState) => state.output;

const DAY = 86_400;
const secondsNow = (state: HookState): number => EPOCH_SECONDS + Math.floor(state.net.kernel.events.now / SECOND);

/** nft_meta_get_eval. All processes of the simulated machines are root's, and they have one processor. */
const META: Record<MetaKey, Load> = {
  length: (skb) => skb.end - skb.network,
  protocol: etherTypeOf,
  priority: () => 0,
  mark: (skb) => skb.mark,
  iif: device(input, (found) => found.ifindex, 0),
  iifname: device(input, (found) => found.name, ''),
  iiftype: device(input, (found) => ARPHRD[found.type] ?? 1, 0),
  iifgroup: device(input, (found) => found.group, 0),
  oif: device(output, (found) => found.ifindex, 0),
  oifname: device(output, (found) => found.name, ''),
  oiftype: device(output, (found) => ARPHRD[found.type] ?? 1, 0),
  oifgroup: device(output, (found) => found.group, 0),
  ibrname: device(
    (state) => state.input?.master,
    (found) => found.name,
    '',
  ),
  obrname: device(
    (state) => state.output?.master,
    (found) => found.name,
    '',
  ),
  skuid: (skb) => (skb.socket === undefined ? undefined : 0),
  skgid: (skb) => (skb.socket === undefined ? undefined : 0),
  nftrace: (skb) => (skb.nftrace ? 1 : 0),
  cpu: () => 0,
  pkttype: (skb, state) => (state.input?.type === 'loopback' && skb.packetType === 'host' ? 0 : PACKET_TYPES[skb.packetType]),
  nfproto: (_skb, state) => (state.family === 4 ? 2 : state.family === 6 ? 10 : 7),
  l4proto: (_skb, state) => (isIp(state) ? state.protocol : undefined),
  hour: (_skb, state) => secondsNow(state) % DAY,
  // The first of January 1970 was a Thursday.
  day: (_skb, state) => (Math.floor(secondsNow(state) / DAY) + 4) % 7,
  // Microseconds since 1970.
  time: (_skb, state) => EPOCH_SECONDS * SECOND + state.net.kernel.events.now,
  random: (_skb, state) => state.net.netfilter.random.uint32(),
};

export function meta(key: MetaKey): Load {
  return META[key];
}

/** The numbers of packets' states as rules have them: `ct state`. */
export const CT_STATE_BIT = { INVALID: 1, ESTABLISHED: 2, RELATED: 4, NEW: 8, UNTRACKED: 64 } as const;

/** nft_ct_get_eval. */
export function ct(key: CtKey, direction: 'original' | 'reply' | undefined): Load {
  if (key === 'state') return (skb) => (skb.conntrack instanceof Tracked ? CT_STATE_BIT[skb.conntrack.state] : CT_STATE_BIT.INVALID);
  return (skb, state) => {
    const tracked = skb.conntrack;
    if (!(tracked instanceof Tracked) || !tracked.connection) return undefined;
    const { connection } = tracked;
    const side = direction === 'reply' ? connection.replyDirection : connection.original;
    const { accounting } = connection;
    const [packets, bytes] = accounting ? countsOf(accounting, direction) : [0, 0];
    switch (key) {
      case 'direction':
        return tracked.reply ? 1 : 0;
      case 'status':
        return connection.status & ~(STATUS.SRC_NAT_DONE | STATUS.DST_NAT_DONE);
      case 'mark':
        return connection.mark;
      case 'expiration':
        return Math.max(0, Math.floor((connection.expires - state.net.kernel.events.now) / 1000));
      case 'id':
        return connection.id;
      case 'l3proto':
        return connection.family === 4 ? 2 : 10;
      case 'protocol':
        return connection.protocol;
      case 'saddr':
        return side.source;
      case 'daddr':
        return side.destination;
      case 'ip saddr':
      case 'ip6 saddr':
        return (connection.family === 4) === (key === 'ip saddr') ? side.source : undefined;
      case 'ip daddr':
      case 'ip6 daddr':
        return (connection.family === 4) === (key === 'ip daddr') ? side.destination : undefined;
      case 'proto-src':
        return side.sourcePort;
      case 'proto-dst':
        return side.destinationPort;
      case 'zone':
        return direction === undefined ? connection.original.zone || connection.replyDirection.zone : side.zone;
      case 'label':
        return connection.labels;
      case 'helper':
        // There are none.
        return undefined;
      case 'packets':
        return packets;
      case 'bytes':
        return bytes;
      case 'avgpkt':
        return packets === 0 ? 0 : Math.floor(bytes / packets);
    }
  };
}

function countsOf(
  { packets, bytes, replyPackets, replyBytes }: { packets: number; bytes: number; replyPackets: number; replyBytes: number },
  direction: 'original' | 'reply' | undefined,
): [number, number] {
  if (direction === 'original') return [packets, bytes];
  return direction === 'reply' ? [replyPackets, replyBytes] : [packets + replyPackets, bytes + replyBytes];
}

/** In the order of their numbers (rtn types). */
export const FIB_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
] as const;

/** nft_fib4_eval, nft_fib6_eval: which kind of address it is, or by which device it would be reached. */
export function fib(result: 'oif' | 'oifname' | 'type' | 'check', flags: readonly FibFlag[]): Load {
  const source = flags.includes('saddr');
  const deviceOf = (state: HookState) => (flags.includes('iif') ? state.input : flags.includes('oif') ? state.output : undefined);
  if (result === 'type')
    return (skb, state) => {
      if (!isIp(state)) return undefined;
      const type = addressTypeOf(skb, state, source, deviceOf(state)).toLowerCase();
      return Math.max(0, FIB_TYPES.indexOf(type as (typeof FIB_TYPES)[number]));
    };
  return (skb, state) => {
    if (!isIp(state)) return undefined;
    const found = wayOut(skb, state, source, flags.includes('mark'), deviceOf(state));
    if (result === 'check') return found ? 1 : 0;
    return result === 'oif' ? (found?.ifindex ?? 0) : (found?.name ?? '');
  };
}

function wayOut(skb: Skb, state: HookState, source: boolean, mark: boolean, only: NetDevice | undefined): NetDevice | undefined {
  const { bytes, network } = skb;
  // What came by loopback came from here.
  if (state.input?.type === 'loopback') return state.input;
  if (state.family === 6) {
    const address = be128(bytes, network + (source ? 8 : 24));
    const type = addressTypeOf(skb, state, source, undefined);
    if (type === 'LOCAL') return state.net.loopback;
    const flow = {
      destination: address,
      source: be128(bytes, network + (source ? 24 : 8)),
      iif: 0,
      oif: only?.ifindex ?? 0,
      mark: mark ? skb.mark : 0,
    };
    const found = fib6Lookup(state.net.ipv6, flow);
    return found && 'route' in found && found.route.type === 'unicast' ? found.hop?.device : undefined;
  }
  const destination = be32(bytes, network + (source ? 12 : 16));
  const other = be32(bytes, network + (source ? 16 : 12));
  const found = fibLookup(state.net.ipv4, {
    destination,
    source: other,
    iif: 0,
    oif: 0,
    mark: mark ? skb.mark : 0,
    tos: (bytes[network + 1] as number) & 0xfc,
  });
  if (typeof found === 'string') return undefined;
  if (found.route.type !== 'unicast') return found.route.type === 'local' ? state.net.loopback : undefined;
  const hops = found.route.nexthops.map((hop) => hop.device);
  if (only) return hops.includes(only) ? only : undefined;
  return hops[0];
}
