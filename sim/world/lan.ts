import { type Mac, type Prefix, parsePrefix } from '../base/address.ts';
import { randomMac } from '../base/random.ts';
import { encode } from '../base/bytes.ts';
import { makeDirectories, place } from '../cli/install.ts';
import { programs } from '../cli/registry.ts';
import { devfs } from '../host/filesystems/devfs.ts';
import { Host } from '../host/host.ts';
import { Directory, Executable, RegularFile } from '../host/inode.ts';
import { cable, Nic } from '../kernel/dev/nic.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { indexOf, must, netlinkOf, setUp } from './machine.ts';

/** The gateway's address on the LAN, and the address outside that it answers for. */
const GATEWAY = '192.168.50.1/24';
const INTERNET = '203.0.113.10/32';
/** The first ifindex of the gateway's ports; a host's last octet is added. */
const PORT_INDEX = 3000;
/** Locally administered MACs of virtual machines' cards: 52:54:00:00:32 and the host's last octet. */
const CARD_MAC: Mac = 0x5254_0000_3200;
const CARD_INDEX = 2;

/**
 * The machine behind the hosts' default route: a bridge that is the LAN's switch, and a router to an address outside. Readers
 * can't enter it; what it does, it does by forwarding packets and by the web server at the address outside.
 */
export function configureGateway(kernel: Kernel): void {
  const { sysctl } = kernel.init;
  sysctl.set('net/ipv6/conf/all/disable_ipv6', '1');
  sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
  sysctl.set('net/ipv4/ip_forward', '1');
  const netlink = netlinkOf(kernel);
  setUp(netlink, 'lo');
  must(netlink.newLink({ kind: 'bridge', name: 'lan' }));
  must(netlink.newAddress({ ifindex: indexOf(netlink, 'lan'), prefix: prefixOf(GATEWAY) }, 'add'));
  setUp(netlink, 'lan');
  must(netlink.newAddress({ ifindex: indexOf(netlink, 'lo'), prefix: prefixOf(INTERNET) }, 'add'));
  startWebServer(kernel);
}

/** The web server that answers there: busybox's, as a process of the gateway. */
function startWebServer(kernel: Kernel): void {
  const root = new Directory();
  place(root, '/bin/httpd', new Executable('busybox'));
  place(root, '/srv/www/index.html', new RegularFile(encode('hello from the internet\n')));
  for (const path of ['/dev', '/etc', '/run']) makeDirectories(root, path);
  const host = new Host({ name: kernel.name, kernel, programs, root, env: new Map([['PATH', '/bin']]) });
  host.init.namespaces.mnt.mount(host.init, '/dev', devfs(host), 'devtmpfs', 'udev');
  const argv = ['httpd', '-f', '-p', INTERNET.replace('/32', ':80'), '-h', '/srv/www'];
  const server = host.init.spawn('/bin/httpd', { argv, fds: new Map(), cwd: '/', session: { tty: undefined } });
  if (typeof server === 'string') throw new Error(`a scenario's web server didn't start: ${server}`);
}

/** Plugs a host into the LAN and configures its card: `address` with its prefix, and the gateway as default route. */
export function connect(gateway: Kernel, host: Kernel, address: string): void {
  const prefix = prefixOf(address);
  const octet = (prefix.address as number) & 0xff;
  const card = new Nic(host.init, 'eth0', CARD_INDEX, CARD_MAC + octet);
  const port = new Nic(gateway.init, host.name, PORT_INDEX + octet, randomMac(gateway.random(`mac/${host.name}`)));
  cable(card, port);
  host.init.register(card);
  gateway.init.register(port);
  const lan = netlinkOf(gateway);
  must(lan.setLink(port.ifindex, { master: indexOf(lan, 'lan') }));
  setUp(lan, host.name);
  const netlink = netlinkOf(host);
  must(netlink.newAddress({ ifindex: card.ifindex, prefix }, 'add'));
  setUp(netlink, 'eth0');
  const router = prefixOf(GATEWAY).address;
  must(netlink.newRoute({ family: 4, destination: { address: 0, length: 0 }, nexthops: [{ gateway: router }], protocol: 'boot' }, 'add'));
}

function prefixOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (!prefix) throw new Error(`no prefix: ${text}`);
  return prefix;
}
