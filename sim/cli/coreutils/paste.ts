import { strerror } from '../../base/errno.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import type { Reader } from '../tool/reader.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

const ESCAPES: Record<string, string> = { 0: '', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' };

/** The delimiters of `-d`, used in turn; `\0` is none. */
function delimiters(text: string): string[] {
  const list = [...text.matchAll(/\\(.)|[^\\]/gsu)].map(([whole, escaped]) =>
    escaped === undefined ? whole : (ESCAPES[escaped] ?? escaped),
  );
  return list.length > 0 ? list.map(byteString) : [''];
}

function* parallel(call: Call, readers: Reader[], between: string[], end: string): Blocking<void> {
  for (;;) {
    let row = '';
    let open = 0;
    for (const [index, reader] of readers.entries()) {
      const line = yield* reader.line(end);
      if (line !== undefined) open++;
      row += (index > 0 ? between[(index - 1) % between.length] : '') + (line ?? '');
    }
    if (open === 0) return;
    yield* call.out.write(row + end);
  }
}

function* serial(call: Call, reader: Reader, between: string[], end: string): Blocking<void> {
  for (let n = 0; ; n++) {
    const line = yield* reader.line(end);
    if (line === undefined) break;
    yield* call.out.write((n > 0 ? (between[(n - 1) % between.length] as string) : '') + line);
  }
  yield* call.out.write(end);
}

export const paste: Tool = {
  name: 'paste',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print the first lines of all files in one line, then the second ones, and so on.',
  options: [
    valued('d', 'delimiters', 'LIST', 'what stands between, instead of TAB; several characters take turns'),
    flag('s', 'serial', 'the lines of each file in one line'),
    flag('z', 'zero-terminated', 'lines end with NUL'),
  ],
  *main(call) {
    const end = call.has('zero-terminated') ? '\0' : '\n';
    const text = call.value('delimiters') ?? '\t';
    if (/(^|[^\\])(\\\\)*\\$/.test(text)) return yield* call.fail(`delimiter list ends with an unescaped backslash: ${text}`);
    const between = delimiters(text);
    if (call.has('serial')) {
      yield* call.eachFile(
        (reader) => serial(call, reader, between, end),
        (path) => call.dialect.fileName(path),
      );
      return call.status;
    }
    const standard = call.reader(0);
    const readers: Reader[] = [];
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = path === '-' ? { reader: standard } : call.open(path);
      if (typeof file === 'string') return yield* call.fail(`${call.dialect.fileName(path)}: ${strerror(file)}`);
      readers.push(file.reader);
    }
    yield* parallel(call, readers, between, end);
    for (const [index, reader] of readers.entries()) if (reader.error) yield* call.about(call.operands[index] ?? '-', reader.error);
    return call.status;
  },
};
