import { encode } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { hasOption, optionValue, type Parsed } from '../getopt.ts';
import { readDataFiles } from './body.ts';
import { readCommandLine, TRY } from './command-line.ts';
import { Cookies } from './cookies.ts';
import { expandGlob, nameByGlob } from './glob.ts';
import { HELP } from './help.ts';
import type { OutputOption } from './output-file.ts';
import { StandardOutput } from './standard-output.ts';
import { Transfer, VERSION } from './transfer.ts';
import { isVariable } from './write-out.ts';

/** curl(1): HTTP over TCP. Other protocols, TLS among them, are not modelled. */
export const curl: Command = { name: 'curl', paths: ['/usr/bin/curl'], run: runCurl };

function* runCurl(process: Process): Blocking<number> {
  const operations = yield* readCommandLine(process);
  if ('text' in operations) {
    yield* process.write(2, operations.text);
    return operations.status;
  }
  const [first] = operations as [Parsed, ...Parsed[]];
  if (hasOption(first, 'version') || hasOption(first, 'help')) return yield* about(process, first);
  const out = new StandardOutput(
    process,
    operations.some((one) => hasOption(one, 'no-buffer')),
  );
  let status = 0;
  for (const [number, operation] of operations.entries()) {
    const done = yield* operate(process, operation, out, number);
    status = done.status;
    if (done.ends) break;
  }
  yield* out.flush();
  return status;
}

function* about(process: Process, parsed: Parsed): Blocking<number> {
  if (!hasOption(parsed, 'help')) {
    yield* process.write(1, `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION}\nProtocols: http\n`);
    return 0;
  }
  const subject = parsed.options.find(({ name }) => name === 'url');
  yield* process.write(subject ? 2 : 1, subject ? notModelled('curl', 'help about a subject') : HELP);
  return subject ? 2 : 0;
}

/** The URLs between two --next. @returns whether what comes behind is left out */
function* operate(process: Process, parsed: Parsed, out: StandardOutput, number: number): Blocking<{ status: number; ends: boolean }> {
  const ended = (status: number) => ({ status, ends: true });
  for (const name of ['max-time', 'connect-timeout']) {
    const value = optionValue(parsed, name);
    if (value === undefined || /^\d+(\.\d+)?$/.test(value)) continue;
    yield* process.write(2, `curl: option ${name === 'max-time' ? '-m' : `--${name}`}: expected a proper numerical parameter\n${TRY}`);
    return ended(2);
  }
  const urls = parsed.options.filter(({ name }) => name === 'url').map(({ value }) => value);
  if (urls.length === 0) {
    yield* out.flush();
    yield* process.write(2, `${number > 0 ? 'curl: (2) no URL specified\n' : ''}${TRY}`);
    return ended(2);
  }
  if (parsed.options.some(({ name, value }) => name === 'upload-file' && (value === '-' || value === '.'))) {
    yield* process.write(2, notModelled('curl', 'uploading standard input'));
    return ended(2);
  }
  const speaks = !hasOption(parsed, 'silent') || hasOption(parsed, 'show-error');
  for (const { name, value } of parsed.options) {
    if (name !== 'upload-file') continue;
    const target = process.namespaces.mnt.resolve(process, value);
    if (typeof target !== 'string' && target.inode) continue;
    yield* process.write(2, `curl: cannot open '${value}'\n${TRY}`);
    if (speaks) yield* process.write(2, 'curl: (26) Failed to open/read local data from file/application\n');
    return ended(26);
  }
  const read = yield* readDataFiles(process, parsed, TRY);
  if (read !== undefined) return ended(read);
  const unknown = /%\{(\w+)\}/g;
  const format = optionValue(parsed, 'write-out') ?? '';
  for (const [, name] of format.matchAll(unknown)) {
    if (!isVariable(name as string)) yield* process.write(2, `curl: unknown --write-out variable: '${name}'\n`);
  }
  const cookies = yield* Cookies.open(process, parsed);
  const done = yield* transferAll(process, parsed, out, cookies, urls);
  const jar = optionValue(parsed, 'cookie-jar');
  if (jar === '-') yield* out.write(encode(cookies.text));
  yield* out.flush();
  if (jar !== undefined && jar !== '-') yield* saveJar(process, jar, cookies.text);
  return done;
}

/** Each URL with the -o or -O of its place; a pattern's URLs share one. */
function* transferAll(
  process: Process,
  parsed: Parsed,
  out: StandardOutput,
  cookies: Cookies,
  urls: readonly string[],
): Blocking<{ status: number; ends: boolean }> {
  const outputs = parsed.options.filter(({ name }) => name === 'output' || name === 'remote-name');
  let status = 0;
  for (const [i, pattern] of urls.entries()) {
    const matches = hasOption(parsed, 'globoff') ? [{ url: pattern, chosen: [] }] : expandGlob(pattern);
    if ('error' in matches) {
      yield* out.flush();
      if (!hasOption(parsed, 'silent') || hasOption(parsed, 'show-error')) yield* process.write(2, `curl: (3) ${matches.error}\n`);
      return { status: 3, ends: true };
    }
    const output = outputs[i] ?? (hasOption(parsed, 'remote-name-all') ? { name: 'remote-name', value: '' } : undefined);
    for (const { url, chosen } of matches) {
      const named = output?.name === 'output' ? { name: 'output', value: nameByGlob(output.value, chosen) } : output;
      status = yield* transferWithRetries(process, parsed, out, cookies, url, named, i);
      if (status !== 0 && hasOption(parsed, 'fail-early')) return { status, ends: true };
    }
  }
  return { status, ends: false };
}

/** -c: a jar that can't be written is only warned of. */
function* saveJar(process: Process, path: string, text: string): Blocking<void> {
  const fd = process.open(path, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return;
  yield* process.write(fd, text);
  process.close(fd);
}

/** HTTP statuses that may pass. */
const PASSING = [408, 429, 500, 502, 503, 504];

/** `--retry N`: again after one second, then two, four … when it timed out or the server is busy. */
function* transferWithRetries(
  process: Process,
  parsed: Parsed,
  out: StandardOutput,
  cookies: Cookies,
  url: string,
  output: OutputOption | undefined,
  number: number,
): Blocking<number> {
  let left = Number(optionValue(parsed, 'retry') ?? 0);
  let pause = Number(optionValue(parsed, 'retry-delay') ?? 0) * SECOND;
  for (let wait = SECOND; ; wait = Math.min(wait * 2, 600 * SECOND)) {
    const transfer = new Transfer(process, parsed, out, cookies, { url, output, number });
    const status = yield* transfer.run();
    const refused = status === 7 && hasOption(parsed, 'retry-connrefused');
    const again =
      refused ||
      status === 28 ||
      status === 6 ||
      PASSING.includes(transfer.httpStatus) ||
      (status !== 0 && hasOption(parsed, 'retry-all-errors'));
    if (left <= 0 || !again) return status;
    left--;
    pause = pause || wait;
    yield* process.sleep(pause);
    pause = Number(optionValue(parsed, 'retry-delay') ?? 0) * SECOND;
  }
}
