import type { ByteString } from '../tool/byte-string.ts';
import type { Call } from '../tool/call.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';
import { nextStop, parseTabStops, type TabStops } from './tab-stops.ts';

/** `-4` and `-2,6` are old ways to write `-t`. */
function rewrite(args: string[]): string[] {
  return args.map((arg) => arg.replace(/^-([\d,]+)$/, '-t$1'));
}

function withoutTabs(line: ByteString, stops: TabStops, initialOnly: boolean): ByteString {
  let out = '';
  let column = 0;
  let initial = true;
  for (const char of line) {
    if (char === '\t' && (initial || !initialOnly)) {
      const stop = nextStop(stops, column) ?? column + 1;
      out += ' '.repeat(stop - column);
      column = stop;
      continue;
    }
    if (char !== ' ' && char !== '\t') initial = false;
    column = char === '\b' ? Math.max(0, column - 1) : column + 1;
    out += char;
  }
  return out;
}

/** Turns blanks into as many tabs as possible: at the beginning, or everywhere. */
function withTabs(line: ByteString, stops: TabStops, everywhere: boolean): ByteString {
  let out = '';
  let column = 0;
  let blanks = '';
  let convert = true;
  for (const char of line) {
    if (convert && (char === ' ' || char === '\t')) {
      const stop = nextStop(stops, column);
      if (stop === undefined) {
        out += blanks + char;
        blanks = '';
        convert = false;
        continue;
      }
      column = char === '\t' ? stop : column + 1;
      blanks += char;
      if (column === stop) {
        // A single space that happens to reach a stop stays one: a tab would be no shorter.
        out += blanks === ' ' && everywhere ? ' ' : '\t';
        blanks = '';
      }
      continue;
    }
    out += blanks + char;
    blanks = '';
    column = char === '\b' ? Math.max(0, column - 1) : column + 1;
    convert &&= everywhere;
  }
  return out + blanks;
}

function* each(call: Call, change: (line: ByteString) => ByteString): ReturnType<Tool['main']> {
  yield* call.eachFile(
    function* (reader) {
      for (;;) {
        const line = yield* reader.line();
        if (line === undefined) return;
        yield* call.out.write(change(line) + (reader.terminated ? '\n' : ''));
      }
    },
    (path) => call.dialect.fileName(path),
  );
  return call.status;
}

export const expand: Tool = {
  name: 'expand',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Replace tabs by spaces.',
  options: [
    flag('i', 'initial', 'only tabs at the beginning of lines'),
    valued('t', 'tabs', 'LIST', 'stops every LIST columns, or at the columns of LIST'),
  ],
  rewrite,
  *main(call) {
    const stops = parseTabStops(call.values('tabs'));
    if (typeof stops === 'string') return yield* call.fail(stops);
    return yield* each(call, (line) => withoutTabs(line, stops, call.has('initial')));
  },
};

export const unexpand: Tool = {
  name: 'unexpand',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [FILE]...'],
  about: 'Replace spaces by tabs.',
  options: [
    flag('a', 'all', 'everywhere, not only at the beginning of lines'),
    flag('', 'first-only', 'only at the beginning of lines'),
    valued('t', 'tabs', 'LIST', 'stops every LIST columns, or at the columns of LIST; implies -a'),
  ],
  rewrite,
  *main(call) {
    const stops = parseTabStops(call.values('tabs'));
    if (typeof stops === 'string') return yield* call.fail(stops);
    const everywhere = call.has('all', 'tabs') && !call.has('first-only');
    return yield* each(call, (line) => withTabs(line, stops, everywhere));
  },
};
