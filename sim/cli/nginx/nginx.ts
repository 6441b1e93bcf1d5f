import { decode } from '../../base/bytes.ts';
import { ERRNO, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Signal } from '../../host/signal.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { type Level, logLine, Logs } from './log.ts';
import { Master, openListeners } from './master.ts';
import { VERSION } from './pages.ts';
import type { Listener } from './worker.ts';
import { ConfigError } from './tokens.ts';
import { HELP, parseArguments, type Settings } from './arguments.ts';

/** The web server of the nginx image, 1.30.6; no host has it installed. */
export const nginxCommand: Command = { name: 'nginx', paths: [], run: nginx };

const BUILT =
  'built by gcc 16.2.0 (Debian 16.2.0-3) \nbuilt with OpenSSL 3.6.5 29 Sep 2026\nTLS SNI support enabled\nconfigure arguments: --prefix=/usr/share/nginx --conf-path=/etc/nginx/nginx.conf --http-log-path=/var/log/nginx/access.log --error-log-path=stderr --lock-path=/var/lock/nginx.lock --pid-path=/run/nginx.pid --modules-path=/usr/lib/nginx/modules --with-http_stub_status_module\n';

function* complain(process: Process, level: Level, message: string): Blocking<void> {
  yield* process.write(2, logLine(process, level, message));
}

function* nginx(process: Process): Blocking<number> {
  const settings = parseArguments(process.argv.slice(1));
  if ('error' in settings) {
    yield* process.write(2, `nginx: ${settings.error}\n`);
    return 1;
  }
  if (settings.version || settings.help) {
    yield* process.write(2, `nginx version: nginx/${VERSION}\n${settings.help ? HELP : settings.version === 'long' ? BUILT : ''}`);
    return 0;
  }
  if (settings.signal) return yield* sendSignal(process, settings, settings.signal);
  if (settings.test) return yield* test(process, settings);
  const ready = yield* prepare(process, settings, false);
  if (!ready) return 1;
  const { configuration } = ready;
  const daemon = configuration.main.on('daemon', true);
  const run = function* (self: Process): Blocking<number> {
    const written = yield* writePid(self, configuration.pid);
    if (written) return 1;
    return yield* new Master(self, settings.path, settings.globals, ready).run();
  };
  if (!daemon) return yield* run(process);
  const child = process.fork(
    function* (self) {
      for (const fd of [0, 1]) self.open('/dev/null', { read: true, write: true }, fd);
      return yield* run(self);
    },
    { session: { tty: undefined } },
  );
  return typeof child === 'string' ? 1 : 0;
}

function* writePid(process: Process, path: string): Blocking<boolean> {
  const fd = process.open(path, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') {
    yield* complain(process, 'emerg', `open() "${path}" failed (${ERRNO[fd]}: ${strerror(fd)})`);
    return true;
  }
  yield* process.write(fd, `${process.nspid}\n`);
  process.close(fd);
  return false;
}

/** Reads the configuration and opens what it needs; complains and gives up where it can't. */
function* prepare(
  process: Process,
  settings: Settings,
  testing: boolean,
): Blocking<{ configuration: Configuration; listeners: Listener[]; logs: Logs } | undefined> {
  const configuration = yield* readConfiguration(process, settings.path, settings.globals);
  if (configuration instanceof ConfigError) {
    yield* complain(process, 'emerg', configuration.message);
    return undefined;
  }
  for (const warning of configuration.warnings) yield* complain(process, 'warn', warning);
  if (testing && !settings.quiet) yield* process.write(2, `nginx: the configuration file ${settings.path} syntax is ok\n`);
  const wrong = (yield* checkUser(process, configuration)) ?? checkEvents(configuration);
  const logs = new Logs(configuration, configuration.accessLogs);
  const problem = wrong ?? logs.open(process);
  if (problem) {
    yield* complain(process, 'emerg', problem);
    return undefined;
  }
  const listeners = yield* openListeners(process, configuration, [], (level, message) => complain(process, level, message), testing);
  return listeners ? { configuration, listeners, logs } : undefined;
}

/** The user that workers run as must exist, though every process here is root. */
function* checkUser(process: Process, configuration: Configuration): Blocking<string | undefined> {
  const [user = 'nobody', group] = configuration.main.values.get('user') ?? [];
  const known = function* (file: string, name: string): Blocking<boolean> {
    const bytes = yield* process.readFile(file);
    return (
      typeof bytes !== 'string' &&
      decode(bytes)
        .split('\n')
        .some((line) => line.startsWith(`${name}:`))
    );
  };
  if (!(yield* known('/etc/passwd', user))) return `getpwnam("${user}") failed`;
  const wanted = group ?? (user === 'nobody' ? 'nogroup' : user);
  return (yield* known('/etc/group', wanted)) ? undefined : `getgrnam("${wanted}") failed`;
}

function checkEvents(configuration: Configuration): string | undefined {
  return configuration.main.given.has('events') ? undefined : 'no "events" section in configuration';
}

/** `-t` and `-T`. */
function* test(process: Process, settings: Settings): Blocking<number> {
  const ready = yield* prepare(process, settings, true);
  if (!ready) {
    yield* process.write(2, `nginx: configuration file ${settings.path} test failed\n`);
    return 1;
  }
  if (!settings.quiet) yield* process.write(2, `nginx: configuration file ${settings.path} test is successful\n`);
  if (settings.test === 'dump')
    for (const { path, text } of ready.configuration.files) yield* process.write(1, `# configuration file ${path}:\n${text}\n`);
  return 0;
}

const SIGNALS: Readonly<Record<string, Signal>> = { stop: 'SIGTERM', quit: 'SIGQUIT', reopen: 'SIGUSR1', reload: 'SIGHUP' };

/** `-s`: tells the master whose number is in the pid file. */
function* sendSignal(process: Process, settings: Settings, name: string): Blocking<number> {
  const configuration = yield* readConfiguration(process, settings.path, settings.globals);
  if (configuration instanceof ConfigError) {
    yield* complain(process, 'emerg', configuration.message);
    return 1;
  }
  yield* complain(process, 'notice', 'signal process started');
  const path = configuration.pid;
  const bytes = yield* process.readFile(path);
  if (typeof bytes === 'string') {
    yield* complain(process, 'error', `open() "${path}" failed (${ERRNO[bytes]}: ${strerror(bytes)})`);
    return 1;
  }
  const text = decode(bytes).trim();
  if (!/^\d+$/.test(text)) {
    yield* complain(process, 'error', `invalid PID number "${text}" in "${path}"`);
    return 1;
  }
  const target = process.namespaces.pid.processes.get(Number(text));
  if (!target || target.state === 'zombie') {
    yield* complain(process, 'alert', `kill(${text}, ${{ stop: 15, quit: 3, reopen: 10, reload: 1 }[name]}) failed (3: No such process)`);
    return 1;
  }
  target.signal(SIGNALS[name] as Signal);
  return 0;
}
