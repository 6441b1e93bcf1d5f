import type { Trace } from '../../../base/trace.ts';
import type { NftChain } from './chain.ts';
import { compile, type Operation } from './compile.ts';
import { type Statement, usesConntrack } from './statement.ts';

/** A rule: statements from left to right (struct nft_rule). */
export class NftRule {
  readonly chain: NftChain;
  readonly statements: readonly Statement[];
  readonly comment: string | undefined;
  handle = 0;
  /** Put before others rather than at the end (without NLM_F_APPEND), as those who listen are told. */
  inserted = false;
  /** Prints it, and each statement, for the trace; whoever wrote the rule knows how. */
  readonly #describe: (statement: Statement | undefined) => string;
  #operations: readonly Operation[] | undefined;
  #index = 0;
  #matched = 0;
  readonly #unmatched: number[] = [];

  constructor(
    chain: NftChain,
    statements: readonly Statement[],
    comment: string | undefined,
    describe: (rule: NftRule, statement: Statement | undefined) => string,
  ) {
    this.chain = chain;
    this.statements = statements;
    this.comment = comment;
    this.#describe = (statement) => describe(this, statement);
  }

  /** The statements as packets run through them. */
  get operations(): readonly Operation[] {
    this.#operations ??= this.statements.map(compile);
    return this.#operations;
  }

  get usesConntrack(): boolean {
    return this.statements.some(usesConntrack);
  }

  /** Its place in its chain has changed, so its texts have. */
  moved(index: number): void {
    if (index === this.#index) return;
    this.#index = index;
    this.renamed();
  }

  /** A name that its texts show has changed. */
  renamed(): void {
    this.#matched = 0;
    this.#unmatched.length = 0;
  }

  #text(): string {
    return `${this.chain.label} ${this.#index + 1}: ${this.#describe(undefined)}`;
  }

  /** The number of `FAMILY TABLE CHAIN INDEX: RULE` in a trace. */
  matchedIndex(trace: Trace): number {
    this.#matched ||= trace.textIndex(this.#text());
    return this.#matched;
  }

  /** The same with the statement that did not match. */
  unmatchedIndex(trace: Trace, statement: number): number {
    const known = this.#unmatched[statement];
    if (known !== undefined) return known;
    const made = trace.textIndex(`${this.#text()} (no match: ${this.#describe(this.statements[statement])})`);
    this.#unmatched[statement] = made;
    return made;
  }
}
