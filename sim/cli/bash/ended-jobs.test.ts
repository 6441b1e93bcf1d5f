import { expect, it } from 'vitest';
import { runMerged, shellMachine } from './test-programs.ts';

const outputOf = (script: string): string => runMerged(shellMachine(), ['bash', '-c', script]).output;

it('a script knows of a job that has ended until somebody asks', () => {
  expect(outputOf('false & sleep 0.1\n:\nkill %1; echo $?\njobs\njobs')).toBe('0\n[1]+  Exit 1                     false\n');
  expect(outputOf('false & sleep 0.1\nwait %1; echo $?; jobs')).toBe('1\n');
});

it('wait forgets all that have ended but the one that $! names', () => {
  expect(outputOf('true & true & sleep 0.1\nwait; jobs')).toBe('[2]   Done                       true\n');
  expect(outputOf('sleep 0.1 & wait; jobs')).toBe('');
});

it('an ended job is not the previous one when another starts', () => {
  expect(outputOf('true & sleep 0.1; true & sleep 0.1; jobs')).toBe(
    '[1]   Done                       true\n[2]+  Done                       true\n',
  );
  expect(outputOf('sleep 0.1 & sleep 0.1 & sleep 0.2; jobs')).toBe(
    '[1]-  Done                       sleep 0.1\n[2]+  Done                       sleep 0.1\n',
  );
});
