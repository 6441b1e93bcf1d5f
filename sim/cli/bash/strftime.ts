const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** A moment in UTC, broken down (struct tm). */
export interface BrokenDownTime {
  year: number;
  /** 0 to 11 */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  weekday: number;
  /** 0 to 365 */
  yearDay: number;
}

/** Seconds since 1970 → calendar, in UTC (Howard Hinnant's civil_from_days). */
export function breakDown(seconds: number): BrokenDownTime {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 2 : shiftedMonth - 10;
  const year = yearOfEra + era * 400 + (month < 2 ? 1 : 0);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month] ?? 0;
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3_600),
    minute: Math.floor(rest / 60) % 60,
    second: Math.floor(rest % 60),
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: before + day - 1 + (leap && month > 1 ? 1 : 0),
  };
}

/** strftime(3) in the C locale, time zone UTC. */
export function strftime(format: string, seconds: number): string {
  const t = breakDown(seconds);
  return format.replace(/%[-_0^#]?([a-zA-Z%+])/g, (whole, letter: string) => {
    const text = conversion(letter, t, seconds);
    if (text === undefined) return whole;
    const flag = whole.length === 3 ? whole[1] : '';
    if (flag === '-') return text.replace(/^[0 ]+(?=.)/, '');
    if (flag === '_') return text.replace(/^0+(?=.)/, (zeros) => ' '.repeat(zeros.length));
    return flag === '^' ? text.toUpperCase() : text;
  });
}

function pad(value: number, width = 2, fill = '0'): string {
  return String(value).padStart(width, fill);
}

function conversion(letter: string, t: BrokenDownTime, seconds: number): string | undefined {
  const day = DAYS[t.weekday] as string;
  const month = MONTHS[t.month] as string;
  switch (letter) {
    case 'a':
      return day.slice(0, 3);
    case 'A':
      return day;
    case 'b':
    case 'h':
      return month.slice(0, 3);
    case 'B':
      return month;
    case 'c':
      return strftime('%a %b %e %H:%M:%S %Y', seconds);
    case 'C':
      return pad(Math.floor(t.year / 100));
    case 'd':
      return pad(t.day);
    case 'D':
    case 'x':
      return strftime('%m/%d/%y', seconds);
    case 'e':
      return pad(t.day, 2, ' ');
    case 'F':
      return strftime('%Y-%m-%d', seconds);
    case 'H':
      return pad(t.hour);
    case 'I':
      return pad(t.hour % 12 || 12);
    case 'j':
      return pad(t.yearDay + 1, 3);
    case 'k':
      return pad(t.hour, 2, ' ');
    case 'l':
      return pad(t.hour % 12 || 12, 2, ' ');
    case 'm':
      return pad(t.month + 1);
    case 'M':
      return pad(t.minute);
    case 'n':
      return '\n';
    case 'p':
      return t.hour < 12 ? 'AM' : 'PM';
    case 'P':
      return t.hour < 12 ? 'am' : 'pm';
    case 'r':
      return strftime('%I:%M:%S %p', seconds);
    case 'R':
      return strftime('%H:%M', seconds);
    case 's':
      return String(Math.floor(seconds));
    case 'S':
      return pad(t.second);
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return strftime('%H:%M:%S', seconds);
    case 'u':
      return String(t.weekday || 7);
    case 'w':
      return String(t.weekday);
    case 'U':
      return pad(Math.floor((t.yearDay + 7 - t.weekday) / 7));
    case 'W':
      return pad(Math.floor((t.yearDay + 7 - ((t.weekday + 6) % 7)) / 7));
    case 'y':
      return pad(t.year % 100);
    case 'Y':
      return String(t.year);
    case 'z':
      return '+0000';
    case 'Z':
      return 'UTC';
    case '%':
      return '%';
    default:
      return undefined;
  }
}
