import type { NetNamespace } from '../kernel/netns.ts';
import type { MountNamespace } from './mount.ts';
import type { Process } from './process.ts';
import type { UserNamespace } from './user-namespace.ts';

/** A UTS namespace (uts_namespaces(7)): the host name. */
export interface UtsNamespace {
  hostname: string;
  /** Of NIS; `undefined` until it is set. */
  domainname?: string;
}

/** A PID namespace (pid_namespaces(7)): numbers its processes from 1. One level below the host's is enough for containers. */
export class PidNamespace {
  readonly processes = new Map<number, Process>();
  #next: number;

  constructor(first = 1) {
    this.#next = first;
  }

  /** Takes the next free process number. */
  allocate(process: Process): number {
    const pid = this.#next++;
    this.processes.set(pid, process);
    return pid;
  }
}

/** What a process sees of its machine (namespaces(7)). */
export interface Namespaces {
  net: NetNamespace;
  mnt: MountNamespace;
  uts: UtsNamespace;
  pid: PidNamespace;
  /** Absent are the machine's own. Nothing here uses what is in the first two, so that they are only told apart. */
  ipc?: object;
  cgroup?: object;
  user?: UserNamespace | undefined;
}
