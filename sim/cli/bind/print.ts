import { decode } from '../../base/bytes.ts';
import { DNS_TYPE, type DnsMessage, type DnsRecord, type DnsSoa } from '../../wire/dns.ts';
import { className, dataText, rcodeName, shownType } from '../../wire/dns-text.ts';

/** Messages as dig and `host -v` print them. */

/** Where the fields of a record start (dns_master_style). */
export interface Columns {
  ttl: number;
  class: number;
  type: number;
  data: number;
}

export interface RecordStyle {
  columns: Columns;
  showTtl: boolean;
  showClass: boolean;
  /** 1h30m. */
  ttlUnits: boolean;
  /** An SOA record's numbers in lines of their own, with comments. */
  multiline: boolean;
}

/** The columns that dig chooses for what is shown. */
export function recordStyle(showTtl: boolean, showClass: boolean, ttlUnits: boolean, multiline: boolean): RecordStyle {
  const columns = { ttl: 24, class: 32, type: 40, data: 48 };
  if (multiline || (!showTtl && !showClass)) Object.assign(columns, { class: 24, type: 24, data: 32 });
  else if (!showTtl) Object.assign(columns, { class: 24, type: 32, data: 40 });
  else if (!showClass) Object.assign(columns, { type: 32, data: 40 });
  return { columns, showTtl, showClass, ttlUnits, multiline };
}

/** Text that knows its column; tabs are eight wide. */
class Line {
  text = '';
  #column = 0;

  add(text: string): void {
    this.text += text;
    this.#column += text.length;
  }

  /** At least one blank, tabs where there are stops on the way. */
  moveTo(column: number): void {
    const to = Math.max(column, this.#column + 1);
    const tabs = Math.floor(to / 8) - Math.floor(this.#column / 8);
    if (tabs > 0) this.#column = Math.floor(to / 8) * 8;
    this.text += '\t'.repeat(tabs) + ' '.repeat(to - this.#column);
    this.#column = to;
  }
}

export function recordLine(record: DnsRecord, style: RecordStyle): string {
  const line = new Line();
  line.add(record.name);
  if (style.showTtl) {
    line.moveTo(style.columns.ttl);
    line.add(style.ttlUnits ? ttlText(record.ttl) : String(record.ttl));
  }
  if (style.showClass) {
    line.moveTo(style.columns.class);
    line.add(className(record.class));
  }
  line.moveTo(style.columns.type);
  line.add(record.data.kind === 'other' ? shownType(record.data.type) : record.data.kind);
  line.moveTo(style.columns.data);
  line.add(style.multiline && record.data.kind === 'SOA' ? soaLines(record.data) : dataText(record.data));
  return `${line.text}\n`;
}

function soaLines(soa: DnsSoa): string {
  const numbers: [number, string][] = [
    [soa.serial, 'serial'],
    [soa.refresh, `refresh (${durationWords(soa.refresh)})`],
    [soa.retry, `retry (${durationWords(soa.retry)})`],
    [soa.expire, `expire (${durationWords(soa.expire)})`],
    [soa.minimum, `minimum (${durationWords(soa.minimum)})`],
  ];
  const indent = '\t\t\t\t';
  const lines = numbers.map(([value, what]) => `${indent}${String(value).padEnd(10)} ; ${what}\n`);
  return `${soa.primary} ${soa.mailbox} (\n${lines.join('')}${indent})`;
}

const UNITS: readonly [number, string][] = [
  [604_800, 'week'],
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
];

function parts(seconds: number): [number, string][] {
  let rest = seconds;
  const found: [number, string][] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (size === 1 && found.length === 0)) found.push([count, unit]);
  }
  return found;
}

/** `1 hour 30 minutes`. */
function durationWords(seconds: number): string {
  return parts(seconds)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? '' : 's'}`)
    .join(' ');
}

/** `1h30m`. */
function ttlText(seconds: number): string {
  return parts(seconds)
    .map(([count, unit]) => `${count}${unit[0]}`)
    .join('');
}

export type Section = 'question' | 'answer' | 'authority' | 'additional';

/** One section; its heading and the blank line after it are comments. */
export function sectionText(message: DnsMessage, section: Section, style: RecordStyle, comments: boolean): string {
  const lines =
    section === 'question'
      ? message.questions.map(({ name, type, class: value }) => questionLine(name, type, value, style))
      : records(message, section).map((record) => recordLine(record, style));
  if (lines.length === 0) return '';
  return comments ? `;; ${section.toUpperCase()} SECTION:\n${lines.join('')}\n` : lines.join('');
}

function records(message: DnsMessage, section: Exclude<Section, 'question'>): DnsRecord[] {
  return section === 'answer' ? message.answers : section === 'authority' ? message.authorities : message.additionals;
}

function questionLine(name: string, type: number, value: number, style: RecordStyle): string {
  const line = new Line();
  line.add(`;${name}`);
  if (style.showClass) {
    line.moveTo(style.columns.class);
    line.add(className(value));
  }
  line.moveTo(style.columns.type);
  line.add(shownType(type));
  return `${line.text}\n`;
}

const OPCODES = ['QUERY', 'IQUERY', 'STATUS', 'RESERVED3', 'NOTIFY', 'UPDATE'];

/** The two lines of the header. */
export function headerText(message: DnsMessage): string {
  const flags = [
    [message.response, 'qr'],
    [message.authoritative, 'aa'],
    [message.truncated, 'tc'],
    [message.recursionDesired, 'rd'],
    [message.recursionAvailable, 'ra'],
    [message.authenticData, 'ad'],
    [message.checkingDisabled, 'cd'],
  ] as const;
  const set = flags.filter(([on]) => on).map(([, name]) => ` ${name}`);
  const additionals = message.additionals.length + (message.edns ? 1 : 0);
  return (
    `;; ->>HEADER<<- opcode: ${OPCODES[message.opcode] ?? `RESERVED${message.opcode}`}, status: ${rcodeName(message.rcode)}, id: ${message.id}\n` +
    `;; flags:${set.join('')}; QUERY: ${message.questions.length}, ANSWER: ${message.answers.length}, ` +
    `AUTHORITY: ${message.authorities.length}, ADDITIONAL: ${additionals}\n`
  );
}

/** Extended errors (RFC 8914), those that servers here send. */
const EXTENDED_ERRORS: Readonly<Record<number, string>> = {
  3: 'Stale Answer',
  14: 'Not Ready',
  15: 'Blocked',
  17: 'Filtered',
  18: 'Prohibited',
  20: 'Not Authoritative',
  22: 'No Reachable Authority',
  23: 'Network Error',
};

/** The OPT pseudo-section. @param sent the query's, which tells whether a cookie came back unchanged */
export function ednsText(message: DnsMessage, sent?: DnsMessage): string {
  const { edns } = message;
  if (!edns) return '';
  let text = `;; OPT PSEUDOSECTION:\n; EDNS: version: ${edns.version}, flags:${edns.dnssecOk ? ' do' : ''}; udp: ${edns.udpSize}\n`;
  for (const { code, data } of edns.options) {
    const digits = [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    if (code === 10) {
      const ours = sent?.edns?.options.find((option) => option.code === 10)?.data;
      const good = ours !== undefined && data.length >= 16 && ours.every((byte, i) => byte === data[i]);
      text += `; COOKIE: ${digits}${good ? ' (good)' : ''}\n`;
    } else if (code === 15 && data.length >= 2) {
      const number = (data[0] as number) * 256 + (data[1] as number);
      const extra = decode(data.subarray(2));
      text += `; EDE: ${number}${EXTENDED_ERRORS[number] ? ` (${EXTENDED_ERRORS[number]})` : ''}${extra === '' ? '' : `: (${extra})`}\n`;
    } else text += `; OPT=${code}: ${digits}\n`;
  }
  return text;
}

/** What +short prints. */
export function shortText(message: DnsMessage, suffix: string): string {
  return message.answers
    .filter(({ data }) => data.kind !== 'other' || data.type !== DNS_TYPE.OPT)
    .map(({ data }) => `${dataText(data)}${suffix}\n`)
    .join('');
}
