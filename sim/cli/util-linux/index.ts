import { commandOf, type Tool } from '../tool/tool.ts';
import { dmesg } from './dmesg.ts';
import { nsenter } from './nsenter.ts';
import { unshare } from './unshare.ts';

export const tools: readonly Tool[] = [dmesg, nsenter, unshare];
export const commands = tools.map(commandOf);
