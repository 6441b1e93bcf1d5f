import { printTerminated } from './characters.ts';
import { named, type Printer, type Printout } from './printout.ts';

/** TFTP's requests and answers (print-tftp.c). */

const OPERATIONS: Readonly<Record<number, string>> = { 1: 'RRQ', 2: 'WRQ', 3: 'DATA', 4: 'ACK', 5: 'ERROR', 6: 'OACK' };
const ERRORS = ['EUNDEF', 'ENOTFOUND', 'EACCESS', 'ENOSPACE', 'EBADOP', 'EBADID', 'EEXISTS', 'ENOUSER'];

export const tftp: Printer = (out, at, length) => {
  out.protocol = 'tftp';
  out.write(`TFTP, length ${length}`);
  if (length < 2) return out.truncated();
  const operation = out.u16(at);
  out.write(`, ${named(OPERATIONS, operation, (value) => `tftp-#${value}`)}`);
  if (!printOperation(out, operation, at + 2, length - 2)) out.truncated();
};

/** @returns false when something is missing */
function printOperation(out: Printout, operation: number, at: number, length: number): boolean {
  switch (operation) {
    case 1:
    case 2:
      return printRequest(out, at, length);
    case 3:
    case 4:
      if (length < 2) return false;
      out.write(` block ${out.u16(at)}`);
      return true;
    case 5:
      return printError(out, at, length);
    case 6:
      return printOptions(out, at, length);
  }
  return true;
}

function printRequest(out: Printout, at: number, length: number): boolean {
  if (length === 0) return false;
  out.write(' "');
  const name = printTerminated(out, at, length);
  out.write('"');
  if (name === 0 || name === length) return false;
  out.write(' ');
  const mode = printTerminated(out, at + name, length - name);
  return mode > 0 && printOptions(out, at + name + mode, length - name - mode);
}

function printOptions(out: Printout, start: number, length: number): boolean {
  for (let at = start; at < start + length; ) {
    if (out.u8(at) !== 0) out.write(' ');
    const size = printTerminated(out, at, start + length - at);
    if (size === 0) return false;
    at += size;
  }
  return true;
}

function printError(out: Printout, at: number, length: number): boolean {
  if (length < 2) return false;
  const code = out.u16(at);
  out.write(` ${ERRORS[code] ?? `tftp-err-#${code} "`}`);
  if (length === 2) return false;
  out.write(' "');
  const size = printTerminated(out, at + 2, length - 2);
  out.write('"');
  return size > 0;
}
