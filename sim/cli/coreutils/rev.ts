import { strerror } from '../../base/errno.ts';
import { byteString, textOf } from '../tool/byte-string.ts';
import { flag, type Tool } from '../tool/tool.ts';

export const rev: Tool = {
  name: 'rev',
  suite: 'util-linux',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Print each line with its last character first.',
  options: [flag('0', 'zero', 'lines end with NUL')],
  *main(call) {
    const end = call.has('zero') ? '\0' : '\n';
    for (const path of call.operands.length > 0 ? call.operands : ['-']) {
      const file = call.open(path);
      if (typeof file === 'string') {
        yield* call.warn(`${call.either(`cannot open ${path}`, path)}: ${strerror(file)}`);
        continue;
      }
      for (;;) {
        const line = yield* file.reader.line(end);
        if (line === undefined) break;
        yield* call.out.write(byteString([...textOf(line)].reverse().join('')) + (file.reader.terminated ? end : ''));
      }
      if (file.reader.error) yield* call.warn(`${path}: ${strerror(file.reader.error)}`);
      call.close(file.fd);
    }
    return call.status;
  },
};
