import type { Skb } from '../../skb.ts';
import { type Connection, Template, Tracked, UNTRACKED } from '../conntrack/connection.ts';
import type { HookState } from '../hooks.ts';
import { log } from '../target/log.ts';
import { reject, reject6 } from '../target/reject.ts';
import { tcpmss } from '../target/tcpmss.ts';
import { compute } from './compute.ts';
import type { Atom, Value } from './expression.ts';
import { store } from './store.ts';
import { translate } from './translate.ts';
import type { SetElement } from './set.ts';
import { account, fresh, type Stateful } from './stateful.ts';
import type { Comparison, Operand, Reject, Statement } from './statement.ts';
import { BREAK, CONTINUE, DROP, type Outcome } from './verdict.ts';

/** A statement as packets run through it. */
export type Operation = (skb: Skb, state: HookState) => Outcome;

/** Makes a statement into what is done with a packet. */
export function compile(statement: Statement): Operation {
  switch (statement.kind) {
    case 'match':
      return match(statement);
    case 'verdict': {
      const { verdict } = statement;
      return () => verdict;
    }
    case 'vmap': {
      const load = compute(statement.key);
      const { map } = statement;
      return (skb, state) => {
        const value = load(skb, state);
        const element = value === undefined ? undefined : map.lookup(value);
        return element && passes(element, skb, state) ? (element.verdict ?? BREAK) : BREAK;
      };
    }
    case 'stateful': {
      const { state: remembered } = statement;
      return (skb, state) => (account(remembered, lengthOf(skb), state.net.kernel.events.now, connectionOf(skb)) ? CONTINUE : BREAK);
    }
    case 'object':
      return object(statement);
    case 'log':
      return logging(statement);
    case 'reject':
      return refusal(statement.reject);
    case 'nat':
      return translate(statement);
    case 'notrack':
      return (skb) => {
        skb.conntrack ??= UNTRACKED;
        return CONTINUE;
      };
    case 'set-meta': {
      const load = compute(statement.value);
      const { key } = statement;
      return (skb, state) => {
        const value = load(skb, state);
        if (value === undefined) return BREAK;
        if (key === 'mark') skb.mark = value as number;
        else if (key === 'nftrace') skb.nftrace = value !== 0;
        else if (key === 'pkttype') skb.packetType = PACKET_TYPES[value as number] ?? skb.packetType;
        return CONTINUE;
      };
    }
    case 'set-ct':
      return setConnection(statement);
    case 'set-payload':
      return store(statement.field, compute(statement.value));
    case 'set-mss': {
      const data = { mss: statement.value === 'pmtu' ? undefined : statement.value };
      return (skb, state) => {
        if (state.protocol !== 6) return BREAK;
        tcpmss.evaluate(data, skb, state);
        return CONTINUE;
      };
    }
    case 'update':
      return update(statement);
  }
}

function connectionOf({ conntrack }: Skb): Connection | undefined {
  return conntrack instanceof Tracked ? conntrack.connection : undefined;
}

/** nft_ct_set_eval; a zone is for packets that are yet to be tracked (nft_ct_set_zone_eval). */
function setConnection({ key, direction, value }: Statement & { kind: 'set-ct' }): Operation {
  const load = compute(value);
  return (skb, state) => {
    const found = load(skb, state);
    if (found === undefined) return BREAK;
    if (key === 'zone') {
      const zone = found as number;
      skb.conntrack ??= new Template(direction === 'reply' ? 0 : zone, direction === 'original' ? 0 : zone);
      return CONTINUE;
    }
    const connection = connectionOf(skb);
    if (connection && key === 'mark') connection.mark = found as number;
    else if (connection && (connection.labels & (found as bigint)) !== found) {
      connection.labels |= found as bigint;
      state.net.netfilter.conntrack.labelled(connection);
    }
    return CONTINUE;
  };
}

const PACKET_TYPES = ['host', 'broadcast', 'multicast', 'otherhost'] as const;

function lengthOf(skb: Skb): number {
  return skb.end - skb.network;
}

function match({ left, comparison, right }: Statement & { kind: 'match' }): Operation {
  const load = compute(left);
  const test = tester(comparison, right);
  return (skb, state) => {
    const value = load(skb, state);
    return value !== undefined && test(value, skb, state) ? CONTINUE : BREAK;
  };
}

type Test = (value: Value, skb: Skb, state: HookState) => boolean;

function tester(comparison: Comparison, right: Operand): Test {
  if (right.kind === 'set') {
    const { set } = right;
    const wanted = comparison !== '!=';
    return (value, skb, state) => {
      const element = set.lookup(value);
      return (element !== undefined && passes(element, skb, state)) === wanted;
    };
  }
  if (right.kind === 'span') {
    const { from, to } = right.span;
    const wanted = comparison !== '!=';
    if (typeof from === 'string') {
      const prefix = from.slice(0, -1);
      return (value) => String(value).startsWith(prefix) === wanted;
    }
    return (value) => ((value as number) >= (from as number) && (value as number) <= (to as number)) === wanted;
  }
  return compare(comparison, right.value);
}

function compare(comparison: Comparison, wanted: Value): Test {
  if (typeof wanted === 'object') {
    const same = (value: Value) => (value as readonly Atom[]).every((part, i) => part === wanted[i]);
    return comparison === '!=' ? (value) => !same(value) : same;
  }
  switch (comparison) {
    case '==':
      return (value) => value === wanted;
    case '!=':
      return (value) => value !== wanted;
    case '<':
      return (value) => (value as Atom) < wanted;
    case '>':
      return (value) => (value as Atom) > wanted;
    case '<=':
      return (value) => (value as Atom) <= wanted;
    case '>=':
      return (value) => (value as Atom) >= wanted;
    case 'any':
      if (typeof wanted === 'bigint') return (value) => ((value as bigint) & wanted) !== 0n;
      return (value) => ((value as number) & (wanted as number)) !== 0;
    case 'none':
      if (typeof wanted === 'bigint') return (value) => ((value as bigint) & wanted) === 0n;
      return (value) => ((value as number) & (wanted as number)) === 0;
  }
}

/** What an element counts or limits has its say (nft_set_elem_expr_eval). */
function passes({ stateful }: SetElement, skb: Skb, state: HookState): boolean {
  for (const each of stateful) if (!account(each, lengthOf(skb), state.net.kernel.events.now, connectionOf(skb))) return false;
  return true;
}

function object({ name, map, states }: Statement & { kind: 'object' }): Operation {
  const use = (found: Stateful | undefined, skb: Skb, state: HookState): Outcome =>
    found && account(found, lengthOf(skb), state.net.kernel.events.now, connectionOf(skb)) ? CONTINUE : BREAK;
  if (!map) return (skb, state) => use(states.get(name as string)?.state, skb, state);
  const load = compute(map.key);
  return (skb, state) => {
    const value = load(skb, state);
    const element = value === undefined ? undefined : map.map.lookup(value);
    return use(element?.object === undefined ? undefined : states.get(element.object)?.state, skb, state);
  };
}

/** In a group a program may listen; otherwise the kernel's log has it. */
function logging({ prefix, level, group, snaplen, flags }: Statement & { kind: 'log' }): Operation {
  if (group !== undefined)
    return (skb, state) => {
      state.net.netfilter.groups.log(group, { skb, state, prefix: prefix ?? '', size: snaplen });
      return CONTINUE;
    };
  const data = { prefix: prefix ?? '', level: level ?? 4, flags };
  return (skb, state) => {
    log.evaluate(data, skb, state);
    return CONTINUE;
  };
}

/** Codes of ICMP and of ICMPv6 for what `icmpx` says: no route, port, host, administratively prohibited. */
const ICMPX = { 4: [0, 3, 1, 13], 6: [0, 4, 3, 1] } as const;

function refusal(wanted: Reject): Operation {
  return (skb, state) => {
    const { family } = state;
    const target = family === 4 ? reject : reject6;
    if (wanted.type === 'tcp reset') {
      if (state.protocol !== 6) return BREAK;
      target.evaluate({ name: '', code: 'reset' }, skb, state);
      return DROP;
    }
    if (wanted.type === 'icmp' ? family !== 4 : wanted.type === 'icmpv6' && family !== 6) return BREAK;
    const code = wanted.type === 'icmpx' ? (ICMPX[family][wanted.code] as number) : wanted.code;
    target.evaluate({ name: '', code }, skb, state);
    return DROP;
  };
}

/** nft_dynset_eval: a full set, or one that has the element already, lets the packet go no further in the rule. */
function update({ operation, set, key, data, timeout, stateful }: Statement & { kind: 'update' }): Operation {
  const load = compute(key);
  const loadData = data && compute(data);
  return (skb, state) => {
    const value = load(skb, state);
    if (value === undefined) return BREAK;
    const { now } = state.net.kernel.events;
    const lifetime = timeout ?? set.spec.timeout;
    const expires = lifetime === undefined ? undefined : now + lifetime;
    const fields = (typeof value === 'object' ? value : [value]).map((part) => ({ from: part, to: part }));
    const found = set.find(fields);
    if (operation === 'delete') {
      if (!found) return BREAK;
      set.remove(found);
      return CONTINUE;
    }
    if (found) {
      if (operation === 'update') found.expires = expires;
      return passes(found, skb, state) ? CONTINUE : BREAK;
    }
    if (set.spec.size !== undefined && set.size >= set.spec.size) return BREAK;
    const element: SetElement = {
      key: fields,
      catchall: false,
      verdict: undefined,
      data: loadData?.(skb, state),
      object: undefined,
      timeout,
      expires,
      comment: undefined,
      learned: true,
      stateful: (stateful.length > 0 ? stateful : set.spec.stateful).map(fresh),
    };
    set.add(element);
    return passes(element, skb, state) ? CONTINUE : BREAK;
  };
}
