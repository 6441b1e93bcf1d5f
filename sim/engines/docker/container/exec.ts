import { ALL_CAPABILITIES } from '../../../host/capabilities.ts';
import { exitCode } from '../../../host/process.ts';
import type { Process } from '../../../host/process.ts';
import type { Blocking } from '../../../host/wait.ts';
import { SECOND } from '../../../base/time.ts';
import { Connection } from '../api/connection.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { conflict, invalid, Refusal } from '../refusal.ts';
import { containerCapabilities } from './capabilities.ts';
import type { Container } from './container.ts';
import { environment, locate } from './environment.ts';
import { ProcessIo } from './io.ts';
import { COST } from './lifecycle.ts';
import { spawnIn } from './task.ts';

/** The body of POST /containers/{id}/exec. */
export interface ExecRequest {
  AttachStdin?: boolean;
  AttachStdout?: boolean;
  AttachStderr?: boolean;
  Tty?: boolean;
  Cmd?: string[];
  Env?: string[];
  WorkingDir?: string;
  User?: string;
  Privileged?: boolean;
}

/** A command in a running container: made by one request, started by another. */
export interface Exec {
  id: string;
  container: Container;
  request: ExecRequest;
  running: boolean;
  exitCode: number | null;
  process?: Process;
  io?: ProcessIo;
}

const FAILED = 'OCI runtime exec failed: exec failed: unable to start container process: ';

export function createExec(engine: Engine, container: Container, request: ExecRequest): Exec | Refusal {
  if (container.status === 'paused') return conflict(`Container ${container.name} is paused, unpause the container before exec`);
  if (container.status === 'restarting') return conflict(`Container ${container.id} is restarting, wait until the container is running`);
  if (!container.running) return conflict(`container ${container.id} is not running`);
  if (!request.Cmd || request.Cmd.length === 0) return invalid('No exec command specified');
  const user = checkUser(request.User ?? '');
  if (user) return user;
  const exec: Exec = {
    id: engine.random(`exec/${container.id}/${engine.execs.size}`).hex(64),
    container,
    request,
    running: false,
    exitCode: null,
  };
  engine.execs.set(exec.id, exec);
  container.execIds.push(exec.id);
  container.emit(`exec_create: ${request.Cmd.join(' ')} `, { execID: exec.id });
  return exec;
}

/** Only root is simulated; other users are named when asked for. */
export function checkUser(user: string): Refusal | undefined {
  const [name = ''] = user.split(':');
  if (['', '0', 'root'].includes(name)) return undefined;
  if (/^\d+$/.test(name)) return new Refusal(501, `running as user ${name} is not modelled (see sim/FIDELITY.md)`);
  return invalid(`unable to find user ${name}: no matching entries in passwd file`);
}

/** Starts it. The connection carries its streams; without a connection (detached) they go nowhere. */
export function* startExec(engine: Engine, exec: Exec, attach: boolean): Blocking<Connection | Refusal | undefined> {
  yield { on: [], until: engine.host.now + COST.exec };
  const { container, request } = exec;
  const { task } = container;
  if (!task || !container.running) return conflict(`container ${container.id} is not running`);
  const tty = request.Tty ?? false;
  const env = environment(engine, container, tty, request.Env ?? []);
  const cwd = request.WorkingDir || container.config.WorkingDir || '/';
  const where = task.namespaces.mnt.resolve(engine.daemon, cwd);
  if (typeof where === 'string' || !where.inode) {
    return execFailed(exec, `chdir to cwd ("${cwd}") set in config.json failed: no such file or directory`);
  }
  const argv = request.Cmd ?? [];
  const found = locate(engine, task.namespaces, argv, env, cwd);
  if ('failure' in found) return execFailed(exec, found.failure);
  const capabilities = request.Privileged ? ALL_CAPABILITIES : containerCapabilities(container.hostConfig);
  const stdin = (request.AttachStdin ?? false) && attach;
  const io = new ProcessIo(engine, { tty, stdin, stdinOnce: true, terminals: task.terminals });
  const process = spawnIn(engine, { shim: task.shim, namespaces: task.namespaces, io }, { argv, path: found.path, env, cwd, capabilities });
  if (process instanceof Refusal) return process;
  exec.process = process;
  exec.io = io;
  exec.running = true;
  container.emit(`exec_start: ${argv.join(' ')} `, { execID: exec.id });
  process.onExit.push((status) => go(engine.host.events, finish(engine, exec, exitCode(status))));
  if (!attach) return undefined;
  const connection = new Connection();
  io.attach(connection, { stdin, output: true });
  return connection;
}

function execFailed(exec: Exec, reason: string): Refusal {
  exec.exitCode = /permission denied/.test(reason) ? 126 : 127;
  return new Refusal(400, FAILED + reason);
}

function* finish(engine: Engine, exec: Exec, code: number): Blocking<void> {
  const deadline = engine.host.now + 2 * SECOND;
  while (exec.io && !exec.io.drained && engine.host.now < deadline) yield { on: [exec.io.finished], until: deadline };
  exec.running = false;
  exec.exitCode = code;
  exec.container.emit('exec_die', { execID: exec.id, exitCode: String(code) });
  exec.io?.close(engine.host.now);
  const ids = exec.container.execIds;
  ids.splice(ids.indexOf(exec.id), 1);
}

/** GET /exec/{id}/json */
export function describeExec(exec: Exec): Record<string, unknown> {
  const { request } = exec;
  return {
    ID: exec.id,
    Running: exec.running,
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: request.Tty ?? false,
      entrypoint: request.Cmd?.[0] ?? '',
      arguments: request.Cmd?.slice(1) ?? [],
      privileged: request.Privileged ?? false,
    },
    OpenStdin: request.AttachStdin ?? false,
    OpenStderr: request.AttachStderr ?? false,
    OpenStdout: request.AttachStdout ?? false,
    CanRemove: !exec.running,
    ContainerID: exec.container.id,
    DetachKeys: '',
    Pid: exec.process?.pid ?? 0,
  };
}
