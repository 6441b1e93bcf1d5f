import { TraceKind } from '../../../base/trace.ts';
import { be16, be32 } from '../../../wire/endian.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict } from '../hooks.ts';
import { hasTransport, locate } from '../locate.ts';
import { PacketTracer, type TracedVerdict } from '../packet-trace.ts';
import type { Chain } from './chain.ts';
import type { Program, Run } from './program.ts';
import { MISMATCH, type Rule } from './rule.ts';

/** Reasons are collected as hexadecimal digits of one number; twelve of them and the leading 1 stay exact. */
const MOST_REASONS = 12;

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
  // The rules just before `i` that did not match and are not yet in the trace, with why.
  let pending = 0;
  let reasons = 1;
  for (let i = 0; ; ) {
    const { rules, runs } = program;
    const run = i < rules.length ? runs?.[i] : undefined;
    const next = run ? nextInRun(run, i, skb, state, source, destination) : i;
    const mismatch = next === i && i < rules.length ? compare(rules[i] as Rule, skb, state, source, destination) : MISMATCH.none;
    if (mismatch !== MISMATCH.none) {
      i++;
      if (!tracing) continue;
      reasons = reasons * 16 + Math.min(mismatch, 15);
      if (++pending < MOST_REASONS) continue;
    }
    if (pending > 0) {
      note(skb, state, 0, program.unmatchedIndex(trace, i - pending, reasons));
      pending = 0;
      reasons = 1;
      if (mismatch !== MISMATCH.none) continue;
    }
    if (next > i) {
      if (tracing) note(skb, state, 0, program.skippedIndex(trace, i, next, run as Run));
      i = next;
      continue;
    }
    if (i >= rules.length) {
      const back = stack?.pop();
      if (!back) return applyPolicy(base, skb, state, tracer);
      chain = back.chain;
      program = back.program;
      i = back.next;
      continue;
    }
    const rule = rules[i] as Rule;
    count(rule, skb);
    if (tracing) note(skb, state, 1, program.matchedIndex(trace, i));
    i++;
    const { action } = rule;
    if (action.kind === 'none') {
      if (skb.nftrace) tracer = follow(tracer, chain, rule, 'continue', skb, state);
      continue;
    }
    if (action.kind === 'chain') {
      if (skb.nftrace) tracer = follow(tracer, chain, rule, action.goto ? 'goto' : 'jump', skb, state);
      if (!action.goto) {
        stack ??= [];
        stack.push({ chain, program, next: i });
      }
      chain = action.chain as Chain;
      ({ program } = chain);
      i = 0;
      continue;
    }
    const verdict = action.kind === 'verdict' ? VERDICTS[action.verdict] : action.target.extension.evaluate(action.target.data, skb, state);
    if (skb.nftrace) tracer = follow(tracer, chain, rule, verdict, skb, state);
    if (verdict === 'continue') {
      // A target may have rewritten the packet.
      locate(skb, state);
      source = sourceOf(skb, state);
      destination = destinationOf(skb, state);
    } else if (verdict === 'return') i = rules.length;
    else return verdict;
  }
}

/** Nobody reads queues: what is queued is lost, as on Linux without a listener. */
const VERDICTS = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return', QUEUE: 'drop' } as const;

function count(rule: Rule, skb: Skb): void {
  rule.packets++;
  rule.bytes += skb.end - skb.network;
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

/** The next rule of a run, from `i` on, that the packet could match; the end of the run if none. */
function nextInRun(run: Run, i: number, skb: Skb, state: HookState, source: number, destination: number): number {
  let key: number;
  if (run.key === 'source') key = source;
  else if (run.key === 'destination') key = destination;
  else if (hasTransport(skb, state, 4)) key = (state.protocol << 16) | be16(skb.bytes, state.transport + 2);
  else return run.to;
  const candidates = run.rules.get(key);
  if (candidates) for (const candidate of candidates) if (candidate >= i) return candidate;
  return run.to;
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
