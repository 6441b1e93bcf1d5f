import type { Program } from '../../host/process.ts';
import type { Command } from '../command.ts';
import type { Dialect } from '../tool/dialect.ts';
import { commandOf, type Tool, toolProgram } from '../tool/tool.ts';
import { chmod, mkfifo, touch } from './attributes.ts';
import { base64 } from './base64.ts';
import { cat } from './cat.ts';
import { md5sum, sha1sum, sha224sum, sha256sum, sha512sum } from './checksums.ts';
import { column } from './column.ts';
import { comm } from './comm.ts';
import { cp } from './cp.ts';
import { cut } from './cut.ts';
import { date } from './date.ts';
import { df } from './df.ts';
import { mkdir, rmdir } from './directories.ts';
import { du } from './du.ts';
import { hexdump, strings, xxd } from './dump.ts';
import { env, printenv } from './environment.ts';
import { expand, unexpand } from './expand.ts';
import { expr } from './expr.ts';
import { fold } from './fold.ts';
import { getent } from './getent.ts';
import { head } from './head.ts';
import { join } from './join.ts';
import { ln } from './ln.ts';
import { ls } from './ls.ts';
import { mktemp } from './mktemp.ts';
import { mv } from './mv.ts';
import { basename, dirname, logname, pwd, readlink, realpath } from './names.ts';
import { nl } from './nl.ts';
import { od } from './od.ts';
import { paste } from './paste.ts';
import { rev } from './rev.ts';
import { rm, unlinkTool } from './rm.ts';
import { nice, nohup, timeout } from './running.ts';
import { seq } from './seq.ts';
import { bracket, clear, echo, false_, nproc, printf, sleep, sync, test, true_ } from './simple.ts';
import { sort } from './sort.ts';
import { split } from './split.ts';
import { stat } from './stat.ts';
import { stty } from './stty.ts';
import { arch, groups, id, tty, uname, which, who, whoami } from './system.ts';
import { tac } from './tac.ts';
import { tail } from './tail.ts';
import { tee } from './tee.ts';
import { tr } from './tr.ts';
import { uniq } from './uniq.ts';
import { wc } from './wc.ts';
import { yes } from './yes.ts';

export const tools: readonly Tool[] = [
  arch,
  base64,
  basename,
  bracket,
  cat,
  chmod,
  clear,
  column,
  comm,
  cp,
  cut,
  date,
  df,
  dirname,
  du,
  echo,
  env,
  expand,
  expr,
  false_,
  fold,
  getent,
  groups,
  head,
  hexdump,
  id,
  join,
  ln,
  logname,
  ls,
  md5sum,
  mkdir,
  mkfifo,
  mktemp,
  mv,
  nice,
  nl,
  nohup,
  nproc,
  od,
  paste,
  printenv,
  printf,
  pwd,
  readlink,
  realpath,
  rev,
  rm,
  rmdir,
  seq,
  sha1sum,
  sha224sum,
  sha256sum,
  sha512sum,
  sleep,
  sort,
  split,
  stat,
  strings,
  stty,
  sync,
  tac,
  tail,
  tee,
  test,
  timeout,
  touch,
  tr,
  true_,
  tty,
  uname,
  unexpand,
  uniq,
  unlinkTool,
  wc,
  which,
  who,
  whoami,
  xxd,
  yes,
];

export const commands: readonly Command[] = tools.map(commandOf);

/** A tool's program in another flavour: `applet('cat')?.(busyboxDialect(…))`. */
export function applet(name: string): ((dialect: Dialect) => Program) | undefined {
  const tool = tools.find((candidate) => candidate.name === name);
  return tool && ((dialect) => toolProgram(tool, dialect));
}
