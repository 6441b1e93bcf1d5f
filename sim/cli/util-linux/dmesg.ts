import { momentOf, strftime } from '../../base/calendar.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { type Blocking, WaitQueue } from '../../host/wait.ts';
import type { LogLine } from '../../kernel/log.ts';
import type { Call } from '../tool/call.ts';
import { flag, optional, type Tool, unmodelled, valued } from '../tool/tool.ts';

const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const FACILITIES = ['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'];
const FORMATS = ['delta', 'reltime', 'ctime', 'notime', 'iso', 'raw'] as const;
type TimeFormat = (typeof FORMATS)[number] | 'seconds';

/** `dmesg` (dmesg(1)): the kernel's log. All of it is the kernel's own: nobody writes to /dev/kmsg. */
export const dmesg: Tool = {
  name: 'dmesg',
  paths: ['/usr/bin/dmesg'],
  suite: 'util-linux 2.42.4',
  usage: ['[options]'],
  about: 'Display or control the kernel ring buffer.',
  options: [
    flag('C', 'clear', 'clear the kernel ring buffer'),
    flag('c', 'read-clear', 'read and clear all messages'),
    valued('f', 'facility', 'list', 'restrict output to defined facilities'),
    flag('H', 'human', 'human readable output'),
    flag('k', 'kernel', 'display kernel messages'),
    optional('L', 'color', 'when', 'colorize messages; output has no colours here'),
    valued('l', 'level', 'list', 'restrict output to defined levels'),
    flag('P', 'nopager', 'do not pipe output into a pager'),
    flag('r', 'raw', 'print the raw message buffer'),
    flag('S', 'syslog', 'force to use syslog(2) rather than /dev/kmsg'),
    flag('u', 'userspace', 'display userspace messages'),
    flag('w', 'follow', 'wait for new messages'),
    flag('W', 'follow-new', 'wait and print only new messages'),
    flag('x', 'decode', 'decode facility and level to readable string'),
    flag('d', 'show-delta', 'show time delta between printed messages'),
    flag('e', 'reltime', 'show local time and time delta in readable format'),
    flag('T', 'ctime', 'show human-readable timestamp (may be inaccurate!)'),
    flag('t', 'notime', "don't show any timestamp with messages"),
    valued('', 'time-format', 'format', 'show timestamp using the given format'),
    ...(
      [
        ['D', 'console-off'],
        ['E', 'console-on'],
        ['F', 'file'],
        ['K', 'kmsg-file'],
        ['J', 'json'],
        ['n', 'console-level'],
        ['p', 'force-prefix'],
        ['', 'noescape'],
        ['s', 'buffer-size'],
        ['', 'since'],
        ['', 'until'],
      ] as const
    ).map(([short, long]) => unmodelled(short, long)),
  ],
  *main(call) {
    if (call.operands.length > 0) {
      yield* call.warn('bad usage');
      yield* call.process.write(2, "Try 'dmesg --help' for more information.\n");
      return 1;
    }
    const levels = yield* chosen(call, 'level', LEVELS);
    const facilities = yield* chosen(call, 'facility', FACILITIES);
    const format = yield* timeFormat(call);
    if (!levels || !facilities || !format) return 1;
    const { log } = call.process.namespaces.net.kernel;
    if (call.has('clear')) {
      log.clear();
      return 0;
    }
    const wanted = (line: LogLine) =>
      levels.has(LEVELS[line.level] as string) && facilities.has('kern') && (call.has('kernel') || !call.has('userspace'));
    const printer = new Printer(call, format);
    const lines = call.has('follow-new') ? [] : log.lines().filter(wanted);
    for (const line of lines) yield* call.out.text(printer.text(line));
    if (call.has('read-clear')) log.clear();
    if (call.has('follow') || call.has('follow-new')) yield* follow(call, printer, wanted);
    return 0;
  },
};

/** The names that an option lists; all of them when it isn't given. */
function* chosen(call: Call, option: 'level' | 'facility', known: readonly string[]): Blocking<ReadonlySet<string> | undefined> {
  const list = call.value(option);
  if (list === undefined) return new Set(known);
  const names = new Set<string>();
  for (const word of list.split(',')) {
    // `warn+` is warn and whatever is graver, `+warn` warn and whatever is less so.
    const at = known.indexOf(word.replace(/^\+|\+$/g, ''));
    if (at < 0) {
      yield* call.warn(`unknown ${option} '${word}'`);
      return undefined;
    }
    const [from, to] = word.endsWith('+') ? [0, at] : word.startsWith('+') ? [at, known.length - 1] : [at, at];
    for (const name of known.slice(from, to + 1)) names.add(name);
  }
  return names;
}

function* timeFormat(call: Call): Blocking<TimeFormat | undefined> {
  const named = call.value('time-format');
  if (named !== undefined) {
    const format = FORMATS.find((one) => one === named);
    if (!format) yield* call.warn(`unknown time format: ${named}`);
    return format;
  }
  if (call.has('ctime')) return 'ctime';
  if (call.has('notime')) return 'notime';
  if (call.has('show-delta')) return 'delta';
  return call.has('reltime', 'human') ? 'reltime' : 'seconds';
}

/** New lines as they come, until a signal. */
function* follow(call: Call, printer: Printer, wanted: (line: LogLine) => boolean): Blocking<void> {
  const { log } = call.process.namespaces.net.kernel;
  const queue: string[] = [];
  const arrived = new WaitQueue();
  const listener = (line: LogLine) => {
    if (!wanted(line)) return;
    queue.push(printer.text(line));
    arrived.wake();
  };
  log.listeners.add(listener);
  call.process.onExit.push(() => log.listeners.delete(listener));
  for (;;) {
    yield* call.out.flush();
    for (const text of queue.splice(0)) yield* call.process.write(1, text);
    yield { on: [arrived] };
  }
}

/** Writes lines; differences are to the line before. */
class Printer {
  readonly #call: Call;
  readonly #format: TimeFormat;
  #last: Micros | undefined;
  #minute = -1;

  constructor(call: Call, format: TimeFormat) {
    this.#call = call;
    this.#format = format;
  }

  text(line: LogLine): string {
    if (this.#call.has('raw')) return `<${line.level}>[${seconds(line.time)}] ${line.text}\n`;
    const level = LEVELS[line.level] as string;
    const decoded = this.#call.has('decode') ? `${'kern'.padEnd(6)}:${level.padEnd(6)}: ` : '';
    return `${decoded}${this.#stamp(line.time)}${line.text}\n`;
  }

  #stamp(time: Micros): string {
    const since = time - (this.#last ?? time);
    this.#last = time;
    switch (this.#format) {
      case 'notime':
        return '';
      case 'ctime':
        return `[${strftime('%a %b %e %H:%M:%S %Y', momentOf(time))}] `;
      case 'iso':
        return `${strftime('%Y-%m-%dT%H:%M:%S', momentOf(time))},${String(time % SECOND).padStart(6, '0')}+00:00 `;
      case 'delta':
        return `[${seconds(time)} <${(since / SECOND).toFixed(6).padStart(12)}>] `;
      case 'reltime': {
        const minute = Math.floor(time / (60 * SECOND));
        const anew = minute !== this.#minute;
        this.#minute = minute;
        return anew ? `[${strftime('%b%e %H:%M', momentOf(time))}] ` : `[${`+${(since / SECOND).toFixed(6)}`.padStart(11)}] `;
      }
      default:
        return `[${seconds(time)}] `;
    }
  }
}

/** Seconds since the machine started, as the kernel's log has them. */
function seconds(time: Micros): string {
  return `${String(Math.floor(time / SECOND)).padStart(5)}.${String(time % SECOND).padStart(6, '0')}`;
}
