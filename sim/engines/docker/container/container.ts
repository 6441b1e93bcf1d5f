import type { Micros } from '../../../base/time.ts';
import type { Directory, RegularFile } from '../../../host/inode.ts';
import { WaitQueue } from '../../../host/wait.ts';
import type { Image } from '../images/store.ts';
import type { Sandbox } from '../network/sandbox.ts';
import type { Health } from './health.ts';
import type { Log } from './log.ts';
import type { ContainerConfig, EndpointSettings, HostConfig } from './settings.ts';
import type { Task } from './task.ts';
import type { Mount } from './volumes.ts';

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container as the daemon keeps it, running or not. */
export class Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  name: string;
  readonly created: Micros;
  /** Grows with every container, so that equal times have an order. */
  readonly sequence: number;
  readonly image: Image;
  readonly config: ContainerConfig;
  readonly hostConfig: HostConfig;
  /** What it wants from each network it belongs to, by the network's name; what it has there is in `sandbox`. */
  readonly networks = new Map<string, EndpointSettings>();
  /** The ids of those networks as it last saw them. */
  readonly networkIds = new Map<string, string>();
  /** The networks that know it by names: the user-defined ones that it was started on or connected to. */
  readonly named = new Set<string>();
  /** `--link` on the default bridge: others by the alias that it has for them. */
  readonly links = new Map<string, Container>();
  readonly mounts: Mount[] = [];
  /** Its root file system; survives a stop. */
  readonly root: Directory;
  /** Bound over /etc/hostname, /etc/hosts and /etc/resolv.conf. */
  readonly files: { hostname: RegularFile; hosts: RegularFile; resolvConf: RegularFile };
  readonly log: Log;

  status: ContainerStatus = 'created';
  exitCode = 0;
  error = '';
  started: Micros | undefined;
  finished: Micros | undefined;
  restartCount = 0;
  /** Somebody asked for the stop, so the restart policy keeps still. */
  stopRequested = false;
  /** Its processes, while it runs. */
  task: Task | undefined;
  /** Its network namespace, while it runs; a `container:` network mode borrows another's. */
  sandbox: Sandbox | undefined;
  /** What its health check has found, while it has one. */
  health: Health | undefined;
  readonly execIds: string[] = [];
  /** Woken at every change of state. */
  readonly changed = new WaitQueue();
  removed = false;
  /** Tells those who listen to events; set by whoever keeps the container. */
  emit: (action: string, attributes?: Record<string, string>) => void = () => {};

  constructor(
    parts: Pick<Container, 'id' | 'name' | 'created' | 'sequence' | 'image' | 'config' | 'hostConfig' | 'root' | 'files' | 'log'>,
  ) {
    this.id = parts.id;
    this.name = parts.name;
    this.created = parts.created;
    this.sequence = parts.sequence;
    this.image = parts.image;
    this.config = parts.config;
    this.hostConfig = parts.hostConfig;
    this.root = parts.root;
    this.files = parts.files;
    this.log = parts.log;
  }

  get running(): boolean {
    return this.status === 'running' || this.status === 'paused';
  }

  get shortId(): string {
    return this.id.slice(0, 12);
  }

  /** The command line: the entrypoint, then the command. */
  get argv(): string[] {
    return [...(this.config.Entrypoint ?? []), ...(this.config.Cmd ?? [])];
  }

  become(status: ContainerStatus): void {
    this.status = status;
    this.changed.wake();
  }
}
