import { strerror } from '../../base/errno.ts';
import { become } from '../tool/execute.ts';
import { stat } from '../tool/filesystem.ts';
import { Directory } from '../../host/inode.ts';
import { flag, type Tool, unmodelled, valued } from '../tool/tool.ts';

export const env: Tool = {
  name: 'env',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]'],
  about: 'Run COMMAND with a changed environment, or print the environment.',
  options: [
    valued('a', 'argv0', 'ARG', 'the name that the command gets'),
    flag('i', 'ignore-environment', 'begin with an empty environment'),
    flag('0', 'null', 'lines end with NUL'),
    valued('u', 'unset', 'NAME', 'without this variable'),
    valued('C', 'chdir', 'DIR', 'in another working directory'),
    valued('S', 'split-string', 'S', 'words of one argument are several arguments'),
    unmodelled('v', 'debug'),
    unmodelled('', 'block-signal'),
    unmodelled('', 'default-signal'),
    unmodelled('', 'ignore-signal'),
  ],
  usageStatus: 125,
  stopAtOperand: true,
  rewrite: (args) => args.flatMap((arg, i) => (i === 0 && /^-S./.test(arg) ? arg.slice(2).trim().split(/\s+/) : [arg])),
  *main(call) {
    const { process } = call;
    const operands = [...(call.value('split-string')?.trim().split(/\s+/) ?? []), ...call.operands];
    let empty = call.has('ignore-environment');
    if (operands[0] === '-') {
      empty = true;
      operands.shift();
    }
    const variables = new Map(empty ? [] : process.env);
    for (const name of call.values('unset')) {
      if (name === '' || name.includes('=')) return yield* call.fail(`cannot unset ${call.quote(name)}: ${strerror('EINVAL')}`, 125);
      variables.delete(name);
    }
    while (operands[0]?.includes('=')) {
      const assignment = operands.shift() as string;
      const equals = assignment.indexOf('=');
      variables.set(assignment.slice(0, equals), assignment.slice(equals + 1));
    }
    const folder = call.value('chdir');
    if (folder !== undefined) {
      if (operands.length === 0) return yield* call.badUsage('must specify command with --chdir (-C)');
      const inode = stat(process, folder);
      if (!(inode instanceof Directory))
        return yield* call.fail(
          `cannot change directory to ${call.quoteFile(folder)}: ${strerror(typeof inode === 'string' ? inode : 'ENOTDIR')}`,
          125,
        );
      process.cwd = folder.startsWith('/') ? folder : `${process.cwd}/${folder}`;
    }
    if (operands.length === 0) {
      for (const [name, value] of variables) yield* call.out.text(`${name}=${value}${call.has('null') ? '\0' : '\n'}`);
      return 0;
    }
    return yield* become(call, operands, call.quote(operands[0] as string), variables);
  },
};

export const printenv: Tool = {
  name: 'printenv',
  suite: 'GNU coreutils',
  usage: ['[OPTION]... [VARIABLE]...'],
  about: 'Print the values of environment variables, or all of them with their names.',
  options: [flag('0', 'null', 'lines end with NUL')],
  usageStatus: 2,
  stopAtOperand: true,
  *main(call) {
    const end = call.has('null') ? '\0' : '\n';
    if (call.operands.length === 0) {
      for (const [name, value] of call.process.env) yield* call.out.text(`${name}=${value}${end}`);
      return 0;
    }
    for (const name of call.operands) {
      const value = call.process.env.get(name);
      if (value === undefined) call.status = 1;
      else yield* call.out.text(value + end);
    }
    return call.status;
  },
};
