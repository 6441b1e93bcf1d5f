import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { runBatch } from './batch.ts';
import { runBridgeObject } from './bridge-objects.ts';
import { completeBridge } from './completion.ts';
import { guarded } from './ip.ts';
import { type AfterOptions, setColor, VERSION } from './options.ts';
import { DEFAULTS, Tool } from './tool.ts';
import { BRIDGE_TOOL_USAGE } from './usage/bridge.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit } from './words.ts';

/** bridge(8) of iproute2: bridge ports and forwarding databases. */
export const bridge: Command = {
  name: 'bridge',
  paths: ['/usr/sbin/bridge'],
  run: runBridge,
  complete: completeBridge,
};

function* runBridge(process: Process): Blocking<number> {
  const tool = new Tool(process, 'bridge', { ...DEFAULTS });
  return yield* guarded(tool, () => {
    const { rest, batch } = parseBridgeOptions(tool, process.argv.slice(1));
    if (batch !== undefined) return runBatch(tool, batch, (line) => runBridgeObject(tool, line));
    if (rest.length === 0) throw new Quit(BRIDGE_TOOL_USAGE, EXIT_MINUS_ONE);
    return runBridgeObject(tool, rest);
  });
}

/** Parses the options in front of the object (bridge/bridge.c `main`). */
function parseBridgeOptions(tool: Tool, args: readonly string[]): AfterOptions {
  const { options } = tool;
  let batch: string | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const given = args[at] as string;
    if (given === '--') {
      at++;
      break;
    }
    if (!given.startsWith('-')) break;
    const option = given.startsWith('--') ? given.slice(1) : given;
    if (abbreviates(option, '-help')) throw new Quit(BRIDGE_TOOL_USAGE, EXIT_MINUS_ONE);
    if (abbreviates(option, '-Version')) {
      tool.print(`bridge utility, ${VERSION}\n`);
      throw new Quit('', 0);
    }
    if (abbreviates(option, '-stats') || abbreviates(option, '-statistics')) options.stats++;
    else if (abbreviates(option, '-details')) options.details = true;
    else if (abbreviates(option, '-oneline')) options.oneline = true;
    else if (abbreviates(option, '-timestamp')) options.timestamp = true;
    else if (abbreviates(option, '-family')) setFamily(tool, args[++at]);
    else if (option === '-4') options.family = 4;
    else if (option === '-6') options.family = 6;
    else if (abbreviates(option, '-netns')) tool.net = tool.enter(args[++at] ?? '(null)');
    else if (setColor(tool, option)) continue;
    else if (abbreviates(option, '-compressvlans')) options.compress = true;
    else if (abbreviates(option, '-force')) options.force = true;
    else if (abbreviates(option, '-json')) options.json = true;
    else if (abbreviates(option, '-pretty')) options.pretty = true;
    else if (abbreviates(option, '-batch')) batch = args[++at] ?? '';
    else throw new Quit(`Option "${option}" is unknown, try "bridge help".\n`, EXIT_MINUS_ONE);
  }
  return { rest: args.slice(at), batch };
}

function setFamily(tool: Tool, name: string | undefined): void {
  if (name === 'inet') tool.options.family = 4;
  else if (name === 'inet6') tool.options.family = 6;
  else throw invalid('invalid protocol family', name ?? '');
}
