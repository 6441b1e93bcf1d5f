import { decode } from '../../base/bytes.ts';
import type { IPv4, Prefix } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import { MILLISECOND } from '../../base/time.ts';
import { devfs } from '../../host/filesystems/devfs.ts';
import type { OpenFile } from '../../host/file.ts';
import type { Host } from '../../host/host.ts';
import { Device, RegularFile, SocketFile } from '../../host/inode.ts';
import type { RtNetlink } from '../../host/netlink/rtnetlink.ts';
import type { Process } from '../../host/process.ts';
import { openUnixSocket } from '../../host/unix-socket.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { type ApiRequest, type EngineApi, Exchange } from './api/message.ts';
import { answer } from './api/router.ts';
import { serveHttp } from './api/http-server.ts';
import { Containers } from './container/containers.ts';
import type { Exec } from './container/exec.ts';
import { Events } from './events.ts';
import { Firewall } from './firewall.ts';
import { go } from './goroutine.ts';
import { hostDirectory } from './host-files.ts';
import type { ImageDefinition, ImageIngredients } from './images/image.ts';
import { Volumes } from './container/volume-store.ts';
import { ImageStore } from './images/store.ts';
import { Networks } from './network/networks.ts';
import { Swarm } from './swarm/swarm.ts';

/** What a daemon is started with. */
export interface EngineOptions {
  images: readonly ImageDefinition[];
  busyboxApplets: readonly string[];
  /** The programs that images built on Debian may have. */
  programs?: ImageIngredients['programs'];
  /** Opens an rtnetlink socket in a namespace. */
  openRtNetlink: (net: NetNamespace) => RtNetlink;
  /** False: as `dockerd --iptables=false`; ports are published by docker-proxy alone. */
  iptables?: boolean;
}

/**
 * Docker Engine 28.5.2 on one host: dockerd with what libnetwork and containerd do for it. It changes the machine only through
 * netlink, files and processes; clients reach it by the Engine API's requests at /var/run/docker.sock.
 */
export class Engine implements EngineApi {
  readonly host: Host;
  readonly #serials = new Map<string, number>();
  readonly openRtNetlink: EngineOptions['openRtNetlink'];
  /** An rtnetlink socket in the host's namespace. */
  readonly netlink: RtNetlink;
  readonly firewall: Firewall | undefined;
  readonly images: ImageStore;
  readonly networks: Networks;
  readonly containers: Containers;
  readonly execs = new Map<string, Exec>();
  readonly events = new Events();
  readonly volumes: Volumes;
  readonly swarm: Swarm;
  /** dockerd itself. */
  readonly daemon: Process;
  readonly id: string;
  #sequence = 0;
  #stopping = false;

  constructor(host: Host, options: EngineOptions) {
    this.host = host;
    this.openRtNetlink = options.openRtNetlink;
    this.netlink = options.openRtNetlink(host.kernel.init);
    this.firewall = options.iptables === false ? undefined : new Firewall(host.kernel.init);
    this.images = new ImageStore(
      options.images,
      { busyboxApplets: options.busyboxApplets, programs: options.programs ?? [] },
      host.now,
      host.init,
    );
    this.daemon = this.#startProcess(['/usr/sbin/dockerd', '-H', 'fd://', '--containerd=/run/containerd/containerd.sock']);
    // Its standard streams, so that sockets have numbers of their own.
    for (let fd = 0; fd <= 2; fd++) this.daemon.install(this.nullFile());
    this.#startProcess(['/usr/bin/containerd']);
    this.networks = new Networks(this);
    this.containers = new Containers(this);
    this.volumes = new Volumes(this);
    this.swarm = new Swarm(this, (engine, request) => answer(engine, request as ApiRequest));
    const digits = this.random('engine-id').hex(32);
    this.id = [8, 12, 16, 20].reduceRight((text, at) => `${text.slice(0, at)}-${text.slice(at)}`, digits);
    this.firewall?.start();
    this.networks.start();
    this.#listen();
  }

  /** /var/run/docker.sock: `docker` asks the engine itself, which stands for the same bytes; others speak HTTP. */
  #listen(): void {
    const socket = openUnixSocket(this.daemon, 'stream');
    this.daemon.install(socket);
    socket.socket.bind('/var/run/docker.sock');
    socket.listen(4096);
    hostDirectory(this.host, '/var/run').add('docker.sock', new SocketFile(socket.socket, 0o660, this));
    serveHttp(this, socket);
  }

  #startProcess(argv: string[]): Process {
    const { init } = this.host;
    const process = this.host.start(init, daemon, { argv, fds: new Map(), cwd: '/', session: { tty: undefined } });
    if (typeof process === 'string') throw new Error(`cannot start ${argv[0]}: ${process}`);
    // A thread that enters a namespace must not take the whole machine along.
    process.namespaces = { ...init.namespaces };
    process.onSignal('SIGTERM', () => this.#shutDown());
    process.onExit.push(() => {
      this.#stopping = true;
    });
    return process;
  }

  get listening(): boolean {
    return !this.#stopping;
  }

  /** Takes a request and answers it when it is done; the client may go away meanwhile. */
  request(message: ApiRequest): Exchange {
    const exchange = new Exchange();
    go(this.host.events, this.#handle(message, exchange));
    return exchange;
  }

  *#handle(message: ApiRequest, exchange: Exchange): Blocking<void> {
    yield { on: [], until: this.host.now + MILLISECOND };
    exchange.answer(yield* answer(this, message));
  }

  /** SIGTERM: containers are stopped, then the daemon ends. */
  #shutDown(): void {
    this.#stopping = true;
    for (const container of this.containers.list()) {
      container.stopRequested = true;
      container.task?.init.signal('SIGKILL');
    }
    hostDirectory(this.host, '/var/run').remove('docker.sock');
    this.daemon.signal('SIGKILL');
  }

  /** How often it has been asked about this name, from 0: tells the second of a kind from the first, whatever the time. */
  serial(name: string): number {
    const count = this.#serials.get(name) ?? 0;
    this.#serials.set(name, count + 1);
    return count;
  }

  /** A stream of named randomness of this daemon. */
  random(name: string): Random {
    return this.host.random(`docker/${name}`);
  }

  nextSequence(): number {
    return this.#sequence++;
  }

  /** The text of a file of the host, empty if there is none. */
  hostFile(path: string): string {
    const found = this.host.init.namespaces.mnt.resolve(this.host.init, path);
    return typeof found !== 'string' && found.inode instanceof RegularFile ? decode(found.inode.bytes) : '';
  }

  /** /dev/null, for processes without standard input. */
  nullFile(): OpenFile {
    const device = devfs(this.host).child('null');
    const file = device instanceof Device ? device.open(this.daemon) : 'ENXIO';
    if (typeof file === 'string') throw new Error(`/dev/null: ${file}`);
    return file;
  }

  /** The subnets that the host has routes to: default networks keep away from them. */
  routedPrefixes(): Prefix<IPv4>[] {
    return this.netlink
      .routes(4)
      .map((route) => route.destination)
      .filter((prefix): prefix is Prefix<IPv4> => typeof prefix.address === 'number' && prefix.length > 0);
  }
}

function* daemon(process: Process): Blocking<number> {
  for (;;) yield* process.pause();
}
