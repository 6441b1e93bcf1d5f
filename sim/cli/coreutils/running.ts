import { strerror } from '../../base/errno.ts';
import { parseSignal, SIGNAL, type Signal } from '../../host/signal.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { become, start } from '../tool/execute.ts';
import { parseDuration } from '../tool/numbers.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Waits for a child, sending signals when its time is up. */
function* supervise(
  call: Call,
  child: { pid: number; signal(signal: Signal): void },
  plan: { signal: Signal; after: number; kill: number | undefined },
): Blocking<number> {
  const { process } = call;
  let expired = false;
  let deadline = process.host.now + plan.after;
  let next: Signal = plan.signal;
  for (;;) {
    const status = yield* process.wait({ pid: child.pid }, { nohang: true });
    if (typeof status === 'string') return 125;
    if (status) {
      if (!expired || call.has('preserve-status')) return status.kind === 'exited' ? status.code : 128 + status.code;
      return status.code === SIGNAL.SIGKILL && status.kind === 'signaled' ? 137 : 124;
    }
    if (process.host.now >= deadline) {
      expired = true;
      if (call.has('verbose')) yield* call.warn(`sending signal ${next.slice(3)} to command ${call.quote(call.operands[1] as string)}`, 0);
      child.signal(next);
      if (next !== 'SIGKILL') child.signal('SIGCONT');
      deadline = plan.kill === undefined ? Number.POSITIVE_INFINITY : process.host.now + plan.kill;
      next = 'SIGKILL';
      continue;
    }
    yield { on: [process.childChanged], ...(Number.isSafeInteger(Math.round(deadline)) ? { until: Math.round(deadline) } : {}) };
  }
}

export const timeout: Tool = {
  name: 'timeout',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... DURATION COMMAND [ARG]...'],
  about:
    'Run COMMAND and end it with SIGTERM if it still runs after DURATION (seconds, or with a suffix m, h, d). Status 124 tells that it was ended.',
  options: [
    flag('f', 'foreground', 'leave the command in this process group, as it always is'),
    valued('k', 'kill-after', 'DURATION', 'send SIGKILL too, so long after the first signal'),
    flag('p', 'preserve-status', 'end with the status of COMMAND even when it was ended'),
    valued('s', 'signal', 'SIGNAL', 'another signal than TERM'),
    flag('v', 'verbose', 'say which signal is sent'),
  ],
  usageStatus: 125,
  stopAtOperand: true,
  *main(call) {
    const [duration, ...argv] = call.operands;
    if (duration === undefined || argv.length === 0) return yield* call.badUsage('');
    const name = call.value('signal') ?? 'TERM';
    const signal = parseSignal(name);
    if (!signal) return yield* call.badUsage(`${call.quote(name)}: invalid signal`);
    const seconds = parseDuration(duration);
    if (seconds === undefined) return yield* call.badUsage(`invalid time interval ${call.quote(duration)}`);
    const killText = call.value('kill-after');
    const kill = killText === undefined ? undefined : parseDuration(killText);
    if (killText !== undefined && kill === undefined) return yield* call.badUsage(`invalid time interval ${call.quote(killText)}`);
    const child = start(call.process, argv);
    if (typeof child === 'string') {
      yield* call.warn(
        `${call.either(`failed to run command ${call.quote(argv[0] as string)}`, `can't execute '${argv[0]}'`)}: ${strerror(child)}`,
      );
      return child === 'ENOENT' ? 127 : 126;
    }
    // Signals that would end this process go to the command.
    for (const passed of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) call.process.onSignal(passed, (got) => child.signal(got));
    const after = seconds === 0 ? Number.POSITIVE_INFINITY : seconds * 1_000_000;
    return yield* supervise(call, child, { signal, after, kill: kill === undefined ? undefined : kill * 1_000_000 });
  },
};

export const nohup: Tool = {
  name: 'nohup',
  suite: 'GNU coreutils',
  usage: ['COMMAND [ARG]...', 'OPTION'],
  about: 'Run COMMAND so that it outlives the terminal. Output that would go to a terminal is appended to nohup.out.',
  options: [],
  usageStatus: 125,
  stopAtOperand: true,
  *main(call) {
    const { process } = call;
    const [command] = call.operands;
    if (command === undefined) return yield* call.missingOperand();
    const [inTty, outTty, errTty] = [0, 1, 2].map((fd) => terminalOf(process.fds.get(fd)) !== undefined);
    if (inTty) process.open('/dev/null', { write: true }, 0);
    if (outTty) {
      const fd = process.open('nohup.out', { write: true, append: true, create: true }, 1);
      if (typeof fd === 'string') return yield* call.fail(`failed to open 'nohup.out': ${strerror(fd)}`, 125);
      yield* call.warn(`${inTty ? 'ignoring input and ' : ''}appending output to 'nohup.out'`, 0);
    } else if (inTty || errTty)
      yield* call.warn(
        `${inTty ? 'ignoring input' : ''}${inTty && errTty ? ' and ' : ''}${errTty ? 'redirecting stderr to stdout' : ''}`,
        0,
      );
    if (errTty) process.dup(1, 2);
    process.onSignal('SIGHUP', 'ignore');
    return yield* become(call, call.operands, `failed to run command ${call.quote(command)}`);
  },
};

export const nice: Tool = {
  name: 'nice',
  suite: 'GNU coreutils',
  usage: ['[OPTION] [COMMAND [ARG]...]'],
  about: 'Run COMMAND with another niceness, or print the current one. Processes of the simulation are all equally nice.',
  options: [valued('n', 'adjustment', 'N', 'add N to the niceness, instead of 10')],
  usageStatus: 125,
  stopAtOperand: true,
  rewrite: (args) => (/^--?\d+$/.test(args[0] ?? '') ? ['-n', (args[0] as string).slice(1), ...args.slice(1)] : args),
  *main(call) {
    const adjustment = call.value('adjustment');
    if (adjustment !== undefined && !/^[-+]?\d+$/.test(adjustment))
      return yield* call.fail(`invalid adjustment ${call.quote(adjustment)}`, 125);
    const [command] = call.operands;
    if (command !== undefined) return yield* become(call, call.operands, call.quote(command));
    if (adjustment !== undefined) return yield* call.badUsage('a command must be given with an adjustment');
    yield* call.out.write('0\n');
    return 0;
  },
};
