import { both, either, type Test } from './subject.ts';
import type { Direction, FilterError, Id } from './syntax.ts';

/** What primitives have in common: their messages, and which end of a packet they mean. */

export function invalid(qualifier: string, what: string): FilterError {
  return { filterError: `'${qualifier}' is not a valid qualifier for '${what}'` };
}

/** An id as messages quote it. */
export function textOf(id: Id): string {
  if (id.kind === 'number') return String(id.value);
  if (id.kind === 'ipv4-mask') return `${id.text} mask ${id.mask}`;
  return id.kind === 'ipv4-prefix' || id.kind === 'ipv6-prefix' ? `${id.text}/${id.length}` : id.text;
}

/** What libpcap calls an address that stands where it can't. */
export function describe(id: Id): string {
  switch (id.kind) {
    case 'ipv4':
      return 'IPv4 address';
    case 'ipv4-prefix':
      return 'IPv4 address and prefix length';
    case 'ipv4-mask':
      return 'IPv4 address and netmask';
    case 'ipv6-prefix':
      return 'IPv6 address and prefix length';
    default:
      return 'IPv6 address';
  }
}

/** Either end, unless a direction says which. */
export function ends(direction: Direction | undefined, source: Test, destination: Test): Test {
  if (direction === 'src') return source;
  if (direction === 'dst') return destination;
  return direction === 'and' ? both(source, destination) : either(source, destination);
}
