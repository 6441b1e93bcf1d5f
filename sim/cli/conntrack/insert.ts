import type { IP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import { type Connection, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import type { Conntrack } from '../../kernel/netfilter/conntrack/conntrack.ts';
import { TcpTracking } from '../../kernel/netfilter/conntrack/tcp-window.ts';
import { invertIcmp } from '../../kernel/netfilter/conntrack/tuple.ts';
import { PROTOCOLS } from '../../kernel/netfilter/conntrack/describe.ts';
import type { Request } from './parse.ts';

/** The problems that `-I` has with the kernel. */
export type InsertError = 'exists' | 'invalid';

/** Makes an entry by hand (`-I`): what isn't said of the answers follows from the original direction. */
export function insert(request: Request, tracking: Conntrack): Connection | InsertError {
  const { addresses, protocol, numbers } = request;
  const source = addresses.s?.address;
  const destination = addresses.d?.address;
  if (source === undefined || destination === undefined || protocol === undefined) return 'invalid';
  const icmp = protocol === PROTOCOLS.icmp || protocol === PROTOCOLS.icmpv6;
  let [sourcePort, destinationPort] = [numbers.get('sport') ?? 0, numbers.get('dport') ?? 0];
  let replySourcePort = numbers.get('reply-sport') ?? destinationPort;
  let replyDestinationPort = numbers.get('reply-dport') ?? sourcePort;
  if (icmp) {
    sourcePort = numbers.get('icmp-id') ?? 0;
    destinationPort = ((numbers.get('icmp-type') ?? 0) << 8) | (numbers.get('icmp-code') ?? 0);
    const inverse = invertIcmp(protocol, destinationPort);
    if (inverse === undefined) return 'invalid';
    [replySourcePort, replyDestinationPort] = [sourcePort, inverse];
  }
  const ends = { source, destination, sourcePort, destinationPort, replySourcePort, replyDestinationPort };
  const connection = tracking.create(typeof source === 'number' ? 4 : 6, protocol, ends);
  translate(connection, addresses.r?.address ?? destination, addresses.q?.address ?? source);
  connection.original.zone = request.originalZone ?? request.zone ?? 0;
  connection.replyDirection.zone = request.replyZone ?? request.zone ?? 0;
  connection.mark = request.mark?.value ?? 0;
  for (const name of ['ASSURED', 'SEEN_REPLY'] as const) if (request.status.includes(name)) connection.status |= STATUS[name];
  connection.expires = tracking.net.kernel.events.now + (request.timeout ?? 0) * SECOND;
  if (request.state !== undefined) {
    connection.tcpState = request.state;
    connection.tcp = new TcpTracking();
  }
  return tracking.table.insert(connection) ? connection : 'exists';
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

/** Answers from or to another address: the connection is a translated one. */
function translate(connection: Connection, from: IP, to: IP): void {
  const { original, replyDirection: reply } = connection;
  reply.source = from;
  reply.destination = to;
  if (from !== original.destination || reply.sourcePort !== original.destinationPort) connection.status |= STATUS.DST_NAT;
  if (to !== original.source) connection.status |= STATUS.SRC_NAT;
  connection.status |= STATUS.SRC_NAT_DONE | STATUS.DST_NAT_DONE;
}
