import { EPOCH_SECONDS, type Micros, SECOND } from './time.ts';

/** A moment in UTC, the only time zone of the simulated machines. */
export interface Moment {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  /** 0 is Sunday. */
  weekday: number;
  /** 1 is the first of January. */
  yearDay: number;
  /** Seconds since 1970. */
  epoch: number;
}

export const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
export function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468;
}

function civil(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted + (shifted < 10 ? 3 : -9);
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1 };
}

/** The calendar moment of seconds since 1970. */
export function moment(epoch: number, nanosecond = 0): Moment {
  const days = Math.floor(epoch / 86_400);
  const rest = epoch - days * 86_400;
  const date = civil(days);
  return {
    ...date,
    hour: Math.floor(rest / 3_600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    nanosecond,
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysOf(date.year, 1, 1) + 1,
    epoch,
  };
}

/** The moment of a virtual time. */
export function momentOf(time: Micros): Moment {
  return moment(EPOCH_SECONDS + Math.floor(time / SECOND), (time % SECOND) * 1_000);
}

/** ISO 8601 week number and its year. */
function isoWeek(m: Moment): { year: number; week: number } {
  const weekday = (m.weekday + 6) % 7;
  const thursday = daysOf(m.year, m.month, m.day) - weekday + 3;
  const { year } = civil(thursday);
  return { year, week: Math.floor((thursday - daysOf(year, 1, 1)) / 7) + 1 };
}

const pad = (value: number, width: number, fill = '0'): string =>
  value < 0 ? `-${String(-value).padStart(width - 1, fill)}` : String(value).padStart(width, fill);

/** One conversion of strftime(3) in the C locale, or `undefined` for one that it doesn't know. */
function conversion(m: Moment, letter: string): { text: string; width: number; fill: string } | undefined {
  const number = (value: number, width: number, fill = '0') => ({ text: String(value), width, fill });
  const text = (value: string) => ({ text: value, width: 0, fill: ' ' });
  const hour12 = m.hour % 12 === 0 ? 12 : m.hour % 12;
  switch (letter) {
    case 'a':
      return text((DAYS[m.weekday] as string).slice(0, 3));
    case 'A':
      return text(DAYS[m.weekday] as string);
    case 'b':
    case 'h':
      return text((MONTHS[m.month - 1] as string).slice(0, 3));
    case 'B':
      return text(MONTHS[m.month - 1] as string);
    case 'c':
      return text(strftime('%a %b %e %H:%M:%S %Y', m));
    case 'C':
      return number(Math.floor(m.year / 100), 2);
    case 'd':
      return number(m.day, 2);
    case 'D':
    case 'x':
      return text(strftime('%m/%d/%y', m));
    case 'e':
      return number(m.day, 2, ' ');
    case 'F':
      return text(strftime('%Y-%m-%d', m));
    case 'g':
      return number(isoWeek(m).year % 100, 2);
    case 'G':
      return number(isoWeek(m).year, 0);
    case 'H':
      return number(m.hour, 2);
    case 'I':
      return number(hour12, 2);
    case 'j':
      return number(m.yearDay, 3);
    case 'k':
      return number(m.hour, 2, ' ');
    case 'l':
      return number(hour12, 2, ' ');
    case 'm':
      return number(m.month, 2);
    case 'M':
      return number(m.minute, 2);
    case 'n':
      return text('\n');
    case 'N':
      return { text: pad(m.nanosecond, 9), width: 9, fill: 'N' };
    case 'p':
      return text(m.hour < 12 ? 'AM' : 'PM');
    case 'P':
      return text(m.hour < 12 ? 'am' : 'pm');
    case 'q':
      return number(Math.ceil(m.month / 3), 1);
    case 'r':
      return text(strftime('%I:%M:%S %p', m));
    case 'R':
      return text(strftime('%H:%M', m));
    case 's':
      return number(m.epoch, 0);
    case 'S':
      return number(m.second, 2);
    case 't':
      return text('\t');
    case 'T':
    case 'X':
      return text(strftime('%H:%M:%S', m));
    case 'u':
      return number(m.weekday === 0 ? 7 : m.weekday, 1);
    case 'U':
      return number(Math.floor((m.yearDay + 6 - m.weekday) / 7), 2);
    case 'V':
      return number(isoWeek(m).week, 2);
    case 'w':
      return number(m.weekday, 1);
    case 'W':
      return number(Math.floor((m.yearDay + 6 - ((m.weekday + 6) % 7)) / 7), 2);
    case 'y':
      return number(((m.year % 100) + 100) % 100, 2);
    case 'Y':
      return number(m.year, 4);
    case 'z':
      return text('+0000');
    case ':z':
      return text('+00:00');
    case '::z':
      return text('+00:00:00');
    case ':::z':
      return text('+00');
    case 'Z':
      return text('UTC');
    case '%':
      return text('%');
    default:
      return undefined;
  }
}

/** strftime(3) with GNU's flags (`-`, `_`, `0`, `^`, `#`) and widths; an unknown conversion stays as it is. */
export function strftime(format: string, m: Moment): string {
  return format.replace(/%([-_0+^#]*)(\d*)[EO]?(:{0,3}[A-Za-z%])/g, (whole, flags: string, width: string, letter: string) => {
    const found = conversion(m, letter);
    if (!found) return whole;
    if (found.fill === 'N')
      return flags.includes('-') ? found.text.replace(/0+$/, '') || '0' : found.text.slice(0, width === '' ? 9 : Number(width));
    const fill = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : found.fill;
    const least = flags.includes('-') ? 0 : width === '' ? found.width : Number(width);
    const text = found.text.startsWith('-') && fill === '0' ? pad(Number(found.text), least) : found.text.padStart(least, fill);
    if (flags.includes('^')) return text.toUpperCase();
    return flags.includes('#') ? (text === text.toUpperCase() ? text.toLowerCase() : text.toUpperCase()) : text;
  });
}
