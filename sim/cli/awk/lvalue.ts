import { type Code, ofText, type Plain, strict } from './code.ts';
import type { Compiler } from './compile-expression.ts';
import type { Lvalue } from './syntax.ts';
import { toNumber, UNSET, type Value } from './values.ts';

/** Something that can be assigned to. `key` is evaluated once, before the value: a subscript or a field's number. */
export interface Place {
  key: Code | undefined;
  load(key: Value): Value;
  store(key: Value, value: Value): void;
}

/** Compiles what stands left of an assignment. */
export function compileLvalue(compiler: Compiler, target: Lvalue): Place {
  const { runtime } = compiler;
  if (target.kind === 'field') {
    const { record } = runtime;
    return {
      key: compiler.expression(target.index),
      load: (key) => record.field(Math.trunc(toNumber(key))),
      store: (key, value) => record.assign(Math.trunc(toNumber(key)), value),
    };
  }
  if (target.kind === 'element') {
    const array = compiler.array(target.array, target.line);
    return {
      key: subscript(
        compiler,
        target.subscripts.map((one) => compiler.expression(one)),
      ),
      load: (key) => {
        const elements = array();
        const value = elements.get(key as string);
        if (value !== undefined) return value;
        elements.set(key as string, UNSET);
        return UNSET;
      },
      store: (key, value) => {
        array().set(key as string, value);
      },
    };
  }
  const local = compiler.local(target.name);
  if (local !== undefined) {
    return {
      key: undefined,
      load: () => (runtime.frame[local] as Value | undefined) ?? UNSET,
      store: (_key, value) => {
        runtime.frame[local] = value;
      },
    };
  }
  const variable = compiler.variable(target.name, target.line);
  return {
    key: undefined,
    load: () => variable.value,
    store: (_key, value) => {
      variable.value = value;
    },
  };
}

/** One subscript, or several joined by SUBSEP, as a text. */
export function subscript(compiler: Compiler, codes: Code[]): Code {
  const { runtime } = compiler;
  const join = (values: readonly Value[]) => values.map((value) => runtime.key(value)).join(runtime.subsep);
  if (codes.some((code) => code.waits)) return strict(codes, join);
  const plain = codes as Plain[];
  const [only] = plain;
  if (plain.length === 1 && only) return ofText(() => runtime.key(only.val()));
  return ofText(() => join(plain.map((code) => code.val())));
}
