import type { LinkInfo } from '../../host/netlink/messages.ts';
import type { Report } from './report.ts';
import type { Tool } from './tool.ts';

const WIDTHS = ['*X errors:', 'packets', 'errors', 'dropped', 'heartbt', 'overrun'].map((head) => head.length);

/** `ip -s link`: two tables, four with `-s -s`; columns grow with their numbers (`print_stats64`). */
export function printStatistics(tool: Tool, report: Report, link: LinkInfo): void {
  const { stats } = link;
  const rx = [stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped, 0, stats.rxMulticast];
  const tx = [stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped, stats.txCarrier, stats.txCollisions];
  const more = tool.options.stats > 1;
  const transitions = stats.carrierUps + stats.carrierDowns;
  if (report.json) return reportJson(report, rx, tx, more ? transitions : undefined);
  const widths = WIDTHS.map((width, i) => (tool.options.human ? width : Math.max(width, String(rx[i]).length, String(tx[i]).length)));
  const nl = tool.newline;
  const row = (cells: readonly string[], from: number) => cells.map((cell, i) => cell.padStart(widths[i + from] as number)).join(' ');
  const numbers = (values: readonly number[], from: number) =>
    `${row(
      values.map((value) => shown(tool, value)),
      from,
    )} `;
  const errorIndent = ' '.repeat((widths[0] as number) + 5);
  const head = (label: string, names: readonly string[]) =>
    `    ${label} ${'bytes'.padStart((widths[0] as number) - 4)} ${row(names, 1)} ${' '.repeat('compressed'.length)}${nl}    `;
  const errors = (label: string, names: readonly string[], last = 0) =>
    `${nl}    ${label}${' '.repeat((widths[0] as number) - 10)} ${row(names, 1)}${nl}${errorIndent}${numbers([0, 0, 0, 0, last], 1)}`;
  let text = head('RX:', ['packets', 'errors', 'dropped', 'missed', 'mcast']) + numbers(rx, 0);
  if (more) text += errors('RX errors:', ['length', 'crc', 'frame', 'fifo', 'overrun']);
  text += nl + head('TX:', ['packets', 'errors', 'dropped', 'carrier', 'collsns']) + numbers(tx, 0);
  if (more) text += errors('TX errors:', ['aborted', 'fifo', 'window', 'heartbt', 'transns'], transitions);
  report.text(text);
}

function reportJson(report: Report, rx: readonly number[], tx: readonly number[], transitions: number | undefined): void {
  const put = (names: readonly string[], values: readonly number[]) => {
    for (const [i, name] of names.entries()) report.data(name, values[i] ?? 0);
  };
  report.object('stats64', () => {
    report.object('rx', () => {
      put(['bytes', 'packets', 'errors', 'dropped', 'over_errors', 'multicast'], rx);
      if (transitions !== undefined) put(['length_errors', 'crc_errors', 'frame_errors', 'fifo_errors', 'missed_errors'], []);
    });
    report.object('tx', () => {
      put(['bytes', 'packets', 'errors', 'dropped', 'carrier_errors', 'collisions'], tx);
      if (transitions !== undefined)
        put(['aborted_errors', 'fifo_errors', 'window_errors', 'heartbeat_errors', 'carrier_changes'], [0, 0, 0, 0, transitions]);
    });
  });
}

/** A count, with `-h` in thousands and `-iec` in 1024s (`print_num`). */
function shown(tool: Tool, count: number): string {
  const base = tool.options.iec ? 1024 : 1000;
  if (!tool.options.human || count < base) return String(count);
  let power = base;
  let unit = 0;
  while (count / base >= power && unit < 5) {
    power *= base;
    unit++;
  }
  let precision = 2;
  for (let limit = 10; precision > 0; precision--, limit *= 10) if (Math.floor(count / power) < limit) break;
  return `${(count / power).toFixed(precision)}${'kMGTPE'[unit]}${tool.options.iec ? 'i' : ''}`;
}
