import { type IP, samePrefix } from '../../base/address.ts';
import { type Connection, STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import type { AddressFilter, Request } from './parse.ts';

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
  if (request.state !== undefined && connection.tcpState !== request.state) return false;
  if (mark && request.command !== 'U' && (connection.mark & mark.mask) >>> 0 !== mark.value) return false;
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

function hasStatus({ status }: Request, connection: Connection): boolean {
  return status.every((name) => {
    if (name === 'UNSET') return !connection.has(STATUS.SEEN_REPLY) && !connection.has(STATUS.ASSURED);
    const bit = STATUS[name as keyof typeof STATUS] as number | undefined;
    return bit !== undefined && connection.has(bit);
  });
}

function isTranslated({ nat }: Request, connection: Connection): boolean {
  if (nat.size === 0) return true;
  const source = connection.has(STATUS.SRC_NAT);
  const destination = connection.has(STATUS.DST_NAT);
  const sourceFits = (filter: AddressFilter | undefined) => source && within(filter, connection.replyDirection.destination);
  const destinationFits = (filter: AddressFilter | undefined) => destination && within(filter, connection.replyDirection.source);
  if (nat.has('j')) return sourceFits(nat.get('j')) || destinationFits(nat.get('j'));
  return (!nat.has('n') || sourceFits(nat.get('n'))) && (!nat.has('g') || destinationFits(nat.get('g')));
}

function inZone({ zone, originalZone, replyZone }: Request, { original, replyDirection }: Connection): boolean {
  if (zone !== undefined && (original.zone !== zone || replyDirection.zone !== zone)) return false;
  return (originalZone === undefined || original.zone === originalZone) && (replyZone === undefined || replyDirection.zone === replyZone);
}
