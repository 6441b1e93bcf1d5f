import { daysOf, MONTHS } from '../../base/calendar.ts';
import { EPOCH_SECONDS, SECOND, type Micros } from '../../base/time.ts';
import type { Inode } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
import { stat } from '../tool/filesystem.ts';

/** What is known of the document that is being retrieved, over all its tries (struct http_stat). */
export interface Document {
  /** The file it goes to; not known yet when the server is to name it. */
  file: string | undefined;
  /** The file goes again when it has been read. */
  temporary: boolean;
  existenceChecked: boolean;
  timestampChecked: boolean;
  /** The file that was there before, for -N. */
  before: { name: string; size: number; modified: Micros } | undefined;
  /** How much of it is there already. */
  from: number;
  /** How much of it there is after a try. */
  length: number;
  /** Its whole size, if the server told. */
  total: number | undefined;
  /** Bytes of the last try's body, and the time they took. */
  received: number;
  took: Micros;
  /** What ended the reading, if something did. */
  readError: string | undefined;
  status: number;
  reason: string;
  location: string | undefined;
  lastModified: string | undefined;
  ok: boolean;
  html: boolean;
  css: boolean;
  suffixed: boolean;
}

export function newDocument(file: string | undefined): Document {
  return {
    file,
    temporary: false,
    existenceChecked: false,
    timestampChecked: false,
    before: undefined,
    from: 0,
    length: 0,
    total: undefined,
    received: 0,
    took: 0,
    readError: undefined,
    status: 0,
    reason: '',
    location: undefined,
    lastModified: undefined,
    ok: false,
    html: false,
    css: false,
    suffixed: false,
  };
}

/** Remembers the file of that name, or the original that -K has kept of it (set_file_timestamp). */
export function rememberFile(process: Process, document: Document, backups: boolean): void {
  const { file } = document;
  if (file === undefined) return;
  for (const name of backups ? [`${file}.orig`, file] : [file]) {
    const inode: Inode | string = stat(process, name);
    if (typeof inode === 'string') continue;
    const modified = Math.floor(inode.modified / SECOND) * SECOND;
    document.before = { name, size: inode.size, modified };
    document.timestampChecked = true;
    return;
  }
}

/** A time of HTTP in any of its three forms (RFC 9110 §5.6.7). */
export function parseHttpDate(text: string): Micros | undefined {
  const fixed = /^\w+,\s+(\d{1,2})[ -](\w{3})[ -](\d{2,4})\s+(\d\d):(\d\d):(\d\d)/.exec(text);
  const asctime = /^\w{3}\s+(\w{3})\s+(\d{1,2})\s+(\d\d):(\d\d):(\d\d)\s+(\d{4})/.exec(text);
  const [day, name, year, hour, minute, second] = fixed
    ? [fixed[1], fixed[2], fixed[3], fixed[4], fixed[5], fixed[6]]
    : asctime
      ? [asctime[2], asctime[1], asctime[6], asctime[3], asctime[4], asctime[5]]
      : [];
  const month = MONTHS.findIndex((each) => each.slice(0, 3).toLowerCase() === name?.toLowerCase()) + 1;
  if (day === undefined || month === 0) return undefined;
  const short = Number(year);
  const full = short < 70 ? 2000 + short : short < 100 ? 1900 + short : short;
  const seconds = daysOf(full, month, Number(day)) * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return (seconds - EPOCH_SECONDS) * SECOND;
}
