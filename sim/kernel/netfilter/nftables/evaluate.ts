import { TraceKind } from '../../../base/trace.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict as HookVerdict } from '../hooks.ts';
import { locate } from '../locate.ts';
import type { NftChain } from './chain.ts';
import type { NftRule } from './rule.ts';
import { BREAK, CONTINUE, type Outcome } from './verdict.ts';

interface Frame {
  rules: readonly NftRule[];
  next: number;
}

/** Runs a packet through a base chain and what it leads to (nft_do_chain). Every rule looked at is traced as its outcome is. */
export function evaluateChain(base: NftChain, skb: Skb, state: HookState): HookVerdict {
  if (state.family === 4 || state.family === 6) locate(skb, state);
  const { net } = state;
  const { trace } = net.kernel;
  const tracing = trace.enabled;
  let { rules } = base;
  let stack: Frame[] | undefined;
  for (let i = 0; ; ) {
    if (i >= rules.length) {
      const back = stack?.pop();
      if (!back) break;
      rules = back.rules as NftRule[];
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
    if (typeof outcome === 'number') continue;
    switch (outcome.kind) {
      case 'accept':
      case 'drop':
      case 'stolen':
        return outcome.kind;
      case 'jump':
        stack ??= [];
        stack.push({ rules, next: i });
        rules = (outcome.chain as NftChain).rules;
        i = 0;
        break;
      case 'goto':
        rules = (outcome.chain as NftChain).rules;
        i = 0;
        break;
      case 'return':
        i = rules.length;
        break;
      default:
    }
  }
  if (base.base?.policy !== 'drop') return 'accept';
  if (tracing) trace.emitText(TraceKind.Rule, state.device, net.uid, skb.packet, 1, base.policyIndex(trace));
  return 'drop';
}
