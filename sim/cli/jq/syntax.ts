import type { Value } from './value.ts';

/** A place in a program: the characters from `start` up to `end`. */
export interface Span {
  start: number;
  end: number;
}

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** A jq filter as a tree. `optional` (`.a?`) silences the failure of that one lookup, `try` that of everything in it. */
export type Node =
  | { kind: 'identity' }
  | { kind: 'literal'; value: Value }
  | { kind: 'string'; parts: (string | Node)[]; format: string }
  | { kind: 'format'; name: string }
  | { kind: 'index'; target: Node; key: Node; optional?: boolean }
  | { kind: 'slice'; target: Node; from: Node | undefined; to: Node | undefined; optional?: boolean }
  | { kind: 'iterate'; target: Node; optional?: boolean }
  | { kind: 'try'; body: Node; handler: Node | undefined }
  | Joined<'pipe'>
  | Joined<'comma'>
  | Joined<'and'>
  | Joined<'or'>
  | Joined<'alternative'>
  | { kind: 'negate'; operand: Node }
  | { kind: 'arithmetic'; operator: ArithmeticOperator; left: Node; right: Node }
  | { kind: 'compare'; operator: ComparisonOperator; left: Node; right: Node }
  | { kind: 'assign'; operator: '=' | '|=' | '//=' | ArithmeticOperator; left: Node; right: Node }
  | { kind: 'if'; test: Node; yes: Node; no: Node | undefined }
  | { kind: 'reduce'; source: Node; patterns: Pattern[]; start: Node; update: Node }
  | { kind: 'foreach'; source: Node; patterns: Pattern[]; start: Node; update: Node; extract: Node | undefined }
  | { kind: 'define'; definition: Definition; body: Node }
  | { kind: 'as'; source: Node; patterns: Pattern[]; body: Node }
  | { kind: 'label'; name: string; body: Node }
  | { kind: 'break'; name: string; span: Span }
  | { kind: 'variable'; name: string; span: Span }
  | { kind: 'call'; name: string; args: Node[]; span: Span }
  | { kind: 'array'; body: Node | undefined }
  | { kind: 'object'; entries: { key: Node; value: Node }[] };

/** Two filters joined by an operator that isn't a function of values. */
interface Joined<K extends string> {
  kind: K;
  left: Node;
  right: Node;
}

/** What `as` binds: a variable, or the parts of an array or object. */
export type Pattern =
  | { kind: 'variable'; name: string }
  | { kind: 'array'; members: Pattern[] }
  | { kind: 'object'; members: { key: Node; name: string | undefined; pattern: Pattern | undefined }[] };

export interface Definition {
  name: string;
  /** A parameter with `$` is a value, one without a filter. */
  parameters: string[];
  body: Node;
}

/** A program that jq refuses; `span` is where. */
export class CompileError {
  readonly message: string;
  readonly span: Span | undefined;

  constructor(message: string, span: Span | undefined) {
    this.message = message;
    this.span = span;
  }
}

/** The text of a compile error as jq prints it, with the line and what is meant underlined. */
export function describe(error: CompileError, program: string): string {
  if (!error.span) return `jq: error: ${error.message}\n`;
  const { start } = error.span;
  const lineStart = program.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = program.indexOf('\n', lineStart);
  const line = program.slice(lineStart, lineEnd < 0 ? undefined : lineEnd);
  const number = program.slice(0, start).split('\n').length;
  const width = Math.max(1, Math.min(error.span.end, lineStart + line.length) - start);
  const column = start - lineStart;
  return `jq: error: ${error.message} at <top-level>, line ${number}, column ${column + 1}:\n    ${line}\n    ${' '.repeat(column)}${'^'.repeat(width)}\n`;
}
