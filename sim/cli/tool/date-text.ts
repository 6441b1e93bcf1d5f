import type { Micros } from '../../base/time.ts';
import { DAYS, daysOf, type Moment, MONTHS, moment, momentOf } from '../../base/calendar.ts';

const UNITS: Record<string, number> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};

/** What has been understood of a date so far. */
interface Reading {
  year: number;
  month: number;
  day: number;
  seconds: number;
  nanosecond: number;
  /** Seconds, months and days that relative items add. */
  plus: number;
  months: number;
  weekday: number | undefined;
  /** Seconds east of UTC. */
  zone: number;
}

type Rule = [RegExp, (reading: Reading, match: RegExpExecArray, now: Moment) => boolean | undefined];

function monthNumber(name: string): number {
  const wanted = name.toLowerCase();
  return (
    MONTHS.findIndex(
      (month) =>
        month.toLowerCase() === wanted || month.slice(0, 3).toLowerCase() === wanted || (wanted === 'sept' && month === 'September'),
    ) + 1
  );
}

function setDate(reading: Reading, year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > 31 || moment(daysOf(year, month, day) * 86_400).day !== day) return false;
  Object.assign(reading, { year, month, day, seconds: 0, nanosecond: 0 });
  return true;
}

/** Items of a date, tried in order at the beginning of what is left (gnulib parse-datetime, the items people write). */
const RULES: Rule[] = [
  [/^(\d{4})-(\d{1,2})-(\d{1,2})(?=$|[T\s])T?/i, (r, m) => setDate(r, Number(m[1]), Number(m[2]), Number(m[3]))],
  [
    /^(\d{1,2})\/(\d{1,2})(?:\/(\d{2,4}))?(?=$|\s)/,
    (r, m, now) => setDate(r, m[3] ? fullYear(m[3]) : now.year, Number(m[1]), Number(m[2])),
  ],
  [/^(\d{4})(\d\d)(\d\d)(?=$|\s)/, (r, m) => setDate(r, Number(m[1]), Number(m[2]), Number(m[3]))],
  [
    /^(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*([ap]\.?m\.?)?/i,
    (r, m) => {
      const half = m[5]?.[0]?.toLowerCase();
      const hour = half === undefined ? Number(m[1]) : (Number(m[1]) % 12) + (half === 'p' ? 12 : 0);
      if (hour > 23 || Number(m[2]) > 59 || Number(m[3] ?? 0) > 60) return false;
      r.seconds = hour * 3_600 + Number(m[2]) * 60 + Number(m[3] ?? 0);
      r.nanosecond = Number((m[4] ?? '').padEnd(9, '0'));
      return true;
    },
  ],
  [
    /^(\d{1,2})\s*([ap])\.?m\.?(?=$|\s)/i,
    (r, m) => {
      if (Number(m[1]) < 1 || Number(m[1]) > 12) return false;
      r.seconds = ((Number(m[1]) % 12) + ((m[2] as string).toLowerCase() === 'p' ? 12 : 0)) * 3_600;
      r.nanosecond = 0;
      return true;
    },
  ],
  [
    /^([-+])(\d\d):?(\d\d)?(?=$|\s)/,
    (r, m) => {
      r.zone = (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3_600 + Number(m[3] ?? 0) * 60);
      return true;
    },
  ],
  [/^(?:UTC|GMT|Z)(?=$|\s)/i, () => true],
  [/^(?:now|today)(?=$|\s)/i, () => true],
  [
    /^(yesterday|tomorrow)(?=$|\s)/i,
    (r, m) => {
      r.plus += (m[1] as string).toLowerCase() === 'tomorrow' ? 86_400 : -86_400;
      return true;
    },
  ],
  [
    /^(?:([-+]?\s*\d+)|(next|last|this|a|an))?\s*(sec|second|min|minute|hour|day|week|fortnight|month|year)s?(\s+ago)?(?=$|\s)/i,
    (r, m) => {
      const word = m[2]?.toLowerCase();
      const count = word === undefined ? Number((m[1] ?? '1').replace(/\s/g, '')) : word === 'last' ? -1 : word === 'this' ? 0 : 1;
      const signed = m[4] ? -count : count;
      const unit = (m[3] as string).toLowerCase();
      if (unit === 'month') r.months += signed;
      else if (unit === 'year') r.months += 12 * signed;
      else r.plus += signed * (UNITS[unit] as number);
      return true;
    },
  ],
  [
    /^(?:(\d{1,2})[\s-]+)?([A-Za-z]{3,9})\.?(?:[\s-]+(\d{1,2})(?!\d|:))?(?:,?[\s-]+(\d{4})(?![\d:]))?/,
    (r, m, now) => {
      const month = monthNumber(m[2] as string);
      const day = m[1] ?? m[3];
      if (month === 0 || day === undefined) return undefined;
      const { seconds, nanosecond } = r;
      const done = setDate(r, m[4] ? Number(m[4]) : now.year, month, Number(day));
      // A date in the middle of a text keeps the time that stood before it.
      if (seconds !== now.hour * 3_600 + now.minute * 60 + now.second) Object.assign(r, { seconds, nanosecond });
      return done;
    },
  ],
  [
    /^(?:next\s+|last\s+)?([A-Za-z]{3,9})\.?,?(?=$|\s)/i,
    (r, m) => {
      const wanted = (m[1] as string).toLowerCase();
      const day = DAYS.findIndex((name) => name.toLowerCase() === wanted || name.slice(0, 3).toLowerCase() === wanted);
      if (day < 0) return undefined;
      r.weekday = day;
      r.seconds = 0;
      r.nanosecond = 0;
      if (/^last/i.test(m[0])) r.plus -= 7 * 86_400;
      return true;
    },
  ],
];

function fullYear(text: string): number {
  return text.length > 2 ? Number(text) : Number(text) + (Number(text) < 69 ? 2000 : 1900);
}

/**
 * Reads a date as GNU `date -d` does: ISO dates and times, `@SECONDS`, month names, weekdays, `yesterday`, `2 days ago`.
 * Military time zones and names of zones other than UTC are not modelled.
 */
export function parseDate(text: string, nowMicros: Micros): Moment | undefined {
  const at = /^\s*@(-?\d+)(?:[.,](\d{1,9}))?\s*$/.exec(text);
  if (at) return moment(Number(at[1]), Number((at[2] ?? '').padEnd(9, '0')));
  const now = momentOf(nowMicros);
  const reading: Reading = {
    year: now.year,
    month: now.month,
    day: now.day,
    seconds: now.hour * 3_600 + now.minute * 60 + now.second,
    nanosecond: now.nanosecond,
    plus: 0,
    months: 0,
    weekday: undefined,
    zone: 0,
  };
  let rest = text.trim();
  if (rest === '') reading.seconds = reading.nanosecond = 0;
  while (rest !== '') {
    const length = readItem(rest, reading, now);
    if (length === undefined) return undefined;
    rest = rest.slice(length).replace(/^[\s,]+/, '');
  }
  return resolve(reading);
}

function readItem(text: string, reading: Reading, now: Moment): number | undefined {
  for (const [pattern, apply] of RULES) {
    const match = pattern.exec(text);
    const done = match && match[0] !== '' ? apply(reading, match, now) : undefined;
    if (done === false) return undefined;
    if (done) return (match as RegExpExecArray)[0].length;
  }
  return undefined;
}

function resolve(r: Reading): Moment {
  const months = r.year * 12 + r.month - 1 + r.months;
  let days = daysOf(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, r.day);
  if (r.weekday !== undefined) days += (r.weekday - ((((days + 4) % 7) + 7) % 7) + 7) % 7;
  return moment(days * 86_400 + r.seconds + r.plus - r.zone, r.nanosecond);
}
