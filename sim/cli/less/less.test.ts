import { expect, test } from 'vitest';
import { encode } from '../../base/bytes.ts';
import { Tty } from '../../host/tty.ts';
import { commands as coreutils } from '../coreutils/index.ts';
import { testMachine } from '../harness.ts';
import { runPipeline } from '../tool/transcript.ts';
import { commands as pagers } from './index.ts';

const commands = [...pagers, ...coreutils];
const text = Array.from({ length: 50 }, (_, i) => `line ${i + 1}\n`).join('');

/** A pager on a terminal of 10 rows; `press` types keys and gives the rows that are then on the screen. */
function pager(program: string, ...args: string[]) {
  const host = testMachine(commands, { '/t/file': text });
  const tty = new Tty(host, 0);
  tty.resize(40, 10);
  let output = '';
  tty.onOutput = (bytes) => {
    output += String.fromCharCode(...bytes);
  };
  const process = host.init.spawn(`/usr/bin/${program}`, {
    argv: [program, ...args],
    fds: new Map([0, 1, 2].map((fd) => [fd, tty.slave])),
    session: { tty },
    cwd: '/t',
  });
  if (typeof process === 'string') throw new Error(process);
  tty.foreground = process.pgid;
  const press = (keys: string): string[] => {
    output = '';
    tty.input(encode(keys));
    host.events.settle();
    const screen = output.slice(output.lastIndexOf('\x1b[H\x1b[J') + 6);
    return screen.replace(/\x1b\[[0-9?]*[a-zA-Z]/g, '').split('\r\n');
  };
  return { host, process, tty, press };
}

test('less shows a screen, moves by keys and ends with q', () => {
  const { host, process, tty, press } = pager('less', 'file');
  expect(press('')).toEqual([...Array.from({ length: 9 }, (_, i) => `line ${i + 1}`), 'file']);
  expect(press(' ')[0]).toBe('line 10');
  expect(press('j')[0]).toBe('line 11');
  expect(press('\x1b[A')[0]).toBe('line 10');
  expect(press('b')[0]).toBe('line 1');
  expect(press('G')).toEqual([...Array.from({ length: 9 }, (_, i) => `line ${i + 42}`), '(END)']);
  expect(press('5g')[0]).toBe('line 5');
  press('q');
  expect(process.state).toBe('zombie');
  expect(tty.termios.icanon).toBe(true);
  expect(host.bugs).toEqual([]);
});

test('/ searches on, n again, N back', () => {
  const { press } = pager('less', 'file');
  expect(press('/line 2\r')[0]).toBe('line 2');
  expect(press('n')[0]).toBe('line 20');
  expect(press('N')[0]).toBe('line 2');
  expect(press('/nowhere\r').at(-1)).toBe('Pattern not found');
  expect(press('/(\r').at(-1)).toBe('Unmatched ( or \\(');
});

test('line numbers, and an interrupt that leaves the terminal as it was', () => {
  const { process, tty, press } = pager('less', '-N', 'file');
  expect(press('')[0]).toBe('      1 line 1');
  press('\x03');
  expect(process.state).toBe('zombie');
  expect(tty.termios.echo).toBe(true);
});

test('more ends at the end', () => {
  const { process, press } = pager('more', 'file');
  press('');
  press('      ');
  expect(process.state).toBe('zombie');
});

test('without a terminal the text is copied, and a missing file named', () => {
  const host = testMachine(commands, { '/t/file': 'a\nb\n' });
  expect(runPipeline(host, commands, [['less', 'file']]).output).toBe('a\nb\n');
  expect(runPipeline(host, commands, [['less']], 'piped\n').output).toBe('piped\n');
  expect(runPipeline(host, commands, [['less', 'x']]).output).toBe('x: No such file or directory\n');
});
