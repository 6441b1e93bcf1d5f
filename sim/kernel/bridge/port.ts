import type { NetDevice } from '../dev/device.ts';
import type { Bridge } from './bridge.ts';

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

  constructor(bridge: Bridge, device: NetDevice, number: number) {
    this.bridge = bridge;
    this.device = device;
    this.number = number;
  }

  /** Whether a frame that came in by `from` may leave here (should_deliver). */
  accepts(from: BridgePort | undefined): boolean {
    return (this !== from || this.hairpin) && this.state === 'forwarding' && !(this.isolated && from?.isolated);
  }
}
