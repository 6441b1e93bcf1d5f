import { SECOND } from '../../base/time.ts';
import { type Connection, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import type { Conntrack } from '../../kernel/netfilter/conntrack/conntrack.ts';
import { TcpTracking } from '../../kernel/netfilter/conntrack/tcp-window.ts';
import { invertIcmp } from '../../kernel/netfilter/conntrack/tuple.ts';
import { PROTOCOLS } from '../../kernel/netfilter/conntrack/describe.ts';
import type { Request } from './request.ts';

/** The problems that `-I` has with the kernel. */
export type InsertError = 'exists' | 'invalid';

/**
 * Makes an entry by hand (`-I`). What its answers look like follows from the original direction, unless anything was said of them: then
 * the rest of them is empty, and they need a source.
 */
export function insert(request: Request, tracking: Conntrack): Connection | InsertError {
  const { addresses, protocol, numbers, nat } = request;
  const source = addresses.s?.address;
  const destination = addresses.d?.address;
  if (source === undefined || destination === undefined || protocol === undefined) return 'invalid';
  const explicit = addresses.r !== undefined || addresses.q !== undefined;
  if (explicit && addresses.r === undefined) return 'invalid';
  const icmp = protocol === PROTOCOLS.icmp || protocol === PROTOCOLS.icmpv6;
  let [sourcePort, destinationPort] = [numbers.get('sport') ?? 0, numbers.get('dport') ?? 0];
  let replySourcePort = numbers.get('reply-sport') ?? nat.get('g')?.port ?? (explicit ? 0 : destinationPort);
  let replyDestinationPort = numbers.get('reply-dport') ?? nat.get('n')?.port ?? (explicit ? 0 : sourcePort);
  if (icmp) {
    sourcePort = numbers.get('icmp-id') ?? 0;
    destinationPort = ((numbers.get('icmp-type') ?? 0) << 8) | (numbers.get('icmp-code') ?? 0);
    const inverse = invertIcmp(protocol, destinationPort);
    if (inverse === undefined) return 'invalid';
    [replySourcePort, replyDestinationPort] = [sourcePort, inverse];
  }
  const ends = { source, destination, sourcePort, destinationPort, replySourcePort, replyDestinationPort };
  const family = typeof source === 'number' ? 4 : 6;
  const connection = tracking.create(family, protocol, ends);
  const reply = connection.replyDirection;
  if (explicit) {
    reply.source = addresses.r?.address ?? destination;
    reply.destination = addresses.q?.address ?? (family === 4 ? 0 : 0n);
  }
  translate(connection, nat);
  connection.original.zone = request.originalZone ?? request.zone ?? 0;
  connection.replyDirection.zone = request.replyZone ?? request.zone ?? 0;
  connection.mark = request.mark?.value ?? 0;
  setStatus(connection, request.status);
  connection.expires = tracking.net.kernel.events.now + (request.timeout ?? 0) * SECOND;
  if (request.state !== undefined) {
    connection.tcpState = request.state;
    if (protocol === PROTOCOLS.tcp) connection.tcp = new TcpTracking();
    else connection.vtags = [numbers.get('orig-vtag') ?? 0, numbers.get('reply-vtag') ?? 0];
  }
  return tracking.insert(connection) ? connection : 'exists';
}

/** Sets what `-u` names; nothing takes it away again. */
export function setStatus(connection: Connection, names: readonly string[]): void {
  for (const name of ['ASSURED', 'SEEN_REPLY', 'FIXED_TIMEOUT'] as const) if (names.includes(name)) connection.status |= STATUS[name];
}

/** The entry that `-A` finds in the place of the one it would make. */
export function existing(
  { addresses, protocol, numbers, zone, originalZone, replyZone }: Request,
  tracking: Conntrack,
): Connection | undefined {
  const [source, destination] = [addresses.s?.address, addresses.d?.address];
  if (source === undefined || destination === undefined || protocol === undefined) return undefined;
  const family = typeof source === 'number' ? 4 : 6;
  const ports = [
    numbers.get('sport') ?? numbers.get('icmp-id') ?? 0,
    numbers.get('dport') ?? (numbers.get('icmp-type') ?? 0) << 8,
  ] as const;
  const zones = [originalZone ?? zone ?? 0, replyZone ?? zone ?? 0] as const;
  return tracking.table.find(family, protocol, source, destination, ...ports, ...zones)?.connection;
}

/** `-n` and `-g`: answers go to or come from another address. */
function translate(connection: Connection, nat: Request['nat']): void {
  const { replyDirection: reply } = connection;
  const source = nat.get('n');
  const destination = nat.get('g');
  if (source) reply.destination = source.address;
  if (destination) reply.source = destination.address;
  if (source) connection.status |= STATUS.SRC_NAT;
  if (destination) connection.status |= STATUS.DST_NAT;
  if (source || destination) connection.status |= STATUS.SRC_NAT_DONE | STATUS.DST_NAT_DONE;
}
