import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { chmod, mkfifo, touch } from './attributes.ts';
import { cp } from './cp.ts';
import { df } from './df.ts';
import { mkdir, rmdir } from './directories.ts';
import { du } from './du.ts';
import { ln } from './ln.ts';
import { ls } from './ls.ts';
import { mktemp } from './mktemp.ts';
import { mv } from './mv.ts';
import { basename, dirname, readlink, realpath } from './names.ts';
import { rm, unlinkTool } from './rm.ts';
import { sync } from './simple.ts';
import { stat } from './stat.ts';
import { truncate } from './truncate.ts';

/** Tools for files and directories: GNU fileutils, as they once were by themselves. */
export const tools: readonly Tool[] = [
  basename,
  chmod,
  cp,
  df,
  dirname,
  du,
  ln,
  ls,
  mkdir,
  mkfifo,
  mktemp,
  mv,
  readlink,
  realpath,
  rm,
  rmdir,
  stat,
  sync,
  touch,
  truncate,
  unlinkTool,
];

export const commands: readonly Command[] = tools.map(commandOf);
