import { concat, decode } from '../../base/bytes.ts';
import { Device } from '../../host/inode.ts';
import type { Host } from '../../host/host.ts';
import { OpenFile, type Poll } from '../../host/file.ts';
import { makePipe } from '../../host/pipe.ts';
import { exitCode, type Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { testMachine } from '../harness.ts';
import { makeDirectories, place } from '../install.ts';
import { bashCommand, shCommand } from './main.ts';

/** Small programs for the shell's own tests, so that they need none of the other commands. */

function command(name: string, run: (process: Process) => Blocking<number>): Command {
  return { name, paths: [`/usr/bin/${name}`], run };
}

const cat = command('cat', function* (process) {
  const paths = process.argv.slice(1);
  for (const path of paths.length > 0 ? paths : ['-']) {
    const fd = path === '-' ? 0 : process.open(path);
    if (typeof fd === 'string') {
      yield* process.write(2, `cat: ${path}: No such file or directory\n`);
      return 1;
    }
    for (;;) {
      const bytes = yield* process.read(fd);
      if (typeof bytes === 'string' || bytes.length === 0) break;
      yield* process.write(1, bytes);
    }
  }
  return 0;
});

const head = command('head', function* (process) {
  const count = Number(process.argv.at(-1)?.replace(/^-n?/, '') ?? 10);
  const input = new Input(process, 0);
  for (let i = 0; i < count; i++) {
    const line = yield* input.line();
    if (line === undefined) break;
    yield* process.write(1, `${line}\n`);
  }
  return 0;
});

const yes = command('yes', function* (process) {
  for (;;) {
    yield* process.spend(10);
    yield* process.write(1, `${process.argv[1] ?? 'y'}\n`);
  }
});

const seq = command('seq', function* (process) {
  const [from, to] = process.argv.length > 2 ? process.argv.slice(1).map(Number) : [1, Number(process.argv[1])];
  for (let i = from ?? 1; i <= (to ?? 0); i++) yield* process.write(1, `${i}\n`);
  return 0;
});

const sleep = command('sleep', function* (process) {
  yield* process.sleep(Number(process.argv[1]) * 1e6);
  return 0;
});

const env = command('env', function* (process) {
  yield* process.write(1, [...process.env].map(([name, text]) => `${name}=${text}\n`).join(''));
  return 0;
});

/** Prints its arguments in brackets, one a line, argv[0] first. */
const args = command('args', function* (process) {
  yield* process.write(1, process.argv.map((arg) => `[${arg}]\n`).join(''));
  return 0;
});

/** Counts lines and bytes. */
const wc = command('wc', function* (process) {
  const all = yield* new Input(process, 0).all();
  const lines = all.reduce((sum, byte) => sum + (byte === 10 ? 1 : 0), 0);
  yield* process.write(1, process.argv[1] === '-c' ? `${all.length}\n` : `${lines}\n`);
  return 0;
});

/** A program that catches Ctrl-C, says goodbye and ends well, as ping does. */
const polite = command('polite', function* (process) {
  let interrupted = false;
  process.onSignal('SIGINT', () => {
    interrupted = true;
  });
  while (!interrupted) yield* process.sleep(1_000_000);
  yield* process.write(1, 'goodbye\n');
  return 0;
});

const rm = command('rm', function* (process) {
  for (const path of process.argv.slice(1)) {
    const found = process.namespaces.mnt.resolve(process, path, false);
    if (typeof found !== 'string' && found.inode) found.parent.remove(found.name);
  }
  yield* [];
  return 0;
});

const mkdir = command('mkdir', function* (process) {
  for (const path of process.argv.slice(1).filter((arg) => arg !== '-p')) {
    makeDirectories(process.namespaces.mnt.root, path.startsWith('/') ? path : `${process.cwd}/${path}`);
  }
  yield* [];
  return 0;
});

const chmod = command('chmod', function* (process) {
  const found = process.namespaces.mnt.resolve(process, process.argv[2] ?? '');
  if (typeof found !== 'string' && found.inode) found.inode.mode |= 0o111;
  yield* [];
  return 0;
});

const sort = command('sort', function* (process) {
  const lines = decode(yield* new Input(process, 0).all())
    .split('\n')
    .slice(0, -1)
    .sort();
  yield* process.write(1, lines.map((line) => `${line}\n`).join(''));
  return 0;
});

class Null extends OpenFile {
  read(): Uint8Array {
    return new Uint8Array(0);
  }
  write(bytes: Uint8Array): number {
    return bytes.length;
  }
  poll(): Poll {
    return { in: true, out: true, hup: false };
  }
  protected close(): void {}
  get description(): string {
    return '/dev/null';
  }
}

export const testPrograms: readonly Command[] = [cat, head, yes, seq, sleep, env, args, wc, polite, rm, mkdir, chmod, sort];

/** A machine with bash, sh, the test programs, /dev/null and some files. */
export function shellMachine(files: Record<string, string> = {}, extra: readonly Command[] = []): Host {
  const host = testMachine([bashCommand, shCommand, ...testPrograms, ...extra], {
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
    ...files,
  });
  const { root } = host.init.namespaces.mnt;
  place(root, '/dev/null', new Device(() => new Null()));
  return host;
}

/** Runs bash with standard output and standard error as one pipe and nothing to read; what it printed, in order, and its status. */
export function runMerged(host: Host, argv: readonly string[], minutes = 1): { output: string; status: number } {
  const [input, output] = [makePipe(host.nextPipeNumber()), makePipe(host.nextPipeNumber())];
  output.reader.hold();
  const fds = new Map([
    [0, input.reader],
    [1, output.writer],
    [2, output.writer],
  ]);
  const child = host.init.spawn('/usr/bin/bash', { argv: [...argv], fds, cwd: '/root', session: { tty: undefined } });
  if (typeof child === 'string') throw new Error(child);
  input.writer.hold().release();
  let status: number | undefined;
  child.onExit.push((ended) => {
    status = exitCode(ended);
  });
  const chunks: Uint8Array[] = [];
  const deadline = host.now + minutes * 60_000_000;
  while (status === undefined) {
    if (!host.events.step() || host.now > deadline) throw new Error(`${argv.join(' ')} never ended`);
    for (let bytes = output.reader.read(65_536); typeof bytes !== 'string' && bytes.length > 0; bytes = output.reader.read(65_536))
      chunks.push(bytes);
  }
  // What background children still print belongs to the output, too.
  for (let i = 0; i < 2_000 && host.now < deadline && output.reader.poll().hup === false && host.events.step(); i++) {
    for (let bytes = output.reader.read(65_536); typeof bytes !== 'string' && bytes.length > 0; bytes = output.reader.read(65_536))
      chunks.push(bytes);
  }
  if (host.bugs.length > 0) throw new Error(host.bugs.join('\n'));
  return { output: decode(concat(chunks)), status };
}
