import { formatMac, formatPrefix, parseIP, type Prefix } from '../../../base/address.ts';
import { strerror } from '../../../base/errno.ts';
import type { NetlinkError } from '../../../host/netlink/messages.ts';
import type { RtNetlink } from '../../../host/netlink/rtnetlink.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { announce } from './announce.ts';
import { lastOf } from './ipam.ts';
import type { Endpoint } from './network.ts';
import { type Sandbox, writeSysctl } from './sandbox.ts';

/** Options of an endpoint, from `--network name=…,driver-opt=…`. */
const IFNAME = 'com.docker.network.endpoint.ifname';
export const ENDPOINT_SYSCTLS = 'com.docker.network.endpoint.sysctls';

/** Names for an endpoint's devices while they stand in the host: `veth` and seven hexadecimal digits, each free. */
export function vethNames(engine: Engine, endpoint: Endpoint): () => string {
  const random = engine.random(`veth/${endpoint.container.name}/${endpoint.id}`);
  return () => {
    for (;;) {
      const name = `veth${random.hex(7)}`;
      if (!engine.netlink.link(name)) return name;
    }
  };
}

/** Gives an interface that stands in the container its name, MAC, addresses and parameters, and sets it up (libnetwork/osl). */
export function configureInterface(
  engine: Engine,
  endpoint: Endpoint,
  sandbox: Sandbox,
  source: string,
  prefix: string,
): Refusal | undefined {
  const link = sandbox.netlink.link(source);
  if (!link) return new Refusal(500, `failed to add interface ${source} to sandbox: no such network interface`);
  const settings = endpoint.container.networks.get(endpoint.network.name);
  const name = settings?.DriverOpts?.[IFNAME] ?? sandbox.freeDeviceName(prefix);
  const failed = (what: string, error: NetlinkError | undefined): Refusal | undefined =>
    error && new Refusal(500, `failed to add interface ${source} to sandbox: error ${what}: ${strerror(error.errno).toLowerCase()}`);
  const { netlink } = sandbox;
  if (endpoint.mac !== undefined) {
    const refused = failed(
      `setting interface "${source}" MAC to "${formatMac(endpoint.mac)}"`,
      netlink.setLink(link.ifindex, { address: endpoint.mac }),
    );
    if (refused) return refused;
  }
  const renamed = failed(`renaming interface "${source}" to "${name}"`, netlink.setLink(link.ifindex, { name }));
  if (renamed) return renamed;
  endpoint.device = name;
  // A network without IPv6: not even a link-local address.
  writeSysctl(engine.daemon, sandbox.net, `net/ipv6/conf/${name}/disable_ipv6`, endpoint.address6 ? '0' : '1');
  for (const address of addressesOf(endpoint)) {
    const refused = failed(`setting interface "${name}" IP to ${formatPrefix(address)}`, addAddress(netlink, link.ifindex, address));
    if (refused) return refused;
  }
  const refused =
    applySysctls(engine, sandbox, settings?.DriverOpts?.[ENDPOINT_SYSCTLS] ?? '', name, source) ??
    failed(`setting interface "${name}" up`, netlink.setLink(link.ifindex, { up: true }));
  if (!refused) announce(engine, endpoint, sandbox);
  return refused;
}

function addressesOf(endpoint: Endpoint): Prefix[] {
  const { address, address6, container, network } = endpoint;
  const linkLocal = container.networks.get(network.name)?.IPAMConfig?.LinkLocalIPs ?? [];
  return [...(address ? [address] : []), ...(address6 ? [address6] : []), ...linkLocal.flatMap(linkLocalPrefix)];
}

/** IPv4 addresses carry their broadcast address; IPv6 ones skip duplicate address detection. */
export function addAddress(netlink: RtNetlink, ifindex: number, prefix: Prefix): NetlinkError | undefined {
  const { address, length } = prefix;
  if (typeof address === 'bigint') return netlink.newAddress({ ifindex, prefix, nodad: true }, 'add');
  return netlink.newAddress({ ifindex, prefix, ...(length < 31 ? { broadcast: lastOf({ address, length }) } : {}) }, 'add');
}

function applySysctls(engine: Engine, sandbox: Sandbox, text: string, device: string, source: string): Refusal | undefined {
  for (const setting of text.split(',').filter((part) => part !== '')) {
    const [name = '', value = ''] = setting.split('=');
    const path = name.replaceAll('.', '/').replace('IFNAME', device);
    if (writeSysctl(engine.daemon, sandbox.net, path, value)) continue;
    return new Refusal(500, `failed to add interface ${source} to sandbox: /proc/sys/${path} is not a sysctl file`);
  }
  return undefined;
}

/** `--link-local-ip`: with the prefix length of its kind. */
function linkLocalPrefix(text: string): Prefix[] {
  const address = parseIP(text);
  return address === undefined ? [] : [{ address, length: typeof address === 'bigint' ? 64 : 16 }];
}
