import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Code, evaluate } from './code.ts';
import type { Compiler } from './compile-expression.ts';
import { compileLvalue, type Place } from './lvalue.ts';
import type { Runtime } from './runtime.ts';
import type { Expression } from './syntax.ts';
import { fromInput, UNSET, type Value } from './values.ts';

/**
 * `getline` in all its forms: 1 for a record, 0 at the end, -1 when it can't be read. Only records of the main input count in NR:
 * mawk doesn't count those of commands.
 */
export function compileGetline(compiler: Compiler, node: Extract<Expression, { kind: 'getline' }>): Code {
  const { runtime } = compiler;
  const from = node.from && compiler.expression(node.from);
  const place = node.target && compileLvalue(compiler, node.target);
  return {
    waits: true,
    *run(): Blocking<Value> {
      const key = place?.key ? yield* evaluate(place.key) : UNSET;
      if (!from) {
        const text = runtime.mainInput && (yield* runtime.mainInput.next());
        if (text === undefined) return 0;
        deliver(runtime, place, key, text);
        return 1;
      }
      const name = runtime.text(yield* evaluate(from));
      if (node.source === 'command' || runtime.tick) yield* runtime.pause();
      const reader = yield* runtime.streams.source(node.source === 'command' ? 'command' : 'file', name);
      if (!reader) return -1;
      const text = reader.buffered(runtime.mode) ?? (yield* reader.read(runtime.mode));
      if (text === undefined) return reader.error ? -1 : 0;
      deliver(runtime, place, key, text);
      return 1;
    },
  };
}

function deliver(runtime: Runtime, place: Place | undefined, key: Value, text: string): void {
  if (place) place.store(key, fromInput(text));
  else runtime.record.set(text);
}

/** What awk says about a file of its arguments that can't be opened. */
export function cannotOpen(name: string, error: Parameters<typeof strerror>[0]): string {
  return `cannot open "${name}" (${strerror(error)})`;
}
