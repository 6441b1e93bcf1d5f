import type { Blocking } from '../../host/wait.ts';
import { compileBuiltin } from './builtins.ts';
import { compileCall, type Functions } from './call.ts';
import { allPlain, type Code, evaluate, ofNumber, ofText, ofTruth, ofValue, type Plain, strict } from './code.ts';
import { compileGetline } from './getline.ts';
import { compileLvalue, type Place, subscript } from './lvalue.ts';
import { compileRegex } from './regex.ts';
import { Fatal } from './fatal.ts';
import type { Runtime, Variable } from './runtime.ts';
import type { FunctionScope, Scope } from './scope.ts';
import { AwkSyntaxError, type BinaryOperator, type Comparison, type Expression } from './syntax.ts';
import { type AwkArray, compare, truth, toNumber, UNSET, type Value } from './values.ts';

const ARITHMETIC: Record<BinaryOperator, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
  '^': (a, b) => a ** b,
};

const COMPARISONS: Record<Comparison, (difference: number) => boolean> = {
  '<': (d) => d < 0,
  '<=': (d) => d <= 0,
  '==': (d) => d === 0,
  '!=': (d) => d !== 0,
  '>': (d) => d > 0,
  '>=': (d) => d >= 0,
};

/** A text grown beyond this ends the program: it would eat the reader's memory. */
const MAX_TEXT = 64 * 1024 * 1024;

/**
 * Turns expressions into code, for the main program or for the body of one function. What cannot block becomes plain
 * functions; only what can (reading, running commands, calling functions with loops) becomes generators.
 */
export class Compiler {
  readonly runtime: Runtime;
  readonly scope: Scope;
  readonly functions: Functions;
  /** The function whose body is compiled. */
  readonly inside: FunctionScope | undefined;

  constructor(runtime: Runtime, scope: Scope, functions: Functions, inside: FunctionScope | undefined) {
    this.runtime = runtime;
    this.scope = scope;
    this.functions = functions;
    this.inside = inside;
  }

  /** The place of a local variable in the frame, or `undefined` for a global. */
  local(name: string): number | undefined {
    const index = this.inside ? this.inside.definition.parameters.indexOf(name) : -1;
    return index < 0 ? undefined : index;
  }

  variable(name: string, line: number): Variable {
    if (this.scope.globalArrays.has(name)) throw new AwkSyntaxError(`line ${line}: illegal reference to array ${name}`);
    if (this.scope.functions.has(name)) throw new AwkSyntaxError(`line ${line}: illegal reference to function ${name}`);
    return this.runtime.variable(name);
  }

  /** A function that finds the array of a name when it runs. */
  array(name: string, _line: number): () => AwkArray {
    const { runtime } = this;
    const local = this.local(name);
    if (local === undefined) {
      const array = runtime.array(name);
      return () => array;
    }
    return () => {
      const slot = runtime.frame[local];
      if (slot instanceof Map) return slot;
      const made: AwkArray = new Map();
      runtime.frame[local] = made;
      return made;
    };
  }

  expression(node: Expression): Code {
    const { runtime } = this;
    switch (node.kind) {
      case 'number': {
        const { value } = node;
        return ofNumber(runtime, () => value);
      }
      case 'string': {
        const { value } = node;
        return ofText(() => value);
      }
      case 'regex': {
        const regex = this.regexLiteral(node.source, node.line);
        return ofTruth(() => found(regex, runtime.record.text));
      }
      case 'name':
      case 'element':
        return this.#load(compileLvalue(this, node));
      case 'field':
        return this.#field(node.index);
      case 'assign':
        return this.#assign(node);
      case 'step':
        return this.#step(node);
      case 'binary':
        return this.#binary(node.operator, this.expression(node.left), this.expression(node.right));
      case 'compare':
        return this.#compare(node.operator, this.expression(node.left), this.expression(node.right));
      case 'concat':
        return this.#concat(node.parts.map((part) => this.expression(part)));
      case 'match':
        return this.#match(node);
      case 'and':
      case 'or':
        return this.#logical(node.kind === 'and', this.expression(node.left), this.expression(node.right));
      case 'not': {
        const operand = this.expression(node.operand);
        return operand.waits ? strict([operand], ([value]) => (truth(value as Value) ? 0 : 1)) : ofTruth(() => !operand.test());
      }
      case 'minus':
      case 'plus': {
        const operand = this.expression(node.operand);
        const sign = node.kind === 'minus' ? -1 : 1;
        return operand.waits
          ? strict([operand], ([value]) => sign * toNumber(value as Value))
          : ofNumber(runtime, () => sign * operand.num());
      }
      case 'conditional':
        return this.#conditional(this.expression(node.test), this.expression(node.yes), this.expression(node.no));
      case 'in': {
        const key = subscript(
          this,
          node.subscripts.map((one) => this.expression(one)),
        );
        const array = this.array(node.array, node.line);
        return key.waits ? strict([key], ([value]) => (array().has(value as string) ? 1 : 0)) : ofTruth(() => array().has(key.str()));
      }
      case 'group':
        // Only print takes a list in parentheses; elsewhere it is a mistake that awk's grammar excludes.
        throw new AwkSyntaxError('line 1: syntax error at or near ,');
      case 'builtin':
        return compileBuiltin(this, node);
      case 'call':
        return compileCall(this, node);
      case 'getline':
        return compileGetline(this, node);
    }
  }

  #load(place: Place): Code {
    const { key, load } = place;
    if (!key) return ofValue(this.runtime, () => load(UNSET));
    return key.waits ? strict([key], ([value]) => load(value as Value)) : ofValue(this.runtime, () => load(key.val()));
  }

  #field(node: Expression): Code {
    const { runtime } = this;
    const { record } = runtime;
    const index = this.expression(node);
    if (index.waits) return strict([index], ([value]) => fieldAt(runtime, toNumber(value as Value)));
    const at = () => checked(index.num());
    return {
      ...ofValue(runtime, () => fieldAt(runtime, index.num())),
      str: () => record.fieldText(at()),
    };
  }

  #assign(node: Extract<Expression, { kind: 'assign' }>): Code {
    const place = compileLvalue(this, node.target);
    const value = this.expression(node.value);
    const { key, load, store } = place;
    const compute = node.operator && ARITHMETIC[node.operator];
    const finish = (at: Value, right: Value): Value => {
      const result = compute ? compute(toNumber(load(at)), toNumber(right)) : right;
      store(at, result);
      return result;
    };
    if (key?.waits || value.waits) {
      return {
        waits: true,
        *run() {
          const at = key ? yield* evaluate(key) : UNSET;
          return finish(at, yield* evaluate(value));
        },
      };
    }
    return ofValue(this.runtime, () => finish(key ? key.val() : UNSET, value.val()));
  }

  #step(node: Extract<Expression, { kind: 'step' }>): Code {
    const { key, load, store } = compileLvalue(this, node.target);
    const { by, prefix } = node;
    const finish = (at: Value): number => {
      const before = toNumber(load(at));
      store(at, before + by);
      return prefix ? before + by : before;
    };
    if (key?.waits) return strict([key], ([at]) => finish(at as Value));
    return ofNumber(this.runtime, () => finish(key ? key.val() : UNSET));
  }

  #binary(operator: BinaryOperator, left: Code, right: Code): Code {
    const compute = ARITHMETIC[operator];
    if (left.waits || right.waits) return strict([left, right], ([a, b]) => compute(toNumber(a as Value), toNumber(b as Value)));
    const [a, b] = [left.num, right.num];
    if (operator === '+') return ofNumber(this.runtime, () => a() + b());
    if (operator === '-') return ofNumber(this.runtime, () => a() - b());
    return ofNumber(this.runtime, () => compute(a(), b()));
  }

  #compare(operator: Comparison, left: Code, right: Code): Code {
    const { runtime } = this;
    const holds = COMPARISONS[operator];
    if (left.waits || right.waits) {
      return strict([left, right], ([a, b]) => (holds(compare(a as Value, b as Value, runtime.convfmt)) ? 1 : 0));
    }
    return ofTruth(() => holds(compare(left.val(), right.val(), runtime.convfmt)));
  }

  #concat(parts: Code[]): Code {
    const { runtime } = this;
    if (!allPlain(parts)) return strict(parts, (values) => limited(values.map((value) => runtime.text(value)).join('')));
    const texts = (parts as Plain[]).map((part) => part.str);
    const [first, second] = texts as [() => string, () => string];
    if (texts.length === 2) return ofText(() => limited(first() + second()));
    return ofText(() => {
      let text = '';
      for (const one of texts) text += one();
      return limited(text);
    });
  }

  #match(node: Extract<Expression, { kind: 'match' }>): Code {
    const left = this.expression(node.left);
    const { regex, code } = this.pattern(node.right);
    const { negated } = node;
    if (left.waits || code?.waits) {
      return strict(code ? [left, code] : [left], ([text, pattern]) => {
        const matches = found(
          code ? dynamicRegex(this.runtime.text(pattern as Value)) : (regex as RegExp),
          this.runtime.text(text as Value),
        );
        return matches !== negated ? 1 : 0;
      });
    }
    const subject = left as Plain;
    if (!code) return ofTruth(() => found(regex as RegExp, subject.str()) !== negated);
    const str = (code as Plain).str;
    return ofTruth(() => {
      const text = subject.str();
      return found(dynamicRegex(str()), text) !== negated;
    });
  }

  /** A regular expression operand: fixed when it is written as one, otherwise made from a text each time. */
  pattern(node: Expression): { regex: RegExp | undefined; code: Code | undefined } {
    if (node.kind === 'regex') return { regex: this.regexLiteral(node.source, node.line), code: undefined };
    return { regex: undefined, code: this.expression(node) };
  }

  regexLiteral(source: string, line: number): RegExp {
    const regex = compileRegex(source);
    if ('error' in regex) throw new AwkSyntaxError(`line ${line}: regular expression compile failed (${regex.error})\n${source}`);
    return regex;
  }

  #logical(and: boolean, left: Code, right: Code): Code {
    if (!left.waits && !right.waits) {
      return and ? ofTruth(() => left.test() && right.test()) : ofTruth(() => left.test() || right.test());
    }
    return {
      waits: true,
      *run(): Blocking<Value> {
        const first = truth(yield* evaluate(left));
        if (first !== and) return first ? 1 : 0;
        return truth(yield* evaluate(right)) ? 1 : 0;
      },
    };
  }

  #conditional(test: Code, yes: Code, no: Code): Code {
    if (!test.waits && !yes.waits && !no.waits) return ofValue(this.runtime, () => (test.test() ? yes.val() : no.val()));
    return {
      waits: true,
      *run(): Blocking<Value> {
        return yield* evaluate(truth(yield* evaluate(test)) ? yes : no);
      },
    };
  }

  /** Many operands of an operation: plain when all are. */
  combine(operands: Code[], compute: (values: Value[]) => Value): Code {
    if (!allPlain(operands)) return strict(operands, compute);
    const plain: readonly Plain[] = operands;
    return ofValue(this.runtime, () => compute(plain.map((operand) => operand.val())));
  }
}

export function found(regex: RegExp, text: string): boolean {
  regex.lastIndex = 0;
  return regex.test(text);
}

export function dynamicRegex(source: string): RegExp {
  const regex = compileRegex(source);
  if ('error' in regex) throw new Fatal(`regular expression compile failed (${regex.error})\n${source}`, 'regex');
  return regex;
}

function limited(text: string): string {
  if (text.length > MAX_TEXT) throw new Fatal('out of memory', 'plain');
  return text;
}

function checked(index: number): number {
  const at = Math.trunc(index);
  if (at < 0) throw new Fatal(`negative field index $${at}`);
  return at;
}

function fieldAt(runtime: Runtime, index: number): Value {
  return runtime.record.field(checked(index));
}
