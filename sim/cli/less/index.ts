import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { less, more } from './less.ts';

export const tools: readonly Tool[] = [less, more];
export const commands: readonly Command[] = tools.map(commandOf);
