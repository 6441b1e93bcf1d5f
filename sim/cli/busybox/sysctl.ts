import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import { Directory } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { keyOfPath, pathOfKey, ROOT, settingLines, settingsBelow } from '../sysctl/keys.ts';
import { appletProgram, letters, options, type Speech } from './failure.ts';

/** busybox's sysctl (procps/sysctl.c). */
export const sysctl = appletProgram('sysctl', runSysctl);

interface Run {
  process: Process;
  speech: Speech;
  /** `-n`: values without keys. */
  bare: boolean;
  quiet: boolean;
  /** `-e`: unknown keys are no error. */
  forgiving: boolean;
  failed: boolean;
}

function* runSysctl(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given, operands } = options(letters('neAapwq'), args);
  const has = (name: string) => given.some((option) => option.name === name);
  const run: Run = { process, speech, bare: has('n'), quiet: has('q'), forgiving: has('e'), failed: false };
  if (has('a') || has('A')) {
    for (const path of settingsBelow(process, ROOT)) yield* show(run, path);
  } else if (has('p')) {
    for (const file of operands.length > 0 ? operands : ['/etc/sysctl.conf']) yield* load(run, file);
  } else {
    for (const operand of operands) yield* handle(run, operand, has('w'));
  }
  return run.failed ? 1 : 0;
}

function complain(run: Run, text: string): void {
  run.failed = true;
  run.speech.complain(text);
}

/** A key to show, or `key=value` to set. */
function* handle(run: Run, text: string, writing: boolean): Blocking<void> {
  const equals = text.indexOf('=');
  if (equals < 0 && writing) return complain(run, `error: '${text}' must be of the form name=value`);
  const path = pathOfKey((equals < 0 ? text : text.slice(0, equals)).trim());
  if (equals >= 0) return yield* set(run, path, text.slice(equals + 1).trim());
  const found = run.process.namespaces.mnt.resolve(run.process, path);
  if (typeof found === 'string' || !found.inode) return unknown(run, path);
  if (!(found.inode instanceof Directory)) return yield* show(run, path);
  for (const below of settingsBelow(run.process, path)) yield* show(run, below);
}

function unknown(run: Run, path: string): void {
  run.failed = true;
  if (!run.forgiving) complain(run, `error: '${keyOfPath(path)}' is an unknown key`);
}

function* show(run: Run, path: string): Blocking<void> {
  const bytes = yield* run.process.readFile(path);
  // What can only be written is passed over.
  if (bytes === 'EACCES') return;
  if (typeof bytes === 'string') return complain(run, `error reading key '${keyOfPath(path)}': ${strerror(bytes)}`);
  const head = run.bare ? '' : `${keyOfPath(path)} = `;
  for (const line of decode(bytes).replace(/\n$/, '').split('\n')) run.speech.print(`${head}${line}\n`);
}

function* set(run: Run, path: string, value: string): Blocking<void> {
  const fd = run.process.open(path, { write: true });
  if (fd === 'ENOENT') return unknown(run, path);
  if (typeof fd === 'string') return complain(run, `error setting key '${keyOfPath(path)}': ${strerror(fd)}`);
  const refused = yield* run.process.write(fd, `${value}\n`);
  run.process.close(fd);
  if (refused) return complain(run, `write error: ${strerror(refused)}`);
  if (!run.quiet) run.speech.print(run.bare ? `${value}\n` : `${keyOfPath(path)} = ${value}\n`);
}

/** Lines of `key = value`; `#` and `;` start comments. */
function* load(run: Run, file: string): Blocking<void> {
  const bytes = yield* run.process.readFile(file);
  if (typeof bytes === 'string') return complain(run, `can't open '${file}': ${strerror(bytes)}`);
  for (const { text } of settingLines(decode(bytes), /[#;].*/)) yield* handle(run, text.replace(/\s*=\s*/, '='), true);
}
