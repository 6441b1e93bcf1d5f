import type { Topology, TopologyDevice, TopologyHost, TopologyLink } from '../../sim/index.ts';

/** A host with containers on bridges, as Docker makes it; container number i hangs on the bridges that `containers[i]` names. */
function dockerHost(
  name: string,
  bridges: number,
  containers: number[][],
  first: number,
): { host: TopologyHost; links: TopologyLink[]; next: number } {
  let uid = first;
  const device = (own: string, kind: string, addresses: string[], master?: number): TopologyDevice => ({
    uid: uid++,
    ifindex: uid,
    name: own,
    kind,
    mac: '02:42:ac:11:00:02',
    mtu: 1500,
    up: true,
    running: true,
    addresses,
    ...(master ? { master } : {}),
  });
  const own = [device('lo', 'loopback', ['127.0.0.1/8']), device('eth0', 'nic', ['192.168.50.11/24'])];
  const made = Array.from({ length: bridges }, (_, index) => device(`br-${index}f3a90c1d2e4`, 'bridge', [`172.${17 + index}.0.1/16`]));
  const links: TopologyLink[] = [];
  const namespaces = containers.map((on, index) => {
    const devices = [device('lo', 'loopback', ['127.0.0.1/8'])];
    on.forEach((bridge, nth) => {
      const port = device(`veth${index}a${nth}bc9`, 'veth', [], made[bridge % bridges]?.uid);
      own.push(port);
      const inner = device(`eth${nth}`, 'veth', [`172.${17 + bridge}.0.${index + 2}/16`, '2001:db8:1234:5678::2/64']);
      devices.push(inner);
      links.push({ a: inner.uid, b: port.uid, kind: 'veth' });
    });
    return { uid: uid++, kind: 'container' as const, name: `container-with-a-long-name-${index}`, devices };
  });
  return { host: { name, namespaces: [{ uid: uid++, kind: 'host', name, devices: [...own, ...made] }, ...namespaces] }, links, next: uid };
}

/** A machine with nothing but cards, and a number free after them. */
function plainHost(name: string, cards: number, first: number): { host: TopologyHost; next: number } {
  const devices = Array.from({ length: cards }, (_, nth): TopologyDevice => {
    const device = { uid: first + nth, ifindex: nth + 2, mac: '', mtu: 1500, up: true, running: true };
    return { ...device, name: `eth${nth}`, kind: 'nic', addresses: [`203.0.11${nth}.1/24`] };
  });
  return { host: { name, namespaces: [{ uid: first + cards, kind: 'host', name, devices }] }, next: first + cards + 1 };
}

/** For tests: hosts on a LAN, maybe with a router to one more; outside them a bridge with a port for each. */
export function sampleNetwork(shape: { hosts: number; bridges: number; containers: number[][]; router?: boolean }): Topology {
  const { hosts, bridges, containers, router } = shape;
  const topology: Topology = { hosts: [], links: [] };
  let uid = 1;
  for (let number = 1; number <= hosts; number++) {
    const made = dockerHost(`host${number}`, bridges, containers, uid);
    topology.hosts.push(made.host);
    topology.links.push(...made.links);
    uid = made.next;
  }
  let server: TopologyHost | undefined;
  if (router) {
    const [near, far] = [plainHost('router', 2, uid), plainHost('server', 1, uid + 3)];
    topology.hosts.push(near.host);
    topology.links.push({ a: uid + 1, b: uid + 3, kind: 'wire' });
    server = far.host;
    uid = far.next;
  }
  const lan = uid++;
  const device = { ifindex: 1, mac: '', mtu: 1500, up: true, running: true };
  const devices: TopologyDevice[] = [{ ...device, uid: lan, name: 'lan', kind: 'bridge', addresses: ['192.168.50.1/24'] }];
  for (const host of [...topology.hosts]) {
    const eth0 = host.namespaces[0]?.devices.find(({ name }) => name === 'eth0')?.uid as number;
    devices.push({ ...device, uid, name: host.name, kind: 'nic', addresses: [], master: lan });
    topology.links.push({ a: eth0, b: uid++, kind: 'wire' });
  }
  if (server) topology.hosts.push(server);
  topology.hosts.unshift({ name: 'lan', kind: 'outside', namespaces: [{ uid: uid++, kind: 'host', name: 'lan', devices }] });
  return topology;
}
