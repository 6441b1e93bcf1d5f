import type { Goal } from '../../components/exercise/render.ts';
import { FenceError, readFence } from './fence.ts';

/**
 * Reads a `console exercise` block: each `# TEXT` names a goal, the commands below it are its check. A goal is reached when its
 * last command succeeds. `HOST$ ` in place of `$ ` checks it at another host than the page's first.
 *
 * @throws FenceError
 */
export function readExercise(text: string): Goal[] {
  const goals: { text: string; lines: string[]; line: number }[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.startsWith('# ')) goals.push({ text: line.slice(2), lines: [], line: index + 1 });
    else if (line.trim() !== '') {
      const goal = goals.at(-1);
      if (!goal) throw new FenceError('an exercise begins with a goal: `# TEXT`', index + 1);
      goal.lines.push(line);
    }
  });
  if (goals.length === 0) throw new FenceError('an exercise needs at least one goal: `# TEXT`, then the commands that check it');
  return goals.map((goal) => {
    if (goal.lines.length === 0) throw new FenceError(`the goal “${goal.text}” has no command that checks it`, goal.line);
    const { commands, hosts } = readFence('', goal.lines.join('\n'));
    const [host] = hosts;
    if (hosts.some((each) => each !== host)) throw new FenceError(`the goal “${goal.text}” is checked at more than one host`, goal.line);
    return { text: goal.text, commands, ...(host === undefined ? {} : { host }) };
  });
}
