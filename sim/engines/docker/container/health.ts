import { concat, decode } from '../../../base/bytes.ts';
import type { Micros } from '../../../base/time.ts';
import type { Blocking } from '../../../host/wait.ts';
import { goDuration } from '../build/go-duration.ts';
import { rfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import type { Healthcheck } from '../images/image.ts';
import { invalid, Refusal } from '../refusal.ts';
import type { Container } from './container.ts';
import { createExec, startExec } from './exec.ts';
import type { Task } from './task.ts';

interface Probe {
  start: Micros;
  end: Micros;
  exitCode: number;
  output: string;
}

/** What a container's health check has found (`container.Health`). */
export interface Health {
  status: 'starting' | 'healthy' | 'unhealthy';
  failingStreak: number;
  /** The latest five. */
  log: Probe[];
}

/** What holds where the check says nothing (daemon/health.go), in nanoseconds. */
const DEFAULTS = { Interval: 30e9, Timeout: 30e9, StartInterval: 5e9 };
const RETRIES = 3;
const KEPT = 5;
/** Bytes of output that are kept of a probe. */
const OUTPUT = 4096;

export function checkHealthcheck(check: Healthcheck | undefined): Refusal | undefined {
  for (const key of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const value = check?.[key] ?? 0;
    if (value !== 0 && value < 1e6) return invalid(`${key} in Healthcheck cannot be less than 1ms`);
  }
  return (check?.Retries ?? 0) < 0 ? invalid('Retries in Healthcheck cannot be negative') : undefined;
}

/** Starts probing a container that has just been started, until its processes are gone. */
export function watchHealth(engine: Engine, container: Container): void {
  const { Healthcheck: check } = container.config;
  const { task } = container;
  const [kind] = check?.Test ?? [];
  container.health = undefined;
  if (!check || !task || (kind !== 'CMD' && kind !== 'CMD-SHELL')) return;
  container.health = { status: 'starting', failingStreak: 0, log: [] };
  go(engine.host.events, watch(engine, container, task, check));
}

function* watch(engine: Engine, container: Container, task: Task, check: Healthcheck): Blocking<void> {
  const started = engine.host.now;
  const microseconds = (key: keyof typeof DEFAULTS): Micros => (check[key] || DEFAULTS[key]) / 1_000;
  const startPeriod = (check.StartPeriod ?? 0) / 1_000;
  for (;;) {
    const inStart = container.health?.status === 'starting' && engine.host.now - started < startPeriod;
    const interval = microseconds('Interval');
    const until = engine.host.now + (inStart ? Math.min(interval, microseconds('StartInterval')) : interval);
    while (engine.host.now < until && container.task === task) yield { on: [container.changed], until };
    if (container.task !== task) return;
    if (container.status === 'paused') continue;
    const probe = yield* runProbe(engine, container, task, check, microseconds('Timeout'));
    if (container.task !== task || !container.health) return;
    record(container, container.health, probe, check, probe.start - started < startPeriod);
  }
}

/** One run of the test in the container. */
function* runProbe(engine: Engine, container: Container, task: Task, check: Healthcheck, timeout: Micros): Blocking<Probe> {
  const [kind, ...words] = check.Test ?? [];
  const start = engine.host.now;
  const Cmd = kind === 'CMD' ? words : [...(container.config.Shell ?? ['/bin/sh', '-c']), words.join(' ')];
  const failed = (output: string): Probe => ({ start, end: engine.host.now, exitCode: -1, output });
  const exec = createExec(engine, container, { AttachStdout: true, AttachStderr: true, Cmd: [...Cmd] });
  if (exec instanceof Refusal) return failed(exec.message);
  const connection = yield* startExec(engine, exec, true);
  if (connection instanceof Refusal || !connection) return failed(connection?.message ?? '');
  const deadline = engine.host.now + timeout;
  const chunks: Uint8Array[] = [];
  for (;;) {
    const frame = connection.receive();
    if (frame === undefined) break;
    if (frame !== 'EAGAIN') chunks.push(frame.bytes);
    else if (engine.host.now >= deadline) {
      exec.process?.signal('SIGKILL');
      connection.close();
      return failed(`Health check exceeded timeout (${goDuration(timeout * 1_000)})`);
    } else yield { on: [connection.readable, container.changed], until: deadline };
    if (container.task !== task) return failed('');
  }
  const output = concat(chunks);
  const text = decode(output.subarray(0, OUTPUT)) + (output.length > OUTPUT ? '...' : '');
  return { start, end: engine.host.now, exitCode: exec.exitCode ?? -1, output: text };
}

/** Takes a result into account and says so where the status changes. */
function record(container: Container, health: Health, probe: Probe, check: Healthcheck, inStart: boolean): void {
  health.log.push(probe);
  if (health.log.length > KEPT) health.log.shift();
  const before = health.status;
  if (probe.exitCode === 0) {
    health.failingStreak = 0;
    health.status = 'healthy';
  } else if (!(inStart && before === 'starting')) {
    health.failingStreak++;
    if (health.failingStreak >= (check.Retries || RETRIES)) health.status = 'unhealthy';
  }
  if (health.status === before) return;
  container.emit(`health_status: ${health.status}`);
  container.changed.wake();
}

/** `State.Health` of inspect. */
export function describeHealth(health: Health): Record<string, unknown> {
  return {
    Status: health.status,
    FailingStreak: health.failingStreak,
    Log: health.log.map(({ start, end, exitCode, output }) => ({
      Start: rfc3339(start),
      End: rfc3339(end),
      ExitCode: exitCode,
      Output: output,
    })),
  };
}
