import { type Inode, Symlink } from '../../host/inode.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Call } from '../tool/call.ts';
import { byteString, compareBytes } from '../tool/byte-string.ts';
import { stat } from '../tool/filesystem.ts';
import { indicator } from '../tool/mode.ts';
import { quoteIfNeeded } from '../tool/quote.ts';
import { compareVersions } from './sort-compare.ts';

/** Something that `ls` shows. */
export interface Entry {
  name: string;
  /** From the working directory or the root. */
  path: string;
  inode: Inode;
}

/** GNU's colours without LS_COLORS (coreutils ls.c). */
function colour(call: Call, entry: Entry): string | undefined {
  const { inode } = entry;
  if (inode instanceof Symlink) return typeof stat(call.process, entry.path) === 'string' ? undefined : '01;36';
  switch (inode.kind) {
    case 'directory':
      return (inode.mode & 0o1000) !== 0 && (inode.mode & 0o2) !== 0 ? '30;42' : '01;34';
    case 'fifo':
      return '33';
    case 'socket':
      return '01;35';
    case 'device':
      return '01;33';
    default:
      return (inode.mode & 0o111) !== 0 ? '01;32' : undefined;
  }
}

/** Whether `--color` and the terminal ask for colours. */
export function coloured(call: Call): boolean {
  // Terminals that know no colours get none, unless LS_COLORS says what they are.
  const { env } = call.process;
  if (!env.get('LS_COLORS') && !env.get('COLORTERM') && /^(dumb)?$/.test(env.get('TERM') ?? '')) return false;
  const when = call.has('color') ? call.value('color') || 'always' : 'never';
  return /^(always|yes|force)$/.test(when) || (/^(auto|tty|if-tty)$/.test(when) && call.terminal !== undefined);
}

/** How names are shown beside one another. */
export interface NameStyle {
  /** Whether links get their mark; not where an arrow follows. */
  marksLinks: boolean;
  /** Whether a space stands before names without quotes, so that they line up with those that have some. */
  aligned: boolean;
}

export const PLAIN: NameStyle = { marksLinks: true, aligned: false };

/** A name as shown, quoted and marked, and the columns it takes. */
export function shownName(call: Call, entry: Entry, style: NameStyle = PLAIN): { text: string; width: number } {
  const quoted = quotedName(call, entry.name);
  const code = coloured(call) ? colour(call, entry) : undefined;
  const classified = call.has('classify') && (style.marksLinks || !(entry.inode instanceof Symlink));
  const mark = classified ? indicator(entry.inode) : call.has('p') && entry.inode.kind === 'directory' ? '/' : '';
  const space = style.aligned && quoted === entry.name ? ' ' : '';
  return {
    text: space + (code ? `\x1b[${code}m${quoted}\x1b[0m` : quoted) + mark,
    width: space.length + [...quoted].length + mark.length,
  };
}

/** Whether any of the names is quoted the way a shell needs it. */
export function anyQuoted(call: Call, entries: readonly Entry[]): boolean {
  return !call.has('quote-name', 'hide-control-chars') && entries.some((entry) => quotedName(call, entry.name) !== entry.name);
}

/** On a terminal names are quoted as a shell would need them; elsewhere they are what they are. */
function quotedName(call: Call, name: string): string {
  if (call.has('quote-name')) return `"${name.replace(/["\\]/g, '\\$&')}"`;
  if (call.has('hide-control-chars')) return name.replace(/[\x00-\x1f\x7f]/g, '?');
  return call.has('literal') || call.terminal === undefined || call.busybox ? name : quoteIfNeeded(name);
}

/** Runs of ls that have printed a colour. */
const started = new WeakSet<Call>();

/** Prints names; a reset stands before the first colour, as GNU ls has it. */
export function* printNames(call: Call, text: string): Blocking<void> {
  if (started.has(call) || !text.includes('\x1b[')) return yield* call.out.text(text);
  started.add(call);
  yield* call.out.text(text.replace('\x1b[', '\x1b[0m\x1b['));
}

/** Puts entries into the order asked for. */
export function sortEntries(call: Call, entries: Entry[]): Entry[] {
  const by = call.last('U', 'f', 'S', 't', 'X', 'v');
  if (by === 'U' || by === 'f') return entries;
  const keys = new Map(entries.map((entry) => [entry, byteString(entry.name)]));
  const name = (entry: Entry) => keys.get(entry) as string;
  const extension = (entry: Entry) => /(?<=.)\.[^.]*$/.exec(name(entry))?.[0] ?? '';
  const orders: Record<string, (a: Entry, b: Entry) => number> = {
    S: (a, b) => b.inode.size - a.inode.size,
    t: (a, b) => b.inode.modified - a.inode.modified,
    X: (a, b) => compareBytes(extension(a), extension(b)),
    v: (a, b) => compareVersions(name(a), name(b)),
  };
  const order = orders[by ?? ''];
  const sorted = entries.sort((a, b) => order?.(a, b) || compareBytes(name(a), name(b)));
  if (call.has('reverse')) sorted.reverse();
  if (call.has('group-directories-first'))
    sorted.sort((a, b) => Number(b.inode.kind === 'directory') - Number(a.inode.kind === 'directory'));
  return sorted;
}
