import { checksumUpdate16 } from '../../../wire/checksum.ts';
import { be16 } from '../../../wire/endian.ts';
import * as tcp from '../../../wire/tcp.ts';
import { hasTransport } from '../locate.ts';
import { problem, unsigned } from '../options.ts';
import type { TargetExtension } from './target.ts';

const NAMES: Readonly<Record<string, number>> = { wscale: 3, mss: 2, 'sack-permitted': 4, sack: 5, timestamp: 8, md5: 19 };

/** TCPOPTSTRIP: overwrites options of TCP with NOPs (net/netfilter/xt_TCPOPTSTRIP.c). */
export const tcpoptstrip: TargetExtension<number[]> = {
  name: 'TCPOPTSTRIP',
  options: [{ name: 'strip-options' }],
  parse(given) {
    const kinds: number[] = [];
    for (const word of given.value('strip-options')?.split(',') ?? []) {
      const kind = NAMES[word] ?? unsigned(word, 254);
      if (kind === undefined) return problem(`Bad TCP option value "${word}"`);
      if (kinds.includes(kind)) return problem(`Option "${word}" already specified`);
      kinds.push(kind);
    }
    return kinds.sort((a, b) => a - b);
  },
  check: (_kinds, { table, protocol, protocolInverted }) =>
    table === 'mangle' && protocol === 6 && !protocolInverted ? undefined : 'EINVAL',
  save: (kinds) => (kinds.length === 0 ? '' : ` --strip-options ${kinds.join(',')}`),
  list(kinds, { numeric }) {
    const name = (kind: number) => Object.keys(NAMES).find((known) => NAMES[known] === kind) ?? String(kind);
    return kinds.length === 0 ? '' : ` TCPOPTSTRIP options ${kinds.map((kind) => (numeric ? String(kind) : name(kind))).join(',')}`;
  },
  evaluate(kinds, skb, state) {
    if (!hasTransport(skb, state, tcp.TCP_HEADER)) return 'continue';
    const { bytes } = skb;
    const at = state.transport;
    const end = Math.min(skb.end, at + tcp.headerLength(bytes, at));
    for (let i = at + tcp.TCP_HEADER; i < end; ) {
      const kind = bytes[i] as number;
      const length = kind < 2 ? 1 : Math.max(2, bytes[i + 1] as number);
      if (kinds.includes(kind) && i + length <= end) {
        for (let j = i; j < i + length; j++) blank(bytes, j, at);
        skb.traced = -1;
        state.net.netfilter.traceRewrite(skb, state, `tcp option ${kind} removed`);
      }
      i += length;
    }
    return 'continue';
  },
};

/** Makes a byte a NOP. @param start where the header begins, which settles the word that the byte is part of */
function blank(b: Uint8Array, at: number, start: number): void {
  const word = at - ((at - start) & 1);
  const before = be16(b, word);
  b[at] = 1;
  tcp.setChecksum(b, start, checksumUpdate16(tcp.checksum(b, start), before, be16(b, word)));
}
