import { describe, expect, it } from 'vitest';
import * as icmp from '../../wire/icmp.ts';
import * as wire from '../../wire/ipv4.ts';
import * as tcp from '../../wire/tcp.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import {
  address,
  datagram,
  defaultRoute,
  Ear,
  echo,
  ip,
  segment,
  send,
  throughRouter,
  TraceKind,
  traced,
} from '../../kernel/netfilter/testbed.ts';
import { iptables } from './iptables.ts';

function routed() {
  const network = throughRouter();
  return { ...network, rule: (text: string) => expect(iptables(network.router, text)).toBeUndefined() };
}

const connections = (net: NetNamespace) => net.netfilter.conntrack.table.list();

describe('masquerade', () => {
  it('without it, answers find no way home; with it, they do', () => {
    const { priv, run, rule, pub, router } = routed();
    const home = new Ear(priv, 1);
    send(priv, 1, echo(7), '198.51.100.9');
    run();
    expect(home.heard).toEqual([]);
    rule('-t nat -A POSTROUTING -s 10.0.0.0/24 -o v1 -j MASQUERADE');
    const away = new Ear(pub, 1);
    send(priv, 1, echo(8), '198.51.100.9');
    run();
    expect(away.heard).toEqual(['198.51.100.1 > 198.51.100.9 type 8 code 0']);
    expect(home.heard).toEqual(['198.51.100.9 > 10.0.0.2 type 0 code 0']);
    expect(connections(router)).toHaveLength(1);
    expect(traced(router, TraceKind.Rewrite).filter((text) => text.startsWith('source') || text.startsWith('destination'))).toEqual([
      'source 10.0.0.2 -> 198.51.100.1',
      'destination 198.51.100.1 -> 10.0.0.2',
    ]);
  });

  it('two clients with the same port get different ones', () => {
    const { priv, run, rule, pub } = routed();
    address(priv, 'eth0', '10.0.0.3');
    rule('-t nat -A POSTROUTING -o v1 -j MASQUERADE');
    const away = new Ear(pub, 17);
    send(priv, 17, datagram('10.0.0.2', '198.51.100.9', 5000, 53), '198.51.100.9', '10.0.0.2');
    send(priv, 17, datagram('10.0.0.3', '198.51.100.9', 5000, 53), '198.51.100.9', '10.0.0.3');
    run();
    expect(away.heard[0]).toBe('198.51.100.1:5000 > 198.51.100.9:53');
    expect(away.heard[1]).toMatch(/^198\.51\.100\.1:\d+ > 198\.51\.100\.9:53$/);
    expect(away.heard[1]).not.toBe(away.heard[0]);
  });

  it('the connections go with the device whose address they hide behind', () => {
    const { priv, run, rule, router } = routed();
    rule('-t nat -A POSTROUTING -o v1 -j MASQUERADE');
    send(priv, 1, echo(7), '198.51.100.9');
    run();
    expect(connections(router)).toHaveLength(1);
    router.setDown(router.deviceByName('v1') as never);
    expect(connections(router)).toHaveLength(0);
  });

  it('errors about a translated packet come back translated', () => {
    const { priv, run, rule } = routed();
    rule('-t nat -A POSTROUTING -o v1 -j MASQUERADE');
    const home = new Ear(priv, 1);
    // Nobody listens on that port at 198.51.100.9, which says so to the router.
    send(priv, 17, datagram('10.0.0.2', '198.51.100.9', 5000, 53), '198.51.100.9');
    run();
    expect(home.heard[0]).toMatch(/^198\.51\.100\.9 > 10\.0\.0\.2 type 3 code [23]$/);
    const quoted = wire.IPV4_HEADER + icmp.ICMP_HEADER;
    const packet = home.packets[0] as Uint8Array;
    expect(wire.source(packet, quoted)).toBe(ip('10.0.0.2'));
    expect(icmp.checksumValid(packet, wire.IPV4_HEADER, packet.length)).toBe(true);
  });
});

describe('destination NAT', () => {
  it('a published port leads inside, and the answers look as if they came from the router', () => {
    const { priv, run, rule, pub, router } = routed();
    rule('-t nat -A PREROUTING -i v1 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80');
    // Both hosts' own TCP know nothing of this conversation.
    for (const net of [priv, pub]) expect(iptables(net, '-A OUTPUT -p tcp --tcp-flags RST RST -j DROP')).toBeUndefined();
    const inside = new Ear(priv, 6);
    const outside = new Ear(pub, 6);
    send(pub, 6, segment('198.51.100.9', '198.51.100.1', { sourcePort: 4000, destinationPort: 8080 }), '198.51.100.1');
    run();
    expect(inside.heard).toEqual(['198.51.100.9:4000 > 10.0.0.2:80']);
    const { SYN, ACK } = tcp.TCP_FLAG;
    send(
      priv,
      6,
      segment('10.0.0.2', '198.51.100.9', { sourcePort: 80, destinationPort: 4000, flags: SYN | ACK, acknowledgement: 2 }),
      '198.51.100.9',
    );
    run();
    expect(outside.heard.at(-1)).toBe('198.51.100.1:8080 > 198.51.100.9:4000');
    expect(connections(router)[0]?.tcpState).toBe('SYN_RECV');
  });

  it('REDIRECT brings it to the router itself', () => {
    const { run, rule, pub, router } = routed();
    rule('-t nat -A PREROUTING -p udp --dport 53 -j REDIRECT --to-ports 5353');
    const here = new Ear(router, 17);
    send(pub, 17, datagram('198.51.100.9', '198.51.100.1', 4000, 53), '198.51.100.1');
    run();
    expect(here.heard).toEqual(['198.51.100.9:4000 > 198.51.100.1:5353']);
  });

  it('works for what the host itself sends: the packet takes another route', () => {
    const { run, rule, pub, router } = routed();
    rule('-t nat -A OUTPUT -d 10.96.0.10 -p udp --dport 53 -j DNAT --to-destination 198.51.100.9:5353');
    defaultRoute(router, 'v0', '10.0.0.2');
    const there = new Ear(pub, 17);
    send(router, 17, datagram('10.0.0.1', '10.96.0.10', 4000, 53), '10.96.0.10');
    run();
    expect(there.heard).toEqual(['10.0.0.1:4000 > 198.51.100.9:5353']);
  });

  it('NETMAP keeps the host part', () => {
    const { run, rule, pub, priv } = routed();
    rule('-t nat -A PREROUTING -d 203.0.113.0/24 -j NETMAP --to 10.0.0.0/24');
    defaultRoute(pub, 'eth0', '198.51.100.1');
    const inside = new Ear(priv, 17);
    send(pub, 17, datagram('198.51.100.9', '203.0.113.2', 4000, 53), '203.0.113.2');
    run();
    expect(inside.heard).toEqual(['198.51.100.9:4000 > 10.0.0.2:53']);
  });
});

describe('an idle namespace', () => {
  it('tracks nothing until a rule needs it, and stops when the last one goes', () => {
    const { priv, run, rule, router } = routed();
    rule('-A FORWARD -s 10.0.0.0/24 -j ACCEPT');
    send(priv, 1, echo(7), '198.51.100.9');
    run();
    expect(connections(router)).toHaveLength(0);
    rule('-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT');
    send(priv, 1, echo(8), '198.51.100.9');
    run();
    expect(connections(router)).toHaveLength(1);
    rule('-D FORWARD 2');
    send(priv, 1, echo(9), '198.51.100.9');
    run();
    expect(connections(router)).toHaveLength(1);
  });
});
