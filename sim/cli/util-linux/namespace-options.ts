import type { Namespaces } from '../../host/namespaces.ts';
import { optional, type ToolOption } from '../tool/tool.ts';

/** The kinds of namespace that a simulated process has, with util-linux's letters. */
export const NAMESPACE_KINDS: readonly { kind: keyof Namespaces; option: string }[] = [
  { kind: 'mnt', option: 'mount' },
  { kind: 'uts', option: 'uts' },
  { kind: 'net', option: 'net' },
  { kind: 'pid', option: 'pid' },
];

/** The options of the kinds that processes have of their own. */
export const NAMESPACE_OPTIONS: readonly ToolOption[] = [
  optional('m', 'mount', 'file', 'the mount namespace'),
  optional('u', 'uts', 'file', 'the UTS namespace: the host name'),
  optional('n', 'net', 'file', 'the network namespace'),
  optional('p', 'pid', 'file', 'the PID namespace'),
];

/** The kinds of which there is one for all: entering it changes nothing, leaving it can't be done. */
export const SHARED_KINDS: readonly { kind: 'cgroup' | 'ipc' | 'time' | 'user'; short: string }[] = [
  { kind: 'ipc', short: 'i' },
  { kind: 'user', short: 'U' },
  { kind: 'cgroup', short: 'C' },
  { kind: 'time', short: 'T' },
];
