import type { Command } from '../command.ts';
import { arp } from './arp.ts';
import { ifconfig } from './ifconfig.ts';
import { netstat } from './netstat.ts';
import { route } from './route.ts';

export const commands: readonly Command[] = [arp, ifconfig, netstat, route];
