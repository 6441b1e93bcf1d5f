import { ETHERNET_HEADER, readMac } from '../../../wire/ethernet.ts';
import { be16 } from '../../../wire/endian.ts';
import * as ip from '../../../wire/ipv4.ts';
import * as ip6 from '../../../wire/ipv6.ts';
import type { Skb } from '../../skb.ts';
import { hasPorts, isIcmp } from '../conntrack/tuple.ts';
import type { HookState } from '../hooks.ts';
import { hasTransport } from '../locate.ts';
import { noParts, type Parts } from './element.ts';
import type { SetType } from './types.ts';

export type Direction = 'src' | 'dst';

/**
 * A packet as an element of a set: each part from the side that its direction names (the kadt functions of the types).
 * @returns `undefined` when the packet lacks a part
 */
export function partsOf(type: SetType, directions: readonly Direction[], skb: Skb, state: HookState): Parts | undefined {
  if (directions.length < type.parts.length) return undefined;
  const parts = noParts();
  const bits = state.family === 4 ? 32 : 128;
  parts.length = parts.secondLength = bits;
  for (let i = 0; i < type.parts.length; i++) {
    const source = directions[i] === 'src';
    switch (type.parts[i]) {
      case 'ip':
      case 'net':
        if (i === 0) parts.address = addressOf(skb, state, source);
        else parts.second = addressOf(skb, state, source);
        break;
      case 'port':
        if (!readPort(type, parts, skb, state, source)) return undefined;
        break;
      case 'mac':
        if (!readSender(parts, skb, state, source)) return undefined;
        break;
      case 'iface':
        if (!readDevice(parts, state, source)) return undefined;
        break;
      default:
        return undefined;
    }
  }
  return parts;
}

function addressOf(skb: Skb, state: HookState, source: boolean): Parts['address'] {
  const { bytes, network } = skb;
  if (state.family === 4) return source ? ip.source(bytes, network) : ip.destination(bytes, network);
  return source ? ip6.source(bytes, network) : ip6.destination(bytes, network);
}

/** The port, or an ICMP message's type and code; other protocols have port 0 (ip_set_get_ip4_port). */
function readPort(type: SetType, parts: Parts, skb: Skb, state: HookState, source: boolean): boolean {
  parts.protocol = state.protocol;
  if (hasPorts(state.protocol)) {
    if (!hasTransport(skb, state, 4)) return false;
    parts.port = be16(skb.bytes, state.transport + (source ? 0 : 2));
    return true;
  }
  // A set of ports alone is one of ports of protocols that have them.
  if (type.name === 'bitmap:port') return false;
  if (isIcmp(state.family, state.protocol)) {
    if (!hasTransport(skb, state, 2)) return false;
    parts.port = be16(skb.bytes, state.transport);
  }
  return true;
}

function readSender(parts: Parts, skb: Skb, state: HookState, source: boolean): boolean {
  if (!state.input || skb.mac === 0 || skb.network - skb.mac < ETHERNET_HEADER) return false;
  parts.mac = readMac(skb.bytes, skb.mac + (source ? 6 : 0));
  return true;
}

function readDevice(parts: Parts, state: HookState, source: boolean): boolean {
  const device = source ? state.input : state.output;
  if (!device) return false;
  parts.iface = device.name;
  return true;
}
