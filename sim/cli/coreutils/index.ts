import type { Program } from '../../host/process.ts';
import type { Command } from '../command.ts';
import type { Dialect } from '../tool/dialect.ts';
import { type Tool, toolProgram } from '../tool/tool.ts';
import * as fileutils from './fileutils.ts';
import * as shellutils from './shellutils.ts';
import * as sleep from './sleep.ts';
import * as textutils from './textutils.ts';

/** The families, for those who want all of them at once. */
export const tools: readonly Tool[] = [...fileutils.tools, ...shellutils.tools, ...sleep.tools, ...textutils.tools];

export const commands: readonly Command[] = [...fileutils.commands, ...shellutils.commands, ...sleep.commands, ...textutils.commands];

/** A tool's program in another flavour: `applet('cat')?.(busyboxDialect(…))`. */
export function applet(name: string): ((dialect: Dialect) => Program) | undefined {
  const tool = tools.find((candidate) => candidate.name === name);
  return tool && ((dialect) => toolProgram(tool, dialect));
}
