import type { Command } from '../command.ts';
import { dig } from './dig.ts';
import { host } from './host.ts';
import { nslookup } from './nslookup.ts';

export const commands: readonly Command[] = [dig, host, nslookup];
