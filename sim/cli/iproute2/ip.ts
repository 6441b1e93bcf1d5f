import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { runBatch } from './batch.ts';
import { completeIp } from './completion.ts';
import { runObject } from './objects.ts';
import { parseOptions } from './options.ts';
import { DEFAULTS, type Outcome, Tool } from './tool.ts';
import { IP_USAGE } from './usage/ip.ts';
import { EXIT_MINUS_ONE, Quit } from './words.ts';

/** ip(8) of iproute2: links, addresses, routes, neighbours, rules and network namespaces over rtnetlink. */
export const ip: Command = {
  name: 'ip',
  paths: ['/usr/bin/ip', '/usr/sbin/ip'],
  run: runIp,
  complete: completeIp,
};

function* runIp(process: Process): Blocking<number> {
  const tool = new Tool(process, 'ip', { ...DEFAULTS });
  return yield* guarded(tool, () => {
    const { rest, batch } = parseOptions(tool, process.argv.slice(1));
    if (batch !== undefined) return runBatch(tool, batch, (line) => runObject(tool, line));
    if (rest.length === 0) throw new Quit(IP_USAGE, EXIT_MINUS_ONE);
    return runObject(tool, rest);
  });
}

/** Runs a command to its exit status: what it said is written, and an early end becomes its message and status. */
export function* guarded(tool: Tool, run: () => Outcome): Blocking<number> {
  let status: number;
  try {
    const outcome = run();
    status = typeof outcome === 'number' ? outcome : yield* outcome;
  } catch (quit) {
    if (!(quit instanceof Quit)) throw quit;
    tool.warn(quit.text);
    status = quit.status;
  }
  yield* tool.flush();
  return status;
}
