import type { IP } from '../../../base/address.ts';
import { be16 } from '../../../wire/endian.ts';
import { TCP_HEADER } from '../../../wire/tcp.ts';
import type { NetDevice } from '../../dev/device.ts';
import type { NetNamespace } from '../../netns.ts';
import { hasTransport } from '../locate.ts';
import { destinationOf, sourceOf } from './addresses.ts';
import type { MatchExtension } from './match.ts';

const FLAGS = ['transparent', 'nowildcard', 'restore-skmark'] as const;

interface SocketTest {
  flags: readonly (typeof FLAGS)[number][];
}

/**
 * The socket match: whether a socket of this machine would take the packet (net/netfilter/xt_socket.c). No program here opens transparent
 * sockets, and none gives its socket a mark that `--restore-skmark` could bring.
 */
export const socket: MatchExtension<SocketTest> = {
  name: 'socket',
  options: FLAGS.map((name) => ({ name, arguments: 0 as const })),
  parse: (given) => ({ flags: FLAGS.filter((name) => given.has(name)) }),
  check: (_data, { hooks }) => ([...hooks].some((hook) => hook !== 'PREROUTING' && hook !== 'INPUT') ? 'EINVAL' : undefined),
  save: ({ flags }) => flags.map((name) => ` --${name}`).join(''),
  list: ({ flags }) => ` socket${flags.map((name) => ` --${name}`).join('')}`,
  matches({ flags }, skb, state) {
    if (flags.includes('transparent') || state.fragmentOffset > 0) return false;
    const { protocol, net, transport, family } = state;
    if ((protocol !== 6 && protocol !== 17) || !hasTransport(skb, state, protocol === 6 ? TCP_HEADER : 8)) return false;
    const { input } = state;
    if (!input) return false;
    const ends = {
      source: sourceOf(skb, family),
      destination: destinationOf(skb, family),
      sourcePort: be16(skb.bytes, transport),
      destinationPort: be16(skb.bytes, transport + 2),
      device: input,
    };
    const taker = protocol === 6 ? tcpTaker(net, ends) : udpTaker(net, ends);
    return taker !== undefined && (flags.includes('nowildcard') || taker === 'bound');
  },
};

interface Ends {
  source: IP;
  destination: IP;
  sourcePort: number;
  destinationPort: number;
  device: NetDevice;
}

/** Whether somebody takes it, and whether that is a socket bound to no address. */
type Taker = 'bound' | 'wildcard' | undefined;

function tcpTaker({ sockets: { tcp } }: NetNamespace, ends: Ends): Taker {
  if (tcp.find(ends.destination, ends.destinationPort, ends.source, ends.sourcePort)) return 'bound';
  const listener = tcp.listener(ends);
  return listener && (listener.local === undefined ? 'wildcard' : 'bound');
}

function udpTaker({ sockets: { udp } }: NetNamespace, ends: Ends): Taker {
  const found = udp.lookup(ends.source, ends.sourcePort, ends.destination, ends.destinationPort, ends.device.ifindex);
  return found && (found.local === undefined ? 'wildcard' : 'bound');
}
