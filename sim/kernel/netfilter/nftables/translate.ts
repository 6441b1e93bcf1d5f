import type { IP } from '../../../base/address.ts';
import type { Skb } from '../../skb.ts';
import { bind } from '../nat/apply.ts';
import type { NatRange } from '../nat/range.ts';
import type { HookState } from '../hooks.ts';
import { masquerade } from '../target/masquerade.ts';
import { redirect } from '../target/redirect.ts';
import { compute } from './compute.ts';
import type { Operation } from './compile.ts';
import type { Load } from './load.ts';
import type { NatStatement } from './statement.ts';
import { ACCEPT, BREAK, DROP } from './verdict.ts';

/** nft_nat_eval, nft_masq_eval, nft_redir_eval. */
export function translate(statement: NatStatement): Operation {
  const { nat, only, pair, flags } = statement;
  const address = statement.address && { from: compute(statement.address.from), to: statement.address.to && compute(statement.address.to) };
  const port = statement.port && { from: compute(statement.port.from), to: statement.port.to && compute(statement.port.to) };
  return (skb, state) => {
    if (only !== undefined && state.family !== only) return BREAK;
    const range: NatRange = { ...flags };
    if (address && !(pair ? takePair(range, address.from, skb, state) : takeAddress(range, address, skb, state))) return BREAK;
    if (port) {
      const from = port.from(skb, state);
      if (from === undefined) return BREAK;
      range.minPort = from as number;
      range.maxPort = port.to ? (port.to(skb, state) as number) : range.minPort;
    }
    return apply(nat, range, skb, state) === 'accept' ? ACCEPT : DROP;
  };
}

function takeAddress(range: NatRange, { from, to }: { from: Load; to: Load | undefined }, skb: Skb, state: HookState): boolean {
  const first = from(skb, state);
  if (first === undefined) return false;
  range.minAddress = first as IP;
  range.maxAddress = (to ? to(skb, state) : first) as IP;
  return true;
}

/** A map from something to address and port. */
function takePair(range: NatRange, load: Load, skb: Skb, state: HookState): boolean {
  const value = load(skb, state);
  if (typeof value !== 'object') return false;
  const [address, port] = value;
  range.minAddress = address as IP;
  range.maxAddress = address as IP;
  range.minPort = port as number;
  range.maxPort = port as number;
  return true;
}

function apply(nat: NatStatement['nat'], range: NatRange, skb: Skb, state: HookState): string {
  if (nat === 'masquerade') return masquerade.evaluate(range, skb, state);
  if (nat === 'redirect') return redirect.evaluate(range, skb, state);
  return bind(skb, state, range, nat === 'snat' ? 'source' : 'destination');
}
