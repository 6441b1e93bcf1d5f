import { momentOf, strftime } from '../../base/calendar.ts';
import { encode } from '../../base/bytes.ts';
import { ERRNO, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Configuration } from './configuration.ts';
import type { Request } from './request.ts';
import type { AccessLog, Scope } from './scope.ts';

export const LEVELS = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'] as const;
export type Level = (typeof LEVELS)[number];

/** `2026/01/01 00:00:03 [error] 7#7: `, with the connection's number where there is one. */
export function logLine(process: Process, level: Level, message: string, connection?: number): string {
  const time = strftime('%Y/%m/%d %H:%M:%S', momentOf(process.host.now));
  const number = connection === undefined ? '' : `*${connection} `;
  return `${time} [${level}] ${process.nspid}#${process.nspid}: ${number}${message}\n`;
}

/** The log files of a configuration, opened by the master and inherited by its workers. */
export class Logs {
  readonly #files = new Map<string, number>();
  readonly #errorPath: string;
  readonly #level: Level;
  readonly #default: AccessLog[];

  constructor(configuration: Configuration, fallback: AccessLog[]) {
    const [path = 'stderr', level = 'error'] = configuration.main.errorLog ?? [];
    this.#errorPath = path;
    this.#level = (LEVELS as readonly string[]).includes(level) ? (level as Level) : 'error';
    this.#default = configuration.http ? fallback : [];
    this.#files.set('stderr', 2);
    for (const file of [
      path,
      ...this.#default.map((log) => log.path),
      ...pathsOf(configuration.http),
      ...configuration.servers.flatMap(pathsOf),
    ])
      if (!this.#files.has(file)) this.#files.set(file, -1);
    // The default is written only where no block says otherwise.
    if (configuration.http?.logs)
      for (const log of this.#default) if (this.#files.get(log.path) === -1 && path !== log.path) this.#files.delete(log.path);
  }

  /** Opens what isn't open yet. @returns what goes wrong */
  open(process: Process): string | undefined {
    for (const [path, fd] of this.#files) {
      if (fd >= 0) continue;
      const opened = process.open(path, { write: true, append: true, create: true });
      if (typeof opened === 'string') return `open() "${path}" failed (${ERRNO[opened]}: ${strerror(opened)})`;
      this.#files.set(path, opened);
    }
    return undefined;
  }

  /** SIGUSR1: files are opened again under their names. */
  reopen(process: Process): void {
    for (const [path, fd] of this.#files) if (path !== 'stderr') process.open(path, { write: true, append: true, create: true }, fd);
  }

  /** Whether a level is written. */
  wants(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.#level);
  }

  error(process: Process, level: Level, message: string, connection?: number): void {
    if (!this.wants(level)) return;
    const fd = this.#files.get(this.#errorPath) ?? 2;
    process.fds.get(fd)?.write(encode(logLine(process, level, message, connection)));
  }

  *access(process: Process, request: Request): Blocking<void> {
    for (const log of request.scope.nearest((scope) => scope.logs) ?? this.#default) {
      if (log.condition) {
        const value = request.expand(log.condition);
        if (value === '' || value === '0') continue;
      }
      const text = log.format.parts
        .map((part) => (typeof part === 'string' ? part : escapeLog(request.valueOf(part.variable) || '-')))
        .join('');
      const fd = this.#files.get(log.path);
      if (fd !== undefined) yield* process.write(fd, `${text}\n`);
    }
  }
}

/** Quotes, backslashes and control characters become `\xXX`. */
function escapeLog(text: string): string {
  return text.replace(/["\\\x00-\x1f\x7f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);
}

function pathsOf(scope: Scope | undefined): string[] {
  if (!scope) return [];
  const inner = [...scope.locations, ...scope.steps.flatMap((step) => (step.kind === 'if' ? [step.scope] : []))];
  return [...(scope.logs ?? []).map((log) => log.path), ...inner.flatMap(pathsOf)];
}
