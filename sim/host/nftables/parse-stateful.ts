import type { Counter, Limit, Quota, Stateful } from '../../kernel/netfilter/nftables/stateful.ts';
import { EXPECTED } from './expected.ts';
import type { Parser } from './parser.ts';

/** Units of bytes. */
export const SIZES: Record<string, number> = { bytes: 1, byte: 1, string: 1, kbytes: 1024, mbytes: 1024 * 1024 };
/** Units of time, in seconds. */
export const SECONDS: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400, week: 604_800 };

/** A counter, limit or quota that is no object; `undefined` when there is none, or when a name follows. */
export function parseStateful(parser: Parser): Stateful | undefined {
  const after = parser.peek();
  if (after.kind === 'word' && after.text === 'name') return undefined;
  if (parser.is('ct') && after.kind === 'word' && after.text === 'count') return parseConnections(parser);
  if (parser.accept('counter')) return parseCounter(parser);
  if (parser.accept('limit')) return parseLimit(parser);
  if (parser.accept('quota')) return parseQuota(parser);
  return undefined;
}

/** `ct count [over] N` */
function parseConnections(parser: Parser): Stateful {
  parser.next();
  parser.next();
  const over = parser.accept('over');
  return { kind: 'connections', limit: parser.number().value, over, counted: new Set() };
}

export function parseCounter(parser: Parser): Counter {
  let packets = 0;
  let bytes = 0;
  if (parser.accept('packets')) {
    packets = parser.number().value;
    parser.expect('bytes', 'bytes');
    bytes = parser.number().value;
  }
  return { kind: 'counter', packets, bytes };
}

/** `rate [over] N[ UNIT]/TIME [burst N packets|bytes]`; without a burst it is five packets, or nothing beyond the bytes of the rate. */
export function parseLimit(parser: Parser): Limit {
  parser.expect('rate', 'rate, name');
  const over = parser.accept('over');
  if (!over) parser.accept('until');
  const rate = parser.number().value;
  const { size, unit } = takeRateUnit(parser);
  let burst = size === undefined ? 5 : 0;
  if (parser.accept('burst')) {
    burst = parser.number().value;
    const burstSize = takeSize(parser);
    if (burstSize !== undefined) burst *= burstSize;
    else if (!parser.accept('packets')) parser.unexpected('bytes, kbytes, mbytes, packets');
  }
  return { kind: 'limit', rate: rate * (size ?? 1), unit, bytes: size !== undefined, burst, over, tokens: undefined, last: 0 };
}

/** `/second`, `mbytes/second`, which may be one word to the scanner. */
function takeRateUnit(parser: Parser): { size: number | undefined; unit: number } {
  const glued = /^([a-z]+)\/([a-z]+)$/.exec(parser.token.text);
  const gluedSize = glued ? SIZES[glued[1] as string] : undefined;
  const gluedUnit = glued ? SECONDS[glued[2] as string] : undefined;
  if (gluedSize !== undefined && gluedUnit !== undefined) {
    parser.next();
    return { size: gluedSize, unit: gluedUnit };
  }
  const size = takeSize(parser);
  if (!parser.is('/')) parser.unexpected(EXPECTED.rateUnit);
  parser.next();
  const { token } = parser;
  const unit = token.kind === 'word' ? SECONDS[token.text] : undefined;
  if (unit === undefined) {
    // The scanner knows nothing but the five words here.
    Object.assign(token, { kind: 'junk', at: { ...token.at, end: token.at.start + 1 } });
    return parser.unexpected(EXPECTED.timeUnit);
  }
  parser.next();
  return { size, unit };
}

function takeSize(parser: Parser): number | undefined {
  const { token } = parser;
  const size = token.kind === 'word' ? SIZES[token.text] : undefined;
  if (size !== undefined) parser.next();
  return size;
}

export function parseQuota(parser: Parser): Quota {
  const over = parser.accept('over');
  if (!over) parser.accept('until');
  const amount = () => parser.number().value * (takeSize(parser) ?? parser.unexpected('bytes, kbytes, mbytes'));
  const bytes = amount();
  return { kind: 'quota', bytes, used: parser.accept('used') ? amount() : 0, over };
}
