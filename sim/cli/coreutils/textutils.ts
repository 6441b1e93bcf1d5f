import type { Command } from '../command.ts';
import { commandOf, type Tool } from '../tool/tool.ts';
import { base64 } from './base64.ts';
import { cat } from './cat.ts';
import { md5sum, sha1sum, sha224sum, sha256sum, sha512sum } from './checksums.ts';
import { column } from './column.ts';
import { comm } from './comm.ts';
import { cut } from './cut.ts';
import { hexdump, strings, xxd } from './dump.ts';
import { expand, unexpand } from './expand.ts';
import { fold } from './fold.ts';
import { head } from './head.ts';
import { join } from './join.ts';
import { nl } from './nl.ts';
import { od } from './od.ts';
import { paste } from './paste.ts';
import { rev } from './rev.ts';
import { sort } from './sort.ts';
import { split } from './split.ts';
import { tac } from './tac.ts';
import { tail } from './tail.ts';
import { tr } from './tr.ts';
import { uniq } from './uniq.ts';
import { wc } from './wc.ts';

/** Tools for text and bytes: GNU textutils, as they once were by themselves, and their like from other packages. */
export const tools: readonly Tool[] = [
  base64,
  cat,
  column,
  comm,
  cut,
  expand,
  fold,
  head,
  hexdump,
  join,
  md5sum,
  nl,
  od,
  paste,
  rev,
  sha1sum,
  sha224sum,
  sha256sum,
  sha512sum,
  sort,
  split,
  strings,
  tac,
  tail,
  tr,
  unexpand,
  uniq,
  wc,
  xxd,
];

export const commands: readonly Command[] = tools.map(commandOf);
