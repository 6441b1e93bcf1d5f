import { concat, decode } from '../../../base/bytes.ts';
import { strerror } from '../../../base/errno.ts';
import { RAW, terminalOf } from '../../../host/tty.ts';
import type { Blocking } from '../../../host/wait.ts';
import { InterruptControl } from '../control.ts';
import type { Shell } from '../shell.ts';
import { dieBySignal } from '../signals.ts';
import { fail, options, usage } from './builtin.ts';
import { assignTo, validTarget } from './target.ts';

interface Reading {
  text: string;
  /** Positions of characters that a backslash protects from splitting. */
  protected: Set<number>;
  ended: boolean;
  timedOut: boolean;
  error?: string;
}

export function* read(shell: Shell, args: string[], name: string): Blocking<number> {
  const synopsis = 'read [-Eers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]';
  const parsed = options(args, 'a:d:Eei:n:N:p:rst:u:');
  if ('error' in parsed) return yield* usage(shell, name, parsed.error, synopsis);
  const { letters, values, rest } = parsed;
  for (const target of rest) if (!validTarget(target)) return yield* fail(shell, name, `\`${target}': not a valid identifier`);
  const timeout = values.get('t');
  if (timeout !== undefined && !/^\d*\.?\d+$|^\d+\.$/.test(timeout))
    return yield* fail(shell, name, `${timeout}: invalid timeout specification`);
  const fd = Number(values.get('u') ?? 0);
  if (values.has('u') && !/^\d+$/.test(values.get('u') ?? ''))
    return yield* fail(shell, name, `${values.get('u')}: invalid file descriptor specification`);
  const file = shell.process.fds.get(fd);
  if (!file)
    return yield* fail(
      shell,
      name,
      values.has('u') ? `${fd}: invalid file descriptor: Bad file descriptor` : `${fd}: read error: Bad file descriptor`,
    );
  const count = values.get('N') ?? values.get('n');
  if (count !== undefined && !/^\d+$/.test(count)) return yield* fail(shell, name, `${count}: invalid number`);
  if (timeout !== undefined && Number(timeout) === 0) return file.poll().in ? 0 : 1;
  const tty = terminalOf(file);
  if (tty && values.has('p')) yield* shell.process.write(2, values.get('p') ?? '');
  const before = tty?.termios;
  if (tty && before) {
    if (letters.has('s')) tty.termios = { ...tty.termios, echo: false };
    if (count !== undefined || values.has('d')) tty.termios = { ...tty.termios, icanon: RAW.icanon };
  }
  let reading: Reading;
  try {
    reading = yield* readText(shell, fd, {
      delimiter: values.has('N') ? undefined : (values.get('d') ?? '\n').slice(0, 1) || '\0',
      raw: letters.has('r'),
      most: count === undefined ? undefined : Number(count),
      deadline: timeout === undefined ? undefined : shell.process.host.now + Math.round(Number(timeout) * 1e6),
    });
  } finally {
    if (tty && before) tty.termios = before;
  }
  if (reading.error !== undefined) return yield* fail(shell, name, `read error: ${fd}: ${reading.error}`);
  yield* distribute(shell, reading, rest, values.get('a'), values.has('N'));
  if (reading.timedOut) return 142;
  return reading.ended ? 1 : 0;
}

interface HowToRead {
  delimiter: string | undefined;
  raw: boolean;
  most: number | undefined;
  deadline: number | undefined;
}

/** Reads byte by byte up to the delimiter, a number of characters, the end or the deadline. */
function* readText(shell: Shell, fd: number, how: HowToRead): Blocking<Reading> {
  const bytes: Uint8Array[] = [];
  const guarded = new Set<number>();
  const delimiter = how.delimiter?.charCodeAt(0);
  let characters = 0;
  let escaped = false;
  let length = 0;
  const done = (ended: boolean, timedOut = false, error?: string): Reading => ({
    text: decode(concat(bytes)),
    protected: new Set([...guarded].map((at) => decode(concat(bytes).subarray(0, at)).length)),
    ended,
    timedOut,
    ...(error !== undefined && { error }),
  });
  for (let i = 0; ; i++) {
    if (how.most !== undefined && characters >= how.most) return done(false);
    const byte = yield* readByte(shell, fd, how.deadline);
    if (byte === 'timeout') return done(false, true);
    if (typeof byte === 'string') return done(true, false, byte);
    if (byte === undefined) return done(true);
    if (i % 256 === 255) yield* shell.process.spend(10);
    if (!how.raw && !escaped && byte === 92) {
      escaped = true;
      continue;
    }
    if (escaped && byte === 10) {
      escaped = false;
      continue;
    }
    if (!escaped && byte === delimiter) return done(false);
    if (byte === 0) continue;
    if (escaped) guarded.add(length);
    escaped = false;
    bytes.push(Uint8Array.of(byte));
    length++;
    if ((byte & 0xc0) !== 0x80) characters++;
    else if (how.most !== undefined && characters >= how.most) continue;
  }
}

function* readByte(shell: Shell, fd: number, deadline: number | undefined): Blocking<number | undefined | 'timeout' | string> {
  for (;;) {
    const file = shell.process.fds.get(fd);
    if (!file) return strerror('EBADF');
    const bytes = file.read(1);
    if (bytes !== 'EAGAIN') {
      if (typeof bytes === 'string') return strerror(bytes);
      return bytes.length === 0 ? undefined : bytes[0];
    }
    const wake = yield deadline === undefined ? { on: [file.readable] } : { on: [file.readable], until: deadline };
    if (wake === 'timeout') return 'timeout';
    if (wake === 'signal' && shell.interrupted) {
      if (!shell.interactive && !shell.persistent) yield* dieBySignal(shell, 'SIGINT');
      shell.interrupted = false;
      throw new InterruptControl();
    }
  }
}

function* distribute(shell: Shell, reading: Reading, names: readonly string[], array: string | undefined, whole: boolean): Blocking<void> {
  if (array !== undefined) {
    const variable = shell.variables.find(array) ?? shell.variables.declareGlobal(array);
    const fields = split(reading, shell.ifs, undefined);
    shell.variables.setArray(variable, array, new Map(fields.map((field, i) => [i, field])), false);
    return;
  }
  if (names.length === 0) {
    shell.variables.set('REPLY', reading.text);
    return;
  }
  const fields = whole ? [reading.text] : split(reading, shell.ifs, names.length);
  for (const [i, name] of names.entries()) yield* assignTo(shell, name, fields[i] ?? '');
}

/** Cuts at IFS into at most `most` fields; the last one takes the rest, without blanks of IFS at its end. */
function split(reading: Reading, ifs: string, most: number | undefined): string[] {
  const { text } = reading;
  const isSeparator = (i: number): boolean => i < text.length && ifs.includes(text[i] as string) && !reading.protected.has(i);
  const isBlank = (i: number): boolean => isSeparator(i) && ' \t\n'.includes(text[i] as string);
  const fields: string[] = [];
  let i = 0;
  while (isBlank(i)) i++;
  while (i < text.length) {
    if (most !== undefined && fields.length === most - 1) {
      let end = text.length;
      while (end > i && isBlank(end - 1)) end--;
      const rest = text.slice(i, end);
      // One separator at the very end belongs to the last field only if more than one field follows.
      const only = [...rest].findIndex((_, at) => isSeparator(i + at) && !isBlank(i + at));
      fields.push(only >= 0 && only === rest.length - 1 ? rest.slice(0, -1).replace(/[ \t\n]+$/, '') : rest);
      return fields;
    }
    let end = i;
    while (end < text.length && !isSeparator(end)) end++;
    fields.push(text.slice(i, end));
    i = end;
    while (isBlank(i)) i++;
    if (isSeparator(i) && (i === end || !isBlank(end) || !isBlank(i))) {
      i++;
      while (isBlank(i)) i++;
    }
  }
  return fields;
}
