import { Directory, type Inode } from '../../host/inode.ts';

/** The first character of `ls -l`. */
export function typeLetter(inode: Inode): string {
  return { directory: 'd', file: '-', symlink: 'l', device: 'c', fifo: 'p', socket: 's' }[inode.kind];
}

/** `drwxr-xr-x` (strmode(3)). */
export function modeString(inode: Inode): string {
  const { mode } = inode;
  const bits = [0o400, 0o200, 0o100, 0o40, 0o20, 0o10, 0o4, 0o2, 0o1].map((bit, i) => ((mode & bit) === 0 ? '-' : 'rwx'[i % 3]));
  const special = (bit: number, at: number, letter: string) => {
    if ((mode & bit) !== 0) bits[at] = bits[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return typeLetter(inode) + bits.join('');
}

/**
 * Applies a mode as `chmod` takes it: octal, or clauses such as `u+x,go=r`, `a-w`, `+X`, `g=u`.
 * @returns the new bits, or `undefined` for a mode that makes no sense
 */
export function changeMode(text: string, mode: number, options: { directory: boolean; umask: number }): number | undefined {
  if (/^[0-7]{1,5}$/.test(text)) {
    const bits = Number.parseInt(text, 8);
    return bits > 0o7777 ? undefined : options.directory && text.length < 5 ? bits | (mode & 0o6000) : bits;
  }
  let result = mode;
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/.exec(clause);
    if (!match) return undefined;
    const [, who = '', actions = ''] = match;
    for (const [, operator = '', permissions = ''] of actions.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      result = applyClause(result, who, operator, permissions, options);
    }
  }
  return result;
}

function applyClause(
  mode: number,
  who: string,
  operator: string,
  permissions: string,
  options: { directory: boolean; umask: number },
): number {
  const all = who === '' || who.includes('a');
  const affected =
    (all || who.includes('u') ? 0o4700 : 0) | (all || who.includes('g') ? 0o2070 : 0) | (all || who.includes('o') ? 0o1007 : 0);
  let bits = 0;
  for (const letter of permissions) {
    if (letter === 'r') bits |= 0o444;
    else if (letter === 'w') bits |= 0o222;
    else if (letter === 'x' || (letter === 'X' && (options.directory || (mode & 0o111) !== 0))) bits |= 0o111;
    else if (letter === 's') bits |= 0o6000;
    else if (letter === 't') bits |= 0o1000;
    else if ('ugo'.includes(letter)) bits |= copied(mode, letter);
  }
  bits &= affected;
  if (who === '') bits &= ~options.umask;
  if (operator === '+') return mode | bits;
  if (operator === '-') return mode & ~bits;
  return (mode & ~(affected & 0o777)) | bits;
}

/** The permission bits of one class, spread over all three. */
function copied(mode: number, letter: string): number {
  const bits = (mode >> (letter === 'u' ? 6 : letter === 'g' ? 3 : 0)) & 7;
  return bits * 0o111;
}

/** What `ls -F` puts behind a name. */
export function indicator(inode: Inode): string {
  if (inode instanceof Directory) return '/';
  if (inode.kind === 'symlink') return '@';
  if (inode.kind === 'fifo') return '|';
  if (inode.kind === 'socket') return '=';
  return inode.kind === 'file' && (inode.mode & 0o111) !== 0 ? '*' : '';
}
