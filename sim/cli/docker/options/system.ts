import type { Flag } from '../flags.ts';
import { FORMAT_OBJECT } from './format.ts';

export const VERSION: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];

export const INFO: readonly Flag[] = [{ long: 'format', short: 'f', type: 'string', usage: FORMAT_OBJECT }];
