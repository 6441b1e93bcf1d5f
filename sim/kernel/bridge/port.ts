import type { Micros } from '../../base/time.ts';
import type { NetDevice } from '../dev/device.ts';
import type { Bridge } from './bridge.ts';
import { VlanGroup } from './vlan.ts';
import { Countdown } from '../countdown.ts';

/** STP states of a port, in the numbers that netlink carries (include/uapi/linux/if_bridge.h). */
export const PORT_STATE = { disabled: 0, listening: 1, learning: 2, forwarding: 3, blocking: 4 } as const;
export type PortState = keyof typeof PORT_STATE;

/** A device in its role as a port of a bridge (`struct net_bridge_port`). */
export class BridgePort {
  readonly bridge: Bridge;
  readonly device: NetDevice;
  readonly number: number;
  state: PortState = 'disabled';
  priority = 32;
  /** Path cost: 2 for 10 Gbit/s and up, which is what virtual devices report. */
  cost = 2;
  hairpin = false;
  guard = false;
  rootBlock = false;
  fastLeave = false;
  /** Whether routers are behind it: never, as learned, always, or for a while (MDB_RTR_TYPE_*). */
  multicastRouter = 1;
  learning = true;
  /** Floods frames with an unknown destination. */
  flood = true;
  multicastFlood = true;
  broadcastFlood = true;
  /** Isolated ports reach only ports that aren't. */
  isolated = false;
  proxyArp = false;
  proxyArpWifi = false;
  neighSuppress = false;
  locked = false;
  /** Of no account until the bridge has VLANs. */
  readonly vlans = new VlanGroup();
  // What the port has heard of the spanning tree: the root, the way there, and the bridge and port that lead to it on this link.
  designatedRoot = 0n;
  designatedCost = 0;
  designatedBridge = 0n;
  designatedPort = 0;
  /** When what it heard was young (jiffies less the message's age). */
  designatedAge: Micros = 0;
  topologyChangeAck = false;
  configPending = false;
  readonly messageAge: Countdown;
  /** Keeps the world awake: a port that listens will forward. */
  readonly forwardDelay: Countdown;
  /** The same timer where it decides nothing, without STP. */
  readonly idleDelay: Countdown;
  readonly hold: Countdown;

  constructor(bridge: Bridge, device: NetDevice, number: number) {
    this.bridge = bridge;
    this.device = device;
    this.number = number;
    const { events } = bridge.net.kernel;
    this.messageAge = new Countdown(events, 'stp message age', true, () => bridge.tree.messageAgeExpired(this));
    this.forwardDelay = new Countdown(events, 'stp forward delay', false, () => bridge.tree.forwardDelayExpired(this));
    this.idleDelay = new Countdown(events, 'stp forward delay', true, () => {});
    this.hold = new Countdown(events, 'stp hold', true, () => {
      if (this.configPending) bridge.tree.transmit(this);
    });
  }

  /** Priority and number in one (br_make_port_id). */
  get id(): number {
    return ((this.priority & 0x3f) << 10) | (this.number & 0x3ff);
  }

  /** Another state, with a word in the kernel's log (br_set_state). */
  enter(state: PortState): void {
    this.state = state;
    const { name, net } = this.bridge;
    net.kernel.log.write(6, `${name}: port ${this.number}(${this.device.name}) entered ${state} state`);
  }

  clearPending(): void {
    this.topologyChangeAck = false;
    this.configPending = false;
  }

  stopTimers(): void {
    for (const timer of [this.messageAge, this.forwardDelay, this.idleDelay, this.hold]) timer.stop();
  }

  /** Whether a frame that came in by `from` may leave here (should_deliver). @param vlan 0 where they aren't told apart */
  accepts(from: BridgePort | undefined, vlan = 0): boolean {
    if (vlan !== 0 && !this.vlans.members.has(vlan)) return false;
    return (this !== from || this.hairpin) && this.state === 'forwarding' && !(this.isolated && from?.isolated);
  }
}
