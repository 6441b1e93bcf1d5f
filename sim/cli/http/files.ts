/** Content types by suffix, as busybox httpd and nginx's mime.types agree on them. */
const TYPES: Readonly<Record<string, string>> = {
  txt: 'text/plain',
  h: 'text/plain',
  c: 'text/plain',
  cc: 'text/plain',
  cpp: 'text/plain',
  htm: 'text/html',
  html: 'text/html',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  png: 'image/png',
  svg: 'image/svg+xml',
  css: 'text/css',
  js: 'application/javascript',
  wav: 'audio/wav',
  avi: 'video/x-msvideo',
  qt: 'video/quicktime',
  mov: 'video/quicktime',
  mpe: 'video/mpeg',
  mpeg: 'video/mpeg',
  mid: 'audio/midi',
  midi: 'audio/midi',
  mp3: 'audio/mpeg',
  xml: 'text/xml',
};

export function contentType(path: string, fallback = 'application/octet-stream'): string {
  const dot = path.lastIndexOf('.');
  return (dot < 0 ? undefined : TYPES[path.slice(dot + 1).toLowerCase()]) ?? fallback;
}

/** A path out of a request target: percent-decoded, without query; `undefined` when it would leave the root. */
export function pathOf(target: string): string | undefined {
  const raw = target.replace(/^http:\/\/[^/]*/, '').replace(/[?#].*$/, '');
  if (!raw.startsWith('/') || /%(?![0-9a-fA-F]{2})/.test(raw)) return undefined;
  const path = raw.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) =>
    String.fromCharCode(
      ...run
        .slice(1)
        .split('%')
        .map((hex) => Number.parseInt(hex, 16)),
    ),
  );
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') {
      if (parts.length === 0) return undefined;
      parts.pop();
    } else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}${path.endsWith('/') && parts.length > 0 ? '/' : ''}`;
}

const DAYS = ['Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue', 'Wed'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** IMF-fixdate (RFC 9110 §5.6.7). @param seconds since 1970 */
export function httpDate(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const { year, month, day } = civil(days);
  const two = (n: number): string => String(n).padStart(2, '0');
  const time = seconds - days * 86_400;
  return `${DAYS[days % 7]}, ${two(day)} ${MONTHS[month - 1]} ${year} ${two(Math.floor(time / 3600))}:${two(Math.floor(time / 60) % 60)}:${two(Math.floor(time) % 60)} GMT`;
}

/** The calendar date of a day since 1970-01-01. */
function civil(days: number): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const doe = z - era * 146_097;
  const yoe = Math.floor((doe - Math.floor(doe / 1460) + Math.floor(doe / 36_524) - Math.floor(doe / 146_096)) / 365);
  const doy = doe - (365 * yoe + Math.floor(yoe / 4) - Math.floor(yoe / 100));
  const mp = Math.floor((5 * doy + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yoe + era * 400 + (month <= 2 ? 1 : 0), month, day: doy - Math.floor((153 * mp + 2) / 5) + 1 };
}
