import { type Mac, type Prefix, parsePrefix } from '../../base/address.ts';
import type { Host } from '../../host/host.ts';
import { cable, Nic } from '../../kernel/dev/nic.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { indexOf, must, netlinkOf, setUp } from '../machine.ts';
import type { Builder, Scenario } from '../scenario.ts';

/** Locally administered MACs: 52:54:00:00, the number of the network, the last octet of the address. */
const CARD_MAC: Mac = 0x5254_0000_0000;
const HOME = 1;
const OUTSIDE = 2;
/** Indexes of the switch's ports; a machine's last octet is added. */
const PORT_INDEX = 3000;

/** A home network with two machines, its router, and a server on the other side. */
export const router: Scenario = {
  name: 'router',
  title: 'two machines on a LAN, their router, and a server beyond it',
  hosts: ['client', 'guest', 'router', 'server'],
  build(builder) {
    const lan = new Switch(builder.switch('switch'));
    const [client, guest, gateway, server] = this.hosts.map((name) => started(builder, name)) as [Host, Host, Host, Host];
    lan.plug(client.kernel, 'eth0', '192.168.1.10/24');
    lan.plug(guest.kernel, 'eth0', '192.168.1.20/24');
    lan.plug(gateway.kernel, 'eth0', '192.168.1.1/24');
    const [beyond, far] = [cardOf(gateway.kernel, 'eth1', 3, OUTSIDE, 1), cardOf(server.kernel, 'eth0', 2, OUTSIDE, 80)];
    cable(beyond, far);
    address(gateway.kernel, beyond, '203.0.113.1/24');
    address(server.kernel, far, '203.0.113.80/24');
    for (const host of [client, guest]) defaultRoute(host.kernel, '192.168.1.1');
    defaultRoute(server.kernel, '203.0.113.1');
    gateway.kernel.init.sysctl.set('net/ipv4/ip_forward', '1');
  },
};

/** A machine that nobody enters: a bridge with a port for each that is plugged in. */
class Switch {
  readonly #kernel: Kernel;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
    kernel.init.sysctl.set('net/ipv6/conf/all/disable_ipv6', '1');
    kernel.init.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
    must(netlinkOf(kernel).newLink({ kind: 'bridge', name: 'lan' }));
    setUp(netlinkOf(kernel), 'lan');
  }

  plug(kernel: Kernel, name: string, own: string): void {
    const octet = (prefixOf(own).address as number) & 0xff;
    const card = cardOf(kernel, name, 2, HOME, octet);
    const port = new Nic(this.#kernel.init, kernel.name, PORT_INDEX + octet, CARD_MAC + 0xff00 + octet);
    cable(card, port);
    this.#kernel.init.register(port);
    const netlink = netlinkOf(this.#kernel);
    must(netlink.setLink(port.ifindex, { master: indexOf(netlink, 'lan') }));
    setUp(netlink, kernel.name);
    address(kernel, card, own);
  }
}

function started(builder: Builder, name: string): Host {
  const host = builder.host(name);
  setUp(netlinkOf(host.kernel), 'lo');
  return host;
}

function cardOf(kernel: Kernel, name: string, ifindex: number, network: number, octet: number): Nic {
  return new Nic(kernel.init, name, ifindex, CARD_MAC + network * 0x100 + octet);
}

function address(kernel: Kernel, card: Nic, own: string): void {
  kernel.init.register(card);
  const netlink = netlinkOf(kernel);
  must(netlink.newAddress({ ifindex: card.ifindex, prefix: prefixOf(own) }, 'add'));
  setUp(netlink, card.name);
}

function defaultRoute(kernel: Kernel, gateway: string): void {
  const { address: via } = prefixOf(`${gateway}/32`);
  must(
    netlinkOf(kernel).newRoute(
      { family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: via }], protocol: 'boot' },
      'add',
    ),
  );
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`no prefix: ${text}`);
  return prefix;
}
