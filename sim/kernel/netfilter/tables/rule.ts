import type { IP } from '../../../base/address.ts';
import type { Match } from '../match/match.ts';
import type { Target, TargetVerdict } from '../target/target.ts';
import type { Chain } from './chain.ts';

/** An address under a mask, which need not be a prefix. */
export interface AddressSpec {
  address: IP;
  mask: IP;
  inverted: boolean;
}

/** An interface's name; `eth+` is a prefix. */
export interface InterfaceSpec {
  name: string;
  inverted: boolean;
}

/** What a rule asks of the IP header and the interfaces (struct ipt_ip). */
export interface RuleHeader {
  source: AddressSpec | undefined;
  destination: AddressSpec | undefined;
  input: InterfaceSpec | undefined;
  output: InterfaceSpec | undefined;
  /** 0 for any. */
  protocol: number;
  protocolInverted: boolean;
  /** `-f`: second and further fragments only. */
  fragment: { inverted: boolean } | undefined;
}

/** Where a packet that matches goes. */
export type RuleAction =
  | { kind: 'none' }
  | { kind: 'verdict'; verdict: 'ACCEPT' | 'DROP' | 'RETURN' | 'QUEUE' }
  /** `chain` is found when the rule is added to a table. */
  | { kind: 'chain'; name: string; goto: boolean; chain: Chain | undefined }
  | { kind: 'extension'; target: Target };

/** What a rule that matched says; targets' own are settled by them. */
export type RuleVerdict = TargetVerdict | 'jump' | 'goto';

/** Nobody reads queues: what is queued is lost, as on Linux without a listener. */
const VERDICTS = { ACCEPT: 'accept', DROP: 'drop', RETURN: 'return', QUEUE: 'drop' } as const;

function outcomeOf(action: RuleAction): RuleVerdict | undefined {
  if (action.kind === 'none') return 'continue';
  if (action.kind === 'chain') return action.goto ? 'goto' : 'jump';
  return action.kind === 'verdict' ? VERDICTS[action.verdict] : undefined;
}

/** Why a rule's header doesn't match; matches follow from 7 on. */
export const MISMATCH = { none: 0, source: 1, destination: 2, input: 3, output: 4, protocol: 5, fragment: 6, match: 7 } as const;

/** A rule of a chain, with its counters. */
export class Rule {
  readonly header: RuleHeader;
  readonly matches: readonly Match[];
  readonly action: RuleAction;
  /** What it always says; `undefined` when its target decides. */
  readonly outcome: RuleVerdict | undefined;
  packets = 0;
  bytes = 0;
  /** Put before others rather than at the end (without NLM_F_APPEND), as those who listen are told. */
  inserted = false;
  /** Its number among the chains and rules of its table. */
  handle = 0;
  // The header again, in the form that packets are compared with. IPv4 addresses are signed 32-bit here.
  readonly source: number;
  readonly sourceMask: number;
  readonly sourceInverted: boolean;
  readonly destination: number;
  readonly destinationMask: number;
  readonly destinationInverted: boolean;
  readonly input: string;
  readonly inputPrefix: boolean;
  readonly inputInverted: boolean;
  readonly output: string;
  readonly outputPrefix: boolean;
  readonly outputInverted: boolean;
  readonly protocol: number;
  readonly protocolInverted: boolean;
  /** Whether it asks for interfaces or fragments, which few do. */
  readonly more: boolean;

  constructor(header: RuleHeader, matches: readonly Match[], action: RuleAction) {
    this.header = header;
    this.matches = matches;
    this.action = action;
    this.outcome = outcomeOf(action);
    this.source = word(header.source?.address);
    this.sourceMask = word(header.source?.mask);
    this.sourceInverted = header.source?.inverted ?? false;
    this.destination = word(header.destination?.address);
    this.destinationMask = word(header.destination?.mask);
    this.destinationInverted = header.destination?.inverted ?? false;
    this.inputPrefix = header.input?.name.endsWith('+') ?? false;
    this.input = header.input ? header.input.name.replace(/\+$/, '') : '';
    this.inputInverted = header.input?.inverted ?? false;
    this.outputPrefix = header.output?.name.endsWith('+') ?? false;
    this.output = header.output ? header.output.name.replace(/\+$/, '') : '';
    this.outputInverted = header.output?.inverted ?? false;
    this.protocol = header.protocol;
    this.protocolInverted = header.protocolInverted;
    this.more = header.input !== undefined || header.output !== undefined || header.fragment !== undefined;
  }

  /** Whether it, or what it is made of, looks at connections. */
  get usesConntrack(): boolean {
    if (this.action.kind === 'extension' && this.action.target.extension.conntrack) return true;
    return this.matches.some((match) => match.extension.conntrack);
  }
}

function word(address: IP | undefined): number {
  return typeof address === 'number' ? address | 0 : 0;
}
