import { strerror } from '../../base/errno.ts';
import { bytesOf } from '../tool/byte-string.ts';
import { flag, optional, type Tool } from '../tool/tool.ts';

export const tee: Tool = {
  name: 'tee',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Copy standard input to standard output and to each file.',
  options: [
    flag('a', 'append', 'append to the files instead of replacing them'),
    flag('i', 'ignore-interrupts', 'ignore SIGINT'),
    flag('p', '', 'go on when a pipe among the outputs has no reader'),
    { ...optional('', 'output-error', 'MODE', 'what to do when writing fails'), unmodelled: true },
  ],
  *main(call) {
    const { process } = call;
    if (call.has('ignore-interrupts')) process.onSignal('SIGINT', 'ignore');
    if (call.has('p')) process.onSignal('SIGPIPE', 'ignore');
    const append = call.has('append');
    const outputs: { fd: number; path: string }[] = [{ fd: 1, path: 'standard output' }];
    for (const path of call.operands) {
      const fd = process.open(path, { write: true, create: true, append, truncate: !append });
      if (typeof fd === 'string') yield* call.about(path, fd);
      else outputs.push({ fd, path });
    }
    const reader = call.reader(0);
    for (;;) {
      const chunk = yield* reader.chunk();
      if (chunk === undefined) break;
      const bytes = bytesOf(chunk);
      for (const output of [...outputs]) {
        const failed = yield* process.write(output.fd, bytes);
        if (!failed) continue;
        outputs.splice(outputs.indexOf(output), 1);
        if (!(failed === 'EPIPE' && call.has('p'))) yield* call.about(output.path, failed);
      }
      if (outputs.length === 0) break;
    }
    if (reader.error) yield* call.warn(`read error: ${strerror(reader.error)}`);
    return call.status;
  },
};
