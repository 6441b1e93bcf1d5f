import { decode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import { compilePosix } from '../posix-regex.ts';
import type { Call } from '../tool/call.ts';
import { commandOf, flag, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { inodeOf, isReadOnly, isWriteOnly, keyOfPath, pathOfKey, readSetting, settingLines, settingsBelow, writeSetting } from './keys.ts';
import { SYSCTL_USAGE } from './usage.ts';

/** `sysctl` of procps-ng 4 (sysctl(8)): reads and writes the files under /proc/sys. */
export const sysctl: Tool = {
  name: 'sysctl',
  paths: ['/usr/sbin/sysctl'],
  suite: 'procps-ng',
  helpText: SYSCTL_USAGE,
  usageStatus: 0,
  usage: ['[options] [variable[=value] ...]'],
  about: 'Read and change kernel parameters.',
  options: [
    flag('a', 'all', 'display all variables'),
    flag('A', 'all-alias', 'alias of -a'),
    flag('X', 'all-hex', 'alias of -a'),
    flag('b', 'binary', 'print value without new line'),
    flag('e', 'ignore', 'ignore unknown variables errors'),
    flag('N', 'names', 'print variable names without values'),
    flag('n', 'values', 'print only values of the given variables'),
    { ...valued('p', 'load', 'file', 'read values from file'), argument: 'optional' },
    { ...valued('f', 'load-alias', 'file', 'alias of -p'), argument: 'optional' },
    valued('r', 'pattern', 'expression', 'select settings that match expression'),
    flag('q', 'quiet', 'do not echo variable set'),
    flag('w', 'write', 'enable writing a value to variable'),
    flag('', 'dry-run', 'print the key and values but do not write'),
    flag('o', 'old', 'does nothing'),
    flag('x', 'hex', 'does nothing'),
    { ...flag('h', 'help', 'display this help and exit') },
    { ...flag('d', 'help-alias', 'alias of -h'), name: 'help' },
    flag('V', 'version', 'output version information and exit'),
    unmodelled('', 'system'),
    flag('', 'deprecated', 'include deprecated parameters to listing'),
  ],
  *main(call) {
    const all = call.has('all', 'all-alias', 'all-hex');
    const load = call.has('load', 'load-alias');
    if (!all && !load && call.operands.length === 0) {
      if (call.parsed.options.length === 0) yield* call.out.write(SYSCTL_USAGE);
      else yield* call.warn("no variables specified\nTry `sysctl --help' for more information.");
      return 1;
    }
    if (load) yield* loadFiles(call);
    else if (all) yield* listAll(call);
    else for (const word of call.operands) yield* one(call, word);
    return call.status;
  },
};

export const commands = [commandOf(sysctl)];

/** `-p FILE…`: the file's name may follow as an operand. */
function* loadFiles(call: Call): Blocking<void> {
  const named = [call.value('load'), call.value('load-alias')].filter((name) => name !== undefined && name !== '') as string[];
  const files = [...named, ...call.operands];
  for (const file of files.length > 0 ? files : ['/etc/sysctl.conf']) {
    const bytes = yield* call.process.readFile(file);
    if (typeof bytes === 'string') {
      yield* call.warn(`cannot open "${file}": ${strerror(bytes)}`);
      continue;
    }
    const settings: [string, string, boolean][] = [];
    for (const { text, number } of settingLines(decode(bytes), /^\s*[#;].*/)) {
      const equals = text.indexOf('=');
      const name = text.slice(0, equals < 0 ? undefined : equals).trim();
      if (equals < 0) yield* call.warn(`${file}(${number}): invalid syntax, continuing...`);
      else settings.push([name.replace(/^-/, ''), text.slice(equals + 1).trim(), name.startsWith('-')]);
    }
    for (const [name, value, forgiving] of settings) yield* write(call, name, value, forgiving);
  }
}

function* listAll(call: Call): Blocking<void> {
  const pattern = call.value('pattern');
  const wanted = pattern === undefined ? undefined : compilePosix(pattern, { extended: true, ignoreCase: false });
  if (wanted && 'error' in wanted) {
    yield* call.warn(`${wanted.error}: ${pattern}`);
    return;
  }
  for (const path of settingsBelow(call.process, '')) {
    const key = keyOfPath(path);
    if (hidden(call, path)) continue;
    if (!wanted?.test || wanted.test(key)) yield* show(call, path, key, true);
    yield* call.process.spend(2);
  }
}

/** A word of the command line: `name`, `name=value`. */
function* one(call: Call, word: string): Blocking<void> {
  const equals = word.indexOf('=');
  if (equals > 0) return yield* write(call, word.slice(0, equals), word.slice(equals + 1), false);
  if (equals === 0 || call.has('write')) return yield* call.warn('command line(0): invalid syntax, continuing...');
  const path = pathOfKey(word);
  const key = keyOfPath(path);
  const inode = inodeOf(call.process, path);
  if (typeof inode === 'string') return yield* unknown(call, path);
  if (!(inode instanceof Directory)) return yield* show(call, path, key, false);
  for (const below of settingsBelow(call.process, path)) if (!hidden(call, below)) yield* show(call, below, keyOfPath(below), true);
}

/** Names that lists leave out, since newer ones say the same. */
function hidden(call: Call, path: string): boolean {
  return /\/(base_reachable_time|retrans_time)$/.test(path) && !call.has('deprecated');
}

function* unknown(call: Call, path: string): Blocking<void> {
  if (call.has('ignore')) return;
  yield* call.warn(`cannot stat ${path}: ${strerror('ENOENT')}`);
}

/** @param listing part of a list, where what can't be read is left out */
function* show(call: Call, path: string, key: string, listing: boolean): Blocking<void> {
  if (call.has('names')) return yield* call.out.write(`${key}\n`);
  if (isWriteOnly(call.process, path)) {
    return;
  }
  const setting = yield* readSetting(call.process, path);
  if (typeof setting === 'string') {
    if (!listing) yield* call.warn(`reading key "${key}": ${strerror(setting)}`);
    return;
  }
  const value = setting.text.replace(/\n$/, '');
  if (call.has('binary')) yield* call.out.write(value);
  else for (const line of value.split('\n')) yield* call.out.write(call.has('values') ? `${line}\n` : `${key} = ${line}\n`);
}

function* write(call: Call, name: string, value: string, forgiving: boolean): Blocking<void> {
  const path = pathOfKey(name.trim());
  const key = keyOfPath(path);
  const text = value.trim();
  if (!call.has('dry-run')) {
    const failed = isReadOnly(call.process, path) ? 'EPERM' : yield* writeSetting(call.process, path, text);
    if (failed && inodeOf(call.process, path) === 'ENOENT') return yield* unknown(call, path);
    if (failed) return yield* refused(call, key, failed, forgiving);
  }
  if (!call.has('quiet')) yield* call.out.write(call.has('values') ? `${text}\n` : call.has('names') ? `${key}\n` : `${key} = ${text}\n`);
}

function* refused(call: Call, key: string, errno: Errno, forgiving: boolean): Blocking<void> {
  // The program looks at the file's mode before it opens it.
  yield* call.warn(`setting key "${key}": ${strerror(errno === 'EACCES' ? 'EPERM' : errno)}`, forgiving ? 0 : 1);
}
