import { TraceKind } from '../../../base/trace.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict as HookVerdict } from '../hooks.ts';
import { locate } from '../locate.ts';
import { PacketTracer, type TracedVerdict } from '../packet-trace.ts';
import type { NftChain } from './chain.ts';
import type { NftRule } from './rule.ts';
import { BREAK, CONTINUE, type Outcome, type Verdict } from './verdict.ts';

interface Frame {
  chain: NftChain;
  rules: readonly NftRule[];
  next: number;
}

/** Runs a packet through a base chain and what it leads to (nft_do_chain). Every rule looked at is traced as its outcome is. */
export function evaluateChain(base: NftChain, skb: Skb, state: HookState): HookVerdict {
  if (state.family === 4 || state.family === 6) locate(skb, state);
  const { net } = state;
  const { trace } = net.kernel;
  const tracing = trace.enabled;
  let chain = base;
  let { rules } = base;
  // Tells what becomes of a packet that a rule has marked for it.
  let tracer: PacketTracer | undefined;
  let stack: Frame[] | undefined;
  for (let i = 0; ; ) {
    if (i >= rules.length) {
      const back = stack?.pop();
      if (!back) break;
      rules = back.rules as NftRule[];
      chain = back.chain;
      i = back.next;
      continue;
    }
    const rule = rules[i++] as NftRule;
    const { operations } = rule;
    let outcome: Outcome = CONTINUE;
    let s = 0;
    for (; s < operations.length; s++) {
      outcome = (operations[s] as NonNullable<(typeof operations)[number]>)(skb, state);
      if (outcome !== CONTINUE) break;
    }
    if (tracing) {
      const text = outcome === BREAK ? rule.unmatchedIndex(trace, s) : rule.matchedIndex(trace);
      trace.emitText(TraceKind.Rule, state.device, net.uid, skb.packet, outcome === BREAK ? 0 : 1, text);
    }
    if (skb.nftrace && outcome !== BREAK) {
      tracer ??= new PacketTracer(skb, state);
      tracer.tell(placeOf(chain), rule, typeof outcome === 'number' ? CARRY_ON : tracedVerdict(outcome));
    }
    if (typeof outcome === 'number') continue;
    switch (outcome.kind) {
      case 'accept':
      case 'drop':
      case 'stolen':
        return outcome.kind;
      case 'jump':
        stack ??= [];
        stack.push({ chain, rules, next: i });
        chain = outcome.chain as NftChain;
        ({ rules } = chain);
        i = 0;
        break;
      case 'goto':
        chain = outcome.chain as NftChain;
        ({ rules } = chain);
        i = 0;
        break;
      case 'return':
        i = rules.length;
        break;
      default:
    }
  }
  if (skb.nftrace) {
    tracer ??= new PacketTracer(skb, state);
    tracer.tell(placeOf(base), undefined, { kind: base.base?.policy ?? 'accept' });
  }
  if (base.base?.policy !== 'drop') return 'accept';
  if (tracing) trace.emitText(TraceKind.Rule, state.device, net.uid, skb.packet, 1, base.policyIndex(trace));
  return 'drop';
}

const CARRY_ON = { kind: 'continue' } as const;

function placeOf({ table, name }: NftChain): { family: string; table: string; chain: string } {
  return { family: table.family, table: table.name, chain: name };
}

function tracedVerdict(verdict: Verdict): TracedVerdict {
  return 'name' in verdict ? { kind: verdict.kind, chain: verdict.chain?.name ?? verdict.name } : verdict;
}
