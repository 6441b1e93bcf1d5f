import type { Match, MatchExtension } from '../../kernel/netfilter/match/match.ts';
import { matchExtension, UNMODELLED_MATCHES } from '../../kernel/netfilter/match/registry.ts';
import {
  checkCompanions,
  checkOptions,
  Given,
  type GivenOption,
  isProblem,
  type OptionSpec,
  type ParseContext,
  type Problem,
} from '../../kernel/netfilter/options.ts';
import { targetExtension, UNMODELLED_TARGETS } from '../../kernel/netfilter/target/registry.ts';
import type { Target, TargetExtension } from '../../kernel/netfilter/target/target.ts';
import type { RuleAction } from '../../kernel/netfilter/tables/rule.ts';
import type { HelpTopics } from './command.ts';
import { type Failure, failure, isFailure } from './failure.ts';
import { VERDICTS } from './names.ts';

/** An extension that a rule has named, with the options given to it so far. */
export interface Loaded<E extends MatchExtension | TargetExtension = MatchExtension | TargetExtension> {
  extension: E;
  given: GivenOption[];
}

/** Finds what `-m NAME` names. */
export function loadMatch(name: string, family: 4 | 6): Loaded<MatchExtension> | Failure {
  const extension = matchExtension(name, family);
  if (extension) return { extension, given: [] };
  if (UNMODELLED_MATCHES.has(name)) return failure('unmodelled', `the match ${name}`);
  return failure('parameter', `Couldn't load match \`${name}':No such file or directory\n`);
}

/** Finds what `-j NAME` names; `undefined` leaves it to be a chain. */
export function loadTarget(name: string, family: 4 | 6): Loaded<TargetExtension> | Failure | undefined {
  const extension = targetExtension(name, family);
  if (extension) return { extension, given: [] };
  // Those of IPv6 alone are mere names of chains elsewhere.
  if (family === 4 && name.endsWith('NPT')) return undefined;
  return UNMODELLED_TARGETS.has(name) ? failure('unmodelled', `the target ${name}`) : undefined;
}

/** An option of a loaded extension by its name, an alias, or (with `abbreviated`) the beginning of either. */
export function findOption(
  loaded: readonly Loaded[],
  name: string,
  abbreviated: boolean,
): { loaded: Loaded; spec: OptionSpec } | undefined {
  for (let i = loaded.length - 1; i >= 0; i--) {
    const entry = loaded[i] as Loaded;
    for (const spec of entry.extension.options) {
      if (spec.name === name || spec.aliases?.includes(name)) return { loaded: entry, spec };
    }
  }
  if (!abbreviated) return undefined;
  for (let i = loaded.length - 1; i >= 0; i--) {
    const entry = loaded[i] as Loaded;
    const spec = entry.extension.options.find((one) => one.name.startsWith(name) || one.aliases?.some((alias) => alias.startsWith(name)));
    if (spec) return { loaded: entry, spec };
  }
  return undefined;
}

function fail({ problem, unmodelled }: Problem): Failure {
  return failure(unmodelled ? 'unmodelled' : 'parameter', unmodelled ? problem.replace(/ is not modelled$/, '') : problem);
}

/** Makes the match from what was given. */
function finishMatch({ extension, given }: Loaded<MatchExtension>, context: ParseContext): Match | Failure {
  const wrong =
    given.length > 0 || extension.options.some((spec) => spec.mandatory)
      ? checkOptions(extension.name, extension.options, given)
      : undefined;
  if (wrong) return fail(wrong);
  const data = extension.parse(new Given(given), context);
  const problem = isProblem(data) ? data : checkCompanions(extension.name, extension.options, given);
  return problem ? fail(problem) : { extension, data };
}

function finishTarget({ extension, given }: Loaded<TargetExtension>, context: ParseContext): Target | Failure {
  const wrong = checkOptions(extension.name, extension.options, given);
  if (wrong) return fail(wrong);
  const data = extension.parse(new Given(given), context);
  const problem = isProblem(data) ? data : checkCompanions(extension.name, extension.options, given);
  return problem ? fail(problem) : { extension, data };
}

/** Makes a rule's matches and what it does. */
export function finishParts(
  matches: readonly Loaded<MatchExtension>[],
  target: Loaded<TargetExtension> | undefined,
  jump: string,
  goto: boolean,
  context: ParseContext,
): { matches: Match[]; action: RuleAction } | Failure {
  const finished = finishMatches(matches, context);
  if (isFailure(finished)) return finished;
  const action = finishAction(target, jump, goto, context);
  return isFailure(action) ? action : { matches: finished, action };
}

/** Makes a rule's matches, in their order. */
function finishMatches(loaded: readonly Loaded<MatchExtension>[], context: ParseContext): Match[] | Failure {
  const matches: Match[] = [];
  for (const each of loaded) {
    const match = finishMatch(each, context);
    if (isFailure(match)) return match;
    const at = match.extension.join ? matches.findIndex(({ extension }) => extension === match.extension) : -1;
    const before = matches[at];
    if (before) matches[at] = { extension: match.extension, data: match.extension.join?.(before.data, match.data) };
    else matches.push(match);
  }
  return matches;
}

/** Makes what a rule does: a target, a verdict, or a way to another chain. */
function finishAction(
  loaded: Loaded<TargetExtension> | undefined,
  jump: string,
  goto: boolean,
  context: ParseContext,
): RuleAction | Failure {
  if (loaded) {
    const target = finishTarget(loaded, context);
    return isFailure(target) ? target : { kind: 'extension', target };
  }
  if (jump === '') return { kind: 'none' };
  if (VERDICTS.has(jump) && !goto) return { kind: 'verdict', verdict: jump as 'ACCEPT' };
  return { kind: 'chain', name: jump, goto, chain: undefined };
}

/** What help is wanted about: the match that goes with `-p` (`protocol`) only where no other is named. */
export function helpTopics(
  matches: readonly Loaded<MatchExtension>[],
  target: Loaded<TargetExtension> | undefined,
  jump: string,
  protocol: string,
  family: 4 | 6,
): HelpTopics {
  const named = matches.map(({ extension }) => extension.name);
  if (named.length === 0 && matchExtension(protocol, family)) named.push(protocol);
  const standard = VERDICTS.has(jump);
  return { target: standard || target ? { name: jump, standard } : undefined, matches: named };
}

/** Nobody knows an option; unless the match that goes with `-p` would. */
export function unknownOption(name: string, protocol: string): Failure {
  if (UNMODELLED_MATCHES.has(protocol)) return failure('unmodelled', `the match ${protocol}`);
  return failure('parameter', `unknown option "--${name}"`);
}

/** Packets that come in have no way out yet, and those on the way out came in long ago. */
export function checkDirections(chain: string | undefined, input: unknown, output: unknown): Failure | undefined {
  if (output && (chain === 'PREROUTING' || chain === 'INPUT')) return failure('parameter', `Can't use --out-interface with ${chain}`);
  if (input && (chain === 'POSTROUTING' || chain === 'OUTPUT')) return failure('parameter', `Can't use --in-interface with ${chain}`);
  return undefined;
}
