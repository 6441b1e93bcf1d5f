import { encode } from '../../base/bytes.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { getopt, hasOption, isFailure, optionValue, type Parsed } from '../getopt.ts';
import { readDataFiles } from './body.ts';
import { Cookies } from './cookies.ts';
import { OPTIONS } from './options.ts';
import { StandardOutput } from './standard-output.ts';
import { Transfer, VERSION } from './transfer.ts';
import { isVariable } from './write-out.ts';

const TRY = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** curl(1): HTTP over TCP. Other protocols, TLS among them, are not modelled. */
export const curl: Command = { name: 'curl', paths: ['/usr/bin/curl'], run: runCurl };

function* runCurl(process: Process): Blocking<number> {
  const parsed = getopt(OPTIONS, process.argv.slice(1));
  if (isFailure(parsed)) {
    yield* process.write(2, parsed.unmodelled ? notModelled('curl', `option '${parsed.unmodelled}'`) : usageError(parsed.error));
    return 2;
  }
  if (hasOption(parsed, 'version')) {
    yield* process.write(1, `curl ${VERSION} (x86_64-pc-linux-gnu) libcurl/${VERSION}\nProtocols: http\n`);
    return 0;
  }
  for (const name of ['max-time', 'connect-timeout']) {
    const value = optionValue(parsed, name);
    if (value === undefined || /^\d+(\.\d+)?$/.test(value)) continue;
    yield* process.write(2, `curl: option ${name === 'max-time' ? '-m' : `--${name}`}: expected a proper numerical parameter\n${TRY}`);
    return 2;
  }
  const urls = [...parsed.options.filter(({ name }) => name === 'url').map(({ value }) => value), ...parsed.operands];
  if (urls.length === 0) {
    yield* process.write(2, TRY);
    return 2;
  }
  const unsaid = parsed.options.find(({ name, value }) => name === 'upload-file' && (value === '-' || value === '.'));
  const globs = !hasOption(parsed, 'globoff') && urls.some((url) => /[{}]|\[(?![0-9a-f:.%]*\])/i.test(url));
  if (unsaid || globs) {
    yield* process.write(2, notModelled('curl', unsaid ? 'uploading standard input' : 'globbing in URLs (without -g)'));
    return 2;
  }
  for (const { name, value } of parsed.options) {
    if (name !== 'upload-file') continue;
    const target = process.namespaces.mnt.resolve(process, value);
    if (typeof target !== 'string' && target.inode) continue;
    yield* process.write(2, `curl: cannot open '${value}'\n${TRY}curl: (26) Failed to open/read local data from file/application\n`);
    return 26;
  }
  const outputs = parsed.options.filter(({ name }) => name === 'output' || name === 'remote-name');
  const read = yield* readDataFiles(process, parsed, TRY);
  if (read !== undefined) return read;
  const unknown = /%\{(\w+)\}/g;
  const format = optionValue(parsed, 'write-out') ?? '';
  for (const [, name] of format.matchAll(unknown)) {
    if (!isVariable(name as string)) yield* process.write(2, `curl: unknown --write-out variable: '${name}'\n`);
  }
  const cookies = yield* Cookies.open(process, parsed);
  const out = new StandardOutput(process, hasOption(parsed, 'no-buffer'));
  let status = 0;
  for (const [i, url] of urls.entries()) {
    status = yield* transferWithRetries(process, parsed, out, cookies, url, outputs[i]);
  }
  const jar = optionValue(parsed, 'cookie-jar');
  if (jar === '-') yield* out.write(encode(cookies.text));
  yield* out.flush();
  if (jar !== undefined && jar !== '-') yield* saveJar(process, jar, cookies.text);
  return status;
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
  output: { name: string; value: string } | undefined,
): Blocking<number> {
  let left = Number(optionValue(parsed, 'retry') ?? 0);
  let pause = Number(optionValue(parsed, 'retry-delay') ?? 0) * SECOND;
  for (let wait = SECOND; ; wait = Math.min(wait * 2, 600 * SECOND)) {
    const transfer = new Transfer(process, parsed, out, cookies, url, output);
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

/** getopt's words in curl's order. */
function usageError(error: string): string {
  const name = /'(.*?)'/.exec(error)?.[1] ?? '';
  const option = name.startsWith('-') ? name : `-${name}`;
  return `curl: option ${option}: ${error.includes('requires an argument') ? 'requires parameter' : 'is unknown'}\n${TRY}`;
}
