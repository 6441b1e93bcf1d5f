import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { isDirectory, makeDirectory, removeDirectory, stat } from '../tool/filesystem.ts';
import { changeMode } from '../tool/mode.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';

function* makeOne(call: Call, path: string): Blocking<boolean> {
  const failed = makeDirectory(call.process, path);
  if (failed) {
    yield* call.cannot('create directory', path, failed);
    return false;
  }
  if (call.has('verbose')) yield* call.out.text(`${call.name}: created directory ${call.quoteFile(path)}\n`);
  return true;
}

/** `mkdir -p`: every part that is missing. */
function* makeParents(call: Call, path: string): Blocking<boolean> {
  const parts = path.split('/').filter((part) => part !== '');
  for (let i = 1; i <= parts.length; i++) {
    const part = (path.startsWith('/') ? '/' : '') + parts.slice(0, i).join('/');
    if (isDirectory(call.process, part)) continue;
    const there = stat(call.process, part);
    if (typeof there !== 'string') {
      yield* call.cannot('create directory', part, i < parts.length ? 'ENOTDIR' : 'EEXIST');
      return false;
    }
    if (!(yield* makeOne(call, part))) return false;
  }
  return true;
}

export const mkdir: Tool = {
  name: 'mkdir',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... DIRECTORY...'],
  about: 'Make directories.',
  options: [
    valued('m', 'mode', 'MODE', 'permissions as chmod takes them, instead of rwxrwxrwx without the umask'),
    flag('p', 'parents', 'make missing parents too, and do not mind if it is there'),
    flag('v', 'verbose', 'say what is made'),
    unmodelled('Z', 'context'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    const mode = call.value('mode');
    const bits = mode === undefined ? undefined : changeMode(mode, 0o777, { directory: true, umask: call.process.umask });
    if (mode !== undefined && bits === undefined) return yield* call.fail(`invalid mode ${call.quote(mode)}`);
    for (const path of call.operands) {
      const made = yield* call.has('parents') ? makeParents(call, path) : makeOne(call, path);
      const inode = made && bits !== undefined ? stat(call.process, path) : undefined;
      if (typeof inode === 'object' && bits !== undefined) inode.mode = bits;
    }
    return call.status;
  },
};

export const rmdir: Tool = {
  name: 'rmdir',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... DIRECTORY...'],
  about: 'Remove directories, if they are empty.',
  options: [
    flag('', 'ignore-fail-on-non-empty', 'do not mind directories that are not empty'),
    flag('p', 'parents', 'remove DIRECTORY and then its parents: a/b/c is a/b/c a/b a'),
    flag('v', 'verbose', 'say what is removed'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    for (const operand of call.operands) {
      let path = operand;
      for (;;) {
        if (call.has('verbose')) yield* call.out.text(`${call.name}: removing directory, ${call.quoteFile(path)}\n`);
        const failed = removeDirectory(call.process, path);
        if (failed && !(failed === 'ENOTEMPTY' && call.has('ignore-fail-on-non-empty'))) {
          yield* call.warn(
            `${call.either(`failed to remove ${path === operand ? '' : 'directory '}${call.quoteFile(path)}`, `'${path}'`)}: ${strerror(failed)}`,
          );
        }
        const slash = path.replace(/\/+$/, '').lastIndexOf('/');
        if (failed || !call.has('parents') || slash <= 0) break;
        path = path.slice(0, slash);
      }
    }
    return call.status;
  },
};
