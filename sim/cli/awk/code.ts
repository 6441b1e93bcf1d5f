import type { Blocking } from '../../host/wait.ts';
import type { Runtime } from './runtime.ts';
import { numberOf, toNumber, truth, type Value } from './values.ts';

/** A compiled expression that cannot block: plain functions, one for each way in which its result may be wanted. */
export interface Plain {
  waits: false;
  val(): Value;
  num(): number;
  str(): string;
  test(): boolean;
}

/** A compiled expression that may block or run for long: a generator. */
export interface Waiting {
  waits: true;
  run(): Blocking<Value>;
}

export type Code = Plain | Waiting;

export function ofNumber(runtime: Runtime, num: () => number): Plain {
  return { waits: false, val: num, num, str: () => runtime.text(num()), test: () => num() !== 0 };
}

export function ofText(str: () => string): Plain {
  return { waits: false, val: str, num: () => numberOf(str()), str, test: () => str() !== '' };
}

export function ofValue(runtime: Runtime, val: () => Value): Plain {
  return { waits: false, val, num: () => toNumber(val()), str: () => runtime.text(val()), test: () => truth(val()) };
}

export function ofTruth(test: () => boolean): Plain {
  const num = () => (test() ? 1 : 0);
  return { waits: false, val: num, num, str: () => (test() ? '1' : '0'), test };
}

/** Evaluates any code from inside a generator. */
export function* evaluate(code: Code): Blocking<Value> {
  return code.waits ? yield* code.run() : code.val();
}

/** An operation whose operands are all evaluated first, left to right, at least one of which may block. */
export function strict(operands: readonly Code[], combine: (values: Value[]) => Value): Waiting {
  return {
    waits: true,
    *run() {
      const values: Value[] = [];
      for (const operand of operands) values.push(operand.waits ? yield* operand.run() : operand.val());
      return combine(values);
    },
  };
}

export function allPlain(codes: readonly Code[]): codes is readonly Plain[] {
  return codes.every((code) => !code.waits);
}
