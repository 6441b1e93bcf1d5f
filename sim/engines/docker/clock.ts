import { EPOCH_SECONDS, type Micros, SECOND } from '../../base/time.ts';

/** What Go prints for a time that was never set. */
export const NEVER = '0001-01-01T00:00:00Z';

/** Virtual time → seconds since 1970, as the API's integer timestamps. */
export function unixSeconds(at: Micros): number {
  return EPOCH_SECONDS + Math.floor(at / SECOND);
}

/** Virtual time → RFC 3339 with up to nanoseconds, trailing zeros cut, in UTC (Go's `time.RFC3339Nano`). */
export function rfc3339(at: Micros): string {
  const { year, month, day, hour, minute, second } = calendar(unixSeconds(at));
  const fraction = String(((at % SECOND) + SECOND) % SECOND)
    .padStart(6, '0')
    .replace(/0+$/, '');
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** RFC 3339 text in UTC → seconds since 1970 with a fraction; `undefined` when it isn't one. */
export function parseRfc3339(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  return daysFromCivil(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second + Number(match[7] ?? 0);
}

export interface CalendarTime {
  year: number;
  /** 1 to 12 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/** Seconds since 1970 → calendar in UTC. */
export function calendar(seconds: number): CalendarTime {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  // Count in eras of 400 years that start on 1 March, so that the leap day is an era's and a year's last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1,
    hour: Math.floor(rest / 3_600),
    minute: Math.floor(rest / 60) % 60,
    second: Math.floor(rest % 60),
  };
}

/** `2026-11-22 15:50:03`, for the `CreatedAt` columns. */
export function plainDate(seconds: number): string {
  const { year, month, day, hour, minute, second } = calendar(Math.floor(seconds));
  return `${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
