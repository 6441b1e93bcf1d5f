import { strerror } from '../../base/errno.ts';
import { decode } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { currentUser } from '../tool/accounts.ts';
import { moment, momentOf, strftime } from '../../base/calendar.ts';
import { parseDuration } from '../tool/numbers.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';
import { usage } from './kill.ts';
import { processTable, stateLetter } from './table.ts';

/** The line that `uptime`, `top` and `w` begin with. Machines start with the world; load is not modelled and shown as zero. */
function uptimeLine(process: Process): string {
  const { host } = process;
  const minutes = Math.floor(host.now / SECOND / 60);
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24];
  const up = `${days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : ''}${hours > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`}`;
  const users = host.processes().filter((each) => each.pid === each.sid && each.tty).length;
  return `${strftime('%H:%M:%S', momentOf(host.now))} up ${up}, ${String(users).padStart(2)} user${users === 1 ? '' : 's'},  load average: 0.00, 0.00, 0.00`;
}

export const uptime: Tool = {
  name: 'uptime',
  suite: 'procps-ng',
  usage: ['[options]'],
  about: 'Print how long the machine has been running.',
  options: [flag('p', 'pretty', 'in words'), flag('s', 'since', 'since when')],
  *main(call) {
    const { host } = call.process;
    if (call.operands.length > 0 && !call.busybox) {
      yield* call.complain(usage(call));
      return 1;
    }
    const seconds = Math.floor(host.now / SECOND);
    if (call.has('since')) yield* call.out.text(`${strftime('%Y-%m-%d %H:%M:%S', moment(momentOf(0).epoch))}\n`);
    else if (call.has('pretty')) yield* call.out.text(`up ${pretty(seconds)}\n`);
    else yield* call.out.text(` ${uptimeLine(call.process)}\n`);
    return 0;
  },
};

function pretty(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 604_800), 'week'],
    [Math.floor(seconds / 86_400) % 7, 'day'],
    [Math.floor(seconds / 3_600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
  ];
  const shown = parts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}${count === 1 ? '' : 's'}`);
  return shown.length > 0 ? shown.join(', ') : '0 minutes';
}

export const w: Tool = {
  name: 'w',
  suite: 'procps-ng',
  usage: ['[options]'],
  about: 'Print who is logged in and what they run.',
  options: [flag('h', 'no-header', 'without the heading'), flag('s', 'short', 'ignored'), flag('f', 'from', 'ignored')],
  *main(call) {
    if (!call.has('no-header'))
      yield* call.out.text(` ${uptimeLine(call.process)}\nUSER     TTY      FROM             LOGIN@   IDLE   JCPU   PCPU  WHAT\n`);
    const user = currentUser(call.process);
    for (const session of call.process.host.processes()) {
      if (session.pid !== session.sid || !session.tty) continue;
      const front = call.process.host.processes().findLast((each) => each.pgid === session.tty?.foreground) ?? session;
      const time = strftime('%H:%M', momentOf(session.started));
      yield* call.out.text(
        `${user.padEnd(8)} ${`pts/${session.tty.number}`.padEnd(8)} ${'-'.padEnd(16)} ${time}    0.00s  0.00s  0.00s ${front.commandLine.join(' ')}\n`,
      );
    }
    return 0;
  },
};

/** One page of `top -b`. */
function page(viewer: Process): string {
  const rows = processTable(viewer);
  const count = (letters: string) => rows.filter((row) => letters.includes(stateLetter(row.process, viewer))).length;
  const user = currentUser(viewer).padEnd(8).slice(0, 8);
  const lines = rows.map(
    ({ pid, process }) =>
      `${String(pid).padStart(7)} ${user}  20   0       0      0      0 ${stateLetter(process, viewer)}   0.0   0.0   0:00.00 ${process.name}`,
  );
  return [
    `top - ${uptimeLine(viewer)}`,
    `Tasks: ${rows.length} total, ${count('R')} running, ${count('S')} sleep, 0 d-sleep, ${count('T')} stopped, ${count('Z')} zombie`,
    '%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st ',
    '',
    '    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND',
    ...lines,
    '',
  ].join('\n');
}

export const top: Tool = {
  name: 'top',
  suite: 'procps-ng',
  usage: ['-b [options]'],
  about: 'Print the processes again and again. Only batch mode is modelled; memory and processor time are shown as zero.',
  options: [
    flag('b', 'batch-mode', 'print pages one after the other'),
    valued('d', 'delay', 'SECONDS', 'wait so long between pages, instead of 3'),
    valued('n', 'iterations', 'NUMBER', 'so many pages'),
    unmodelled('H', 'threads-show'),
    { ...unmodelled('p', 'pid'), argument: 'required' },
    { ...unmodelled('u', 'filter-only-euser'), argument: 'required' },
  ],
  *main(call) {
    if (!call.has('batch-mode')) return yield* call.fail('the full-screen display is not modelled, use -b (see sim/FIDELITY.md)');
    const delay = parseDuration(call.value('delay') ?? '3');
    const pages = call.value('iterations');
    if (delay === undefined) return yield* call.fail(`bad delay interval '${call.value('delay')}'`);
    if (pages !== undefined && !/^[1-9]\d*$/.test(pages)) return yield* call.fail(`bad iterations argument '${pages}'`);
    for (let n = 1; ; n++) {
      yield* call.out.text(`${n > 1 ? '\n' : ''}${page(call.process)}`);
      yield* call.out.flush();
      if (n === Number(pages ?? 0) || call.out.error) return 0;
      yield* call.process.sleep(Math.max(delay * 1_000_000, 10_000));
    }
  },
};

const UNITS: Record<string, number> = { bytes: 1, kibi: 1_024, mebi: 1_048_576, gibi: 1_073_741_824 };

/** Kilobytes by name from /proc/meminfo. */
function* memory(process: Process): Blocking<Map<string, number> | undefined> {
  const bytes = yield* process.readFile('/proc/meminfo');
  if (typeof bytes === 'string') return undefined;
  return new Map([...decode(bytes).matchAll(/^(\w+):\s*(\d+)/gm)].map(([, name, value]) => [name as string, Number(value)]));
}

export const free: Tool = {
  name: 'free',
  suite: 'procps-ng',
  usage: ['[options]'],
  about: 'Print how much memory there is, from /proc/meminfo.',
  options: [
    flag('b', 'bytes', 'in bytes'),
    flag('k', 'kibi', 'in kilobytes, as anyway'),
    flag('m', 'mebi', 'in megabytes'),
    flag('g', 'gibi', 'in gigabytes'),
    flag('h', 'human', 'as 1.5Gi'),
    flag('t', 'total', 'with the sums'),
    unmodelled('w', 'wide'),
    { ...unmodelled('s', 'seconds'), argument: 'required' },
  ],
  *main(call) {
    const info = yield* memory(call.process);
    if (!info) return yield* call.fail(`cannot read /proc/meminfo: ${strerror('ENOENT')}`);
    const get = (name: string) => info.get(name) ?? 0;
    const unit = UNITS[call.last('bytes', 'kibi', 'mebi', 'gibi') ?? 'kibi'] as number;
    const show = (kilobytes: number) =>
      (call.has('human') ? human(kilobytes * 1024) : String(Math.floor((kilobytes * 1024) / unit))).padStart(12);
    const cache = get('Buffers') + get('Cached') + get('SReclaimable');
    const rows: [string, number[]][] = [
      ['Mem:', [get('MemTotal'), get('MemTotal') - get('MemAvailable'), get('MemFree'), get('Shmem'), cache, get('MemAvailable')]],
      ['Swap:', [get('SwapTotal'), get('SwapTotal') - get('SwapFree'), get('SwapFree')]],
    ];
    if (call.has('total')) rows.push(['Total:', [0, 1, 2].map((i) => (rows[0]?.[1][i] ?? 0) + (rows[1]?.[1][i] ?? 0))]);
    yield* call.out.text('               total        used        free      shared  buff/cache   available\n');
    for (const [name, values] of rows) yield* call.out.text(`${name.padEnd(8)}${values.map(show).join('')}\n`);
    return 0;
  },
};

function human(bytes: number): string {
  let value = bytes;
  let power = 0;
  while (value >= 1024) {
    value /= 1024;
    power++;
  }
  return power === 0 ? `${value}B` : `${value < 10 ? (Math.floor(value * 10) / 10).toFixed(1) : Math.floor(value)}${'KMGTP'[power - 1]}i`;
}
