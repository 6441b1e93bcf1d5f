import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { Bridge } from '../../kernel/bridge/bridge.ts';
import { address, cable, datagram, defaultRoute, Ear, send, testKernel } from '../../kernel/netfilter/testbed.ts';
import { iptables } from './iptables.ts';

/** Pods p2, p3 and p4 (10.244.0.2 …) on br0 of a host that is their gateway. */
function node() {
  const kernel = testKernel();
  const host = kernel.init;
  const br0 = new Bridge(host, 'br0', host.takeIndex(), 0x020000000001);
  host.register(br0);
  host.setUp(br0);
  address(host, 'br0', '10.244.0.1');
  const pods = [2, 3, 4].map((i) => {
    const pod = kernel.newNamespace();
    cable(host, `v${i}`, pod, 'eth0');
    br0.addPort(host.deviceByName(`v${i}`) as never);
    address(pod, 'eth0', `10.244.0.${i}`);
    defaultRoute(pod, 'eth0', '10.244.0.1');
    return pod;
  });
  const run = (seconds = 1) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);
  const rule = (text: string) => expect(iptables(host, text)).toBeUndefined();
  const counts = (table: 'filter' | 'nat', chain: string) =>
    host.netfilter
      .table(4, table)
      ?.chain(chain)
      ?.rules.map((one) => one.packets);
  return { host, pods: pods as [(typeof pods)[0], (typeof pods)[0], (typeof pods)[0]], run, rule, counts };
}

describe('bridged frames', () => {
  it('pass the hooks of IP, with the ports they come in and go out by', () => {
    const { host, pods, run, rule, counts } = node();
    rule('-A FORWARD -i br0 -o br0 -m physdev --physdev-in v2 --physdev-out v3 --physdev-is-bridged');
    rule('-A FORWARD -i v2');
    rule('-A INPUT -i br0');
    const ear = new Ear(pods[1], 17);
    send(pods[0], 17, datagram('10.244.0.2', '10.244.0.3', 4000, 53), '10.244.0.3');
    run();
    expect(ear.heard).toEqual(['10.244.0.2:4000 > 10.244.0.3:53']);
    expect(counts('filter', 'FORWARD')?.slice(0, 2)).toEqual([1, 0]);
    expect(counts('filter', 'INPUT')).toEqual([0]);
    host.sysctl.set('net/bridge/bridge-nf-call-iptables', '0');
    send(pods[0], 17, datagram('10.244.0.2', '10.244.0.3', 4000, 53), '10.244.0.3');
    run();
    expect(ear.heard).toHaveLength(2);
    expect(counts('filter', 'FORWARD')?.slice(0, 2)).toEqual([1, 0]);
  });

  it('what is for the host passes PREROUTING once', () => {
    const { pods, run, rule, counts } = node();
    rule('-t nat -A PREROUTING -p udp -j ACCEPT');
    rule('-A INPUT -i br0 -p udp -m physdev --physdev-in v2');
    send(pods[0], 17, datagram('10.244.0.2', '10.244.0.1', 4000, 53), '10.244.0.1');
    run();
    expect(counts('filter', 'INPUT')).toEqual([1]);
  });

  it('a Service leads from pod to pod, and the answers come from the Service', () => {
    const { pods, run, rule } = node();
    rule('-t nat -A PREROUTING -d 10.96.0.50 -p udp --dport 53 -j DNAT --to-destination 10.244.0.3:5353');
    const server = new Ear(pods[1], 17);
    const client = new Ear(pods[0], 17);
    send(pods[0], 17, datagram('10.244.0.2', '10.96.0.50', 4000, 53), '10.96.0.50');
    run();
    expect(server.heard).toEqual(['10.244.0.2:4000 > 10.244.0.3:5353']);
    send(pods[1], 17, datagram('10.244.0.3', '10.244.0.2', 5353, 4000), '10.244.0.2');
    run();
    expect(client.heard).toEqual(['10.96.0.50:53 > 10.244.0.2:4000']);
  });

  it('without bridge netfilter the answers go past the host, and come from a stranger', () => {
    const { host, pods, run, rule } = node();
    host.sysctl.set('net/bridge/bridge-nf-call-iptables', '0');
    host.sysctl.set('net/ipv4/ip_forward', '1');
    rule('-t nat -A PREROUTING -d 10.96.0.50 -p udp --dport 53 -j DNAT --to-destination 10.244.0.3:5353');
    const client = new Ear(pods[0], 17);
    send(pods[0], 17, datagram('10.244.0.2', '10.96.0.50', 4000, 53), '10.96.0.50');
    run();
    send(pods[1], 17, datagram('10.244.0.3', '10.244.0.2', 5353, 4000), '10.244.0.2');
    run();
    expect(client.heard).toEqual(['10.244.0.3:5353 > 10.244.0.2:4000']);
  });
});
