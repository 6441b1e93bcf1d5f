import { expect, test } from 'vitest';
import { place } from '../install.ts';
import { Executable } from '../../host/inode.ts';
import { testMachine } from '../harness.ts';
import { busyboxDialect } from '../tool/dialect.ts';
import { runPipeline } from '../tool/transcript.ts';
import type { Command } from '../command.ts';
import { applet, tools } from './index.ts';

const dialect = busyboxDialect({
  banner: 'BusyBox v1.38.0 () multi-call binary.',
  usage: (name) => (name === 'cat' ? 'Usage: cat [-nbvteA] [FILE]...\n\nPrint FILEs to stdout\n' : undefined),
  options: (name, all) => (name === 'cat' ? all.filter((option) => 'nbvteA'.includes(option.short ?? '?')) : all),
});

const commands: Command[] = tools.map((tool) => ({
  name: tool.name,
  paths: [`/bin/${tool.name}`],
  run:
    applet(tool.name)?.(dialect) ??
    (() => {
      throw new Error(tool.name);
    }),
}));

function run(...argv: string[]): string {
  const host = testMachine(commands, { '/t/f': 'hi\n', '/t/d/x': '' });
  const root = host.init.namespaces.mnt.root;
  place(root, '/bin/cat', new Executable('cat'));
  return runPipeline(host, commands, [argv]).output;
}

// What busybox 1.38 printed for the same commands.
test.each([
  [['cat', 'x'], "cat: can't open 'x': No such file or directory\n"],
  [['cat', 'd'], 'cat: read error: Is a directory\n'],
  [
    ['cat', '-Z'],
    "cat: invalid option -- 'Z'\nBusyBox v1.38.0 () multi-call binary.\n\nUsage: cat [-nbvteA] [FILE]...\n\nPrint FILEs to stdout\n",
  ],
  [['head', 'x'], 'head: x: No such file or directory\n'],
  [['head', '-n', 'x', 'f'], "head: invalid number 'x'\n"],
  [['tail', 'x'], "tail: can't open 'x': No such file or directory\ntail: no files\n"],
  [['wc', 'f'], '        1         1         3 f\n'],
  [['wc', 'x'], 'wc: x: No such file or directory\n'],
  [['sort', 'x'], 'sort: x: No such file or directory\n'],
  [['cut', '-f1', 'x'], 'cut: x: No such file or directory\n'],
  [['uniq', 'x'], "uniq: can't open 'x': No such file or directory\n"],
  [['ls', 'x'], 'ls: x: No such file or directory\n'],
  [['mkdir', 'd'], "mkdir: can't create directory 'd': File exists\n"],
  [['rmdir', 'x'], "rmdir: 'x': No such file or directory\n"],
  [['rm', 'x'], "rm: can't remove 'x': No such file or directory\n"],
  [['rm', 'd'], "rm: 'd' is a directory\n"],
  [['cp', 'x', 'y'], "cp: can't stat 'x': No such file or directory\n"],
  [['cp', 'd', 'e'], "cp: omitting directory 'd'\n"],
  [['mv', 'x', 'y'], "mv: can't rename 'x': No such file or directory\n"],
  [['ln', '-s', 'f', 'f'], 'ln: f: File exists\n'],
  [['ln', 'x', 'y'], 'ln: x: No such file or directory\n'],
  [['touch', 'a/b'], 'touch: a/b: No such file or directory\n'],
  [['chmod', '999', 'f'], "chmod: invalid mode '999'\n"],
  [['chmod', '644', 'x'], 'chmod: x: No such file or directory\n'],
  [['stat', 'x'], "stat: can't stat 'x': No such file or directory\n"],
  [['md5sum', 'x'], "md5sum: can't open 'x': No such file or directory\n"],
  [['env', 'nosuch'], "env: can't execute 'nosuch': No such file or directory\n"],
  [['timeout', '1', 'nosuch'], "timeout: can't execute 'nosuch': No such file or directory\n"],
  [['id', 'nouser'], 'id: unknown user nouser\n'],
  [['sleep', 'x'], "sleep: invalid number 'x'\n"],
  [['expr', '1', '+'], 'expr: syntax error\n'],
  [['expr'], 'expr: too few arguments\n'],
  [['du', 'x'], 'du: x: No such file or directory\n'],
  [['stty'], 'stty: standard input: Inappropriate ioctl for device\n'],
  [['tee', 'd'], 'tee: d: Is a directory\n'],
  [['id'], 'uid=0(root) gid=0(root)\n'],
] as [string[], string][])('busybox %j', (argv, expected) => {
  expect(run(...argv)).toBe(expected);
});
