import type { Program } from '../host/process.ts';
import type { Command } from './command.ts';

/** Every command that a simulated machine can have. Adding one: its file, an import and a line here. */
export const commands: readonly Command[] = [];

/** The programs by the name that `Executable` files carry. */
export const programs: ReadonlyMap<string, Program> = new Map(commands.map((command) => [command.name, command.run]));
