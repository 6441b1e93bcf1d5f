import { addressCommands } from './address.ts';
import { addrlabelCommands } from './addrlabel.ts';
import { linkCommands } from './link.ts';
import { maddressCommands } from './maddress.ts';
import { monitor } from './monitor.ts';
import { neighbourCommands } from './neighbour.ts';
import { netconfCommands } from './netconf.ts';
import { netnsCommands } from './netns.ts';
import { ntableCommands } from './ntable.ts';
import { nexthopCommands } from './nexthop.ts';
import { fou, ila, ioam, l2tp, macsec, mptcp, mrouteCommands, segmentRouting, stats, xfrm } from './rare-objects.ts';
import { routeCommands } from './route.ts';
import { ruleCommands } from './rule.ts';
import type { Outcome, Subcommand, Tool } from './tool.ts';
import { tcpMetricsCommands } from './tcp-metrics.ts';
import { tokenCommands } from './token.ts';
import { tunnelCommands } from './tunnel.ts';
import { tuntapCommands } from './tuntap.ts';
import { IP_USAGE } from './usage/ip.ts';
import { vrfCommands } from './vrf.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, Words } from './words.ts';

/** What follows `ip`: an object, and what runs without a command. */
interface IpObject {
  name: string;
  commands?: readonly Subcommand[];
  /** The name in `try "ip … help"`. */
  help?: string;
  run?: (tool: Tool, words: Words) => Outcome;
}

/** Objects in iproute2's order, which decides what an abbreviation means (ip/ip.c `cmds`). */
export const objects: readonly IpObject[] = [
  { name: 'address', commands: addressCommands },
  { name: 'addrlabel', commands: addrlabelCommands },
  { name: 'maddress', commands: maddressCommands, help: 'maddr' },
  { name: 'route', commands: routeCommands },
  { name: 'rule', commands: ruleCommands },
  { name: 'neighbor', commands: neighbourCommands, help: 'neigh' },
  { name: 'neighbour', commands: neighbourCommands, help: 'neigh' },
  { name: 'ntable', commands: ntableCommands },
  { name: 'ntbl', commands: ntableCommands, help: 'ntable' },
  { name: 'link', commands: linkCommands },
  { name: 'l2tp', run: l2tp },
  { name: 'fou', run: fou },
  { name: 'ila', run: ila },
  { name: 'macsec', run: macsec },
  { name: 'tunnel', commands: tunnelCommands },
  { name: 'tunl', commands: tunnelCommands, help: 'tunnel' },
  { name: 'tuntap', commands: tuntapCommands },
  { name: 'tap', commands: tuntapCommands, help: 'tuntap' },
  { name: 'token', commands: tokenCommands },
  { name: 'tcpmetrics', commands: tcpMetricsCommands, help: 'tcp_metrics' },
  { name: 'tcp_metrics', commands: tcpMetricsCommands },
  { name: 'monitor', run: monitor },
  { name: 'xfrm', run: xfrm },
  { name: 'mroute', commands: mrouteCommands },
  { name: 'mrule' },
  { name: 'netns', commands: netnsCommands },
  { name: 'netconf', commands: netconfCommands },
  { name: 'vrf', commands: vrfCommands },
  { name: 'sr', run: segmentRouting },
  { name: 'nexthop', commands: nexthopCommands },
  { name: 'mptcp', run: mptcp },
  { name: 'ioam', run: ioam },
  { name: 'help', run: (tool) => tool.refuse(new Quit(IP_USAGE, EXIT_MINUS_ONE)) },
  { name: 'stats', run: stats },
];

/** Runs one command line of `ip` after its options. */
export function runObject(tool: Tool, line: readonly string[]): Outcome {
  const words = new Words(line);
  const name = words.take();
  const object = objects.find((candidate) => abbreviates(name, candidate.name));
  if (!object) throw new Quit(`Object "${name}" is unknown, try "ip help".\n`, 1);
  if (object.run) return object.run(tool, words);
  if (!object.commands) throw tool.unmodelled(`ip ${object.name}`);
  return runCommand(tool, object.commands, words, `ip ${object.help ?? object.name}`);
}

/** Runs the command of an object; without one, the object is shown. */
export function runCommand(tool: Tool, commands: readonly Subcommand[], words: Words, help: string): Outcome {
  const name = words.empty ? 'show' : words.take();
  const command = commands.find(({ names, exact = [] }) => exact.includes(name) || names.some((full) => abbreviates(name, full)));
  if (!command) throw new Quit(`Command "${name}" is unknown, try "${help} help"${help === 'ip tunnel' ? '' : '.'}\n`, EXIT_MINUS_ONE);
  return command.run(tool, words);
}
