import { listSockets, type SocketEntry } from '../../host/socket-list.ts';
import type { NetNamespace } from '../../kernel/netns.ts';

/** `ss -s`: how many sockets there are of each kind. */
export function summary(net: NetNamespace): string {
  const all = listSockets(net);
  const count = (test: (entry: SocketEntry) => boolean) => all.filter(test).length;
  const inTcp = (state: string) => count((entry) => entry.protocol === 'tcp' && entry.state === state);
  const waiting = inTcp('TIME-WAIT');
  const orphaned = count((entry) => entry.protocol === 'tcp' && entry.socket === undefined && entry.state !== 'TIME-WAIT');
  const row = (name: string, protocols: readonly string[]) => {
    const kind = (family?: 4 | 6) =>
      count(
        (entry) => protocols.includes(entry.protocol) && entry.state !== 'TIME-WAIT' && (family === undefined || entry.family === family),
      );
    return `${name}\t  ${[kind(), kind(4), kind(6)].map((number) => String(number).padEnd(9)).join(' ')}\n`;
  };
  const tcp = count(({ protocol }) => protocol === 'tcp');
  return (
    `Total: ${all.length - waiting}\n` +
    `TCP:   ${tcp} (estab ${inTcp('ESTAB')}, closed ${waiting}, orphaned ${orphaned}, timewait ${waiting})\n\n` +
    'Transport Total     IP        IPv6\n' +
    row('RAW', ['raw']) +
    row('UDP', ['udp']) +
    row('TCP', ['tcp']) +
    row('INET', ['raw', 'udp', 'tcp']) +
    row('FRAG', []) +
    '\n'
  );
}
