import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { bytesOf, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool } from '../tool/tool.ts';
import { md5, sha1, sha256, sha512 } from '../../base/digest.ts';

type Digest = (data: Uint8Array) => string;

/** The digest of a file, after complaining if it can't be read. */
function* digestOf(call: Call, path: string, digest: Digest): Blocking<string | undefined> {
  const file = call.open(path);
  if (typeof file === 'string') {
    yield* call.warn(`${call.either(call.dialect.fileName(path), `can't open '${path}'`)}: ${strerror(file)}`);
    return undefined;
  }
  const data = yield* file.reader.rest();
  call.close(file.fd);
  if (file.reader.error) {
    yield* call.readError(path, file.reader.error);
    return undefined;
  }
  yield* call.process.spend(Math.ceil(data.length / 500));
  return digest(bytesOf(data));
}

interface Tally {
  good: number;
  bad: number;
  unreadable: number;
  malformed: number;
}

function* checkLine(call: Call, line: string, digest: Digest, size: number, tally: Tally): Blocking<void> {
  const match = /^\\?([0-9a-fA-F]+) [ *](.+)$/s.exec(line) ?? /^\\?\w+ \((.+)\) = ([0-9a-fA-F]+)$/s.exec(line)?.toReversed();
  const [wanted, path] =
    match?.length === 3 && /^[0-9a-fA-F]+$/.test(match[1] as string) ? [match[1] as string, match[2] as string] : [match?.[0], match?.[1]];
  if (!wanted || !path || wanted.length !== size) {
    tally.malformed++;
    return;
  }
  const real = yield* digestOf(call, path, digest);
  const verdict = real === undefined ? 'FAILED open or read' : real === wanted.toLowerCase() ? 'OK' : 'FAILED';
  if (real === undefined) tally.unreadable++;
  else if (verdict === 'OK') tally.good++;
  else tally.bad++;
  if (!call.has('status') && !(verdict === 'OK' && call.has('quiet'))) yield* call.out.text(`${path}: ${verdict}\n`);
}

/** `-c`: reads lists of digests and checks the files they name. */
function* check(call: Call, digest: Digest, size: number): Blocking<number> {
  for (const list of call.operands.length > 0 ? call.operands : ['-']) {
    const file = call.open(list);
    if (typeof file === 'string') {
      yield* call.about(list, file);
      continue;
    }
    const tally: Tally = { good: 0, bad: 0, unreadable: 0, malformed: 0 };
    for (;;) {
      const line = yield* file.reader.line();
      if (line === undefined) break;
      if (line !== '' && !line.startsWith('#')) yield* checkLine(call, textOf(line), digest, size, tally);
    }
    call.close(file.fd);
    yield* verdict(call, list, tally);
  }
  return call.status;
}

function* verdict(call: Call, list: string, tally: Tally): Blocking<void> {
  if (tally.good + tally.bad + tally.unreadable === 0) {
    yield* call.warn(`${list === '-' ? "'standard input'" : call.dialect.fileName(list)}: no properly formatted checksum lines found`);
    return;
  }
  const plural = (count: number, one: string, many: string) => `WARNING: ${count} ${count === 1 ? one : many}`;
  if (tally.bad + tally.unreadable > 0) call.status = 1;
  if (call.has('status')) return;
  if (tally.malformed > 0) yield* call.warn(plural(tally.malformed, 'line is improperly formatted', 'lines are improperly formatted'), 0);
  if (tally.unreadable > 0)
    yield* call.warn(plural(tally.unreadable, 'listed file could not be read', 'listed files could not be read'), 0);
  if (tally.bad > 0) yield* call.warn(plural(tally.bad, 'computed checksum did NOT match', 'computed checksums did NOT match'), 0);
}

function checksumTool(name: string, tag: string, digest: Digest): Tool {
  return {
    name,
    suite: 'GNU coreutils',
    usage: ['[OPTION]... [FILE]...'],
    about: `Print or check ${tag} digests.`,
    options: [
      flag('b', 'binary', 'mark files as binary'),
      flag('c', 'check', 'read digests from the files and check them'),
      flag('', 'tag', 'with the name of the digest, as BSD does'),
      flag('t', 'text', 'mark files as text, as anyway'),
      flag('z', 'zero', 'lines end with NUL'),
      flag('', 'quiet', 'with -c, do not print OK'),
      flag('', 'status', 'with -c, print nothing'),
      flag('w', 'warn', 'with -c, ignored'),
    ],
    *main(call) {
      if (call.has('check')) return yield* check(call, digest, digest(new Uint8Array(0)).length);
      for (const path of call.operands.length > 0 ? call.operands : ['-']) {
        const text = yield* digestOf(call, path, digest);
        if (text === undefined) continue;
        const line = call.has('tag') ? `${tag} (${path}) = ${text}` : `${text} ${call.has('binary') ? '*' : ' '}${path}`;
        yield* call.out.text(line + (call.has('zero') ? '\0' : '\n'));
      }
      return call.status;
    },
  };
}

export const md5sum = checksumTool('md5sum', 'MD5', md5);
export const sha1sum = checksumTool('sha1sum', 'SHA1', sha1);
export const sha224sum = checksumTool('sha224sum', 'SHA224', (data) => sha256(data, 224));
export const sha256sum = checksumTool('sha256sum', 'SHA256', (data) => sha256(data));
export const sha512sum = checksumTool('sha512sum', 'SHA512', sha512);
