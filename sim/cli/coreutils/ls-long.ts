import { Symlink } from '../../host/inode.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import type { Call } from '../tool/call.ts';
import { currentUser } from '../tool/accounts.ts';
import { diskUse, linkCount, stat } from '../tool/filesystem.ts';
import { modeString } from '../tool/mode.ts';
import { humanSize } from '../tool/numbers.ts';
import { anyQuoted, type Entry, shownName } from './ls-entry.ts';

/** Half a Gregorian year: older files show their year instead of the time. */
const HALF_YEAR_SECONDS = 31_556_952 / 2;

/** Major and minor numbers of the devices that every Linux has (Documentation/admin-guide/devices.txt). */
const DEVICE_NUMBERS: Record<string, [number, number]> = {
  '/dev/null': [1, 3],
  '/dev/zero': [1, 5],
  '/dev/full': [1, 7],
  '/dev/random': [1, 8],
  '/dev/urandom': [1, 9],
  '/dev/tty': [5, 0],
  '/dev/console': [5, 1],
  '/dev/ptmx': [5, 2],
};

/** The device's numbers by its path; `undefined` for a device that Linux does not number so. */
export function deviceNumbers(call: Call, path: string): [number, number] | undefined {
  const target = call.process.namespaces.mnt.resolve(call.process, path);
  const real = typeof target === 'string' ? path : target.path;
  const terminal = /^\/dev\/pts\/(\d+)$/.exec(real);
  return terminal ? [136, Number(terminal[1])] : DEVICE_NUMBERS[real];
}

function size(call: Call, entry: Entry): string {
  if (entry.inode.kind === 'device') {
    const [major, minor] = deviceNumbers(call, entry.path) ?? [0, 0];
    return `${major}, ${minor}`;
  }
  return call.has('human-readable')
    ? humanSize(entry.inode.size)
    : call.has('si')
      ? humanSize(entry.inode.size, 1000)
      : String(entry.inode.size);
}

function time(call: Call, entry: Entry): string {
  const moment = momentOf(entry.inode.modified);
  const style = call.has('full-time') ? 'full-iso' : call.value('time-style');
  if (style === 'full-iso') return strftime('%Y-%m-%d %H:%M:%S.%N %z', moment);
  if (style === 'long-iso') return strftime('%Y-%m-%d %H:%M', moment);
  if (style?.startsWith('+')) return strftime(style.slice(1), moment);
  const age = momentOf(call.process.host.now).epoch - moment.epoch;
  const recent = age >= 0 && age < HALF_YEAR_SECONDS;
  if (style === 'iso') return strftime(recent ? '%m-%d %H:%M' : '%Y-%m-%d ', moment);
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', moment);
}

/** The lines of `ls -l` for some entries, columns aligned among them. */
export function longLines(call: Call, entries: readonly Entry[]): string[] {
  const user = currentUser(call.process);
  const numeric = call.has('numeric-uid-gid');
  const owner = [call.has('g') ? [] : [numeric ? '0' : user], call.has('no-group', 'o') ? [] : [numeric ? '0' : 'root']].flat();
  const rows = entries.map((entry) => ({
    inode: String(call.process.host.inodeNumber(entry.inode)),
    blocks: blocks(call, diskUse(entry.inode)),
    links: String(linkCount(call.process, entry.inode)),
    size: size(call, entry),
    entry,
  }));
  const width = (pick: (row: (typeof rows)[0]) => string) => Math.max(0, ...rows.map((row) => pick(row).length));
  const widths = { inode: width((r) => r.inode), blocks: width((r) => r.blocks), links: width((r) => r.links), size: width((r) => r.size) };
  const style = { marksLinks: false, aligned: anyQuoted(call, entries) };
  return rows.map((row) => {
    const { entry } = row;
    const columns = [
      ...(call.has('inode') ? [row.inode.padStart(widths.inode)] : []),
      ...(call.has('size') ? [row.blocks.padStart(widths.blocks)] : []),
      modeString(entry.inode),
      call.busybox ? row.links.padStart(5) : row.links.padStart(widths.links),
      ...(call.busybox ? owner.map((name) => name.padEnd(8)) : owner),
      call.busybox ? row.size.padStart(9) : row.size.padStart(widths.size),
      time(call, entry),
    ];
    return `${columns.join(' ')} ${shownName(call, entry, style).text}${arrow(call, entry)}`;
  });
}

export function blocks(call: Call, kilobytes: number): string {
  return call.has('human-readable') ? humanSize(kilobytes * 1024) : call.has('si') ? humanSize(kilobytes * 1024, 1000) : String(kilobytes);
}

function arrow(call: Call, entry: Entry): string {
  if (!(entry.inode instanceof Symlink)) return '';
  const inode = stat(call.process, entry.path);
  if (typeof inode === 'string' || !call.has('classify')) return ` -> ${entry.inode.target}`;
  return ` -> ${shownName(call, { name: entry.inode.target, path: entry.path, inode }).text}`;
}
