import { type IPv4, parseIPv4 } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { Trace } from '../base/trace.ts';
import { restore } from '../host/iptables/restore.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import { datagram } from '../kernel/netfilter/testbed.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import { best, type Figure } from './measure.ts';

/** 10.96.0.0/12, one address after another. */
function clusterAddress(index: number): string {
  return `10.${96 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}

/** What kube-proxy writes for Services with two endpoints each: eight rules a Service, in the order of its sync. */
function serviceRules(services: number): string {
  const chains = [':KUBE-SERVICES - [0:0]', ':KUBE-MARK-MASQ - [0:0]'];
  const rules = [
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A KUBE-MARK-MASQ -j MARK --or-mark 0x00004000',
  ];
  for (let i = 0; i < services; i++) {
    const hash = String(i).padStart(15, 'X');
    const service = `KUBE-SVC-S${hash}`;
    const name = `shop/cart${i}:dns`;
    const portal = `-m udp -p udp -d ${clusterAddress(i)}/32 --dport 53`;
    chains.push(`:${service} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES -m comment --comment "${name} cluster IP" ${portal} -j ${service}`,
      `-A ${service} -m comment --comment "${name} cluster IP" ${portal} ! -s 10.0.0.0/8 -j KUBE-MARK-MASQ`,
    );
    for (const [endpoint, odds] of [
      ['A', ' -m statistic --mode random --probability 0.50000000000'],
      ['B', ''],
    ] as const) {
      const chain = `KUBE-SEP-${endpoint}${hash}`;
      const address = endpoint === 'A' ? '10.9.0.2' : '10.9.0.3';
      chains.push(`:${chain} - [0:0]`);
      rules.push(
        `-A ${service} -m comment --comment "${name} -> ${address}:53"${odds} -j ${chain}`,
        `-A ${chain} -m comment --comment ${name} -s ${address}/32 -j KUBE-MARK-MASQ`,
        `-A ${chain} -m comment --comment ${name} -m udp -p udp -j DNAT --to-destination ${address}:53`,
      );
    }
  }
  return `*nat\n${chains.join('\n')}\n${rules.join('\n')}\nCOMMIT\n`;
}

/** A node with Services, and a client on a cable from which packets for them come. */
class Node {
  readonly #events = new EventQueue();
  readonly #client: NetNamespace;
  readonly node: NetNamespace;
  readonly #socket: RawSocket;
  #port = 1024;

  constructor() {
    const kernel = new Kernel('node', this.#events, new Trace(this.#events), 'bench', new WorldIds());
    this.#client = kernel.newNamespace();
    this.node = kernel.newNamespace();
    const [client, node] = [openRtNetlink(this.#client), openRtNetlink(this.node)];
    client.newLink({ kind: 'veth', name: 'eth0', peer: { name: 'cable', netns: this.node } });
    for (const [netlink, name, address] of [
      [client, 'eth0', '10.9.1.2'],
      [node, 'cable', '10.9.1.1'],
    ] as const) {
      const ifindex = netlink.link(name)?.ifindex as number;
      netlink.newAddress({ ifindex, prefix: { address: ip(address), length: 24 } }, 'add');
      netlink.setLink(ifindex, { up: true });
    }
    client.newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: ip('10.9.1.1') }] }, 'add');
    this.node.sysctl.set('net/ipv4/ip_forward', '1');
    this.#socket = new RawSocket(this.#client, 17);
  }

  load(text: string): void {
    const result = restore(this.node, text);
    if (!result.ok) throw new Error(`rules refused: ${JSON.stringify(result)}`);
  }

  /** First packets of new flows to a Service, in milliseconds for a thousand. */
  firstPackets(service: number): number {
    const send = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const port = this.#port++;
        if (this.#port > 60_000) this.#port = 1024;
        this.#socket.send(datagram('10.9.1.2', clusterAddress(service), port, 53, 20), ip(clusterAddress(service)));
        this.#events.runUntil(this.#events.now + 1000);
      }
    };
    send(1000);
    return best(() => send(1000));
  }
}

export function serviceFigures(): Figure[] {
  const text = serviceRules(10_000);
  const restored = best(() => new Node().load(text));
  const few = new Node();
  few.load(serviceRules(10));
  const many = new Node();
  many.load(text);
  const [ofTen, ofMany] = [few.firstPackets(9), many.firstPackets(9_999)];
  return [
    { what: 'restoring 10,000 Services (80,003 rules)', value: restored, unit: 'ms', goal: 1000 },
    { what: '1,000 first packets to the last of 10', value: ofTen, unit: 'ms' },
    { what: '1,000 first packets to the last of 10,000', value: ofMany, unit: 'ms', goal: 2 * ofTen },
  ];
}

function ip(text: string): IPv4 {
  return parseIPv4(text) as IPv4;
}
