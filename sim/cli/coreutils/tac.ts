import { strerror } from '../../base/errno.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import { quoteAlways } from '../tool/quote.ts';
import { compilePosix, escapeLiteral, isPosixError } from '../posix-regex.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

/** Splits a text behind (or, with `before`, in front of) each separator. */
export function records(text: string, separator: RegExp, before: boolean): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const match of text.matchAll(separator)) {
    if (match[0] === '') continue;
    const cut = before ? match.index : match.index + match[0].length;
    if (cut > start) parts.push(text.slice(start, cut));
    start = cut;
  }
  if (start < text.length) parts.push(text.slice(start));
  return parts;
}

export const tac: Tool = {
  name: 'tac',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print each file with its last line first.',
  options: [
    flag('b', 'before', 'the separator belongs to the line after it'),
    flag('r', 'regex', 'the separator is a regular expression'),
    valued('s', 'separator', 'STRING', 'what separates lines, instead of newline'),
  ],
  *main(call) {
    const separator = call.value('separator') ?? '\n';
    const compiled = call.has('regex') ? compilePosix(separator, { extended: false }) : new RegExp(escapeLiteral(separator), 'us');
    if (isPosixError(compiled)) return yield* call.fail(compiled.error);
    const everywhere = new RegExp(compiled.source, 'gus');
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.warn(`${call.either(`failed to open ${quoteAlways(path)} for reading`, path)}: ${strerror(file)}`);
        continue;
      }
      const text = textOf(yield* file.reader.rest());
      if (file.reader.error)
        yield* call.warn(
          `${call.dialect.fileName(path)}: read error: ${strerror(file.reader.error === 'EISDIR' ? 'EINVAL' : file.reader.error)}`,
        );
      call.close(file.fd);
      for (const record of records(text, everywhere, call.has('before')).reverse()) yield* call.out.write(byteString(record));
    }
    return call.status;
  },
};
