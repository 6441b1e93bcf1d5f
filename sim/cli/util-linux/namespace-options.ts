import type { Namespaces } from '../../host/namespaces.ts';
import { optional, type ToolOption, unmodelled } from '../tool/tool.ts';

/** The kinds of namespace that a simulated process has, with util-linux's letters. */
export const NAMESPACE_KINDS: readonly { kind: keyof Namespaces; option: string }[] = [
  { kind: 'mnt', option: 'mount' },
  { kind: 'uts', option: 'uts' },
  { kind: 'net', option: 'net' },
  { kind: 'pid', option: 'pid' },
];

/** The options that `nsenter` and `unshare` share; IPC, user, cgroup and time namespaces aren't modelled. */
export const NAMESPACE_OPTIONS: readonly ToolOption[] = [
  optional('m', 'mount', 'file', 'the mount namespace'),
  optional('u', 'uts', 'file', 'the UTS namespace: the host name'),
  optional('n', 'net', 'file', 'the network namespace'),
  optional('p', 'pid', 'file', 'the PID namespace'),
  unmodelled('i', 'ipc'),
  unmodelled('U', 'user'),
  unmodelled('C', 'cgroup'),
  unmodelled('T', 'time'),
];
