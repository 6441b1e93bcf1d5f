import { nameEnd, printQuestion, printRecord, typeAt } from './dns-record.ts';
import type { Printer, Printout } from './printout.ts';

/** DNS messages (print-domain.c): what is asked, or what is answered; with -vv the question and all sections. */

const OPERATIONS = [
  ...['', ' inv_q', ' stat', ' op3', ' notify', ' update', ' op6', ' op7'],
  ...[' op8', ' updateA', ' updateD', ' updateDA', ' updateM', ' updateMA', ' zoneInit', ' zoneRef'],
];
const RCODES: readonly string[] = [
  ...['', ' FormErr', ' ServFail', ' NXDomain', ' NotImp', ' Refused', ' YXDomain', ' YXRRSet', ' NXRRSet', ' NotAuth', ' NotZone'],
  ...[' Resp11', ' Resp12', ' Resp13', ' Resp14', ' NoChange', ' BadVers', 'Resp17', ' Resp18', ' Resp19', ' Resp20', 'Resp21'],
  ...[' Resp22', ' BadCookie'],
];
const HEADER = 12;
const OPT = 41;
const INVERSE_QUERY = 1;

/** How many entries each section has. */
interface Counts {
  questions: number;
  answers: number;
  authorities: number;
  additional: number;
}

export const dns: Printer = (out, at, length) => {
  out.protocol = 'domain';
  printMessage(out, at, length, false);
};

export const multicastDns: Printer = (out, at, length) => {
  out.protocol = 'domain';
  printMessage(out, at, length, true);
};

/** Over TCP a message has its length in front. */
export const dnsOverTcp: Printer = (out, at, length) => {
  out.protocol = 'domain';
  if (length < 2) {
    out.write(` [DNS over TCP: length ${length} < 2]`);
    return out.invalid();
  }
  const claimed = out.u16(at);
  if (claimed !== length - 2) {
    out.write(` [prefix length(${claimed}) != length(${length - 2})]`);
    return out.invalid();
  }
  out.write(' ');
  printMessage(out, at + 2, length - 2, false);
};

function printMessage(out: Printout, at: number, length: number, multicast: boolean): void {
  if (length < HEADER) {
    out.write(`domain [length ${length} < ${HEADER}]`);
    return out.invalid();
  }
  out.need(at, HEADER);
  const flags = out.u16(at + 2);
  const counts = { questions: out.u16(at + 4), answers: out.u16(at + 6), authorities: out.u16(at + 8), additional: out.u16(at + 10) };
  const end = (flags & 0x8000) !== 0 ? printResponse(out, at, flags, counts, multicast) : printQuery(out, at, flags, counts, multicast);
  if (end) out.write(` (${length})`);
  else out.truncated();
}

/** @returns false when it was cut */
function printResponse(out: Printout, at: number, flags: number, counts: Counts, multicast: boolean): boolean {
  const rcode = extendedRcode(out, at, flags & 15, counts);
  const bit = (mask: number, text: string): string => ((flags & mask) !== 0 ? text : '');
  out.write(`${out.u16(at)}${OPERATIONS[(flags >>> 11) & 15]}${RCODES[rcode] ?? ` Resp${rcode}`}`);
  out.write(`${bit(0x0400, '*')}${flags & 0x0080 ? '' : '-'}${bit(0x0200, '|')}${bit(0x0020, '$')}`);
  if (counts.questions !== 1) out.write(` [${counts.questions}q]`);
  const { verbose } = out.options;
  let next: number | undefined = at + HEADER;
  for (let i = 0; i < counts.questions; i++) {
    if (i > 0) out.write(',');
    if (verbose > 1) {
      out.write(' q:');
      next = printQuestion(out, next, at, multicast);
    } else {
      next = nameEnd(out, next);
      if (next !== undefined) next += 4;
    }
    if (next === undefined) return false;
  }
  out.write(` ${counts.answers}/${counts.authorities}/${counts.additional}`);
  next = printRecords(out, next, at, counts.answers, '', multicast);
  if (verbose > 1 && next !== undefined) next = printRecords(out, next, at, counts.authorities, ' ns:', multicast);
  if (verbose > 1 && next !== undefined) next = printRecords(out, next, at, counts.additional, ' ar:', multicast);
  return next !== undefined;
}

/** @returns where the section ends, `undefined` when it was cut */
function printRecords(out: Printout, start: number, message: number, count: number, title: string, multicast: boolean): number | undefined {
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at >= out.end && (i > 0 || title !== '')) return undefined;
    out.write(i === 0 ? title : ',');
    const next = printRecord(out, at, message, multicast);
    if (next === undefined) return undefined;
    at = next;
  }
  return at;
}

/** @returns false when it was cut */
function printQuery(out: Printout, at: number, flags: number, counts: Counts, multicast: boolean): boolean {
  const operation = (flags >>> 11) & 15;
  out.write(`${out.u16(at)}${OPERATIONS[operation]}${flags & 0x0100 ? '+' : ''}${flags & 0x0010 ? '%' : ''}`);
  // Bits that a query should leave alone.
  if ((flags & 0x06cf) !== 0) out.write(` [b2&3=0x${flags.toString(16)}]`);
  const { questions, answers, authorities, additional } = counts;
  if (operation === INVERSE_QUERY) {
    if (questions) out.write(` [${questions}q]`);
    if (answers !== 1) out.write(` [${answers}a]`);
  } else {
    if (answers) out.write(` [${answers}a]`);
    if (questions !== 1) out.write(` [${questions}q]`);
  }
  if (authorities) out.write(` [${authorities}n]`);
  if (additional) out.write(` [${additional}au]`);
  let next: number | undefined = at + HEADER;
  for (let i = 0; i < questions; i++) {
    if (i > 0 && next >= out.end) return false;
    next = printQuestion(out, next, at, multicast);
    if (next === undefined) return false;
  }
  if (out.options.verbose <= 1) return true;
  next = printRecords(out, next, at, answers, '', multicast);
  if (next !== undefined) next = printRecords(out, next, at, authorities, ' ns:', multicast);
  if (next !== undefined) next = printRecords(out, next, at, additional, ' ar:', multicast);
  return next !== undefined;
}

/** The response code with the upper bits that an OPT record adds (RFC 6891 §6.1.3). */
function extendedRcode(out: Printout, at: number, rcode: number, counts: Counts): number {
  let next = at + HEADER;
  for (let i = 0; i < counts.questions; i++) {
    const end = nameEnd(out, next);
    if (end === undefined || end + 4 >= out.end) return rcode;
    next = end + 4;
  }
  const others = counts.answers + counts.authorities;
  for (let i = 0; i < others + counts.additional; i++) {
    const end = nameEnd(out, next);
    if (end === undefined || end + 10 > out.end) return rcode;
    if (i >= others && typeAt(out, end) === OPT) return rcode | (out.u8(end + 4) << 4);
    next = end + 10 + out.u16(end + 8);
    if (next >= out.end) return rcode;
  }
  return rcode;
}
