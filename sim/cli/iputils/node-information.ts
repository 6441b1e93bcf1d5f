import { type IP, parseIPv4, parseIPv6 } from '../../base/address.ts';
import { concat, encode } from '../../base/bytes.ts';

/** What `ping -N` asks a node about itself (RFC 4620). Linux nodes don't answer. */
export interface NodeInformation {
  query: number;
  flags: number;
  /** Whom it is about: the destination unless it is said. */
  subject: { code: number; bytes: Uint8Array } | undefined;
}

const QUERY = { name: 2, ipv6: 3, ipv4: 4 } as const;
const [ALL, COMPATIBLE, LINK_LOCAL, SITE_LOCAL, GLOBAL] = [2, 4, 8, 16, 32] as const;

const WORDS: Readonly<Record<string, { query: number; flags: number }>> = {
  name: { query: QUERY.name, flags: 0 },
  fqdn: { query: QUERY.name, flags: 0 },
  ipv6: { query: QUERY.ipv6, flags: 0 },
  'ipv6-all': { query: QUERY.ipv6, flags: ALL },
  'ipv6-compatible': { query: QUERY.ipv6, flags: COMPATIBLE },
  'ipv6-linklocal': { query: QUERY.ipv6, flags: LINK_LOCAL },
  'ipv6-sitelocal': { query: QUERY.ipv6, flags: SITE_LOCAL },
  'ipv6-global': { query: QUERY.ipv6, flags: GLOBAL },
  ipv4: { query: QUERY.ipv4, flags: 0 },
  'ipv4-all': { query: QUERY.ipv4, flags: ALL },
};

export const NODE_INFORMATION_HELP = `ping -6 -N <nodeinfo opt>
Help:
  help
Query:
  name
  ipv6
  ipv6-all
  ipv6-compatible
  ipv6-global
  ipv6-linklocal
  ipv6-sitelocal
  ipv4
  ipv4-all
Subject:
  subject-ipv6=addr
  subject-ipv4=addr
  subject-name=name
  subject-fqdn=name
`;

/** One `-N WORD`, added to those before; `undefined` when it makes no sense or asks for help. */
export function readNodeInformation(text: string, before: NodeInformation | undefined): NodeInformation | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) {
    const word = Object.hasOwn(WORDS, text) ? WORDS[text] : undefined;
    if (!word || (before && before.query !== 0 && before.query !== word.query)) return undefined;
    return { query: word.query, flags: (before?.flags ?? 0) | word.flags, subject: before?.subject };
  }
  const subject = readSubject(text.slice(0, equals), text.slice(equals + 1));
  return subject && { query: before?.query ?? 0, flags: before?.flags ?? 0, subject };
}

function readSubject(kind: string, value: string): NodeInformation['subject'] {
  const address = kind === 'subject-ipv4' ? parseIPv4(value) : kind === 'subject-ipv6' ? parseIPv6(value) : undefined;
  if (address !== undefined) return { code: typeof address === 'bigint' ? 0 : 2, bytes: addressBytes(address) };
  if (kind !== 'subject-name' && kind !== 'subject-fqdn') return undefined;
  const labels = value.split('.').map((label) => concat([Uint8Array.of(encode(label).length), encode(label)]));
  // A name that isn't whole ends twice.
  return { code: 1, bytes: concat([...labels, new Uint8Array(kind === 'subject-fqdn' ? 1 : 2)]) };
}

function addressBytes(address: IP): Uint8Array {
  const length = typeof address === 'bigint' ? 16 : 4;
  const bits = BigInt(address);
  return Uint8Array.from({ length }, (_, i) => Number((bits >> BigInt(8 * (length - 1 - i))) & 255n));
}

/** NI Query, whose checksum the kernel fills in; the nonce holds the identifier and the sequence number. */
const NI_QUERY = 139;

export function nodeQuery({ query, flags, subject }: NodeInformation, destination: IP, identifier: number, sequence: number): Uint8Array {
  const about = subject ?? { code: 0, bytes: addressBytes(destination) };
  const head = Uint8Array.of(NI_QUERY, about.code, 0, 0, query >>> 8, query & 255, flags >>> 8, flags & 255);
  const nonce = Uint8Array.of(identifier >>> 8, identifier & 255, sequence >>> 8, sequence & 255, 0, 0, 0, 0);
  return concat([head, nonce, about.bytes]);
}
