import { expect, test } from 'vitest';
import { parsePrefix, type Prefix } from '../../base/address.ts';
import { EventQueue } from '../../base/events.ts';
import { Trace } from '../../base/trace.ts';
import { iptables, save } from '../../host/iptables/iptables.ts';
import { Kernel, WorldIds } from '../../kernel/kernel.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { type BridgeRules, Firewall, type GatewayMode } from './firewall.ts';

function namespace(): NetNamespace {
  const events = new EventQueue();
  return new Kernel('host1', events, new Trace(events), 'test', new WorldIds()).init;
}

/** The rules of both families, without counters. */
function rules(net: NetNamespace): string[] {
  const text = [4, 6].map((family) => save(net, { family: family as 4 | 6 })).join('');
  return text.split('\n').filter((line) => line.startsWith('-A'));
}

function network(subnet: string, changes: Partial<BridgeRules> = {}): BridgeRules {
  const common = { bridge: 'br0', internal: false, interContainer: true, masquerade: true, mode: 'nat' as const, trusted: [] };
  return { ...common, subnet: parsePrefix(subnet) as Prefix, ...changes };
}

// The order is that of Docker Engine 28.5.2 on a real kernel.
test('a network with a published port, rule by rule', () => {
  const net = namespace();
  const firewall = new Firewall(net);
  firewall.start();
  const before = rules(net);
  const bridge = network('192.0.2.0/24');
  expect(firewall.addBridge(bridge)).toBeUndefined();
  firewall.addEndpoint(bridge, 0xc0000202);
  firewall.openPort(bridge, {
    protocol: 'tcp',
    containerAddress: 0xc0000202,
    containerPort: 80,
    host: { address: 0x7f000001, port: 8080 },
  });
  expect(rules(net).filter((rule) => !before.includes(rule))).toEqual([
    '-A PREROUTING -d 192.0.2.2/32 ! -i br0 -j DROP',
    '-A PREROUTING -d 127.0.0.1/32 ! -i lo -p tcp -m tcp --dport 8080 -j DROP',
    '-A DOCKER -d 192.0.2.2/32 ! -i br0 -o br0 -p tcp -m tcp --dport 80 -j ACCEPT',
    '-A DOCKER ! -i br0 -o br0 -j DROP',
    '-A DOCKER-BRIDGE -o br0 -j DOCKER',
    '-A DOCKER-CT -o br0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
    '-A DOCKER-FORWARD -i br0 -j ACCEPT',
    '-A DOCKER-ISOLATION-STAGE-1 -i br0 ! -o br0 -j DOCKER-ISOLATION-STAGE-2',
    '-A DOCKER-ISOLATION-STAGE-2 -o br0 -j DROP',
    '-A POSTROUTING -s 192.0.2.0/24 ! -o br0 -j MASQUERADE',
    '-A DOCKER -i br0 -j RETURN',
    '-A DOCKER -d 127.0.0.1/32 ! -i br0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 192.0.2.2:80',
  ]);
});

const MODES: readonly GatewayMode[] = ['nat', 'nat-unprotected', 'routed', 'isolated'];

test('whatever a network was like, its rules go with it', () => {
  for (const subnet of ['192.0.2.0/24', 'fd00:9::/64']) {
    for (const mode of MODES) {
      for (const internal of [false, true]) {
        for (const interContainer of [false, true]) {
          const net = namespace();
          const firewall = new Firewall(net);
          firewall.start();
          const before = rules(net);
          const bridge = network(subnet, { mode, internal, interContainer, trusted: ['eth1'] });
          const address = typeof bridge.subnet.address === 'bigint' ? bridge.subnet.address + 2n : bridge.subnet.address + 2;
          const port = { protocol: 'udp', containerAddress: address, containerPort: 53, host: { address: 0, port: 5353 } };
          expect(firewall.addBridge(bridge)).toBeUndefined();
          expect(firewall.addEndpoint(bridge, address)).toBeUndefined();
          expect(firewall.openPort(bridge, port)).toBeUndefined();
          firewall.addLink('br0', address, address, ['80/tcp']);
          expect(rules(net).length).toBeGreaterThan(before.length);
          firewall.removeLink('br0', address, address, ['80/tcp']);
          firewall.closePort(bridge, port);
          firewall.removeEndpoint(bridge, address);
          firewall.removeBridge(bridge);
          expect(rules(net)).toEqual(before);
        }
      }
    }
  }
});

test('when somebody has deleted its chains, the Engine says which command failed', () => {
  const net = namespace();
  const firewall = new Firewall(net);
  firewall.start();
  iptables(net, '-F');
  iptables(net, '-X');
  expect(firewall.addBridge(network('192.0.2.0/24', { masquerade: false }))).toBe(
    'Unable to enable ACCEPT OUTGOING rule:  (iptables failed: iptables --wait -t filter -A DOCKER-FORWARD -i br0 -j ACCEPT: iptables: No chain/target/match by that name.\n (exit status 1))',
  );
});
