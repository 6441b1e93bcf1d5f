import { type Expression, type Guard, walk } from '../../kernel/netfilter/nftables/expression.ts';
import { expressionsOf, type Statement } from '../../kernel/netfilter/nftables/statement.ts';
import type { NftFamily } from '../../kernel/netfilter/nftables/table.ts';
import { reject, type Span } from './source.ts';

const TRANSPORT_NAMES: Record<number, string> = {
  1: 'icmp',
  2: 'igmp',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  50: 'esp',
  51: 'ah',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

/** What a rule has said so far about the packets it is about (struct proto_ctx). */
export class Protocols {
  readonly family: NftFamily;
  network: 4 | 6 | undefined;
  transport: number | undefined;

  constructor(family: NftFamily) {
    this.family = family;
    if (family === 'ip') this.network = 4;
    if (family === 'ip6') this.network = 6;
  }

  /** Notes that a selector's header is there, which must not contradict what was said before. */
  use(guard: Guard | undefined, at: Span): void {
    if (!guard) return;
    if (guard.family !== undefined) this.#useNetwork(guard.family, at);
    if (guard.protocol !== undefined) this.#useTransport(guard.protocol, at);
    if (guard.etherType !== 0x0806) return;
    if (this.network !== undefined) reject(`conflicting network layer protocols specified: ${nameOf(this.network)} vs. arp`, at);
    if (this.family === 'inet') reject('conflicting protocols specified: inet vs. arp', at);
  }

  #useNetwork(family: 4 | 6, at: Span): void {
    if (this.network !== undefined && this.network !== family)
      reject(`conflicting network layer protocols specified: ${nameOf(this.network)} vs. ${nameOf(family)}`, at);
    this.network = family;
  }

  #useTransport(protocol: number, at: Span): void {
    if (this.transport !== undefined && this.transport !== protocol) {
      const name = (number: number) => TRANSPORT_NAMES[number] ?? String(number);
      reject(`conflicting transport layer protocols specified: ${name(this.transport)} vs. ${name(protocol)}`, at);
    }
    this.transport = protocol;
  }

  /** Takes note of `meta l4proto tcp`, `ip protocol tcp`, `meta nfproto ipv4` and the like. */
  learn(statement: Statement): void {
    const said = statedBy(statement);
    if (said?.family !== undefined) this.network = said.family;
    if (said?.protocol !== undefined) this.transport = said.protocol;
    // Several protocols may have been asked for: ports can be looked at all the same.
    if (statement.kind === 'match' && isProtocol(statement.left) && statement.right.kind !== 'value' && statement.comparison !== '!=')
      this.anyTransport = true;
  }

  /** One of several transport protocols is there. */
  anyTransport = false;
}

const nameOf = (family: 4 | 6): string => (family === 4 ? 'ip' : 'ip6');

function isProtocol(left: Expression): boolean {
  if (left.kind === 'meta') return left.key === 'l4proto';
  if (left.kind === 'concat') return left.parts.some(isProtocol);
  return left.kind === 'payload' && (left.field.name === 'ip protocol' || left.field.name === 'ip6 nexthdr');
}

/** What a statement says about the packet's protocols, if that is all it says. */
export function statedBy(statement: Statement): Guard | undefined {
  if (statement.kind !== 'match' || statement.comparison !== '==' || statement.right.kind !== 'value') return undefined;
  const { left, right } = statement;
  const { value } = right;
  if (typeof value !== 'number') return undefined;
  if (isProtocol(left) && left.kind !== 'concat') return { protocol: value };
  const ether = left.kind === 'payload' && left.field.name === 'ether type';
  if (left.kind === 'meta' && left.key === 'nfproto') return value === 2 ? { family: 4 } : value === 10 ? { family: 6 } : undefined;
  if (ether || (left.kind === 'meta' && left.key === 'protocol'))
    return value === 0x0800 ? { family: 4 } : value === 0x86dd ? { family: 6 } : undefined;
  return undefined;
}

/** Whether a statement's own fields ask for the same. */
function implies(statement: Statement, said: Guard, family: NftFamily): boolean {
  if (
    family !== 'inet' &&
    family !== 'bridge' &&
    said.protocol === 6 &&
    statement.kind === 'reject' &&
    statement.reject.type === 'tcp reset'
  )
    return true;
  if (family === 'inet' && statement.kind === 'reject' && said.family !== undefined)
    if (statement.reject.type === (said.family === 4 ? 'icmp' : 'icmpv6')) return true;
  for (const expression of expressionsOf(statement)) {
    for (const part of walk(expression)) {
      if (part.kind === 'tcp-option' && said.protocol === 6) return true;
      if (part.kind !== 'payload' || !part.field.guard) continue;
      if (said.protocol !== undefined && part.field.guard.protocol === said.protocol) return true;
      if (said.family !== undefined && part.field.guard.family === said.family) return true;
    }
  }
  return false;
}

/** Which ways of stating a protocol are left out of listings, the fields that follow saying as much (payload_dependency_kill). */
function isSilent(left: Expression, family: NftFamily): boolean {
  if (left.kind === 'meta')
    return left.key === 'l4proto' || left.key === 'nfproto' || (left.key === 'protocol' && (family === 'ip' || family === 'bridge'));
  if (left.kind !== 'payload') return false;
  const { name } = left.field;
  return name === 'ether type' || (name === 'ip protocol' && family === 'ip') || (name === 'ip6 nexthdr' && family === 'ip6');
}

/** Takes out the statements that say nothing which later ones don't. */
export function withoutRepetition(statements: readonly Statement[], family: NftFamily): Statement[] {
  return statements.filter((statement, i) => {
    const said = statedBy(statement);
    if (!said || statement.kind !== 'match' || !isSilent(statement.left, family)) return true;
    return !statements.slice(i + 1).some((later) => implies(later, said, family));
  });
}

/** A comparison of one field with one value. */
function fieldOf(statement: Statement | undefined) {
  if (statement?.kind !== 'match' || statement.comparison !== '==' || statement.right.kind !== 'value') return undefined;
  return statement.left.kind === 'payload' ? statement.left.field : undefined;
}

/** Brings fields together that lie side by side in a header: they are compared in one go (stmt_reduce). */
export function sideBySide(statements: readonly Statement[]): Statement[] {
  const result = [...statements];
  for (let j = 1; j < result.length; j++) {
    const later = fieldOf(result[j]);
    for (let i = j - 1; later && i >= 0; i--) {
      const earlier = fieldOf(result[i]);
      if (!earlier) break;
      if (earlier.base !== later.base || earlier.name.startsWith('@') || later.name.startsWith('@')) continue;
      const before = earlier.offset + earlier.bits === later.offset;
      const after = later.offset + later.bits === earlier.offset;
      if ((!before && !after) || (before && i === j - 1)) continue;
      const [moved] = result.splice(i, 1) as [Statement];
      result.splice(before ? j - 1 : j, 0, moved);
      break;
    }
  }
  return result;
}
