import { expect, test } from 'vitest';
import { readFence } from './fence.ts';

test('commands begin with `$ ` and go on after `> `', () => {
  const fence = readFence('', '$ for i in 1 2; do\n>   echo $i\n> done\n$ true');
  expect(fence.commands).toEqual(['for i in 1 2; do\n  echo $i\ndone', 'true']);
});

test('what is meant to happen stands behind `console`', () => {
  expect(readFence(`host="host2" expect="1 packet" expect='two words' exit=2`, '$ true')).toMatchObject({
    host: 'host2',
    expect: ['1 packet', 'two words'],
    status: 2,
  });
  expect(readFence('fails', '$ false').status).toBe('fails');
  expect(readFence('terminal="listen"', '$ tcpdump').terminal).toBe('listen');
});

test.each([
  ['hots=host1', '$ true', 'a console block has no attribute `hots`; it knows host, terminal, expect, exit and fails'],
  ['exit=300', '$ true', 'exit=300 is no exit status (0 to 255)'],
  ['host', '$ true', '`host` needs a value, as in host="…"'],
  ['expect="open', '$ true', 'can’t read `="open`'],
  ['{1,2}', '$ true', 'can’t read'],
  ['', '$ true\noutput', 'outputs are computed, not written'],
  ['', '', 'needs at least one'],
])('%s %j is refused', (meta, text, message) => {
  expect(() => readFence(meta, text)).toThrow(message.replace('can’t', "can't"));
});
