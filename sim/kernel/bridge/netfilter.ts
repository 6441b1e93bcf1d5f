import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import type { Skb } from '../skb.ts';
import type { Bridge } from './bridge.ts';

/** The hooks a bridged frame passes (include/uapi/linux/netfilter_bridge.h). */
export type BridgeHookName = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING';

/** What stands at a bridge hook: takes the frame (true: it will call `next` itself, or has dropped it) or lets it pass. */
export type BridgeHookHandler = (
  hook: BridgeHookName,
  bridge: Bridge,
  skb: Skb,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
  next: () => void,
) => boolean;

/** Passes a frame through a hook of the bridge family (NF_HOOK with NFPROTO_BRIDGE), then goes on with `next`. */
export function bridgeHook(
  hook: BridgeHookName,
  bridge: Bridge,
  skb: Skb,
  input: NetDevice | undefined,
  output: NetDevice | undefined,
  next: () => void,
): void {
  const { net } = bridge;
  for (const handler of net.bridgeHooks) if (handler(hook, bridge, skb, input, output, next)) return;
  if (net.bridgeHooks.length > 0) net.kernel.trace.emit(TraceKind.Hook, bridge.uid, net.uid, skb.packet, 7, hook);
  next();
}
