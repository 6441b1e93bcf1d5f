import { expect, test } from 'vitest';
import { testMachine } from '../harness.ts';
import { runPipeline } from '../tool/transcript.ts';
import { commands } from './index.ts';

const binary = Uint8Array.from({ length: 512 }, (_, i) => i % 256);

function hexOf(stages: string[][], stdin: Uint8Array): string {
  return runPipeline(testMachine(commands), commands, [...stages, ['od', '-An', '-v', '-tx1']], stdin).output.replace(/\s/g, '');
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

test('a reader that has enough ends a writer that never would', () => {
  const host = testMachine(commands);
  expect(runPipeline(host, commands, [['yes'], ['head', '-n', '2']]).output).toBe('y\ny\n');
  expect(
    runPipeline(host, commands, [
      ['yes', 'a'],
      ['cat', '-n'],
      ['tr', 'a', 'b'],
      ['head', '-n', '1'],
    ]).output,
  ).toBe('     1\tb\n');
  expect(
    runPipeline(host, commands, [
      ['seq', 'inf'],
      ['tail', '-n', '+3'],
      ['head', '-n', '1'],
    ]).output,
  ).toBe('3\n');
  host.events.settle();
  expect(host.processes().map((process) => process.name)).toEqual(['init']);
});

test('SIGPIPE ends the writer with status 141', () => {
  const host = testMachine(commands);
  const statuses: number[] = [];
  const watch = host.init.fork(function* (process) {
    const { read, write } = process.pipe();
    const writer = process.fds.get(write);
    if (!writer) return 1;
    const yes = process.spawn('/usr/bin/yes', { argv: ['yes'], fds: new Map([[1, writer]]) });
    process.close(write);
    yield* process.read(read, 2);
    process.close(read);
    const status = yield* process.wait();
    if (typeof yes !== 'string' && typeof status === 'object') statuses.push(status.code);
    return 0;
  });
  expect(typeof watch).toBe('object');
  host.events.settle();
  expect(statuses).toEqual([13]);
});

test.each([
  ['cat'],
  ['head', '-c', '512'],
  ['tail', '-c', '512'],
  ['tail', '-n', '100'],
  ['tr', 'a', 'a'],
  ['tee'],
  ['tac', '-s', 'nothing'],
])('%s %s %s passes all 256 bytes through', (...argv) => {
  expect(hexOf([argv], binary)).toBe(hex(binary));
});

test('cut and sort compare and keep bytes', () => {
  expect(hexOf([['cut', '-b', '2']], Uint8Array.of(65, 255, 66, 10))).toBe('ff0a');
  expect(hexOf([['sort']], Uint8Array.of(255, 10, 128, 10, 65, 10))).toBe('410a800aff0a');
  expect(hexOf([['uniq']], Uint8Array.of(255, 10, 255, 10, 254, 10))).toBe('ff0afe0a');
  expect(hexOf([['base64'], ['base64', '-d']], binary)).toBe(hex(binary));
});

test('sleep takes virtual time only, and infinity is a pause', () => {
  const host = testMachine(commands);
  const before = host.now;
  runPipeline(host, commands, [['sleep', '1d']]);
  expect(host.now - before).toBeGreaterThanOrEqual(86_400_000_000);
  const forever = host.init.spawn('/usr/bin/sleep', { argv: ['sleep', 'infinity'] });
  host.events.settle();
  expect(typeof forever === 'object' && forever.state).toBe('sleeping');
});

test('tail -f prints what is appended until it is ended', () => {
  const host = testMachine(commands, { '/t/log': 'one\n' });
  const appender = host.init.fork(function* (process) {
    yield* process.sleep(500_000);
    const fd = process.open('/t/log', { write: true, append: true });
    if (typeof fd === 'string') return 1;
    yield* process.write(fd, 'two\n');
    return 0;
  });
  expect(typeof appender).toBe('object');
  expect(runPipeline(host, commands, [['timeout', '1', 'tail', '-f', '/t/log']]).output).toBe('one\ntwo\n');
  expect(
    runPipeline(host, commands, [
      ['tail', '-f', '/t/log'],
      ['head', '-n', '1'],
    ]).output,
  ).toBe('one\n');
});

test('a long line and odd arguments end in an answer', () => {
  const host = testMachine(commands);
  const long = 'x'.repeat(1_000_000);
  expect(runPipeline(host, commands, [['wc', '-L']], `${long}\n`).output).toBe('1000000\n');
  expect(
    runPipeline(
      host,
      commands,
      [
        ['fold', '-w', '100000'],
        ['wc', '-l'],
      ],
      `${long}\n`,
    ).output,
  ).toBe('10\n');
  expect(runPipeline(host, commands, [['sort', '-k', '99999999999999999999']], 'b\na\n').output).toBe('a\nb\n');
  for (const command of commands.filter(({ name }) => !['yes', 'sleep', 'true', 'false', 'echo', '[', 'test', 'expr'].includes(name))) {
    const { output, status } = runPipeline(host, commands, [[command.name, '--no-such-option']]);
    expect([command.name, status === 0 && command.name !== 'printf', output.length > 0]).toEqual([command.name, false, true]);
  }
});

test('every tool explains itself', () => {
  const host = testMachine(commands);
  for (const { name } of commands.filter((command) => command.name !== 'test')) {
    const { output } = runPipeline(host, commands, [[name, '--help']]);
    expect(output).toMatch(/^Usage: /);
    expect(runPipeline(host, commands, [[name, '--version']]).output).toContain('(');
  }
});
