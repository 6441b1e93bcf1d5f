import type { Skb } from '../../skb.ts';
import { type Connection, Tracked } from '../conntrack/connection.ts';
import type { HookName, HookState } from '../hooks.ts';
import type { Placement } from '../match/match.ts';
import { problem, type Problem, unsigned } from '../options.ts';
import { hasPorts } from '../conntrack/tuple.ts';
import type { TargetVerdict } from '../target/target.ts';
import type { Manipulation, NatRange } from './range.ts';

/** The new connection that a packet begins, which is the only thing that NAT targets work on. */
export function newConnection(skb: Skb): Connection | undefined {
  const tracked = skb.conntrack;
  return tracked instanceof Tracked && (tracked.state === 'NEW' || tracked.state === 'RELATED') ? tracked.connection : undefined;
}

/** Binds a packet's connection to a range. */
export function bind(skb: Skb, state: HookState, range: NatRange, manipulation: Manipulation): TargetVerdict {
  const connection = newConnection(skb);
  if (!connection) return 'accept';
  return state.net.netfilter.nat.setup(connection, range, manipulation) === 'accept' ? 'accept' : 'drop';
}

/** NAT targets stand in the nat table, at hooks that can change what they change. */
export function checkPlace(place: Placement, hooks: readonly HookName[]): 'EINVAL' | undefined {
  if (place.table !== 'nat') return 'EINVAL';
  for (const hook of place.hooks) if (!hooks.includes(hook)) return 'EINVAL';
  return undefined;
}

/** Ports can be given only for protocols that have them. */
export function needsPorts(protocol: number): Problem | undefined {
  return hasPorts(protocol) ? undefined : problem('Need TCP, UDP, SCTP or DCCP with port specification');
}

/** `PORT` or `PORT-PORT`. */
export function parsePorts(text: string): { minPort: number; maxPort: number } | Problem {
  if (text.includes(':')) return problem('Invalid port:port syntax - use dash');
  const [first = '', last = first] = text.split('-', 2);
  const min = unsigned(first, 65_535);
  if (min === undefined) return problem(`Port \`${first}' not valid`);
  const max = unsigned(last, 65_535);
  if (max === undefined) return problem(`Port \`${last}' not valid`);
  if (max < min) return problem(`Port range \`${last}' funky`);
  return { minPort: min, maxPort: max };
}

export function portsText(range: NatRange): string {
  if (range.minPort === undefined) return '';
  let text = String(range.minPort);
  if (range.maxPort !== range.minPort) text += `-${range.maxPort}`;
  return range.basePort === undefined ? text : `${text}/${range.basePort}`;
}
