import { MAC_BROADCAST } from '../../../base/address.ts';
import { LINKTYPE } from '../../../wire/pcap.ts';
import { rejectsAll } from './contradiction.ts';
import { invalid } from './id-words.ts';
import { idTest, macTest } from './ids.ts';
import { LinkLayout } from './link.ts';
import type { FilterNames } from './names.ts';
import { isIPv4, isIPv6, protocolTest } from './protocols.ts';
import { relationTest } from './relation.ts';
import { anyOf, both, either, Subject, type Test } from './subject.ts';
import type { Expression, FilterError, ProtocolKeyword } from './syntax.ts';

/** What is known of a packet besides its bytes. */
export interface PacketFacts {
  /** On the wire. */
  length: number;
  outgoing: boolean;
  ifindex: number;
}

export type PacketFilter = (bytes: Uint8Array, facts: PacketFacts) => boolean;

/** Keywords that only PF's log has. */
const PFLOG: ReadonlySet<string> = new Set(['ifname', 'ruleset', 'rulenum', 'subrulenum', 'reason', 'action']);
const PFLOG_NAMES: Readonly<Record<string, string>> = { rulenum: 'rnr', subrulenum: 'srnr' };

/** What libpcap has and this doesn't; `filterUnmodelled` names it. */
export interface UnmodelledFilter {
  filterUnmodelled: string;
}

export function isUnmodelled(value: unknown): value is UnmodelledFilter {
  return typeof value === 'object' && value !== null && 'filterUnmodelled' in value;
}

/**
 * Makes a test of an expression, for packets of a link type.
 *
 * @param live whether they come from a device: `inbound`, `outbound` and `ifindex` need that (but on `any`)
 */
export function compileFilter(
  expression: Expression | undefined,
  options: { linkType: number; live: boolean; names: FilterNames },
): PacketFilter | FilterError | UnmodelledFilter {
  if (!expression) return () => true;
  if (options.linkType === LINKTYPE.Nflog)
    return { filterError: `link-layer protocol filtering not implemented for ${new LinkLayout(options.linkType, options.live).name}` };
  const compiled = new Compiler(new LinkLayout(options.linkType, options.live), options.names).test(expression);
  if (typeof compiled !== 'function') return compiled;
  if (rejectsAll(expression)) return { filterError: 'expression rejects all packets' };
  const subject = new Subject();
  return (bytes, facts) => {
    subject.b = bytes;
    subject.length = facts.length;
    subject.outgoing = facts.outgoing;
    subject.ifindex = facts.ifindex;
    subject.failed = false;
    return compiled(subject) && !subject.failed;
  };
}

type Compiled = Test | FilterError | UnmodelledFilter;

class Compiler {
  readonly #link: LinkLayout;
  readonly #names: FilterNames;

  constructor(link: LinkLayout, names: FilterNames) {
    this.#link = link;
    this.#names = names;
  }

  test(expression: Expression): Compiled {
    const link = this.#link;
    switch (expression.kind) {
      case 'and':
      case 'or': {
        const left = this.test(expression.left);
        if (typeof left !== 'function') return left;
        const right = this.test(expression.right);
        if (typeof right !== 'function') return right;
        return expression.kind === 'and' ? both(left, right) : either(left, right);
      }
      case 'not': {
        const of = this.test(expression.of);
        return typeof of === 'function' ? (packet) => !of(packet) : of;
      }
      case 'id':
        return idTest(link, expression.qualifiers, expression.id, this.#names);
      case 'bare':
        return { filterError: 'syntax error in filter expression' };
      case 'protocol':
        return protocolTest(link, expression.protocol);
      case 'relation':
        return relationTest(link, expression.operator, expression.left, expression.right);
      case 'broadcast':
        return this.#broadcast(expression.protocol);
      case 'multicast':
        return this.#multicast(expression.protocol);
      case 'less':
      case 'greater': {
        const { kind, length } = expression;
        return kind === 'less' ? (packet) => packet.length <= length : (packet) => packet.length >= length;
      }
      case 'byte':
        return byteTest(expression.at, expression.operator, expression.value);
      case 'inbound':
      case 'outbound':
        return this.#direction(expression.kind);
      case 'ifindex':
        return this.#ifindex(expression.value);
      case 'vlan':
        return this.#vlan(expression.tag);
      case 'keyword':
        return this.#refused(expression.keyword);
    }
  }

  #broadcast(protocol: ProtocolKeyword | undefined): Compiled {
    const link = this.#link;
    if (protocol === undefined || protocol === 'link') return macTest(link, MAC_BROADCAST, 'dst', 'broadcast');
    if (protocol !== 'ip') return invalid(protocol, 'broadcast');
    // tcpdump doesn't tell libpcap the netmask, so only the two addresses that are broadcast everywhere are.
    const at = link.network + 16;
    return both(isIPv4(link), (packet) => packet.u32(at) === 0 || packet.u32(at) === 0xffffffff);
  }

  #multicast(protocol: ProtocolKeyword | undefined): Compiled {
    const link = this.#link;
    const { network } = link;
    if (protocol === undefined || protocol === 'link') {
      return link.ethernet ? (packet) => (packet.u8(0) & 1) !== 0 : this.#unsupported('multicast');
    }
    if (protocol === 'ip') return both(isIPv4(link), (packet) => (packet.u8(network + 16) & 0xf0) === 0xe0);
    if (protocol === 'ip6') return both(isIPv6(link), (packet) => packet.u8(network + 24) === 0xff);
    return invalid(protocol, 'multicast');
  }

  #unsupported(keyword: string): FilterError {
    return { filterError: `'${keyword}' not supported on ${this.#link.name}` };
  }

  #needsDevice(keyword: string): FilterError {
    return { filterError: `not a live capture, '${keyword}' not supported on ${this.#link.name}` };
  }

  #direction(keyword: 'inbound' | 'outbound'): Compiled {
    const wanted = keyword === 'outbound';
    if (this.#link.cooked) return (packet) => (packet.u8(10) === 4) === wanted;
    return this.#link.live ? (packet) => packet.outgoing === wanted : this.#needsDevice(keyword);
  }

  #ifindex(value: number): Compiled {
    if (this.#link.cooked) return (packet) => packet.u32(4) === value;
    return this.#link.live ? (packet) => packet.ifindex === value : this.#needsDevice('ifindex');
  }

  /** Looks at the tag, and moves on behind it for the rest of the expression. */
  #vlan(tag: number | undefined): Compiled {
    const link = this.#link;
    if (!link.ethernet) return this.#unsupported('vlan');
    if (tag !== undefined && tag > 4095) return { filterError: `VLAN tag ${tag} greater than maximum 4095` };
    const tagged = anyOf([0x8100, 0x88a8, 0x9100].map((type) => link.isType(type)));
    const { network } = link;
    link.enterTag();
    return tag === undefined ? tagged : both(tagged, (packet) => (packet.u16(network) & 0xfff) === tag);
  }

  #refused(keyword: string): FilterError | UnmodelledFilter {
    if (PFLOG.has(keyword)) return { filterError: `'${PFLOG_NAMES[keyword] ?? keyword}' supported only on PFLOG linktype` };
    if (keyword === 'type' || keyword === 'subtype') return this.#unsupported('type/subtype');
    if (keyword === 'direction') return this.#unsupported('dir');
    return { filterUnmodelled: `the filter keyword '${keyword}'` };
  }
}

function byteTest(at: number, operator: '&' | '|' | '<' | '>' | '=', value: number): Compiled {
  if (value > 255) return { filterError: `byte argument ${value} greater than maximum 255` };
  switch (operator) {
    case '=':
      return (packet) => packet.u8(at) === value;
    case '<':
      return (packet) => packet.u8(at) < value;
    case '>':
      return (packet) => packet.u8(at) > value;
    case '&':
      return (packet) => (packet.u8(at) & value) !== 0;
    case '|':
      return (packet) => (packet.u8(at) | value) !== 0;
  }
}
