import { strerror } from '../../base/errno.ts';
import { currentUser } from '../tool/accounts.ts';
import { readLink, realPath, stat } from '../tool/filesystem.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** The last component of a path. */
function baseName(path: string, suffix: string): string {
  const stripped = path.replace(/(?<=[^/])\/+$/, '');
  if (/^\/+$/.test(stripped)) return '/';
  const name = stripped.slice(stripped.lastIndexOf('/') + 1);
  return suffix !== '' && name !== suffix && name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}

/** A path without its last component. */
function dirName(path: string): string {
  const match = /^(.*?)\/+[^/]+\/*$/s.exec(path);
  if (!match) return path.startsWith('/') ? '/' : '.';
  return match[1] === '' ? '/' : (match[1] as string);
}

export const basename: Tool = {
  name: 'basename',
  suite: 'GNU coreutils',
  usage: ['NAME [SUFFIX]', 'OPTION... NAME...'],
  about: 'Print the last part of a path, without SUFFIX if it ends with it.',
  options: [
    flag('a', 'multiple', 'all arguments are names'),
    valued('s', 'suffix', 'SUFFIX', 'the suffix to take away; implies -a'),
    flag('z', 'zero', 'lines end with NUL'),
  ],
  stopAtOperand: true,
  *main(call) {
    const [name, suffix, extra] = call.operands;
    if (name === undefined) return yield* call.missingOperand();
    const end = call.has('zero') ? '\0' : '\n';
    if (call.has('multiple', 'suffix')) {
      for (const each of call.operands) yield* call.out.text(baseName(each, call.value('suffix') ?? '') + end);
      return 0;
    }
    if (extra !== undefined) return yield* call.extraOperand(extra);
    yield* call.out.text(baseName(name, suffix ?? '') + end);
    return 0;
  },
};

export const dirname: Tool = {
  name: 'dirname',
  suite: 'GNU coreutils',
  usage: ['[OPTION] NAME...'],
  about: 'Print each path without its last part.',
  options: [flag('z', 'zero', 'lines end with NUL')],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    for (const name of call.operands) yield* call.out.text(dirName(name) + (call.has('zero') ? '\0' : '\n'));
    return 0;
  },
};

/** Removes `.`, `..` and double slashes from an absolute path without looking at files. */
function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export const realpath: Tool = {
  name: 'realpath',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE...'],
  about: 'Print the absolute path of each file, without symbolic links; all but the last part must exist.',
  options: [
    flag('e', 'canonicalize-existing', 'the last part must exist too'),
    flag('m', 'canonicalize-missing', 'nothing needs to exist'),
    flag('L', 'logical', 'take away .. before following links'),
    flag('P', 'physical', 'follow links first, as it does anyway'),
    flag('q', 'quiet', 'no error messages'),
    valued('', 'relative-to', 'DIR', 'relative to DIR'),
    flag('s', 'strip', 'do not follow links'),
    { ...flag('', 'no-symlinks', 'same as --strip'), name: 'strip' },
    flag('z', 'zero', 'lines end with NUL'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    for (const operand of call.operands) {
      const absolute = operand.startsWith('/') ? operand : `${call.process.cwd}/${operand}`;
      const start = call.has('logical', 'strip') ? normalized(absolute) : operand;
      const target = call.process.namespaces.mnt.resolve(call.process, start, !call.has('strip'));
      let path = typeof target === 'string' ? target : target.path.replace(/\/\.$/, '/');
      if (typeof target !== 'string' && !target.inode && (call.has('canonicalize-existing') || operand.endsWith('/'))) path = 'ENOENT';
      if (typeof target === 'string' && call.has('canonicalize-missing')) path = normalized(absolute);
      if (!path.startsWith('/')) {
        if (call.has('quiet')) call.status = 1;
        else yield* call.warn(`${call.dialect.fileName(operand)}: ${strerror(path as Parameters<typeof strerror>[0])}`);
        continue;
      }
      const base = call.value('relative-to');
      yield* call.out.text((base === undefined ? path : relative(realPath(call.process, base), path)) + (call.has('zero') ? '\0' : '\n'));
    }
    return call.status;
  },
};

/** The way from one absolute path to another. */
export function relative(from: string, to: string): string {
  const start = from.split('/').filter((part) => part !== '');
  const end = to.split('/').filter((part) => part !== '');
  let shared = 0;
  while (shared < start.length && start[shared] === end[shared]) shared++;
  return [...start.slice(shared).map(() => '..'), ...end.slice(shared)].join('/') || '.';
}

export const readlink: Tool = {
  name: 'readlink',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... FILE...'],
  about: 'Print where each symbolic link leads, or with -f the absolute path without links.',
  options: [
    flag('f', 'canonicalize', 'follow everything; all but the last part must exist'),
    flag('e', 'canonicalize-existing', 'follow everything; all parts must exist'),
    flag('m', 'canonicalize-missing', 'follow everything; nothing needs to exist'),
    flag('n', 'no-newline', 'no newline at the end'),
    flag('q', 'quiet', 'no error messages, as anyway'),
    { ...flag('s', 'silent', 'same as -q'), name: 'quiet' },
    flag('v', 'verbose', 'error messages'),
    flag('z', 'zero', 'lines end with NUL'),
  ],
  *main(call) {
    if (call.operands.length === 0) return yield* call.missingOperand();
    const end = call.has('zero') ? '\0' : call.has('no-newline') && call.operands.length === 1 ? '' : '\n';
    for (const path of call.operands) {
      let result: string = readLink(call.process, path);
      if (call.has('canonicalize', 'canonicalize-existing', 'canonicalize-missing')) {
        const target = call.process.namespaces.mnt.resolve(call.process, path);
        result = typeof target === 'string' ? target : target.path.replace(/^\/\.$/, '/');
        if (typeof target !== 'string' && !target.inode && call.has('canonicalize-existing')) result = 'ENOENT';
        if (typeof target === 'string' && call.has('canonicalize-missing'))
          result = normalized(path.startsWith('/') ? path : `${call.process.cwd}/${path}`);
        if (result.startsWith('/')) {
          yield* call.out.text(result + end);
          continue;
        }
      } else if (typeof stat(call.process, path, false) !== 'string' && result !== 'EINVAL') {
        yield* call.out.text(result + end);
        continue;
      }
      call.status = 1;
      if (call.has('verbose')) yield* call.about(path, result as Parameters<typeof strerror>[0]);
    }
    return call.status;
  },
};

export const pwd: Tool = {
  name: 'pwd',
  suite: 'GNU coreutils',
  usage: ['[OPTION]...'],
  about: 'Print the working directory.',
  options: [flag('L', 'logical', 'with the links in $PWD'), flag('P', 'physical', 'without links')],
  *main(call) {
    if (call.operands.length > 0 && !call.busybox) yield* call.warn('ignoring non-option arguments', 0);
    const logical = call.process.env.get('PWD');
    const here = stat(call.process, call.process.cwd);
    const useLogical = call.last('logical', 'physical') === 'logical' && logical?.startsWith('/') && stat(call.process, logical) === here;
    const path = useLogical ? (logical as string) : realPath(call.process, call.process.cwd);
    yield* call.out.text(`${path.replace(/^\/\.$/, '/')}\n`);
    return 0;
  },
};

export const logname: Tool = {
  name: 'logname',
  suite: 'GNU coreutils',
  usage: ['[OPTION]'],
  about: 'Print the name of the user who logged in on this terminal.',
  options: [],
  *main(call) {
    if (call.operands[0] !== undefined) return yield* call.extraOperand(call.operands[0]);
    if (!call.process.tty) return yield* call.fail('no login name');
    yield* call.out.text(`${currentUser(call.process)}\n`);
    return 0;
  },
};
