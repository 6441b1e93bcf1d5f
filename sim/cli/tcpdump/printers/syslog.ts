import { printCharacters } from './characters.ts';
import { dumpUnknown } from './dump.ts';
import { named, type Printer } from './printout.ts';

/** Syslog (print-syslog.c): the facility and severity that the number in angle brackets stands for. */

const MAX_DIGITS = 3;
const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];
const FACILITIES: Readonly<Record<number, string>> = [
  ...['kernel', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'security', 'console', 'cron', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

export const syslog: Printer = (out, at, length) => {
  out.protocol = 'syslog';
  if (out.u8(at) !== 0x3c) return out.invalid();
  let [offset, priority] = [1, 0];
  for (; offset <= MAX_DIGITS; offset++) {
    const digit = out.u8(at + offset) - 0x30;
    if (digit < 0 || digit > 9) break;
    priority = priority * 10 + digit;
  }
  if (out.u8(at + offset) !== 0x3e) return out.invalid();
  offset++;
  const facility = (priority & 0x3f8) >>> 3;
  const [name, severity] = [named(FACILITIES, facility, (value) => `unknown (${value})`), SEVERITIES[priority & 7]];
  const { verbose } = out.options;
  if (!verbose) return out.write(`SYSLOG ${name}.${severity}, length: ${length}`);
  out.write(`SYSLOG, length: ${length}\n\tFacility ${name} (${facility}), Severity ${severity} (${priority & 7})\n\tMsg: `);
  if (length > offset) printCharacters(out, at + offset, length - offset);
  if (verbose > 1) dumpUnknown(out, at, '\n\t', length);
};
