import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { appletNames, appletPath } from './applet-names.ts';
import { applets } from './applets.ts';
import { BANNER } from './usage.ts';

/** The multi-call binary: what it does is decided by the name it is called by, or by its first argument (libbb/appletlib.c). */
export const busybox: Command = { name: 'busybox', paths: ['/usr/bin/busybox'], run: runBusybox };

function* runBusybox(process: Process): Blocking<number> {
  const name = baseName(process.argv[0] ?? '');
  if (name !== 'busybox') return yield* runApplet(process, name);
  const [word] = process.argv.slice(1);
  if (word === undefined || word === '--help') {
    yield* process.write(1, summary());
    return 0;
  }
  if (word === '--list' || word === '--list-full') {
    const line = (applet: string) => `${word === '--list' ? applet : appletPath(applet)}\n`;
    yield* process.write(1, names().map(line).join(''));
    return 0;
  }
  if (word === '--install') {
    yield* process.write(2, notModelled('busybox', word));
    return 1;
  }
  process.startedWith ??= process.argv;
  process.argv = process.argv.slice(1);
  return yield* runApplet(process, baseName(word));
}

/** The last part of a path; a login shell's dash is no part of the name. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1).replace(/^-/, '');
}

function* runApplet(process: Process, name: string): Blocking<number> {
  if (name === 'busybox') return yield* runBusybox(process);
  const applet = applets.get(name);
  if (applet) return yield* (yield* applet())(process);
  yield* process.write(2, appletNames.includes(name) ? notModelled('busybox', `the applet ${name}`) : `${name}: applet not found\n`);
  return 127;
}

/** What `busybox --list` prints: the applets that run here. */
function names(): string[] {
  return [...new Set([...applets.keys(), 'busybox'])].sort();
}

const WIDTH = 80;

/** The text without arguments, with the applets in lines of at most 80 columns, the tab counting eight. */
function summary(): string {
  const lines: string[] = [];
  let line = '';
  for (const [i, name] of names().entries()) {
    const word = `${name}${i === names().length - 1 ? '' : ','}`;
    if (line !== '' && line.length + word.length + 9 > WIDTH) {
      lines.push(line);
      line = '';
    }
    line += `${line === '' ? '' : ' '}${word}`;
  }
  lines.push(line);
  return `${BANNER}
BusyBox is copyrighted by many authors between 1998-2015.
Licensed under GPLv2. See source distribution for detailed
copyright notices.

Usage: busybox [function [arguments]...]
   or: busybox --list[-full]
   or: busybox --install [-s] [DIR]
   or: function [arguments]...

	BusyBox is a multi-call binary that combines many common Unix
	utilities into a single executable.  The shell in this build
	is configured to run built-in utilities without $PATH search.
	You don't need to install a link to busybox for each utility.
	To run external program, use full path (/sbin/ip instead of ip).

Currently defined functions:
${lines.map((text) => `\t${text}\n`).join('')}`;
}
