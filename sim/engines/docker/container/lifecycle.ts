import { type Micros, MILLISECOND, SECOND } from '../../../base/time.ts';
import { exitCode, type WaitStatus } from '../../../host/process.ts';
import { parseSignal, SIGNAL, type Signal } from '../../../host/signal.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { setUpNetworking, tearDownNetworking } from '../network/connect.ts';
import { writeSysctl } from '../network/sandbox.ts';
import { conflict, invalid, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { watchHealth } from './health.ts';
import { processesOf, startTask } from './task.ts';

/** How long `docker stop` waits before it kills. */
export const STOP_TIMEOUT_SECONDS = 10;

/** After a process has ended, how long its output may still be held open by others. */
const DRAIN_TIMEOUT: Micros = 2 * SECOND;

/** The first pause before a restart; it doubles each time and starts over after ten good seconds. */
const FIRST_BACKOFF: Micros = 100 * MILLISECOND;
const GOOD_RUN: Micros = 10 * SECOND;

/** Virtual time that the daemon takes; a real one takes several times as long. */
export const COST = { create: 15 * MILLISECOND, start: 50 * MILLISECOND, cleanUp: 10 * MILLISECOND, exec: 20 * MILLISECOND } as const;

/** Starts a created or stopped container. `'already'` when it runs. */
export function* startContainer(engine: Engine, container: Container): Blocking<Refusal | 'already' | undefined> {
  if (container.status === 'paused') return conflict('cannot start a paused container, try unpause instead');
  if (container.running) return 'already';
  if (container.status === 'removing' || container.removed) return conflict('container is marked for removal and cannot be started');
  yield { on: [], until: engine.host.now + COST.start };
  if (container.running) return 'already';
  const unprepared = yield* engine.swarm.prepare(container);
  const refusal = unprepared ? startFailed(engine, container, unprepared, 128) : launch(engine, container);
  if (refusal && container.hostConfig.AutoRemove) engine.containers.discard(container);
  return refusal;
}

/** The start itself: network, processes, state. */
function launch(engine: Engine, container: Container): Refusal | undefined {
  container.stopRequested = false;
  container.error = '';
  const failed = setUpNetworking(engine, container) ?? applySysctls(engine, container);
  if (failed) return startFailed(engine, container, failed, 128);
  networkEvents(engine, container, 'connect');
  const task = startTask(engine, container);
  if (task instanceof Refusal) return startFailed(engine, container, task, /permission denied/.test(task.message) ? 126 : 127);
  container.task = task;
  container.started = engine.host.now;
  container.exitCode = 0;
  container.become('running');
  container.emit('start');
  watchHealth(engine, container);
  task.init.onExit.push((status) => go(engine.host.events, ended(engine, container, status)));
  return undefined;
}

/** Its joining or leaving each of its networks. */
function networkEvents(engine: Engine, container: Container, action: 'connect' | 'disconnect'): void {
  for (const { network, container: owner } of container.sandbox?.endpoints ?? []) {
    if (owner !== container) continue;
    engine.events.log(engine.host.now, 'network', action, network.id, {
      container: container.id,
      name: network.name,
      type: network.driver,
    });
  }
}

function applySysctls(engine: Engine, container: Container): Refusal | undefined {
  for (const [name, value] of Object.entries(container.hostConfig.Sysctls)) {
    const path = name.replaceAll('.', '/');
    if (container.sandbox && writeSysctl(engine.daemon, container.sandbox.net, path, value)) continue;
    return new Refusal(
      400,
      `failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: open /proc/sys/${path}: no such file or directory`,
    );
  }
  return undefined;
}

function startFailed(engine: Engine, container: Container, refusal: Refusal, code: number): Refusal {
  tearDownNetworking(engine, container);
  engine.swarm.release(container);
  container.exitCode = code;
  container.error = refusal.message;
  container.changed.wake();
  return refusal;
}

/** The first process is gone: reads its last output, frees what the container had, and restarts or removes it if it should. */
function* ended(engine: Engine, container: Container, status: WaitStatus): Blocking<void> {
  const { task } = container;
  if (!task) return;
  // In a PID namespace of others the rest would live on; the container's control group is emptied.
  if (container.hostConfig.PidMode !== '') for (const process of processesOf(engine, container)) process.signal('SIGKILL');
  const deadline = engine.host.now + DRAIN_TIMEOUT;
  while (!task.io.drained && engine.host.now < deadline) yield { on: [task.io.finished], until: deadline };
  yield { on: [], until: engine.host.now + COST.cleanUp };
  task.io.close(engine.host.now);
  container.task = undefined;
  // What doesn't run isn't healthy.
  if (container.health) container.health.status = 'unhealthy';
  networkEvents(engine, container, 'disconnect');
  tearDownNetworking(engine, container);
  container.exitCode = exitCode(status);
  container.finished = engine.host.now;
  const execDuration = String(Math.floor((container.finished - (container.started ?? 0)) / SECOND));
  container.emit('die', { execDuration, exitCode: String(container.exitCode) });
  if (shouldRestart(container)) {
    yield* restartLater(engine, container);
    return;
  }
  container.become('exited');
  if (!container.hostConfig.AutoRemove || container.removed) return;
  engine.containers.discard(container);
  engine.volumes.removeAnonymous(container);
}

function shouldRestart(container: Container): boolean {
  const { Name, MaximumRetryCount } = container.hostConfig.RestartPolicy;
  if (container.stopRequested || container.removed) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  return Name === 'on-failure' && container.exitCode !== 0 && (MaximumRetryCount === 0 || container.restartCount < MaximumRetryCount);
}

function* restartLater(engine: Engine, container: Container): Blocking<void> {
  const ran = (container.finished ?? 0) - (container.started ?? 0);
  const backoff = ran >= GOOD_RUN ? FIRST_BACKOFF : FIRST_BACKOFF * 2 ** Math.min(container.restartCount, 9);
  container.become('restarting');
  const until = engine.host.now + Math.min(backoff, 60 * SECOND);
  while (engine.host.now < until && !container.stopRequested) yield { on: [container.changed], until };
  if (container.stopRequested || container.removed) {
    if (!container.removed) container.become('exited');
    return;
  }
  container.restartCount++;
  const refusal = (yield* engine.swarm.prepare(container)) ?? launch(engine, container);
  if (refusal) container.become('exited');
}

/** Sends the stop signal, waits, kills. `'already'` when it doesn't run. */
export function* stopContainer(
  engine: Engine,
  container: Container,
  options: { seconds?: number; signal?: string } = {},
): Blocking<Refusal | 'already' | undefined> {
  const signal = parseSignal(options.signal ?? (container.config.StopSignal || 'SIGTERM'));
  if (!signal) return invalid(`invalid signal: ${options.signal ?? container.config.StopSignal}`);
  if (container.status === 'restarting') {
    container.stopRequested = true;
    container.changed.wake();
    yield* waitWhile(engine, container, () => container.status === 'restarting');
    return undefined;
  }
  if (!container.running) return 'already';
  container.stopRequested = true;
  container.task?.init.signal(signal);
  container.emit('kill', { signal: String(SIGNAL[signal]) });
  const seconds = options.seconds ?? container.config.StopTimeout ?? STOP_TIMEOUT_SECONDS;
  const deadline = seconds < 0 ? undefined : engine.host.now + seconds * SECOND;
  yield* waitWhile(engine, container, () => container.running, deadline);
  if (container.running) yield* killAndWait(engine, container);
  container.emit('stop');
  return undefined;
}

/** Kills what is left and waits for the end. */
export function* killAndWait(engine: Engine, container: Container): Blocking<void> {
  container.stopRequested = true;
  if (container.task) {
    container.task.init.signal('SIGKILL');
    container.emit('kill', { signal: '9' });
  }
  container.changed.wake();
  yield* waitWhile(engine, container, () => container.running || container.status === 'restarting');
}

/** Waits for a change of state as long as a condition holds, or until a deadline. */
export function* waitWhile(engine: Engine, container: Container, condition: () => boolean, deadline?: Micros): Blocking<void> {
  while (condition() && (deadline === undefined || engine.host.now < deadline)) {
    yield { on: [container.changed], ...(deadline === undefined ? {} : { until: deadline }) };
  }
}

/** `docker kill`: any signal to the first process. */
export function killContainer(container: Container, name: string): Refusal | undefined {
  const signal = parseSignal(name);
  if (!signal) return invalid(`invalid signal: ${name}`);
  if (!container.running || !container.task) return conflict(`container ${container.id} is not running`);
  // SIGKILL and the stop signal mean that it should stay down, whatever its restart policy (daemon/kill.go).
  if (signal === 'SIGKILL' || signal === parseSignal(container.config.StopSignal || 'SIGTERM')) container.stopRequested = true;
  container.task.init.signal(signal);
  container.emit('kill', { signal: String(SIGNAL[signal]) });
  return undefined;
}

/** Freezes every process of the container: the cgroup freezer, done with stop signals that nobody in there sees. */
export function pauseContainer(engine: Engine, container: Container): Refusal | undefined {
  if (container.status === 'paused') return conflict(`Container ${container.id} is already paused`);
  if (container.status === 'restarting') return conflict(`Container ${container.id} is restarting, wait until the container is running`);
  if (!container.running) return conflict(`container ${container.id} is not running`);
  signalAll(engine, container, 'SIGSTOP');
  container.become('paused');
  container.emit('pause');
  return undefined;
}

export function unpauseContainer(engine: Engine, container: Container): Refusal | undefined {
  if (container.status !== 'paused') return new Refusal(500, `Container ${container.id} is not paused`);
  container.become('running');
  signalAll(engine, container, 'SIGCONT');
  container.emit('unpause');
  return undefined;
}

function signalAll(engine: Engine, container: Container, signal: Signal): void {
  for (const process of processesOf(engine, container)) process.signal(signal);
}
