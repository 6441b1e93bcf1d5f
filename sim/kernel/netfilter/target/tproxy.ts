import { formatIP, type IP, parseIPv4, parseIPv6 } from '../../../base/address.ts';
import { hex, markValue, problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Tproxy {
  port: number;
  address: IP;
  mark: number;
  mask: number;
}

/**
 * TPROXY: hands the packet to a transparent socket of this machine, without rewriting it (net/netfilter/xt_TPROXY.c). No program here
 * opens transparent sockets, and where there is none, the packet is dropped.
 */
export const tproxy: TargetExtension<Tproxy> = {
  name: 'TPROXY',
  options: [{ name: 'on-port', mandatory: true }, { name: 'on-ip' }, { name: 'tproxy-mark' }],
  parse(given, { family }) {
    const text = given.value('on-port') as string;
    // The number is cut to its 16 bits.
    const port = /^\d+$/.test(text) ? Number(text) & 0xffff : undefined;
    if (port === undefined) return problem(`Port "${text}" does not resolve to anything.\n`);
    const ip = given.value('on-ip');
    const address = ip === undefined ? (family === 4 ? 0 : 0n) : (family === 4 ? parseIPv4 : parseIPv6)(ip);
    if (address === undefined) return problem('getaddrinfo: Temporary failure in name resolution\n');
    const written = given.value('tproxy-mark');
    const mark = written === undefined ? { value: 0, mask: 0 } : markValue(written);
    if (!mark) return problem('TPROXY: bad integer value for option "--tproxy-mark", or out of range.\n');
    return { port, address, mark: mark.value, mask: mark.mask };
  },
  check(_data, { table, hooks, protocol, protocolInverted }) {
    if (table !== 'mangle' || [...hooks].some((hook) => hook !== 'PREROUTING')) return 'EINVAL';
    return (protocol === 6 || protocol === 17) && !protocolInverted ? undefined : 'EINVAL';
  },
  save: ({ port, address, mark, mask }) => ` --on-port ${port} --on-ip ${formatIP(address)} --tproxy-mark ${hex(mark)}/${hex(mask)}`,
  list: ({ port, address, mark, mask }) => ` TPROXY redirect ${formatIP(address)}:${port} mark ${hex(mark)}/${hex(mask)}`,
  evaluate: () => 'drop',
};
