import { EPOCH_SECONDS } from '../../../base/time.ts';
import type { Blocking } from '../../../host/wait.ts';
import { expandText } from '../expand.ts';
import type { Shell } from '../shell.ts';
import { BASH_VERSION } from '../startup.ts';
import { moment, strftime } from '../../../base/calendar.ts';

/** Expands a prompt (bash(1), PROMPTING). What `\[` and `\]` enclose comes out between \x01 and \x02. */
export function* expandPrompt(shell: Shell, source: string): Blocking<string> {
  const decoded = source.replace(/\\(D\{[^}]*\}|[0-7]{3}|.)/gs, (_, code: string) => decode(shell, code));
  if (!shell.shopt('promptvars')) return decoded;
  const { status } = shell;
  const text = yield* expandText(shell, decoded, 'double');
  shell.status = status;
  return text;
}

function decode(shell: Shell, code: string): string {
  const now = EPOCH_SECONDS + shell.process.host.now / 1e6;
  if (code.startsWith('D{')) return strftime(code.slice(2, -1) || '%X', moment(now));
  if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
  const host = shell.process.namespaces.uts.hostname;
  switch (code) {
    case 'a':
      return '\x07';
    case 'd':
      return strftime('%a %b %d', moment(now));
    case 'e':
      return '\x1b';
    case 'h':
      return host.replace(/\..*/, '');
    case 'H':
      return host;
    case 'j':
      return String(shell.jobs.jobs.length);
    case 'l':
      return shell.tty ? String(shell.tty.number) : 'tty';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 's':
      return shell.displayName(shell.name).replace(/^-/, '');
    case 't':
      return strftime('%H:%M:%S', moment(now));
    case 'T':
      return strftime('%I:%M:%S', moment(now));
    case '@':
      return strftime('%I:%M %p', moment(now));
    case 'A':
      return strftime('%H:%M', moment(now));
    case 'u':
      return 'root';
    case 'v':
      return BASH_VERSION.replace(/\.\d+\(.*/, '');
    case 'V':
      return BASH_VERSION.replace(/\(.*/, '');
    case 'w':
      return quoted(directory(shell));
    case 'W':
      return quoted(directory(shell) === '~' ? '~' : directory(shell).replace(/.*\/(?=.)/, ''));
    case '!':
    case '#':
      return String(shell.history.length + 1);
    case '$':
      // Doubled: the dollar sign survives the expansion that follows.
      return '#';
    case '\\':
      return '\\\\';
    case '[':
      return '\x01';
    case ']':
      return '\x02';
    default:
      return `\\\\${code}`;
  }
}

function directory(shell: Shell): string {
  const path = shell.variables.get('PWD') ?? shell.process.cwd;
  const home = shell.variables.get('HOME') ?? '';
  if (path === home) return '~';
  return home !== '' && home !== '/' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** A directory's name must not be expanded in its turn. */
function quoted(text: string): string {
  return text.replace(/[\\$`"]/g, '\\$&');
}
