import type { Namespaces } from '../../host/namespaces.ts';
import { optional, type ToolOption } from '../tool/tool.ts';

/** The kinds of namespace that a simulated process has, with util-linux's letters. */
export const NAMESPACE_KINDS: readonly { kind: Exclude<keyof Namespaces, 'user'>; option: string }[] = [
  { kind: 'mnt', option: 'mount' },
  { kind: 'uts', option: 'uts' },
  { kind: 'net', option: 'net' },
  { kind: 'pid', option: 'pid' },
  { kind: 'ipc', option: 'ipc' },
  { kind: 'cgroup', option: 'cgroup' },
];

/** The options of the kinds that processes have of their own. */
export const NAMESPACE_OPTIONS: readonly ToolOption[] = [
  optional('m', 'mount', 'file', 'the mount namespace'),
  optional('u', 'uts', 'file', 'the UTS namespace: the host name'),
  optional('n', 'net', 'file', 'the network namespace'),
  optional('p', 'pid', 'file', 'the PID namespace'),
  optional('i', 'ipc', 'file', 'the IPC namespace'),
  optional('C', 'cgroup', 'file', 'the cgroup namespace'),
];

/** Kinds with ways of their own: user namespaces, and time, of which there is one for all. */
export const SHARED_KINDS: readonly { kind: 'time' | 'user'; short: string }[] = [
  { kind: 'user', short: 'U' },
  { kind: 'time', short: 'T' },
];
