import type { EventQueue } from '../base/events.ts';
import { Random } from '../base/random.ts';
import type { Trace } from '../base/trace.ts';
import { ETHERTYPE } from '../wire/ethernet.ts';
import { Bridge } from './bridge/bridge.ts';
import type { NetDevice } from './dev/device.ts';
import { Nic } from './dev/nic.ts';
import { arpReceive } from './ipv4/arp.ts';
import { sendError } from './ipv4/icmp-error.ts';
import { ipReceive } from './ipv4/input.ts';
import { sendError6 } from './ipv6/error.ts';
import { ipv6Receive } from './ipv6/input.ts';
import { KernelLog } from './log.ts';
import { PROTOCOL } from '../wire/protocol.ts';
import { igmpReceive, reportChange } from './ipv4/igmp.ts';
import { NetNamespace } from './netns.ts';
import type { Skb } from './skb.ts';
import type { CookedDevice } from './socket/cooked.ts';

/** Numbers that are unique in a world, whichever machine asks: devices, namespaces, packets. */
export class WorldIds {
  #device = 0;
  #netns = 0;
  #packet = 0;
  nextDevice(): number {
    return ++this.#device;
  }
  nextNetns(): number {
    return ++this.#netns;
  }
  nextPacket(): number {
    return ++this.#packet;
  }
}

/** A protocol above Ethernet; `skb.data` and `skb.network` stand at its header. */
export type ProtocolHandler = (device: NetDevice, skb: Skb) => void;

/** One machine's Linux kernel: its network namespaces and the clock, trace and seed they share. */
export class Kernel {
  readonly name: string;
  readonly events: EventQueue;
  readonly trace: Trace;
  readonly seed: string;
  readonly ids: WorldIds;
  /** What `dmesg` shows. */
  readonly log: KernelLog;
  /** What the trace calls the one rewrite that every router does. */
  readonly ttlText: number;
  /** The machine's own network namespace. */
  readonly init: NetNamespace;
  readonly namespaces = new Set<NetNamespace>();
  /** Devices that are gone, by `uid`: the trace still speaks of them. */
  readonly departed = new Map<number, CookedDevice>();
  /** How many devices of each name there have been: what addresses are derived from. */
  readonly namesGiven = new Map<string, number>();
  /** How many tunnels the packet being sent is inside of. */
  transmitDepth = 0;
  readonly #modules = new Map<string, (net: NetNamespace) => void>();

  constructor(name: string, events: EventQueue, trace: Trace, seed: string, ids: WorldIds) {
    this.name = name;
    this.events = events;
    this.trace = trace;
    this.ttlText = trace.textIndex('ttl');
    this.seed = seed;
    this.ids = ids;
    this.log = new KernelLog(events);
    this.init = this.newNamespace();
    this.init.label = { kind: 'host', name };
  }

  /** Who takes packets of an EtherType (ptype_base). */
  receiver(etherType: number): ProtocolHandler | undefined {
    if (etherType === ETHERTYPE.IPv4) return ipReceive;
    if (etherType === ETHERTYPE.ARP) return arpReceive;
    return etherType === ETHERTYPE.IPv6 ? ipv6Receive : undefined;
  }

  /** Loads a module once: it prepares every network namespace, those to come as well (register_pernet_subsys). */
  loadModule(name: string, prepare: (net: NetNamespace) => void): void {
    if (this.#modules.has(name)) return;
    this.#modules.set(name, prepare);
    for (const net of this.namespaces) prepare(net);
  }

  newNamespace(): NetNamespace {
    const net = new NetNamespace(this);
    net.ipv4.receiveOwn = ipReceive;
    net.ipv6.receiveOwn = ipv6Receive;
    net.ipv4.reportError = (skb, error) => sendError(net.ipv4, skb, error);
    net.ipv4.reportGroup = reportChange;
    net.sockets.protocols.set(PROTOCOL.IGMP, igmpReceive);
    net.ipv6.reportError = (skb, error) => sendError6(net.ipv6, skb, error);
    this.namespaces.add(net);
    for (const prepare of this.#modules.values()) prepare(net);
    return net;
  }

  /**
   * Ends a namespace that nothing holds any more (cleanup_net): virtual devices are destroyed, cards go back to the machine.
   */
  destroyNamespace(net: NetNamespace): void {
    if (net.dead || net === this.init) return;
    net.dead = true;
    for (const device of net.listDevices().reverse()) {
      if (device.unregistered) continue;
      if (device instanceof Nic) net.move(device, this.init);
      else net.unregister(device);
    }
    for (const other of this.namespaces)
      for (const device of other.listDevices()) if (device.underlay === net && !device.unregistered) other.unregister(device);
    net.sockets.closeAll();
    this.namespaces.delete(net);
    for (const other of this.namespaces) other.forgetNsid(net);
  }

  /** Takes a port out of its bridge. */
  releaseFromMaster(device: NetDevice): void {
    if (device.master instanceof Bridge) device.master.removePort(device);
  }

  /** A stream of named randomness of this machine. */
  random(name: string): Random {
    return new Random(this.seed, `${this.name}/kernel/${name}`);
  }
}
