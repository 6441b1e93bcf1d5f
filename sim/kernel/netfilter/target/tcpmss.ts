import { checksumUpdate16 } from '../../../wire/checksum.ts';
import { be16, setBe16 } from '../../../wire/endian.ts';
import * as tcp from '../../../wire/tcp.ts';
import * as ip from '../../../wire/ipv4.ts';
import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { hasTransport } from '../locate.ts';
import { problem, unsigned } from '../options.ts';
import { findMss } from '../tcp-mss.ts';
import type { TargetExtension } from './target.ts';

/** `mss` absent: as much as the path takes. */
interface Clamp {
  mss: number | undefined;
}

/** What fits through the way out, and through the way that answers will take back (tcpmss_mangle_packet). */
function pathMss(skb: Skb, state: HookState): number {
  const headers = (state.family === 4 ? ip.IPV4_HEADER : 40) + tcp.TCP_HEADER;
  const way = skb.route as { mtu?: number } | undefined;
  const out = way?.mtu ?? state.output?.mtu ?? 1500;
  return Math.min(out, state.input?.mtu ?? out) - headers;
}

/** TCPMSS: lowers (or, with --set-mss, sets) the segment size that a SYN announces (net/netfilter/xt_TCPMSS.c). */
export const tcpmss: TargetExtension<Clamp> = {
  name: 'TCPMSS',
  options: [
    { name: 'set-mss', excludes: ['clamp-mss-to-pmtu'] },
    { name: 'clamp-mss-to-pmtu', arguments: 0 },
  ],
  parse(given, { family }) {
    const text = given.value('set-mss');
    if (text === undefined)
      return given.has('clamp-mss-to-pmtu') ? { mss: undefined } : problem('TCPMSS target: At least one parameter is required');
    // As much as fits behind an IP header.
    const most = family === 4 ? 65_515 : 65_495;
    const mss = unsigned(text, most);
    return mss === undefined ? problem(`TCPMSS: bad value for option "--set-mss", or out of range (0-${most}).\n`) : { mss };
  },
  check(data, place) {
    if (place.protocol !== 6 || place.protocolInverted) return 'EINVAL';
    if (data.mss !== undefined) return undefined;
    for (const hook of place.hooks) if (hook === 'INPUT' || hook === 'PREROUTING') return 'EINVAL';
    return undefined;
  },
  save: ({ mss }) => (mss === undefined ? ' --clamp-mss-to-pmtu' : ` --set-mss ${mss}`),
  list: ({ mss }) => (mss === undefined ? ' TCPMSS clamp to PMTU' : ` TCPMSS set ${mss}`),
  evaluate({ mss }, skb, state) {
    if (!hasTransport(skb, state, tcp.TCP_HEADER)) return 'continue';
    const { bytes } = skb;
    const at = state.transport;
    if ((tcp.flags(bytes, at) & tcp.TCP_FLAG.SYN) === 0) return 'continue';
    const end = Math.min(skb.end, at + tcp.headerLength(bytes, at));
    const option = findMss(bytes, at, end);
    // A SYN without the option means 536; Linux would add one, which only matters to hosts that never send it.
    if (option < 0) return 'continue';
    const before = be16(bytes, option + 2);
    const wanted = mss ?? pathMss(skb, state);
    if (before <= wanted) return 'continue';
    setBe16(bytes, option + 2, wanted);
    tcp.setChecksum(bytes, at, checksumUpdate16(tcp.checksum(bytes, at), before, wanted));
    state.net.netfilter.traceRewrite(skb, state, `mss ${before} -> ${wanted}`);
    return 'continue';
  },
};
