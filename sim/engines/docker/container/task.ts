import { strerror } from '../../../base/errno.ts';
import type { Capability } from '../../../host/capabilities.ts';
import { type Namespaces, PidNamespace } from '../../../host/namespaces.ts';
import { exitCode, type Process } from '../../../host/process.ts';
import type { Signal } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { containerCapabilities } from './capabilities.ts';
import type { Container } from './container.ts';
import { environment, locate } from './environment.ts';
import { makeWorkingDirectory, mountNamespace, type Terminals } from './filesystem.ts';
import { ProcessIo } from './io.ts';

/** The processes of a running container (containerd's word for it). */
export interface Task {
  /** The host's parent of everything in the container. */
  shim: Process;
  /** The container's process 1. */
  init: Process;
  namespaces: Namespaces;
  io: ProcessIo;
  terminals: Terminals;
}

const CREATE_FAILED =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ';

/** Starts the container's first process in namespaces of its own. */
export function startTask(engine: Engine, container: Container): Task | Refusal {
  const { host } = engine;
  const { config, sandbox } = container;
  if (!sandbox) return new Refusal(500, 'the container has no network namespace');
  const terminals: Terminals = new Map();
  const mnt = mountNamespace(engine, container, terminals);
  if (mnt instanceof Refusal) return mnt;
  const pid = pidNamespace(engine, container);
  if (pid instanceof Refusal) return pid;
  const shared = container.hostConfig.NetworkMode === 'host' && config.Hostname === host.name;
  const namespaces: Namespaces = {
    net: sandbox.net,
    mnt,
    uts: shared ? host.init.namespaces.uts : { hostname: config.Hostname },
    pid,
  };
  const cwd = config.WorkingDir === '' ? '/' : config.WorkingDir;
  makeWorkingDirectory(container.root, cwd);
  const env = environment(engine, container, config.Tty);
  const found = locate(engine, namespaces, container.argv, env, cwd);
  if ('failure' in found) return new Refusal(400, CREATE_FAILED + found.failure);
  const shim = startShim(engine, container);
  if (typeof shim === 'string') return new Refusal(500, `failed to start shim: fork/exec: ${strerror(shim).toLowerCase()}`);
  const io = new ProcessIo(engine, {
    tty: config.Tty,
    stdin: config.OpenStdin,
    stdinOnce: config.StdinOnce,
    log: container.log,
    terminals,
  });
  const init = spawnIn(
    engine,
    { shim, namespaces, io },
    { argv: container.argv, path: found.path, env, cwd, capabilities: containerCapabilities(container.hostConfig) },
    container.hostConfig.Init,
  );
  if (init instanceof Refusal) {
    shim.signal('SIGKILL');
    return init;
  }
  return { shim, init, namespaces, io, terminals };
}

/** A PID namespace of its own, the host's, or another container's. */
function pidNamespace(engine: Engine, { hostConfig: { PidMode: mode } }: Container): PidNamespace | Refusal {
  if (mode === '') return new PidNamespace();
  if (mode === 'host') return engine.host.init.namespaces.pid;
  const other = engine.containers.find(mode.slice('container:'.length));
  if (other instanceof Refusal) return new Refusal(other.status, `failed to join PID namespace: ${other.message}`);
  return (
    other.task?.namespaces.pid ??
    new Refusal(
      409,
      `failed to join PID namespace: cannot join PID namespace of a non running container: container ${other.name} is ${other.status}`,
    )
  );
}

const INIT = '/sbin/docker-init';

/** Signals that docker-init passes on: every one that a process can catch and that isn't about its own children or terminal. */
const FORWARDED: readonly Signal[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTERM', 'SIGWINCH'];

/** docker-init (tini): passes signals on to its only child, reaps, and ends as it does. */
function* dockerInit(process: Process, command: Command): Blocking<number> {
  const child = process.fork((inner) => execute(inner, command), { argv: command.argv });
  if (typeof child === 'string') return 1;
  for (const signal of FORWARDED) process.onSignal(signal, () => child.signal(signal));
  for (;;) {
    const ended = yield* process.wait();
    if (ended === 'EINTR' || ended === undefined) continue;
    if (typeof ended === 'string') return 1;
    if (ended.pid === child.pid) return exitCode(ended);
  }
}

/** The processes of a container, whoever else its PID namespace belongs to. */
export function processesOf(engine: Engine, container: Container): Process[] {
  const { task } = container;
  if (!task) return [];
  if (container.hostConfig.PidMode === '') return [...task.namespaces.pid.processes.values()];
  const inside = (process: Process | undefined): boolean => process !== undefined && (process === task.shim || inside(process.parent));
  return engine.host.processes().filter((process) => process !== task.shim && inside(process));
}

/** What to run in a container. */
export interface Command {
  argv: string[];
  path: string;
  env: Map<string, string>;
  cwd: string;
  capabilities: ReadonlySet<Capability>;
}

/** A process in the container's namespaces, child of the shim, leader of a session of its own. */
export function spawnIn(
  engine: Engine,
  where: Pick<Task, 'shim' | 'namespaces' | 'io'>,
  command: Command,
  underInit = false,
): Process | Refusal {
  const { tty, fds } = where.io;
  const child = engine.host.start(where.shim, (process) => (underInit ? dockerInit(process, command) : execute(process, command)), {
    argv: underInit ? [INIT, '--', ...command.argv] : command.argv,
    env: command.env,
    cwd: command.cwd,
    fds,
    namespaces: where.namespaces,
    session: { tty },
    umask: 0o022,
    capabilities: command.capabilities,
  });
  if (typeof child === 'string') return new Refusal(500, `fork/exec: ${strerror(child).toLowerCase()}`);
  if (tty) tty.foreground = child.pgid;
  return child;
}

function* execute(process: Process, command: Command): Blocking<number> {
  const status = yield* process.exec(command.path, command.argv, command.env);
  if (typeof status === 'number') return status;
  yield* process.write(2, `exec ${command.path}: ${strerror(status).toLowerCase()}\n`);
  return 255;
}

/** containerd-shim: adopts the container's processes, reaps them, and stays until the last is gone. */
function startShim(engine: Engine, container: Container): ReturnType<Engine['host']['start']> {
  return engine.host.start(engine.host.init, reap, {
    argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', container.id, '-address', '/run/containerd/containerd.sock'],
    fds: new Map(),
    namespaces: engine.host.init.namespaces,
    session: { tty: undefined },
    cwd: '/',
  });
}

function* reap(shim: Process): Blocking<number> {
  for (;;) {
    const status = yield* shim.wait();
    if (status === 'ECHILD') return 0;
  }
}
