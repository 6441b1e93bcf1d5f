import * as ip from '../../wire/ipv4.ts';
import * as ip6 from '../../wire/ipv6.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { Skb } from '../skb.ts';
import type { HookState } from './hooks.ts';

/** Finds the protocol above IP and its header, and notes them in the state (ip_hdrlen, ipv6_find_hdr). */
export function locate(skb: Skb, state: HookState): void {
  const { bytes, network } = skb;
  if (state.family === 4) {
    state.protocol = ip.protocol(bytes, network);
    state.transport = network + ip.headerLength(bytes, network);
    state.fragmentOffset = ip.fragmentOffset(bytes, network);
  } else locateIpv6(skb, state);
}

function locateIpv6({ bytes, network, end }: Skb, state: HookState): void {
  const upper = ip6.upperLayer(bytes, network, end);
  if (isWireError(upper)) {
    state.protocol = ip6.PROTOCOL.NoNext;
    state.transport = end;
    state.fragmentOffset = 0;
    return;
  }
  state.fragmentOffset = upper.fragment === 0 ? 0 : ip6.fragmentOffset(bytes, upper.fragment);
  state.protocol = state.fragmentOffset > 0 ? (bytes[upper.fragment] as number) : upper.protocol;
  state.transport = upper.offset;
}

/** Whether `length` bytes of the transport header are there to be looked at; never in a later fragment. */
export function hasTransport(skb: Skb, state: HookState, length: number): boolean {
  return state.fragmentOffset === 0 && skb.end - state.transport >= length;
}
