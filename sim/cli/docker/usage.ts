import { type AnyCommand, commandOf, type GroupCommand, isGroup, type LeafCommand, type Listed } from './command.ts';
import { flagUsages } from './flags.ts';
import { GLOBAL } from './options/global.ts';
import type { CommandTree } from './tree.ts';

/** `docker ps [OPTIONS]`: how a command is used. */
export function usageLine(name: string, command: LeafCommand): string {
  return command.operands === '' ? name : `${name} ${command.operands}`;
}

/** What `docker COMMAND --help` prints. @throws NotLoaded */
export function help(name: string, command: AnyCommand, columns: number): string {
  if (isGroup(command)) return groupHelp(name, command);
  const parts = [`Usage:  ${usageLine(name, command)}`, command.summary];
  if (command.aliases) parts.push(`Aliases:\n  ${command.aliases}`);
  if (command.flags.some((flag) => !flag.hidden)) parts.push(`Options:\n${flagUsages(command.flags, columns - 1).trimEnd()}`);
  return `${parts.join('\n\n')}\n`;
}

function groupHelp(name: string, group: GroupCommand): string {
  return `Usage:  ${name} COMMAND\n\n${group.summary}\n\nCommands:\n${list(group.commands)}\n\nRun '${name} COMMAND --help' for more information on a command.\n`;
}

function list(commands: ReadonlyMap<string, Listed<AnyCommand>>): string {
  return [...commands].map(([name, command]) => `  ${name.padEnd(11)} ${commandOf(command).summary}`).join('\n');
}

/** What `docker` alone prints. @throws NotLoaded */
export function topHelp(tree: CommandTree, columns: number): string {
  const sections = tree.sections.map(({ title, commands }) => `${title}:\n${list(commands)}`);
  return [
    'Usage:  docker [OPTIONS] COMMAND',
    'A self-sufficient runtime for containers',
    ...sections,
    `Global Options:\n${flagUsages(GLOBAL, columns - 1).trimEnd()}`,
    "Run 'docker COMMAND --help' for more information on a command.",
    'For more help on how to use Docker, head to https://docs.docker.com/go/guides/',
  ]
    .join('\n\n')
    .concat('\n');
}

/** Why the number of operands is wrong, or `undefined` (docker/cli, cli/required.go). */
export function arityProblem(name: string, command: LeafCommand, count: number): string | undefined {
  const { arity } = command;
  const usage = `Usage:  ${usageLine(name, command)}`;
  const complain = (what: string, hint: string): string =>
    `docker: '${name}' ${what}\n\n${usage}\n\n${hint} '${name} --help' for more information\n`;
  if ('exactly' in arity) {
    if (count === arity.exactly) return undefined;
    return arity.exactly === 0 ? complain('accepts no arguments', 'Run') : complain(`requires ${plural(arity.exactly)}`, 'Run');
  }
  const { least, most } = arity;
  if (least === undefined) return count <= (most ?? count) ? undefined : complain(`requires at most ${plural(most ?? 0)}`, 'SRun');
  if (most === undefined) return count >= least ? undefined : complain(`requires at least ${plural(least)}`, 'See');
  return count >= least && count <= most ? undefined : complain(`requires at least ${least} and at most ${plural(most)}`, 'Run');
}

function plural(count: number): string {
  return `${count} argument${count === 1 ? '' : 's'}`;
}
