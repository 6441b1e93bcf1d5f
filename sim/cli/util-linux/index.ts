import { commandOf, type Tool } from '../tool/tool.ts';
import { nsenter } from './nsenter.ts';
import { unshare } from './unshare.ts';

export const tools: readonly Tool[] = [nsenter, unshare];
export const commands = tools.map(commandOf);
