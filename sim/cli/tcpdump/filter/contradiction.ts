import type { Arithmetic, Expression, Id, ProtocolKeyword, Qualifiers } from './syntax.ts';

/** The kinds of packet that expressions tell apart: what Ethernet carries, and for IP what that carries. */
const KINDS = [
  ...['ip:tcp', 'ip:udp', 'ip:sctp', 'ip:icmp', 'ip:igmp', 'ip:other', 'ip6:tcp', 'ip6:udp', 'ip6:sctp', 'ip6:icmp6', 'ip6:other'],
  ...['arp', 'rarp', 'vlan', 'other'],
] as const;
type Kind = (typeof KINDS)[number];
type Kinds = ReadonlySet<Kind>;

const ALL: Kinds = new Set(KINDS);
const IP_PROTOCOLS: Readonly<Record<number, string>> = { 1: 'icmp', 2: 'igmp', 6: 'tcp', 17: 'udp', 132: 'sctp' };
const PORTED = new Set(['tcp', 'udp', 'sctp']);

/**
 * Whether no packet at all can match, as far as the protocols that it asks for tell (`ip and arp`); libpcap's optimizer finds
 * that, and refuses. Undecided cases count as possible.
 */
export function rejectsAll(expression: Expression): boolean {
  return new Reader().kinds(expression).size === 0;
}

class Reader {
  /** After `vlan` the tests are those of the frame inside. */
  #inside = false;

  /** @param first something follows with `and`: the optimizer doesn't carry on what a port without a protocol means */
  kinds(expression: Expression, first = false): Kinds {
    switch (expression.kind) {
      case 'and': {
        const left = this.kinds(expression.left, true);
        const right = this.kinds(expression.right);
        return new Set([...left].filter((kind) => right.has(kind)));
      }
      case 'or':
        return new Set([...this.kinds(expression.left), ...this.kinds(expression.right)]);
      case 'not':
        if (expression.of.kind === 'protocol' && !this.#inside) return without(ofProtocol(expression.of.protocol));
        // What is asked inside may leave out more than a kind.
        this.kinds(expression.of);
        return ALL;
      case 'vlan': {
        const outer = !this.#inside;
        this.#inside = true;
        return outer ? only((kind) => kind === 'vlan') : ALL;
      }
      case 'protocol':
        return this.#inside ? ALL : ofProtocol(expression.protocol);
      case 'id':
        return this.#inside || (first && namesPortAlone(expression.qualifiers)) ? ALL : ofId(expression.qualifiers, expression.id);
      case 'relation':
        return this.#inside ? ALL : common(loads(expression.left), loads(expression.right));
      default:
        return ALL;
    }
  }
}

function only(test: (kind: Kind) => boolean): Kinds {
  return new Set(KINDS.filter(test));
}

/** All but those, unless they are all that there is: then the protocol isn't told apart here. */
function without(kinds: Kinds): Kinds {
  return kinds.size === KINDS.length ? ALL : only((kind) => !kinds.has(kind));
}

function namesPortAlone({ protocol, type }: Qualifiers): boolean {
  return protocol === undefined && (type === 'port' || type === 'portrange');
}

function common(a: Kinds, b: Kinds): Kinds {
  return new Set([...a].filter((kind) => b.has(kind)));
}

function ofProtocol(protocol: ProtocolKeyword): Kinds {
  if (protocol === 'ip' || protocol === 'ip6') return only((kind) => kind.startsWith(`${protocol}:`));
  if (protocol === 'arp' || protocol === 'rarp') return only((kind) => kind === protocol);
  if (PORTED.has(protocol)) return only((kind) => kind.endsWith(`:${protocol}`));
  if (protocol === 'icmp' || protocol === 'igmp') return only((kind) => kind === `ip:${protocol}`);
  return protocol === 'icmp6' ? only((kind) => kind === 'ip6:icmp6') : ALL;
}

function ofId({ protocol, type }: Qualifiers, id: Id): Kinds {
  const named = protocol === undefined || type === 'proto' || type === 'protochain' ? ALL : ofProtocol(protocol);
  if (type === 'port' || type === 'portrange')
    return common(
      named,
      only((kind) => PORTED.has(kind.slice(kind.indexOf(':') + 1))),
    );
  if (type === 'proto' && protocol === 'ip' && id.kind === 'number')
    return only((kind) => kind === `ip:${IP_PROTOCOLS[id.value] ?? 'other'}`);
  if (type === 'proto' || type === 'protochain' || type === 'gateway') return ALL;
  if (id.kind.startsWith('ipv4'))
    return common(
      named,
      only((kind) => kind.startsWith('ip:') || kind === 'arp' || kind === 'rarp'),
    );
  return id.kind.startsWith('ipv6')
    ? common(
        named,
        only((kind) => kind.startsWith('ip6:')),
      )
    : named;
}

/** `tcp[13]` is for IPv4 alone. */
function loads(value: Arithmetic): Kinds {
  if (value.kind === 'negative') return loads(value.of);
  if (value.kind === 'binary') return common(loads(value.left), loads(value.right));
  if (value.kind !== 'load') return ALL;
  const own = PORTED.has(value.protocol) ? only((kind) => kind === `ip:${value.protocol}`) : ofProtocol(value.protocol);
  return common(own, loads(value.at));
}
