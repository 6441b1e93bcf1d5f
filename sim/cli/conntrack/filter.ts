import { type IP, samePrefix } from '../../base/address.ts';
import { isQuery } from '../../kernel/netfilter/conntrack/describe.ts';
import { type Connection, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import type { AddressFilter, NatAddress, Request } from './request.ts';

const within = (filter: AddressFilter | undefined, address: IP): boolean =>
  filter === undefined || samePrefix(filter.address, address, filter.length);

/** Whether an entry is one of those asked for. */
export function wanted(request: Request, connection: Connection): boolean {
  const { original, replyDirection: reply } = connection;
  const { addresses, numbers, mark } = request;
  if (request.family !== undefined && connection.family !== request.family) return false;
  if (request.protocol !== undefined && connection.protocol !== request.protocol) return false;
  if (!within(addresses.s, original.source) || !within(addresses.d, original.destination)) return false;
  if (!within(addresses.r, reply.source) || !within(addresses.q, reply.destination)) return false;
  if (!inZone(request, connection)) return false;
  if (request.state !== undefined && request.command !== 'U' && connection.tcpState !== request.state) return false;
  if (mark && request.command !== 'U' && (connection.mark & mark.mask) >>> 0 !== mark.value) return false;
  const labels = request.labels.get('l');
  if (labels !== undefined && (connection.labels & labels) === 0n) return false;
  const fields: Record<string, number> = {
    sport: original.sourcePort,
    dport: original.destinationPort,
    'reply-sport': reply.sourcePort,
    'reply-dport': reply.destinationPort,
    'icmp-type': original.destinationPort >>> 8,
    'icmp-code': original.destinationPort & 0xff,
    'icmp-id': original.sourcePort,
  };
  for (const [name, value] of numbers) if (fields[name] !== value) return false;
  return hasStatus(request, connection) && isTranslated(request, connection);
}

function hasStatus({ status, command }: Request, connection: Connection): boolean {
  if (command === 'U') return true;
  return status.every((name) => {
    if (name === 'UNSET') return true;
    if (name === 'UNREPLIED') return !connection.has(STATUS.SEEN_REPLY);
    const bit = STATUS[name as keyof typeof STATUS] as number | undefined;
    return bit !== undefined && connection.has(bit);
  });
}

/**
 * Whether an entry is translated in a way that was asked for. What makes it so isn't a mark of the kernel's but that its answers don't
 * mirror it, once NAT has looked at it (NFCT_GOPT_IS_SNAT and its like). ICMP's identifier is compared with the type in the library.
 */
function isTranslated({ nat }: Request, connection: Connection): boolean {
  if (nat.size === 0) return true;
  const { original, replyDirection: reply } = connection;
  const source = (wanted: NatAddress | undefined) => {
    if (wanted) return sameEnd(wanted, reply.destination, connection.protocol, reply.destinationPort) && isSource(connection);
    return isSource(connection) || (connection.has(STATUS.SRC_NAT_DONE) && reply.destinationPort !== original.sourcePort);
  };
  const destination = (wanted: NatAddress | undefined) => {
    if (wanted) return sameEnd(wanted, reply.source, connection.protocol, reply.sourcePort) && isDestination(connection);
    return isDestination(connection) || (connection.has(STATUS.DST_NAT_DONE) && reply.sourcePort !== original.destinationPort);
  };
  if (nat.has('j')) return source(nat.get('j')) || destination(nat.get('j'));
  return (!nat.has('n') || source(nat.get('n'))) && (!nat.has('g') || destination(nat.get('g')));
}

const isSource = (connection: Connection): boolean =>
  connection.has(STATUS.SRC_NAT_DONE) && connection.replyDirection.destination !== connection.original.source;
const isDestination = (connection: Connection): boolean =>
  connection.has(STATUS.DST_NAT_DONE) && connection.replyDirection.source !== connection.original.destination;

function sameEnd({ address, port }: NatAddress, end: IP, protocol: number, endPort: number): boolean {
  return address === end && (port === undefined || isQuery(protocol) || port === endPort);
}

function inZone({ zone, originalZone, replyZone }: Request, { original, replyDirection }: Connection): boolean {
  if (zone !== undefined && (original.zone !== zone || replyDirection.zone !== zone)) return false;
  // Where both directions are in one zone, the kernel tells of neither's.
  const differ = original.zone !== replyDirection.zone;
  const fits = (asked: number | undefined, found: number) => asked === undefined || (differ ? found === asked : asked === 0);
  return fits(originalZone, original.zone) && fits(replyZone, replyDirection.zone);
}
