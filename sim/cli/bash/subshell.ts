import { concat, decode } from '../../base/bytes.ts';
import { Device, Directory } from '../../host/inode.ts';
import { makePipe } from '../../host/pipe.ts';
import type { Process } from '../../host/process.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Blocking } from '../../host/wait.ts';
import { strerror } from '../../base/errno.ts';
import { expandWords } from './expand.ts';
import { descriptors, forkShell } from './fork.ts';
import { waitForeground } from './foreground.ts';
import { parseProgram } from './parse.ts';
import { lineAt } from './position.ts';
import { commandText } from './print.ts';
import type { Subshell } from './print.ts';
import type { Shell } from './shell.ts';
import { checkSignals } from './signals.ts';
import { DiscardControl } from './control.ts';

/** Command substitution collects no more than this. */
const MAX_SUBSTITUTION = 64 * 1024 * 1024;

/** `( … )` */
export function* runSubshell(shell: Shell, node: Subshell): Blocking<number> {
  shell.line = lineAt(shell.unit, node.pos);
  const child = yield* forkShell(shell, (sub) => sub.interpreter.run(sub, node.body), { pgid: shell.monitor ? 0 : undefined });
  if (!child) return 254;
  const text = commandText(shell.unit, node);
  const [status = 0] = yield* waitForeground(
    shell,
    [{ pid: child.pid, shown: child.nspid, text }],
    text,
    shell.monitor ? child.pid : shell.process.pgid,
  );
  return status;
}

/** `$( … )`: the output of a child, without trailing newlines. */
export function* substitute(shell: Shell, source: string, line: number): Blocking<string> {
  yield* refuseBadSyntax(shell, source, line);
  const file = yield* fileShortcut(shell, source);
  if (file !== undefined) return file;
  const { process } = shell;
  const ends = process.pipe();
  const changes = new Map<number, OpenFile | undefined>([
    [1, process.fds.get(ends.write)],
    [ends.read, undefined],
    [ends.write, undefined],
  ]);
  const child = yield* forkShell(
    shell,
    function* (sub) {
      sub.options.flags.delete('m');
      sub.traceDepth++;
      if (!sub.shopt('inherit_errexit') && !sub.posix) sub.options.flags.delete('e');
      return yield* sub.interpreter.runSource(sub, source, line, 'substitution');
    },
    { fds: descriptors(process, changes), keepsJobs: true },
  );
  process.close(ends.write);
  const bytes = yield* collect(process, ends.read);
  process.close(ends.read);
  if (!child) {
    shell.substitutionStatus = 254;
    return '';
  }
  shell.substitutionStatus = yield* childStatus(shell, child);
  shell.status = shell.substitutionStatus;
  yield* checkSignals(shell);
  const kept = bytes.includes(0) ? bytes.filter((byte) => byte !== 0) : bytes;
  if (kept.length !== bytes.length) yield* shell.complain('warning: command substitution: ignored null byte in input');
  return decode(kept).replace(/\n+$/, '');
}

function* childStatus(shell: Shell, child: Process): Blocking<number> {
  for (;;) {
    const status = yield* shell.process.wait({ pid: child.pid });
    if (status === 'EINTR') continue;
    if (typeof status === 'string' || status === undefined) return 127;
    // Ctrl-C in a substitution ends the command it belongs to.
    if (status.kind === 'signaled' && status.code === 2) shell.interrupted = true;
    return status.kind === 'exited' ? status.code : 128 + status.code;
  }
}

function* collect(process: Process, fd: number): Blocking<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const bytes = yield* process.read(fd);
    if (bytes === 'EINTR') continue;
    if (typeof bytes === 'string' || bytes.length === 0) return concat(chunks);
    total += bytes.length;
    if (total > MAX_SUBSTITUTION) return concat(chunks);
    chunks.push(bytes);
  }
}

/** A substitution that can't be parsed is an error of the command it stands in. */
function* refuseBadSyntax(shell: Shell, source: string, line: number): Blocking<void> {
  if (/^[\w\s./=-]*$/.test(source) && !/\b(?:if|then|else|elif|fi|do|done|case|esac|while|until|for|function|in|select)\b/.test(source))
    return;
  const { problem } = parseProgram(source, line);
  if (!problem || problem.messages.length === 0) return;
  const [message = ''] = problem.messages;
  const text = problem.kind === 'syntax' ? `${message} while looking for matching \`)'` : "syntax error near unexpected token `)'";
  const head = `${shell.name}: ${shell.label}line ${line}: `;
  const shown = shell.unit.source.split('\n')[line - shell.unit.line] ?? source;
  yield* shell.process.write(2, `${head}${text}\n${head}\`${shown}'\n`);
  throw new DiscardControl(shell.label !== '' ? 127 : 2);
}

/** `$(< file)` */
function* fileShortcut(shell: Shell, source: string): Blocking<string | undefined> {
  const match = /^\s*<\s*([^\s<>&|;()]+)\s*$/.exec(source);
  if (!match) return undefined;
  const [path = ''] = yield* expandWords(shell, [match[1] as string]);
  const bytes = yield* shell.process.readFile(path);
  shell.substitutionStatus = typeof bytes === 'string' ? 1 : 0;
  if (typeof bytes !== 'string') return decode(bytes.filter((byte) => byte !== 0)).replace(/\n+$/, '');
  yield* shell.complain(`${path}: ${strerror(bytes)}`);
  return '';
}

/** `<( … )` and `>( … )`: a pipe to a child behind a high descriptor, named /dev/fd/N. */
export function* processSubstitution(shell: Shell, operator: '<' | '>', source: string, line: number): Blocking<string> {
  yield* refuseBadSyntax(shell, source, line);
  const { process } = shell;
  let fd = 63;
  while (process.fds.has(fd)) fd--;
  const { reader, writer } = makePipe(process.host.nextPipeNumber());
  const [ours, theirs] = operator === '<' ? [reader, writer] : [writer, reader];
  const changes = new Map<number, OpenFile | undefined>(shell.substitutionDescriptors.map((other) => [other, undefined]));
  changes.set(operator === '<' ? 1 : 0, theirs.hold());
  const child = yield* forkShell(shell, (sub) => sub.interpreter.runSource(sub, source, line, 'substitution'), {
    fds: descriptors(process, changes),
  });
  process.install(ours, fd);
  theirs.release();
  shell.substitutionDescriptors.push(fd);
  if (child) {
    shell.lastBackground = child.nspid;
    shell.jobs.numbers.set(child.nspid, child.pid);
    shell.substitutionChildren.push(child.pid);
  }
  ensureDeviceFile(process, fd);
  return `/dev/fd/${fd}`;
}

/** Where the file system has no /dev/fd of its own, an entry that opens the viewer's descriptor stands in. */
function ensureDeviceFile(process: Process, fd: number): void {
  const found = process.namespaces.mnt.resolve(process, `/dev/fd/${fd}`);
  if (typeof found !== 'string' && found.inode) return;
  const dev = process.namespaces.mnt.resolve(process, '/dev');
  if (typeof dev === 'string' || !(dev.inode instanceof Directory)) return;
  let directory = dev.inode.child('fd');
  if (!directory) {
    directory = new Directory();
    dev.inode.add('fd', directory);
  }
  if (directory instanceof Directory) directory.add(String(fd), new Device((viewer) => viewer.fds.get(fd) ?? 'ENOENT'));
}

/** Closes the descriptors of process substitutions whose command has ended, and forgets children that are done. */
export function* closeSubstitutions(shell: Shell, keep: number): Blocking<void> {
  while (shell.substitutionDescriptors.length > keep) shell.process.close(shell.substitutionDescriptors.pop() as number);
  const children = shell.substitutionChildren;
  shell.substitutionChildren = [];
  for (const pid of children) {
    const status = yield* shell.process.wait({ pid }, { nohang: true });
    if (status === undefined) shell.substitutionChildren.push(pid);
    else if (typeof status !== 'string') shell.jobs.remembered.set(pid, status.kind === 'exited' ? status.code : 128 + status.code);
  }
}
