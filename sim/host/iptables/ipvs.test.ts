import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import type { DestinationSettings, ServiceSettings } from '../../kernel/netfilter/ipvs/service.ts';
import {
  address,
  cable,
  datagram,
  defaultRoute,
  describe as describePacket,
  Ear,
  ip,
  segment,
  send,
  testKernel,
} from '../../kernel/netfilter/testbed.ts';
import { iptables } from './iptables.ts';

const RR: ServiceSettings = { scheduler: 'rr', persistence: undefined, netmask: 0xffff_ffff, onePacket: false };
const MASQ: DestinationSettings = { weight: 1, forwarding: 'masq', upperThreshold: 0, lowerThreshold: 0 };
const DNS = { protocol: 17, address: ip('10.96.0.10'), port: 53 };

/** client 10.0.0.2 — balancer, with the service's address on its loopback — servers 10.1.0.2 and 10.1.0.3. */
function balanced(settings: Partial<ServiceSettings> = {}) {
  const kernel = testKernel();
  const [client, balancer, server] = [kernel.newNamespace(), kernel.newNamespace(), kernel.newNamespace()];
  cable(client, 'eth0', balancer, 'v0');
  cable(balancer, 'v1', server, 'eth0');
  address(client, 'eth0', '10.0.0.2');
  address(balancer, 'v0', '10.0.0.1');
  address(balancer, 'v1', '10.1.0.1');
  address(balancer, 'lo', '10.96.0.10', 32);
  for (const host of ['10.1.0.2', '10.1.0.3']) address(server, 'eth0', host);
  defaultRoute(client, 'eth0', '10.0.0.1');
  defaultRoute(server, 'eth0', '10.1.0.1');
  balancer.sysctl.set('net/ipv4/ip_forward', '1');
  for (const net of [client, balancer, server]) net.setUp(net.loopback);
  const { ipvs } = balancer.netfilter;
  expect(ipvs.addService(DNS, { ...RR, ...settings })).toBeUndefined();
  for (const host of ['10.1.0.2', '10.1.0.3']) expect(ipvs.addDestination(DNS, ip(host), 5353, MASQ)).toBeUndefined();
  const ask = (port: number) => {
    send(client, 17, datagram('10.0.0.2', '10.96.0.10', port, 53), '10.96.0.10');
    kernel.events.runUntil(kernel.events.now + SECOND);
  };
  return { kernel, client, balancer, server, ipvs, ask };
}

describe('IPVS', () => {
  it('hands requests to its servers in turn, each flow to one', () => {
    const { server, ask } = balanced();
    const heard = new Ear(server, 17);
    for (const port of [4001, 4002, 4001, 4003]) ask(port);
    expect(heard.heard).toEqual([
      '10.0.0.2:4001 > 10.1.0.3:5353',
      '10.0.0.2:4002 > 10.1.0.2:5353',
      '10.0.0.2:4001 > 10.1.0.3:5353',
      '10.0.0.2:4003 > 10.1.0.3:5353',
    ]);
  });

  it('an answer, and an error about a request, come from the service', () => {
    const { kernel, client, server, ask } = balanced();
    const [answers, errors] = [new Ear(client, 17), new Ear(client, 1)];
    ask(4001);
    // Nobody listens at the server: its ICMP error quotes the service's address.
    expect(errors.heard).toEqual(['10.96.0.10 > 10.0.0.2 type 3 code 3']);
    send(server, 17, datagram('10.1.0.3', '10.0.0.2', 5353, 4001), '10.0.0.2', '10.1.0.3');
    kernel.events.runUntil(kernel.events.now + SECOND);
    expect(answers.heard).toEqual(['10.96.0.10:53 > 10.0.0.2:4001']);
  });

  it('refuses when no server has weight', () => {
    const { client, ipvs, ask } = balanced();
    for (const host of ['10.1.0.2', '10.1.0.3']) ipvs.editDestination(DNS, ip(host), 5353, { ...MASQ, weight: 0 });
    const errors = new Ear(client, 1);
    ask(4001);
    expect(errors.heard).toEqual(['10.96.0.10 > 10.0.0.2 type 3 code 3']);
    expect(ipvs.connections.list()).toEqual([]);
  });

  it('a persistent client stays with its server until its time is over', () => {
    const { kernel, server, ask } = balanced({ persistence: 60 });
    const heard = new Ear(server, 17);
    for (const port of [4001, 4002, 4003]) ask(port);
    expect(new Set(heard.heard.map((text) => text.split(' ')[2]))).toEqual(new Set(['10.1.0.3:5353']));
    kernel.events.runUntil(kernel.events.now + 70 * SECOND);
    ask(4004);
    expect(heard.heard.at(-1)).toBe('10.0.0.2:4004 > 10.1.0.2:5353');
  });

  it('connections of a removed server get nothing, or a new server where the parameter says so', () => {
    const { balancer, server, ipvs, ask } = balanced();
    const heard = new Ear(server, 17);
    ask(4001);
    ipvs.deleteDestination(DNS, ip('10.1.0.3'), 5353);
    ask(4001);
    expect(heard.heard).toHaveLength(1);
    balancer.sysctl.set('net/ipv4/vs/expire_nodest_conn', '1');
    ask(4001);
    expect(heard.heard.at(-1)).toBe('10.0.0.2:4001 > 10.1.0.2:5353');
  });

  it('is untracked, unless net.ipv4.vs.conntrack wants it to be; then it can be masqueraded', () => {
    const { balancer, server, ask } = balanced();
    expect(iptables(balancer, '-t nat -A POSTROUTING -o v1 -j MASQUERADE')).toBeUndefined();
    const heard = new Ear(server, 17);
    ask(4001);
    expect(heard.heard).toEqual(['10.0.0.2:4001 > 10.1.0.3:5353']);
    balancer.sysctl.set('net/ipv4/vs/conntrack', '1');
    ask(4002);
    expect(heard.heard.at(-1)).toBe('10.1.0.1:4002 > 10.1.0.2:5353');
    const [tracked] = balancer.netfilter.conntrack.table.list();
    expect(tracked?.original.destination).toBe(ip('10.96.0.10'));
    expect(tracked?.replyDirection.source).toBe(ip('10.1.0.2'));
  });

  it('only a SYN begins a TCP connection, and it counts as active while it is', () => {
    const { kernel, client, ipvs } = balanced();
    const http = { protocol: 6, address: ip('10.96.0.10'), port: 80 };
    ipvs.addService(http, RR);
    ipvs.addDestination(http, ip('10.1.0.2'), 80, MASQ);
    const tell = (flags: number) => {
      const bytes = segment('10.0.0.2', '10.96.0.10', { sourcePort: 4000, destinationPort: 80, flags });
      send(client, 6, bytes, '10.96.0.10');
      kernel.events.runUntil(kernel.events.now + 1000);
    };
    tell(0x10);
    expect(ipvs.connections.list()).toEqual([]);
    tell(0x02);
    // The server has no listener: its RST closes the connection.
    const [made] = ipvs.connections.list();
    expect(made?.state).toBe('CL');
    expect(made?.destination).toMatchObject({ active: 0, inactive: 1 });
    expect(ipvs.find(http)?.statistics.counts).toMatchObject({ connections: 1, inPackets: 1, outPackets: 1 });
  });

  it('puts packets into others for servers behind a tunnel', () => {
    const { server, ipvs, ask } = balanced();
    for (const host of ['10.1.0.2', '10.1.0.3']) ipvs.editDestination(DNS, ip(host), 5353, { ...MASQ, forwarding: 'tunnel' });
    const heard = new Ear(server, 4);
    ask(4001);
    const [packet] = heard.packets;
    // 20 bytes of a header of its own, then the client's packet as it came.
    expect(packet?.slice(12, 20)).toEqual(Uint8Array.of(10, 1, 0, 1, 10, 1, 0, 3));
    expect(describePacket(packet?.slice(20) ?? new Uint8Array(20))).toBe('10.0.0.2:4001 > 10.96.0.10:53');
  });

  it('an error about an answer goes to the server that gave it', () => {
    const { kernel, server, ask } = balanced();
    ask(4001);
    send(server, 17, datagram('10.1.0.3', '10.0.0.2', 5353, 4001), '10.0.0.2', '10.1.0.3');
    const errors = new Ear(server, 1);
    // Nobody listens at the client's port, which says so to the service.
    kernel.events.runUntil(kernel.events.now + SECOND);
    expect(errors.heard).toEqual(['10.0.0.2 > 10.1.0.3 type 3 code 3']);
    const [error] = errors.packets;
    expect(describePacket(error?.slice(28) ?? new Uint8Array(20))).toBe('10.1.0.3:5353 > 10.0.0.2:4001');
  });
});
