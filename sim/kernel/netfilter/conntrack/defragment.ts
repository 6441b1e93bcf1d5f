import * as ip from '../../../wire/ipv4.ts';
import type { NetDevice } from '../../dev/device.ts';
import type { Skb } from '../../skb.ts';
import type { HookState, Verdict } from '../hooks.ts';

/**
 * Collects a fragment; with the last one the packet goes on in one piece, in place of that fragment. On its way out it is cut up
 * again where it must be.
 */
export function fragmentsOf(skb: Skb, state: HookState): Verdict {
  if (state.family !== 4 || !ip.isFragment(skb.bytes, skb.network)) return 'accept';
  const device = (state.input ?? state.output) as NetDevice;
  const whole = state.net.ipv4.fragments.add(device, skb);
  if (!whole) return 'stolen';
  skb.take(whole);
  return 'accept';
}
