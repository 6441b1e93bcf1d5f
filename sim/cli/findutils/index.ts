import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { find } from './find.ts';
import { xargs } from './xargs.ts';

export const tools: readonly Tool[] = [find, xargs];
export const commands: readonly Command[] = tools.map(commandOf);
