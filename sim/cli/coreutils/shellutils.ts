import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { date } from './date.ts';
import { env, printenv } from './environment.ts';
import { expr } from './expr.ts';
import { getent } from './getent.ts';
import { logname, pwd } from './names.ts';
import { nice, nohup, timeout } from './running.ts';
import { seq } from './seq.ts';
import { bracket, clear, echo, false_, nproc, printf, test, true_ } from './simple.ts';
import { stty } from './stty.ts';
import { arch, groups, id, tty, uname, which, who, whoami } from './system.ts';
import { tee } from './tee.ts';
import { yes } from './yes.ts';

/** Tools for scripts and about the system: GNU shellutils, as they once were by themselves, and their like from other packages. */
export const tools: readonly Tool[] = [
  arch,
  bracket,
  clear,
  date,
  echo,
  env,
  expr,
  false_,
  getent,
  groups,
  id,
  logname,
  nice,
  nohup,
  nproc,
  printenv,
  printf,
  pwd,
  seq,
  stty,
  tee,
  test,
  timeout,
  true_,
  tty,
  uname,
  which,
  who,
  whoami,
  yes,
];

export const commands: readonly Command[] = tools.map(commandOf);
