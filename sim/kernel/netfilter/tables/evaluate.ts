import { TraceKind } from '../../../base/trace.ts';
import { be16, be32 } from '../../../wire/endian.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict } from '../hooks.ts';
import { hasTransport, locate } from '../locate.ts';
import { PacketTracer, type TracedVerdict } from '../packet-trace.ts';
import type { Target } from '../target/target.ts';
import type { Chain } from './chain.ts';
import { FULL, FULL_FOR_SKIP, MOST_SKIPPED, NONE_PASSED, type Passage, withMismatch, withSkipped } from './passage.ts';
import type { Program } from './program.ts';
import { MISMATCH, type Rule, type RuleAction } from './rule.ts';
import type { Run } from './run.ts';

/** A chain that is to be gone on with, and where. */
interface Frame {
  chain: Chain;
  program: Program;
  next: number;
}

/**
 * Runs a packet through a built-in chain and what it leads to (ipt_do_table). Every rule looked at counts and is traced as its
 * outcome is; the policy decides when the rules didn't.
 */
export function evaluate(base: Chain, skb: Skb, state: HookState): Verdict {
  if (base.rules.length === 0) return applyPolicy(base, skb, state);
  locate(skb, state);
  const { trace } = state.net.kernel;
  const tracing = trace.enabled;
  let chain = base;
  let program = base.program;
  // Tells what becomes of a packet that a rule has marked for it.
  let tracer: PacketTracer | undefined;
  let stack: Frame[] | undefined;
  let source = sourceOf(skb, state);
  let destination = destinationOf(skb, state);
  // The rules just before `i` that did not match and are not yet in the trace.
  let passage = NONE_PASSED;
  for (let i = 0; ; ) {
    const { rules, runs } = program;
    if (i < rules.length) {
      const run = runs?.[i];
      const next = run ? nextInRun(run, i, skb, state, source, destination) : i;
      if (next > i) {
        if (tracing && passage >= FULL_FOR_SKIP) passage = tellPassed(program, i, passage, skb, state);
        if (tracing) passage = withSkipped(passage, next - i);
        i = next;
        continue;
      }
      const rule = rules[i] as Rule;
      const mismatch = compare(rule, skb, state, source, destination);
      if (mismatch !== MISMATCH.none) {
        if (tracing && passage >= FULL) passage = tellPassed(program, i, passage, skb, state);
        if (tracing) passage = withMismatch(passage, mismatch);
        i++;
        continue;
      }
      rule.packets++;
      rule.bytes += skb.end - skb.network;
      if (tracing) passage = tellMatched(program, i, passage, skb, state);
      i++;
      const verdict = rule.outcome ?? targetOf(rule).extension.evaluate(targetOf(rule).data, skb, state);
      if (skb.nftrace) tracer = follow(tracer, chain, rule, verdict, skb, state);
      if (verdict === 'accept' || verdict === 'drop' || verdict === 'stolen') return verdict;
      if (verdict === 'continue') {
        if (rule.outcome !== undefined) continue;
        // A target may have rewritten the packet.
        locate(skb, state);
        source = sourceOf(skb, state);
        destination = destinationOf(skb, state);
        continue;
      }
      if (verdict !== 'return') {
        if (verdict === 'jump') {
          stack ??= [];
          stack.push({ chain, program, next: i });
        }
        chain = chainOf(rule);
        ({ program } = chain);
        i = 0;
        continue;
      }
      i = rules.length;
    }
    if (passage !== NONE_PASSED) passage = tellPassed(program, i, passage, skb, state);
    const back = stack?.pop();
    if (!back) return applyPolicy(base, skb, state, tracer);
    ({ chain, program, next: i } = back);
  }
}

function targetOf({ action }: Rule): Target {
  return (action as Extract<RuleAction, { kind: 'extension' }>).target;
}

function chainOf({ action }: Rule): Chain {
  return (action as Extract<RuleAction, { kind: 'chain' }>).chain as Chain;
}

/** Tells of rules that did not match, up to the one at `end`; nothing is left to tell. */
function tellPassed(program: Program, end: number, passage: Passage, skb: Skb, state: HookState): Passage {
  note(skb, state, 0, program.texts.unmatched(state.net.kernel.trace, end, passage));
  return NONE_PASSED;
}

/** The same, and of one that did. */
function tellMatched(program: Program, index: number, passage: Passage, skb: Skb, state: HookState): Passage {
  note(skb, state, 1, program.texts.matched(state.net.kernel.trace, index, passage));
  return NONE_PASSED;
}

function applyPolicy(base: Chain, skb: Skb, state: HookState, tracer?: PacketTracer): Verdict {
  base.packets++;
  base.bytes += skb.end - skb.network;
  if (skb.nftrace) (tracer ?? new PacketTracer(skb, state)).tell(placeOf(base, state), undefined, POLICIES[base.policy]);
  if (base.policy === 'ACCEPT') return 'accept';
  if (state.net.kernel.trace.enabled) tell(skb, state, 1, `${base.table} ${base.name} policy: -P ${base.name} DROP`);
  return 'drop';
}

const POLICIES = { ACCEPT: { kind: 'accept' }, DROP: { kind: 'drop' } } as const satisfies Record<string, TracedVerdict>;

function placeOf(chain: Chain, { family }: HookState): { family: string; table: string; chain: string } {
  return { family: family === 4 ? 'ip' : 'ip6', table: chain.table, chain: chain.name };
}

/** Tells what a rule did to a packet that is traced. */
function follow(
  tracer: PacketTracer | undefined,
  chain: Chain,
  rule: Rule,
  kind: TracedVerdict['kind'],
  skb: Skb,
  state: HookState,
): PacketTracer {
  const used = tracer ?? new PacketTracer(skb, state);
  const { action } = rule;
  used.tell(placeOf(chain, state), rule, action.kind === 'chain' ? { kind, chain: action.name } : { kind });
  return used;
}

function note(skb: Skb, state: HookState, value: number, textIndex: number): void {
  const { net } = state;
  net.kernel.trace.emitText(TraceKind.Rule, state.device, net.uid, skb.packet, value, textIndex);
}

function tell(skb: Skb, state: HookState, value: number, text: string): void {
  const { net } = state;
  net.kernel.trace.emit(TraceKind.Rule, state.device, net.uid, skb.packet, value, text);
}

/** Signed, as rules keep IPv4 addresses; 0 for IPv6. */
function sourceOf(skb: Skb, state: HookState): number {
  return state.family === 4 ? be32(skb.bytes, skb.network + 12) | 0 : 0;
}

function destinationOf(skb: Skb, state: HookState): number {
  return state.family === 4 ? be32(skb.bytes, skb.network + 16) | 0 : 0;
}

/** The next rule of a run, from `i` on, that the packet could match; the end of the run if none, but no more than a passage can skip. */
function nextInRun(run: Run, i: number, skb: Skb, state: HookState, source: number, destination: number): number {
  const last = Math.min(run.to, i + MOST_SKIPPED);
  let key: number;
  if (run.key === 'source') key = source;
  else if (run.key === 'destination') key = destination;
  else if (hasTransport(skb, state, 4)) key = (state.protocol << 16) | be16(skb.bytes, state.transport + 2);
  else return last;
  const candidates = run.rules.get(key);
  if (candidates) for (const candidate of candidates) if (candidate >= i) return Math.min(candidate, last);
  return last;
}

/** What about a rule does not fit the packet, as a `MISMATCH`. */
function compare(rule: Rule, skb: Skb, state: HookState, source: number, destination: number): number {
  if (state.family === 4) {
    if ((((source ^ rule.source) & rule.sourceMask) !== 0) !== rule.sourceInverted) return MISMATCH.source;
    if ((((destination ^ rule.destination) & rule.destinationMask) !== 0) !== rule.destinationInverted) return MISMATCH.destination;
  } else {
    const mismatch = compareIpv6(rule, skb);
    if (mismatch !== MISMATCH.none) return mismatch;
  }
  if (rule.more) {
    const mismatch = compareInterfaces(rule, state);
    if (mismatch !== MISMATCH.none) return mismatch;
  }
  if (rule.protocol !== 0 && (rule.protocol === state.protocol) === rule.protocolInverted) return MISMATCH.protocol;
  const { matches } = rule;
  for (let m = 0; m < matches.length; m++) {
    const match = matches[m] as (typeof matches)[number];
    if (!match.extension.matches(match.data, skb, state)) return MISMATCH.match + m;
  }
  return MISMATCH.none;
}

function compareInterfaces(rule: Rule, state: HookState): number {
  const { input, output, fragment } = rule.header;
  if (input !== undefined) {
    const name = state.input?.name ?? '';
    if ((rule.inputPrefix ? name.startsWith(rule.input) : name === rule.input) === rule.inputInverted) return MISMATCH.input;
  }
  if (output !== undefined) {
    const name = state.output?.name ?? '';
    if ((rule.outputPrefix ? name.startsWith(rule.output) : name === rule.output) === rule.outputInverted) return MISMATCH.output;
  }
  return fragment !== undefined && state.fragmentOffset > 0 === fragment.inverted ? MISMATCH.fragment : MISMATCH.none;
}

function compareIpv6(rule: Rule, skb: Skb): number {
  const { source, destination } = rule.header;
  if (source && ((ip6.source(skb.bytes, skb.network) & (source.mask as bigint)) === source.address) === source.inverted)
    return MISMATCH.source;
  if (
    destination &&
    ((ip6.destination(skb.bytes, skb.network) & (destination.mask as bigint)) === destination.address) === destination.inverted
  )
    return MISMATCH.destination;
  return MISMATCH.none;
}
