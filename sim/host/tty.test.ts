import { expect, test } from 'vitest';
import { decode, encode } from '../base/bytes.ts';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import { Host } from './host.ts';
import { Directory } from './inode.ts';
import { COOKED, RAW, Tty } from './tty.ts';

function terminal(): { tty: Tty; shown: () => string } {
  const events = new EventQueue();
  const kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
  const host = new Host({ name: 'host1', kernel, programs: new Map(), root: new Directory(), env: new Map() });
  const tty = new Tty(host, 0);
  let text = '';
  tty.onOutput = (bytes) => {
    text += decode(bytes);
  };
  return { tty, shown: () => text };
}

const read = (tty: Tty): string => {
  const bytes = tty.read(100);
  return typeof bytes === 'string' ? bytes : decode(bytes);
};

test('a line can be edited until it is entered', () => {
  const { tty, shown } = terminal();
  tty.input(encode('helö\x7flo world\x17there'));
  expect(read(tty)).toBe('EAGAIN');
  tty.input(encode('\r'));
  expect(read(tty)).toBe('hello there\n');
  expect(shown()).toContain('\b \b');
});

test('what was typed before a line editor took over is not lost', () => {
  const { tty } = terminal();
  tty.input(encode('ls'));
  tty.termios = { ...RAW };
  expect(read(tty)).toBe('ls');
  tty.termios = { ...COOKED };
  tty.input(encode('x\n'));
  expect(read(tty)).toBe('x\n');
});

test('^D on an empty line is the end of the file', () => {
  const { tty } = terminal();
  tty.input(Uint8Array.of(4));
  expect(read(tty)).toBe('');
});
