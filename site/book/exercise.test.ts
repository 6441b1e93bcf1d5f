import { expect, test } from 'vitest';
import { readExercise } from './exercise.ts';

test('each comment names a goal, the commands below it check it', () => {
  expect(readExercise('# one reaches two\n$ ping -c 1 two\n# and only once\n$ for i in 1 2; do\n>   ping two\n> done\n$ false')).toEqual([
    { text: 'one reaches two', commands: ['ping -c 1 two'] },
    { text: 'and only once', commands: ['for i in 1 2; do\n  ping two\ndone', 'false'] },
  ]);
});

test.each([
  ['', 'an exercise needs at least one goal'],
  ['$ true', 'an exercise begins with a goal'],
  ['# nothing to see', 'the goal “nothing to see” has no command that checks it'],
  ['# a goal\noutput', 'outputs are computed'],
])('%j is refused', (text, message) => {
  expect(() => readExercise(text)).toThrow(message);
});
