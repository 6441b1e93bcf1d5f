import { bridgeLinkCommands } from './bridge-link.ts';
import { bridgeVlanCommands } from './bridge-vlan.ts';
import { bridgeMonitor } from './bridge-monitor.ts';
import { fdbCommands } from './fdb.ts';
import { mdbCommands } from './mdb.ts';
import { runCommand } from './objects.ts';
import type { Outcome, Subcommand, Tool } from './tool.ts';
import { BRIDGE_TOOL_USAGE } from './usage/bridge.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, Words } from './words.ts';

/** Objects of `bridge` in iproute2's order (bridge/bridge.c `cmds`); those without anything to run are not modelled. */
export const bridgeObjects: readonly { name: string; commands?: readonly Subcommand[]; run?: (tool: Tool, words: Words) => Outcome }[] = [
  { name: 'link', commands: bridgeLinkCommands },
  { name: 'fdb', commands: fdbCommands },
  { name: 'mdb', commands: mdbCommands },
  { name: 'mst' },
  { name: 'vlan', commands: bridgeVlanCommands },
  { name: 'vni' },
  { name: 'monitor', run: bridgeMonitor },
];

/** Runs one command line of `bridge` after its options. */
export function runBridgeObject(tool: Tool, line: readonly string[]): Outcome {
  const words = new Words(line);
  const name = words.take();
  if (abbreviates(name, 'help')) throw new Quit(BRIDGE_TOOL_USAGE, EXIT_MINUS_ONE);
  const object = bridgeObjects.find((candidate) => abbreviates(name, candidate.name));
  if (!object) throw new Quit(`Object "${name}" is unknown, try "bridge help".\n`, EXIT_MINUS_ONE);
  if (object.run) return object.run(tool, words);
  if (!object.commands) throw tool.unmodelled(`bridge ${object.name}`);
  return runCommand(tool, object.commands, words, `bridge ${object.name}`);
}
