import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { stat } from '../tool/filesystem.ts';

/** Sources and where each goes: `cp a b`, `cp a b DIR`, `cp -t DIR a b`. */
export interface Transfer {
  from: string;
  to: string;
}

/** The operands of cp, mv and ln as pairs, or the exit status after the complaint. */
export function* transfers(call: Call): Blocking<Transfer[] | number> {
  const into = call.value('target-directory');
  const operands = [...call.operands];
  if (operands.length === 0) return yield* call.badUsage(call.busybox ? '' : 'missing file operand');
  if (into !== undefined) {
    if (!(stat(call.process, into) instanceof Directory)) return yield* notDirectory(call, into, 'target directory');
    return operands.map((from) => ({ from, to: within(into, from) }));
  }
  const to = operands.pop() as string;
  if (operands.length === 0) return yield* call.badUsage(call.busybox ? '' : `missing destination file operand after ${call.quote(to)}`);
  const plain = call.has('no-target-directory');
  if (plain && operands.length > 1) return yield* call.badUsage(`extra operand ${call.quote(operands[1] as string)}`);
  const directory = !plain && stat(call.process, to, !call.has('no-dereference-target')) instanceof Directory;
  if (directory) return operands.map((from) => ({ from, to: within(to, from) }));
  if (operands.length > 1) return yield* notDirectory(call, to, 'target');
  return [{ from: operands[0] as string, to }];
}

function* notDirectory(call: Call, path: string, what: string): Blocking<number> {
  const inode = stat(call.process, path);
  return yield* call.fail(`${what} ${call.quoteFile(path)}: ${strerror(typeof inode === 'string' ? inode : 'ENOTDIR')}`);
}

/** The path of a source's name inside a directory. */
export function within(directory: string, source: string): string {
  const name = source.replace(/(?<=[^/])\/+$/, '');
  return `${directory.replace(/\/+$/, '')}/${name.slice(name.lastIndexOf('/') + 1)}`;
}
