import { concat, encode } from '../../base/bytes.ts';
import { httpDate } from '../http/files.ts';
import { pageReply, type Reply } from './reply.ts';
import type { Request } from './request.ts';

/** If-Match and its kin (ngx_http_not_modified_filter_module.c). Dates are compared as text: `if_modified_since exact`. */
export function conditional(request: Request, reply: Reply): Reply {
  if (reply.status !== 200 || (reply.modified === undefined && reply.lastModified === undefined)) return reply;
  const date = reply.lastModified ?? httpDate(reply.modified ?? 0);
  const etag = reply.headers.find(([name]) => name === 'ETag')?.[1];
  const unmodifiedSince = request.header('If-Unmodified-Since');
  const match = request.header('If-Match');
  if (unmodifiedSince !== undefined && Date_.after(date, unmodifiedSince)) return pageReply(request, 412);
  if (match !== undefined && !listed(match, etag, false)) return pageReply(request, 412);
  const modifiedSince = request.header('If-Modified-Since');
  const noneMatch = request.header('If-None-Match');
  if (modifiedSince === undefined && noneMatch === undefined) return reply;
  const mode = request.scope.value('if_modified_since') ?? 'exact';
  if (modifiedSince !== undefined && (mode === 'off' || (mode === 'before' ? Date_.after(date, modifiedSince) : modifiedSince !== date)))
    return reply;
  if (noneMatch !== undefined && !listed(noneMatch, etag, true)) return reply;
  const { type: _type, length: _length, body: _body, ranges: _ranges, ...rest } = reply;
  return { ...rest, status: 304 };
}

function listed(list: string, etag: string | undefined, weak: boolean): boolean {
  if (list.trim() === '*') return true;
  const plain = (tag: string): string => (weak ? tag.replace(/^W\//, '') : tag);
  return etag !== undefined && list.split(',').some((tag) => plain(tag.trim()) === plain(etag));
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const Date_ = {
  /** A number that orders dates in HTTP's form. */
  order(text: string): number {
    const match = /(\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2})/.exec(text);
    if (!match) return Number.NaN;
    const [, day, month = '', year, hour, minute, second] = match;
    return [Number(year), MONTHS.indexOf(month), Number(day), Number(hour), Number(minute), Number(second)].reduce(
      (sum, part) => sum * 100 + part,
      0,
    );
  },
  after(date: string, limit: string): boolean {
    return Date_.order(date) > Date_.order(limit);
  },
};

interface Range {
  from: number;
  to: number;
}

/** The part of the body that is asked for (ngx_http_range_filter_module.c): one range, or several as multipart/byteranges. */
export function ranged(request: Request, reply: Reply): Reply {
  const wanted = request.header('Range');
  if (reply.status !== 200 || !reply.ranges || wanted === undefined || !(reply.body instanceof Uint8Array)) return reply;
  const condition = request.header('If-Range');
  const etag = reply.headers.find(([name]) => name === 'ETag')?.[1];
  if (condition !== undefined && condition !== etag && condition !== httpDate(reply.modified ?? 0)) return reply;
  const { body } = reply;
  const ranges = parseRanges(wanted, body.length);
  if (ranges === undefined) return reply;
  if (ranges.length === 0) {
    const page = pageReply(request, 416);
    return { ...page, headers: [...page.headers, ['Content-Range', `bytes */${body.length}`]] };
  }
  const label = ({ from, to }: Range): string => `bytes ${from}-${to - 1}/${body.length}`;
  const [first] = ranges;
  if (ranges.length === 1 && first) {
    const part = body.slice(first.from, first.to);
    return { ...reply, status: 206, body: part, length: part.length, headers: [...reply.headers, ['Content-Range', label(first)]] };
  }
  const boundary = String(request.connection).padStart(20, '0');
  const head = (range: Range): string => `\r\n--${boundary}\r\nContent-Type: ${reply.type}\r\nContent-Range: ${label(range)}\r\n\r\n`;
  const parts = [...ranges.flatMap((range) => [encode(head(range)), body.slice(range.from, range.to)]), encode(`\r\n--${boundary}--\r\n`)];
  const whole = concat(parts);
  return { ...reply, status: 206, type: `multipart/byteranges; boundary=${boundary}`, body: whole, length: whole.length };
}

/** `undefined` for a header that is passed over, none for ranges outside the body. `to` is exclusive. */
function parseRanges(text: string, size: number): Range[] | undefined {
  const match = /^bytes=(.+)$/i.exec(text);
  if (!match) return undefined;
  const ranges: Range[] = [];
  for (const part of (match[1] as string).split(',')) {
    const bounds = /^\s*(\d*)\s*-\s*(\d*)\s*$/.exec(part);
    if (!bounds || (bounds[1] === '' && bounds[2] === '')) return [];
    const [from, to] =
      bounds[1] === ''
        ? [Math.max(0, size - Number(bounds[2])), size]
        : [Number(bounds[1]), bounds[2] === '' ? size : Math.min(size, Number(bounds[2]) + 1)];
    if (from < to) ranges.push({ from, to });
  }
  const total = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  return total > size ? undefined : ranges;
}
