/** An awk program as a tree. Texts are byte strings (see `tool/byte-string.ts`). */
export interface Program {
  begin: Statement[];
  rules: Rule[];
  end: Statement[];
  functions: Map<string, FunctionDefinition>;
  /** Whether any END is there, even an empty one: input is read then. */
  hasEnd: boolean;
}

export interface Rule {
  pattern: Expression | undefined;
  /** The end of a range pattern. */
  until: Expression | undefined;
  /** Absent means `{ print }`. */
  body: Statement | undefined;
}

export interface FunctionDefinition {
  name: string;
  parameters: string[];
  body: Statement;
  line: number;
}

export type Lvalue =
  | { kind: 'name'; name: string; line: number }
  | { kind: 'element'; array: string; subscripts: Expression[]; line: number }
  | { kind: 'field'; index: Expression };

export type BinaryOperator = '+' | '-' | '*' | '/' | '%' | '^';
export type Comparison = '<' | '<=' | '==' | '!=' | '>' | '>=';

export type Expression =
  | Lvalue
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'regex'; source: string; line: number }
  | { kind: 'assign'; target: Lvalue; operator: BinaryOperator | undefined; value: Expression }
  | { kind: 'step'; target: Lvalue; by: 1 | -1; prefix: boolean }
  | { kind: 'binary'; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'compare'; operator: Comparison; left: Expression; right: Expression }
  | { kind: 'concat'; parts: Expression[] }
  | { kind: 'match'; negated: boolean; left: Expression; right: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'not' | 'minus' | 'plus'; operand: Expression }
  | { kind: 'conditional'; test: Expression; yes: Expression; no: Expression }
  | { kind: 'in'; subscripts: Expression[]; array: string; line: number }
  | { kind: 'group'; members: Expression[] }
  | { kind: 'builtin'; name: string; args: Expression[]; line: number }
  | { kind: 'call'; name: string; args: Expression[]; line: number }
  | { kind: 'getline'; source: 'main' | 'file' | 'command'; from: Expression | undefined; target: Lvalue | undefined };

export interface Redirection {
  kind: '>' | '>>' | '|';
  target: Expression;
}

export type Statement =
  | { kind: 'block'; body: Statement[] }
  | { kind: 'expression'; value: Expression }
  | { kind: 'print'; args: Expression[]; to: Redirection | undefined }
  | { kind: 'printf'; args: Expression[]; to: Redirection | undefined }
  | { kind: 'if'; test: Expression; yes: Statement; no: Statement | undefined }
  | { kind: 'while'; test: Expression; body: Statement }
  | { kind: 'do'; body: Statement; test: Expression }
  | { kind: 'for'; start: Statement | undefined; test: Expression | undefined; step: Statement | undefined; body: Statement }
  | { kind: 'for-in'; variable: Lvalue; array: string; body: Statement; line: number }
  | { kind: 'delete'; array: string; subscripts: Expression[] | undefined; line: number }
  | { kind: 'next' | 'nextfile' | 'break' | 'continue' }
  | { kind: 'exit' | 'return'; value: Expression | undefined };

/** A program that awk refuses: the words after `awk: `. */
export class AwkSyntaxError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}
