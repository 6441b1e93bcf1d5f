import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { kill } from './kill.ts';
import { pgrep, pidof, pkill } from './pgrep.ts';
import { ps } from './ps.ts';
import { free, top, uptime, w } from './summary.ts';
import { watch } from './watch.ts';

export const tools: readonly Tool[] = [free, kill, pgrep, pidof, pkill, ps, top, uptime, w, watch];
export const commands: readonly Command[] = tools.map(commandOf);
