import { type Micros, SECOND } from '../../base/time.ts';

/** How far a transfer is. */
export interface Progress {
  received: number;
  /** Of the body, if the server says so. */
  expected: number | undefined;
  sent: number;
  toSend: number;
  /** Since the start. */
  elapsed: Micros;
}

/** The two lines above curl's progress meter. */
export const METER_HEAD =
  '  % Total    % Received % Xferd  Average Speed  Time    Time    Time   Current\n' +
  '                                 Dload  Upload  Total   Spent   Left   Speed\n';

/** One state of the meter, written over the one before (lib/progress.c). */
export function meterLine({ received, expected, sent, toSend, elapsed }: Progress): string {
  const speed = (bytes: number): number => (elapsed > 0 ? Math.floor((bytes * SECOND) / elapsed) : 0);
  const total = (expected ?? received) + toSend;
  const down = speed(received);
  const up = speed(sent);
  const left = total > 0 && down + up > 0 && elapsed >= SECOND ? Math.ceil((total - received - sent) / (down + up)) : undefined;
  const spent = Math.floor(elapsed / SECOND);
  const columns: [string | number, number][] = [
    [percent(received + sent, total), 3],
    [size(total), 6],
    [percent(received, expected ?? received), 3],
    [size(received), 6],
    [percent(sent, toSend), 3],
    [size(sent), 6],
    [size(down), 6],
    [size(up), 6],
    [left === undefined ? '' : clock(spent + left), 7],
    [spent === 0 ? '' : clock(spent), 7],
    [left === undefined || left === 0 ? '' : clock(left), 7],
    [size(elapsed >= SECOND ? down : 0), 6],
  ];
  return `\r${columns.map(([text, width]) => String(text).padStart(width)).join(' ')}`;
}

/** The bar of -# at the end of a transfer, as wide as a terminal of 79 columns. */
export function barLine(received: number, expected: number | undefined): string {
  const WIDTH = 72;
  const part = expected ? Math.min(received / expected, 1) : 1;
  return `\r${'#'.repeat(Math.floor(WIDTH * part)).padEnd(WIDTH)} ${(part * 100).toFixed(1).padStart(5)}%`;
}

function percent(part: number, whole: number): number {
  return whole > 0 ? Math.floor((part * 100) / whole) : 0;
}

/** At most six characters: digits, or a number with one decimal and a unit. */
function size(bytes: number): string {
  if (bytes < 100_000) return String(bytes);
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1000; unit++) value /= 1024;
  return `${(Math.floor(value * 10) / 10).toFixed(1)}${'kMGTPE'[unit]}`;
}

/** `00:05`, or `01:02:03` from an hour on. */
function clock(seconds: number): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${two(hours)}:${two(minutes)}:${two(seconds % 60)}` : `${two(minutes)}:${two(seconds % 60)}`;
}
