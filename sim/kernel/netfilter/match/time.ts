import { EPOCH_SECONDS, SECOND } from '../../../base/time.ts';
import { type Given, isProblem, problem, type Problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

const DAY = 86_400;
const LAST_SECOND = DAY - 1;
/** The end of time in 32 bits, and the default of `--datestop`. */
const FOREVER = 0x7fff_ffff;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const ALL_WEEKDAYS = 0xfe;
const ALL_MONTHDAYS = 0xffff_fffe;

interface Times {
  /** Seconds of the day. */
  start: number;
  stop: number;
  /** Bits 1 (Monday) to 7. */
  weekdays: number;
  /** Bits 1 to 31. */
  monthdays: number;
  /** Seconds since 1970. */
  dateStart: number;
  dateStop: number;
  kernelZone: boolean;
  contiguous: boolean;
}

function parseTime(text: string): number | Problem {
  const [hours = -1, minutes = -1, seconds = 0] = (/^(\d+):(\d+)(?::(\d+))?$/.exec(text) ?? []).slice(1).map((part) => Number(part ?? 0));
  if (hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && seconds <= 59) return hours * 3600 + minutes * 60 + seconds;
  return problem(`invalid time "${text}" specified, should be hh:mm[:ss] format and within the boundaries`);
}

/** Days since 1970 of a date of the Gregorian calendar. */
function daysOf(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const ofEra = y - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const years = Math.floor((ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * years + Math.floor(years / 4) - Math.floor(years / 100));
  const m = Math.floor((5 * ofYear + 2) / 153);
  const month = m < 10 ? m + 3 : m - 9;
  return { year: years + era * 400 + (month <= 2 ? 1 : 0), month, day: ofYear - Math.floor((153 * m + 2) / 5) + 1 };
}

function parseDate(text: string): number | Problem {
  const wrong = problem(`Invalid date "${text}" specified. Should be YYYY[-MM[-DD[Thh[:mm[:ss]]]]]`);
  const match = /^(\d{4})(?:-(\d+)(?:-(\d+)(?:T(\d+)(?::(\d+)(?::(\d+))?)?)?)?)?$/.exec(text);
  if (!match) return wrong;
  const part = (i: number, least: number): number => Number(match[i] ?? least);
  const [year, month, day, hour, minute, second] = [part(1, 0), part(2, 1), part(3, 1), part(4, 0), part(5, 0), part(6, 0)];
  if (year < 1970 || year > 2038 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return wrong;
  return Math.min(daysOf(year, month, day) * DAY + hour * 3600 + minute * 60 + second, FOREVER);
}

function parseWeekdays(text: string): number | Problem {
  let bits = 0;
  for (const word of text.split(',')) {
    const byName = word.length < 2 ? 0 : DAYS.findIndex((day) => day.startsWith(word)) + 1;
    const number = /^\d+$/.test(word) ? Number(word) : byName;
    if (number < 1 || number > 7) return problem(`${word} is not a valid day specifier`);
    bits |= 1 << number;
  }
  return bits;
}

function parseMonthdays(text: string): number | Problem {
  let bits = 0;
  for (const word of text.split(',')) {
    if (!/^\d+$/.test(word) || Number(word) < 1 || Number(word) > 31) return problem(`${word} is not a valid day for --monthdays`);
    bits |= 1 << Number(word);
  }
  return bits >>> 0;
}

/** The days of an option, turned round where it is inverted. */
function daysGiven(given: Given, name: 'weekdays' | 'monthdays', all: number): number | Problem {
  const option = given.find(name);
  if (!option) return all;
  const bits = (name === 'weekdays' ? parseWeekdays : parseMonthdays)(option.values[0] as string);
  return isProblem(bits) || !option.inverted ? bits : (~bits & all) >>> 0;
}

const two = (value: number): string => String(value).padStart(2, '0');
const clock = (seconds: number): string => `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;

function dateText(stamp: number, separator: string): string {
  const { year, month, day } = dateOf(Math.floor(stamp / DAY));
  return `${year}-${two(month)}-${two(day)}${separator}${clock(stamp % DAY)}`;
}

const bitsOf = (bits: number): number[] => Array.from({ length: 31 }, (_, i) => i + 1).filter((i) => (bits >>> i) & 1);
const weekdayText = (bits: number): string =>
  bitsOf(bits)
    .map((i) => DAYS[i - 1])
    .join(',');

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return `${day}th`;
  return `${day}${['th', 'st', 'nd', 'rd'][day % 10] ?? 'th'}`;
}

const wholeDay = ({ start, stop }: Times): boolean => start === 0 && stop === LAST_SECOND;

/** The time match: the hour, the day, the date on which a packet comes (net/netfilter/xt_time.c). The kernel's zone is UTC. */
export const time: MatchExtension<Times> = {
  name: 'time',
  options: [
    { name: 'datestart' },
    { name: 'datestop' },
    { name: 'timestart' },
    { name: 'timestop' },
    { name: 'weekdays', invert: true },
    { name: 'monthdays', invert: true },
    { name: 'localtz', arguments: 0, excludes: ['utc'] },
    { name: 'utc', arguments: 0, excludes: ['localtz', 'kerneltz'] },
    { name: 'kerneltz', arguments: 0, excludes: ['utc'] },
    { name: 'contiguous', arguments: 0 },
  ],
  parse(given, { warn }) {
    const start = parseTime(given.value('timestart') ?? '00:00:00');
    const stop = parseTime(given.value('timestop') ?? '23:59:59');
    const weekdays = daysGiven(given, 'weekdays', ALL_WEEKDAYS);
    const monthdays = daysGiven(given, 'monthdays', ALL_MONTHDAYS);
    const dateStart = given.has('datestart') ? parseDate(given.value('datestart') as string) : 0;
    const dateStop = given.has('datestop') ? parseDate(given.value('datestop') as string) : FOREVER;
    const wrong = [start, stop, weekdays, monthdays, dateStart, dateStop].find(isProblem);
    if (wrong) return wrong;
    if (given.has('localtz'))
      warn(
        'WARNING: --localtz is being replaced by --kerneltz, since "local" is ambiguous. Note the kernel timezone has caveats - see manpage for details.',
      );
    const contiguous = given.has('contiguous');
    if (contiguous && start <= stop) return problem('time: --contiguous only makes sense when stoptime is smaller than starttime');
    const kernelZone = given.has('localtz') || given.has('kerneltz');
    return { start, stop, weekdays, monthdays, dateStart, dateStop, kernelZone, contiguous } as Times;
  },
  save(data) {
    let text = wholeDay(data) ? '' : ` --timestart ${clock(data.start)} --timestop ${clock(data.stop)}`;
    if (data.monthdays !== ALL_MONTHDAYS) text += ` --monthdays ${bitsOf(data.monthdays).join(',')}`;
    if (data.weekdays !== ALL_WEEKDAYS) text += ` --weekdays ${weekdayText(data.weekdays)}`;
    if (data.dateStart !== 0) text += ` --datestart ${dateText(data.dateStart, 'T')}`;
    text += ` --datestop ${dateText(data.dateStop, 'T')}`;
    if (data.kernelZone) text += ' --kerneltz';
    return data.contiguous ? `${text} --contiguous` : text;
  },
  list(data) {
    let text = wholeDay(data) ? ' TIME' : ` TIME from ${clock(data.start)} to ${clock(data.stop)}`;
    if (data.weekdays !== ALL_WEEKDAYS) text += ` on ${weekdayText(data.weekdays)}`;
    if (data.monthdays !== ALL_MONTHDAYS) text += ` on ${bitsOf(data.monthdays).map(ordinal).join(',')}`;
    if (data.dateStart !== 0) text += ` starting from ${dateText(data.dateStart, ' ')}`;
    if (data.dateStop !== FOREVER) text += ` until date ${dateText(data.dateStop, ' ')}`;
    if (!data.kernelZone) text += ' UTC';
    return data.contiguous ? `${text} contiguous` : text;
  },
  matches(data, _skb, state) {
    const now = EPOCH_SECONDS + Math.floor(state.net.kernel.events.now / SECOND);
    return within(data, now);
  },
};

/** @param stamp seconds since 1970 */
function within(data: Times, stamp: number): boolean {
  const { start, stop, weekdays, monthdays } = data;
  if (stamp < data.dateStart || stamp > data.dateStop) return false;
  const second = stamp % DAY;
  if (start < stop ? second < start || second > stop : second < start && second > stop) return false;
  // What began yesterday counts as yesterday's.
  const days = Math.floor(stamp / DAY) - (data.contiguous && second <= stop ? 1 : 0);
  // 1970 began with a Thursday.
  const weekday = ((days + 3) % 7) + 1;
  if (((weekdays >>> weekday) & 1) === 0) return false;
  return monthdays === ALL_MONTHDAYS || ((monthdays >>> dateOf(days).day) & 1) === 1;
}
