import { type Namespaces, PidNamespace } from '../../host/namespaces.ts';
import type { Process } from '../../host/process.ts';
import { become } from '../tool/execute.ts';
import { flag, type Tool, unmodelled } from '../tool/tool.ts';
import { NAMESPACE_KINDS, NAMESPACE_OPTIONS } from './namespace-options.ts';
import { runInside } from './nsenter.ts';

/** `unshare` (unshare(1)): runs a program in namespaces of its own. */
export const unshare: Tool = {
  name: 'unshare',
  suite: 'util-linux 2.41',
  usage: ['[options] [<program> [<argument>...]]'],
  about: 'Run a program with some namespaces not shared with the parent.',
  stopAtOperand: true,
  options: [
    ...NAMESPACE_OPTIONS,
    flag('f', 'fork', 'fork before running the program'),
    flag('', 'mount-proc', 'mount proc first; /proc always shows the PID namespace of whoever looks, so nothing is left to do'),
    unmodelled('r', 'map-root-user'),
    unmodelled('', 'kill-child'),
  ],
  *main(call) {
    const { process } = call;
    const fresh = { ...process.namespaces };
    for (const { kind, option } of NAMESPACE_KINDS) if (call.has(option)) Object.assign(fresh, { [kind]: make(process, kind) });
    if (call.has('mount-proc')) fresh.mnt = fresh.mnt === process.namespaces.mnt ? process.namespaces.mnt.copy() : fresh.mnt;
    const argv = call.operands.length > 0 ? call.operands : [process.env.get('SHELL') ?? '/bin/sh'];
    process.namespaces = { ...fresh, pid: process.namespaces.pid };
    if (!call.has('fork')) return yield* become(call, argv, `failed to execute ${argv[0]}`);
    return yield* runInside(call, argv, fresh);
  },
};

function make(process: Process, kind: keyof Namespaces): Namespaces[keyof Namespaces] {
  switch (kind) {
    case 'net':
      return process.host.kernel.newNamespace();
    case 'mnt':
      return process.namespaces.mnt.copy();
    case 'uts':
      return { ...process.namespaces.uts };
    default:
      return new PidNamespace();
  }
}
