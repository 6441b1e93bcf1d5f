/** Shapes tell protocols apart where colours can't. Each is drawn around (0, 0). */
const SHAPES: Record<string, string> = {
  ARP: 'M0-7.5 7.5 0 0 7.5-7.5 0z',
  ICMP: 'M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0z',
  TCP: 'M-6-6H6V6H-6z',
  UDP: 'M0-7 7 5.5H-7z',
};
const OTHER = 'M-4-7H4L7.5 0 4 7H-4L-7.5 0z';

/** Protocols that travel in, or are variants of, one that has a shape. */
const FAMILY: Record<string, string> = { ICMPv6: 'ICMP', DNS: 'UDP', VXLAN: 'UDP', HTTP: 'TCP' };

export function shapeOf(protocol: string): string {
  return SHAPES[FAMILY[protocol] ?? protocol] ?? OTHER;
}

/** The part of a class name that gives a protocol its colour. */
export function protocolClass(protocol: string): string {
  const family = FAMILY[protocol] ?? protocol;
  return family in SHAPES ? family.toLowerCase() : 'other';
}

/** A protocol's shape, as a key for the list of frames; `topology.css` cuts it out. */
export function keyOf(protocol: string): string {
  return `<i class="nd-key nd-${protocolClass(protocol)}"></i>`;
}
