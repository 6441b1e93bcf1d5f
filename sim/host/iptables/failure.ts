/**
 * Why a command failed, by the class that decides how the tools word it and which status they end with:
 * `parameter` 2, with a hint at the help; `argument` the same, but without the version; `table` 3; `incompatible` 1, as `table`; `refused` 1,
 * by the tool itself;
 * `kernel` 4; `unmodelled` 2.
 */
export interface Failure {
  kind: 'parameter' | 'argument' | 'table' | 'incompatible' | 'refused' | 'kernel' | 'unmodelled';
  /** What the real tool says, without what comes before and after. */
  message: string;
  /** What it has complained about before. */
  warnings?: readonly string[];
}

export function failure(kind: Failure['kind'], message: string): Failure {
  return { kind, message };
}

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'kind' in value && 'message' in value;
}

/** The sentences of nft_strerror. */
export const NO_CHAIN = 'No chain/target/match by that name.';
export const CHAIN_EXISTS = 'Chain already exists.';
export const NOT_BUILT_IN = 'Bad built-in chain name.';
export const BAD_RULE = 'Bad rule (does a matching rule exist in that chain?).';
