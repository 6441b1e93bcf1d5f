import { commandOf, type Tool } from '../tool/tool.ts';
import { dmesg } from './dmesg.ts';
import { lsns } from './lsns.ts';
import { mount, mountpoint, umount } from './mount.ts';
import { nsenter } from './nsenter.ts';
import { unshare } from './unshare.ts';

export const tools: readonly Tool[] = [dmesg, lsns, mount, mountpoint, nsenter, umount, unshare];
export const commands = tools.map(commandOf);
