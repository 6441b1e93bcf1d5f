import { type IPv6, samePrefix } from '../../base/address.ts';
import type { NetDevice } from '../dev/device.ts';
import { SCOPE } from '../ipv4/interface.ts';
import { scopeOf, type Ipv6Stack } from './stack.ts';

/**
 * The source address for a destination (RFC 6724 §5, ipv6_dev_get_saddr): the same address, a fitting scope, the outgoing interface,
 * then the longest common prefix.
 */
export function selectSource6(stack: Ipv6Stack, destination: IPv6, device: NetDevice): IPv6 | undefined {
  const wanted = scopeOf(destination);
  let best: { address: IPv6; score: number } | undefined;
  for (const candidate of stack.net.devices.values()) {
    for (const entry of candidate.ipv6.addresses) {
      if (entry.tentative) continue;
      if ((entry.scope === SCOPE.link || wanted === SCOPE.link) && candidate !== device) continue;
      const score =
        (entry.address === destination ? 100_000 : 0) +
        scopeScore(entry.scope, wanted) * 10_000 +
        (candidate === device ? 1_000 : 0) +
        commonPrefix(entry.address, destination);
      if (!best || score > best.score) best = { address: entry.address, score };
    }
  }
  return best?.address;
}

/** An address of at least the destination's reach beats one that is too narrow; the narrowest that suffices is best. */
function scopeScore(scope: number, wanted: number): number {
  if (scope === wanted) return 3;
  return scope < wanted ? 2 : 1;
}

function commonPrefix(a: IPv6, b: IPv6): number {
  for (let length = 64; length > 0; length--) if (samePrefix(a, b, length)) return length;
  return 0;
}
