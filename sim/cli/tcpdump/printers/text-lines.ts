import { decode } from '../../../base/bytes.ts';
import type { Printer, Printout } from './printout.ts';

/** Protocols of lines (txtproto_print): the first line, or with -v all of them up to one that isn't text. */

const HTTP_METHODS: ReadonlySet<string> = new Set(
  (
    'GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY ' +
    'BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT MKACTIVITY ' +
    'MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL'
  ).split(' '),
);

/** HTTP: shown where a request or a response begins. */
export const http: Printer = (out, at, length) => {
  out.protocol = 'http';
  out.write(': HTTP');
  if (startsHttp(out, at, length)) printLines(out, at, length);
};

/** FTP and SMTP, whose payload is always lines. */
export const ftp: Printer = (out, at, length) => printProtocol(out, 'ftp', at, length);
export const smtp: Printer = (out, at, length) => printProtocol(out, 'smtp', at, length);

/** SSH: its version line. */
export const ssh: Printer = (out, at, length) => {
  out.protocol = 'ssh';
  out.need(at, Math.min(4, length));
  const line = /^(SSH-[ -~]*)\r?\n/.exec(decode(out.b.subarray(at, Math.min(out.end, at + length))));
  if (line) out.write(`: SSH: ${line[1]}`);
};

function printProtocol(out: Printout, name: string, at: number, length: number): void {
  out.protocol = name;
  out.write(`: ${name.toUpperCase()}`);
  printLines(out, at, length);
}

/** Whether the first word is a method, or the second a status code. */
function startsHttp(out: Printout, at: number, length: number): boolean {
  const first = word(out, at, at + length);
  if (!first) return false;
  if (HTTP_METHODS.has(first.text.toUpperCase())) return true;
  const second = word(out, first.next, at + length);
  return second !== undefined && /^\d{3}$/.test(second.text);
}

/** The word at a place, and where the next one begins; `undefined` for none, or for one of more than 16 characters. */
function word(out: Printout, at: number, end: number): { text: string; next: number } | undefined {
  let text = '';
  let i = at;
  for (; i < end; i++) {
    if (!out.has(i, 1)) return undefined;
    const byte = out.u8(i);
    if (byte === 32 || byte === 9 || byte === 13 || byte === 10) break;
    if (byte < 0x20 || byte > 0x7e || text.length >= 127) return undefined;
    text += String.fromCharCode(byte);
  }
  if (text === '') return undefined;
  while (i < end && out.has(i, 1) && out.u8(i) === 32) i++;
  return { text, next: i };
}

function printLines(out: Printout, at: number, length: number): void {
  if (!out.options.verbose) {
    printLine(out, ': ', at, at + length);
    return;
  }
  out.write(`, length: ${length}`);
  let next: number | undefined = at;
  while (next !== undefined && next < at + length) next = printLine(out, '\n\t', next, at + length);
}

/** @returns where the next line starts, `undefined` after the last and at what isn't text */
function printLine(out: Printout, prefix: string, at: number, end: number): number | undefined {
  for (let i = at; i < end; i++) {
    const byte = out.u8(i);
    const line = (): void => out.write(`${prefix}${decode(out.b.subarray(at, i))}`);
    if (byte === 10) {
      line();
      return i + 1;
    }
    if (byte === 13) {
      if (i + 1 >= end || out.u8(i + 1) !== 10) return undefined;
      line();
      return i + 2;
    }
    if ((byte < 0x20 || byte > 0x7e) && byte !== 9) return undefined;
  }
  out.write(`${prefix}${decode(out.b.subarray(at, end))}`);
  return undefined;
}
