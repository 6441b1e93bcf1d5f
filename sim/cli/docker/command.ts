import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Client } from './client.ts';
import type { Flag, FlagValues } from './flags.ts';

/** What the operands at one place name, for completion. */
export type OperandKind = 'container' | 'running container' | 'network' | 'image' | 'object';

/** How many operands a command takes, with docker's wording for each kind of limit. */
export type Arity = { exactly: number } | { least: number; most?: number } | { most: number; least?: undefined };

/** A command as it was typed, parsed. */
export interface Invocation {
  process: Process;
  client: Client;
  command: LeafCommand;
  /** As typed: `docker ps`, `docker container ls`. */
  name: string;
  flags: FlagValues;
  operands: readonly string[];
}

/** A command that does something. */
export interface LeafCommand {
  /** What follows the name in the usage line: `[OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  operands: string;
  summary: string;
  /** The list under `Aliases:` in the help. */
  aliases?: string;
  /** Printed to standard error before everything else. */
  notice?: string;
  flags: readonly Flag[];
  arity: Arity;
  /** Flags end at the first operand. */
  stopAtOperand?: true;
  completes?: readonly OperandKind[];
  /** Absent: the real command has it, ours does not. */
  run?: (invocation: Invocation) => Blocking<number>;
}

/** A command of commands: `docker network …`. */
export interface GroupCommand {
  summary: string;
  /** Printed to standard error before everything else. */
  notice?: string;
  commands: ReadonlyMap<string, Listed<LeafCommand>>;
  /** Other names of its commands: `list` for `ls`. */
  synonyms?: ReadonlyMap<string, string>;
}

export type AnyCommand = LeafCommand | GroupCommand;

/** A command as the tree lists it: itself, or how to get it from a part of the code. */
export type Listed<T extends AnyCommand> = T | (() => LeafCommand);

/** @throws NotLoaded */
export function commandOf<T extends AnyCommand>(listed: Listed<T>): T | LeafCommand {
  return typeof listed === 'function' ? listed() : listed;
}

export function isGroup(command: AnyCommand): command is GroupCommand {
  return 'commands' in command;
}

/** A command that isn't modelled, by its summary. */
export function unmodelled(summary: string): LeafCommand {
  return { operands: '', summary, flags: [], arity: { least: 0 } };
}
