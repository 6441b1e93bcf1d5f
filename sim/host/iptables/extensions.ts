import type { Match, MatchExtension } from '../../kernel/netfilter/match/match.ts';
import { matchExtension, UNMODELLED_MATCHES } from '../../kernel/netfilter/match/registry.ts';
import {
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
import { type Failure, failure } from './failure.ts';

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
export function finishMatch({ extension, given }: Loaded<MatchExtension>, context: ParseContext): Match | Failure {
  const wrong =
    given.length > 0 || extension.options.some((spec) => spec.mandatory)
      ? checkOptions(extension.name, extension.options, given)
      : undefined;
  if (wrong) return fail(wrong);
  const data = extension.parse(new Given(given), context);
  return isProblem(data) ? fail(data) : { extension, data };
}

export function finishTarget({ extension, given }: Loaded<TargetExtension>, context: ParseContext): Target | Failure {
  const wrong = checkOptions(extension.name, extension.options, given);
  if (wrong) return fail(wrong);
  const data = extension.parse(new Given(given), context);
  return isProblem(data) ? fail(data) : { extension, data };
}
