import fc from 'fast-check';

/** What a run of a target found: how many inputs were tried, and the smallest input that broke it. */
export interface Finding {
  runs: number;
  /** Absent when every input passed. */
  failure?: { input: string; message: string; seed: number; path: string };
}

/** How a run is steered. */
export interface FuzzOptions {
  runs: number;
  seed: number;
  /** Where in a seed's inputs to begin: a failure's path, to see that one input again. */
  path?: string | undefined;
  /** Called before each input, so that whoever watches can tell which one hangs. */
  before?: (input: string) => void;
}

/** A family of parsers under fuzz. */
export interface Target {
  readonly name: string;
  /** Its share of a run's inputs, in proportion to the others'. */
  readonly share: number;
  fuzz(options: FuzzOptions): Finding;
}

/**
 * A target: inputs from `inputs`, of each of which `check` says whether it is borne. A check fails by throwing.
 *
 * @param share its part of a run's inputs: little for what is slow
 */
export function target<T>(name: string, share: number, inputs: () => fc.Arbitrary<T>, check: (input: T) => void): Target {
  return {
    name,
    share,
    fuzz({ runs, seed, path, before }) {
      const property = fc.property(inputs(), (input) => {
        before?.(fc.stringify(input));
        check(input);
      });
      const result = fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }) });
      if (!result.failed) return { runs: result.numRuns };
      const { errorInstance: error, counterexample } = result;
      return {
        runs: result.numRuns,
        failure: {
          input: fc.stringify(counterexample?.[0]),
          message: error instanceof Error ? (error.stack ?? error.message) : String(error),
          seed,
          path: result.counterexamplePath ?? '',
        },
      };
    },
  };
}

/** What a check throws when a property doesn't hold. */
export function demand(holds: boolean, message: () => string): asserts holds {
  if (!holds) throw new Error(message());
}

/** Demands that two values print alike. */
export function demandSame(actual: unknown, expected: unknown, what: string): void {
  const [a, b] = [fc.stringify(actual), fc.stringify(expected)];
  demand(a === b, () => `${what}:\n  ${a}\nis not\n  ${b}`);
}
