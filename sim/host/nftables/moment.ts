import { daysOf, moment, strftime } from '../../base/calendar.ts';
import type { DataType } from './datatype.ts';

const DAY = 86_400;
const MICROSECONDS = 1_000_000;

/** A date, with a time or without, as microseconds since 1970 (src/meta.c `date_type_parse`). The clock's zone is UTC. */
function parse(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) * MICROSECONDS;
  const match = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  if (month < 1 || month > 12 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return (daysOf(year, month, day) * DAY + hours * 3600 + minutes * 60 + seconds) * MICROSECONDS;
}

/** When a packet came: `"2024-06-06 17:00:00"`. */
export const MOMENT: DataType = {
  name: 'time',
  description: 'Relative time of packet reception',
  bits: 64,
  perLine: 1,
  parse: (text) => parse(text) ?? { bad: 'Cannot parse date' },
  show(value) {
    const seconds = Math.floor(Number(value) / MICROSECONDS);
    return `"${strftime('%Y-%m-%d %H:%M:%S', moment(seconds))}"`;
  },
};
