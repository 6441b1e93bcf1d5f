import { strerror } from '../../base/errno.ts';
import { RAW, terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { bytesOf, textOf } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';
import { Keyboard } from './keys.ts';
import { Pager } from './pager.ts';

/** Without a terminal to show it on, the text is copied, as cat does. */
function* copyThrough(call: Call, paths: readonly string[]): Blocking<number> {
  for (const path of paths) {
    const file = call.open(path);
    if (typeof file === 'string') {
      if (call.busybox) yield* call.warn(`can't open '${path}': ${strerror(file)}`);
      else if (call.tool.name === 'less') yield* call.out.text(`${path}: ${strerror(file)}\n`);
      else yield* call.warn(`cannot open ${path}: ${strerror(file)}`);
      continue;
    }
    if (call.tool.name === 'more' && path !== '-' && !call.busybox) yield* call.out.text(`::::::::::::::\n${path}\n::::::::::::::\n`);
    for (;;) {
      const chunk = yield* file.reader.chunk();
      if (chunk === undefined) break;
      yield* call.out.bytes(bytesOf(chunk));
    }
    if (file.reader.error === 'EISDIR') yield* call.complain(`${path} is a directory\n`);
    call.close(file.fd);
  }
  return call.status;
}

/** The lines of all files, with what could not be read said first. */
function* collect(call: Call, paths: readonly string[]): Blocking<string[] | undefined> {
  const lines: string[] = [];
  let opened = 0;
  for (const path of paths) {
    const file = call.open(path);
    if (typeof file === 'string') {
      yield* call.complain(`${path}: ${strerror(file)}\n`);
      continue;
    }
    for (const line of yield* file.reader.lines()) lines.push(textOf(line));
    call.close(file.fd);
    if (file.reader.error)
      yield* call.complain(file.reader.error === 'EISDIR' ? `${path} is a directory\n` : `${path}: ${strerror(file.reader.error)}\n`);
    else opened++;
  }
  return opened > 0 ? lines : undefined;
}

/** Keys come from the terminal even when the text comes from a pipe. */
function keyboardDescriptor(call: Call): number | undefined {
  return [0, 2, 1].find((fd) => terminalOf(call.process.fds.get(fd)) !== undefined);
}

function pagerTool(name: 'less' | 'more'): Tool {
  return {
    name,
    suite: name === 'less' ? 'less' : 'util-linux',
    usage: ['[OPTION]... [FILE]...'],
    about:
      'Show text a screen at a time: SPACE b d u j k g G move, /TEXT and n N search, q ends. Where the output is no terminal, copy it.',
    options: [
      flag('e', 'quit-at-eof', 'end at the end of the text'),
      flag('F', 'quit-if-one-screen', 'print text that fits on the screen and end'),
      flag('i', 'ignore-case', 'searches do not mind capitals'),
      flag('N', 'LINE-NUMBERS', 'with line numbers'),
      flag('R', 'RAW-CONTROL-CHARS', 'colours as they are'),
      flag('r', 'raw-control-chars', 'control characters as they are'),
      flag('S', 'chop-long-lines', 'cut long lines'),
      flag('X', 'no-init', 'leave the text on the screen'),
      { ...valued('p', 'pattern', 'TEXT', ''), unmodelled: true },
    ],
    *main(call) {
      const paths = call.operands.length > 0 ? call.operands : ['-'];
      const screen = call.terminal;
      const keys = keyboardDescriptor(call);
      if (call.operands.length === 0 && terminalOf(call.process.fds.get(0))) {
        yield* call.complain(name === 'less' ? 'Missing filename ("less --help" for help)\n' : `${call.name}: bad usage\n`);
        return 1;
      }
      if (!screen || keys === undefined) return yield* copyThrough(call, paths);
      const lines = yield* collect(call, paths);
      if (!lines) return 1;
      if (call.has('quit-if-one-screen') && lines.length < screen.rows) {
        yield* call.out.text(lines.map((line) => `${line}\n`).join(''));
        return 0;
      }
      const saved = screen.termios;
      const alternate = name === 'less' && !call.has('no-init');
      screen.termios = { ...RAW, isig: true };
      try {
        if (alternate) yield* call.out.text('\x1b[?1049h');
        const pager = new Pager(call, screen, new Keyboard(call.process, keys), {
          name: paths[0] === '-' ? '' : (paths[0] as string),
          lines,
          numbers: call.has('LINE-NUMBERS'),
          chop: call.has('chop-long-lines'),
          raw: call.has('RAW-CONTROL-CHARS', 'raw-control-chars'),
          endsAtEnd: name === 'more' || call.has('quit-at-eof'),
        });
        yield* pager.run();
        yield* call.out.text(alternate ? '\x1b[?1049l' : '\r\x1b[K');
        return 0;
      } finally {
        screen.termios = saved;
      }
    },
  };
}

export const less = pagerTool('less');
export const more = pagerTool('more');
