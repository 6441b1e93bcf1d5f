import { type IPv4, parseIPv4 } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { restore } from '../host/iptables/restore.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import { datagram } from '../kernel/netfilter/testbed.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import type { Figure } from './measure.ts';

const ROUTERS = 10;
const BURST = 1000;

/** Namespaces in a row, numbered from 0: a sender, routers, a receiver; network 10.0.N.0/24 lies between N and N + 1. */
class Chain {
  readonly #events = new EventQueue();
  readonly #trace = new Trace(this.#events);
  readonly #nets: NetNamespace[];
  readonly #socket: RawSocket;
  #arrived = 0;

  constructor(rules: string | undefined) {
    const kernel = new Kernel('chain', this.#events, this.#trace, 'bench', new WorldIds());
    this.#nets = Array.from({ length: ROUTERS + 2 }, () => kernel.newNamespace());
    for (let i = 0; i <= ROUTERS; i++) this.#connect(i);
    for (let i = 0; i < this.#nets.length; i++) this.#route(i);
    if (rules) for (const net of this.#nets.slice(1, -1)) load(net, rules);
    this.#socket = new RawSocket(this.#net(0), 17);
    this.#net(ROUTERS + 1).sockets.protocols.set(17, () => {
      this.#arrived++;
    });
  }

  /** Packets a second in the fastest of many bursts: each is short enough for some of them to be left alone by the rest of the machine. */
  rate(traced: boolean): number {
    this.#trace.enabled = traced;
    for (let warm = 0; warm < 9; warm++) this.#burst();
    let rate = 0;
    for (let round = 0; round < 100; round++) {
      this.#arrived = 0;
      const began = performance.now();
      this.#burst();
      rate = Math.max(rate, (this.#arrived / (performance.now() - began)) * 1000);
    }
    return rate;
  }

  #burst(): void {
    const receiver = ip(`10.0.${ROUTERS}.2`);
    for (let i = 1; i <= BURST; i++) {
      this.#socket.send(PACKET, receiver);
      if (i % 100 === 0) this.#events.runUntil(this.#events.now + 5000);
    }
    this.#events.runUntil(this.#events.now + 100_000);
  }

  #net(i: number): NetNamespace {
    return this.#nets[i] as NetNamespace;
  }

  #connect(i: number): void {
    const [left, right] = [openRtNetlink(this.#net(i)), openRtNetlink(this.#net(i + 1))];
    left.newLink({ kind: 'veth', name: 'right', peer: { name: 'left', netns: this.#net(i + 1) } });
    for (const [netlink, name, octet] of [
      [left, 'right', 1],
      [right, 'left', 2],
    ] as const) {
      const ifindex = netlink.link(name)?.ifindex as number;
      netlink.newAddress({ ifindex, prefix: { address: ip(`10.0.${i}.${octet}`), length: 24 } }, 'add');
      netlink.setLink(ifindex, { up: true });
    }
    this.#net(i).sysctl.set('net/ipv4/ip_forward', '1');
  }

  #route(i: number): void {
    const netlink = openRtNetlink(this.#net(i));
    for (let network = 0; network <= ROUTERS; network++) {
      const gateway = network > i ? `10.0.${i}.2` : network < i - 1 ? `10.0.${i - 1}.1` : undefined;
      if (!gateway) continue;
      const destination = { address: ip(`10.0.${network}.0`), length: 24 };
      netlink.newRoute({ family: 4, destination, nexthops: [{ gateway: ip(gateway) }] }, 'add');
    }
  }
}

/** Eighteen rules that don't match, then the two of every firewall with connection tracking. */
const TWENTY_RULES = `*filter
:FORWARD DROP [0:0]
${Array.from({ length: 18 }, (_, i) => `-A FORWARD -s 192.0.2.${i}/32 -p tcp -m tcp --dport ${1000 + i} -j DROP`).join('\n')}
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -m conntrack --ctstate NEW -j ACCEPT
COMMIT
`;

const PACKET = datagram('10.0.0.1', `10.0.${ROUTERS}.2`, 5000, 5001, 56);

export function forwardingFigures(): Figure[] {
  const bare = new Chain(undefined);
  const guarded = new Chain(TWENTY_RULES);
  return [
    { what: 'across 10 routers, traced', value: bare.rate(true), unit: 'packets/s' },
    { what: '… each with conntrack and 20 rules', value: guarded.rate(true), unit: 'packets/s', goal: 100_000 },
    { what: '… the same, without trace', value: guarded.rate(false), unit: 'packets/s' },
  ];
}

function load(net: NetNamespace, rules: string): void {
  const result = restore(net, rules);
  if (!result.ok) throw new Error(`rules refused: ${JSON.stringify(result)}`);
}

function ip(text: string): IPv4 {
  return parseIPv4(text) as IPv4;
}
