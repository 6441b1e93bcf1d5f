import type { World } from '../../index.ts';

/** Types a command at host1 and waits for its end; what it printed, without the returns that a terminal adds. */
export function typed(world: World, command: string): string {
  let output = '';
  const run = world.console('host1').run(command, (text) => {
    output += text;
  });
  if (world.runUntil(() => run.done) !== 'done') throw new Error(`${command} does not end; printed: ${output}`);
  return output.replaceAll('\r', '');
}
