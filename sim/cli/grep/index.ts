import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { egrep, fgrep, grep } from './grep.ts';

export const tools: readonly Tool[] = [grep, egrep, fgrep];
export const commands: readonly Command[] = tools.map(commandOf);
