import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { cmp } from './cmp.ts';
import { diff } from './diff.ts';

export const tools: readonly Tool[] = [cmp, diff];
export const commands: readonly Command[] = tools.map(commandOf);
