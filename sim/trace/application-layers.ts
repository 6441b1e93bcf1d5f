import { decode } from '../base/bytes.ts';
import { parseDns, typeName } from '../wire/dns.ts';
import { parseName } from '../wire/dns-name.ts';
import { DNS_TYPE, parseData } from '../wire/dns-record.ts';
import { be16, be32 } from '../wire/endian.ts';
import { headEnd } from '../wire/http.ts';
import { isWireError } from '../wire/wire-error.ts';
import { dataText, rcodeName } from '../wire/dns-text.ts';
import { type Dissector, hex, LayerBuilder, type Span } from './layer.ts';

export const dissectDns: Dissector = (b, span) => {
  const build = new LayerBuilder('DNS', b, span);
  build.u16('id', 0);
  build.u16('flags', 2, flagText);
  for (const [i, name] of ['questions', 'answers', 'authorities', 'additionals'].entries()) build.u16(name, 4 + i * 2);
  if (build.cut) return { layer: build.layer };
  const parsed = parseDns(b, span.at, span.end);
  let offset = 12;
  for (let n = be16(b, span.at + 4); n > 0 && offset > 0; n--) offset = question(b, span, build, offset);
  for (const [name, countAt] of [
    ['answer', 6],
    ['authority', 8],
    ['additional', 10],
  ] as const) {
    for (let n = be16(b, span.at + countAt); n > 0 && offset > 0; n--) offset = record(b, span, build, offset, name);
  }
  if (isWireError(parsed)) build.wrong(parsed);
  return { layer: build.layer };
};

function flagText(bits: number): string {
  const flags: [number, string][] = [
    [0x0400, 'authoritative'],
    [0x0200, 'truncated'],
    [0x0100, 'recursion desired'],
    [0x0080, 'recursion available'],
  ];
  const names = flags.filter(([bit]) => (bits & bit) !== 0).map(([, name]) => name);
  return [(bits & 0x8000) !== 0 ? `response, ${rcodeName(bits & 15)}` : 'query', ...names].join(', ');
}

/** Returns where the next entry starts, counted from the layer's start, or 0 when this one can't be read. */
function question(b: Uint8Array, span: Span, build: LayerBuilder, offset: number): number {
  const name = parseName(b, span.at + offset, span.end, span.at);
  if (isWireError(name)) return 0;
  const length = name.next + 4 - span.at - offset;
  return build.field('question', `${typeName(be16(b, name.next))} ${name.name}`, offset, length) ? offset + length : 0;
}

/** As `question`. */
function record(b: Uint8Array, span: Span, build: LayerBuilder, offset: number, section: string): number {
  const name = parseName(b, span.at + offset, span.end, span.at);
  if (isWireError(name) || name.next + 10 > span.end) return 0;
  const type = be16(b, name.next);
  const data = name.next + 10;
  const end = data + be16(b, name.next + 8);
  if (end > span.end) return 0;
  const value = parseData(b, data, end, span.at, type, be16(b, name.next + 2));
  const text =
    type === DNS_TYPE.OPT
      ? `EDNS, UDP size ${be16(b, name.next + 2)}`
      : `${name.name} ${typeName(type)} ${isWireError(value) ? '(malformed)' : dataText(value)} (${be32(b, name.next + 4)} s)`;
  build.field(section, text, offset, end - span.at - offset);
  return end - span.at;
}

/** A head, line by line; what follows it is data. A head that goes on in a later segment ends with this one. */
export const dissectHttp: Dissector = (b, span) => {
  const build = new LayerBuilder('HTTP', b, span);
  const complete = headEnd(b, span.at, span.end);
  const end = complete < 0 ? span.end : complete;
  let at = span.at;
  while (at < end) {
    const lf = b.indexOf(10, at);
    const next = lf < 0 || lf >= end ? end : lf + 1;
    const line = decode(b.subarray(at, next)).replace(/\r?\n$/, '');
    const colon = line.indexOf(': ');
    const offset = at - span.at;
    if (offset === 0) build.field(line.startsWith('HTTP/') ? 'status' : 'request', line, 0, next - at);
    else if (colon > 0) build.field(line.slice(0, colon), line.slice(colon + 2), offset, next - at);
    at = next;
  }
  build.layer.length = end - span.at;
  return end < span.end ? { layer: build.layer, next: { ...span, kind: 'data', at: end } } : { layer: build.layer };
};

/** Bytes that nothing here understands, with their text when they are text. */
export const dissectData: Dissector = (b, span) => {
  const build = new LayerBuilder('data', b, span);
  const length = span.end - span.at;
  const text = decode(b.subarray(span.at, Math.min(span.end, span.at + 60)));
  const printable = /^[\t\n\r -~]+$/.test(text);
  build.field('data', printable ? JSON.stringify(text) + (length > 60 ? ' …' : '') : hexText(b, span.at, span.end), 0, length);
  return { layer: build.layer };
};

function hexText(b: Uint8Array, at: number, end: number): string {
  const shown = Array.from(b.subarray(at, Math.min(end, at + 16)), (byte) => hex(byte, 2).slice(2)).join(' ');
  return end - at > 16 ? `${shown} …` : shown;
}
