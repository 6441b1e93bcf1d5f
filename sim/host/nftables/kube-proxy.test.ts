import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { datagram, defaultRoute, Ear, segment, send, throughRouter } from '../../kernel/netfilter/testbed.ts';
import { listTable } from './list.ts';
import { nft } from './nftables.ts';
import { plainStyle } from './print-rule.ts';

const file = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

/** A node between a client and a pod, with the rules that kube-proxy writes in its nftables mode. */
function node() {
  const network = throughRouter();
  defaultRoute(network.router, 'v1', '198.51.100.9');
  expect(nft(network.router, file('recorded-kube-proxy.nft'))).toBeUndefined();
  return network;
}

const syn = (to: string, destinationPort: number) => segment('10.0.0.2', to, { sourcePort: 5000, destinationPort });

describe("kube-proxy's rules", () => {
  it('are listed as the real nft lists them', () => {
    const { router } = node();
    const table = router.netfilter.nftables.table('ip', 'kube-proxy') as NonNullable<ReturnType<typeof router.netfilter.nftables.table>>;
    const style = { ...plainStyle(router), stateless: false, handles: false, terse: false, numericPriority: false };
    expect([...listTable(table, style)].join('')).toBe(file('recorded-kube-proxy.txt'));
  });

  it('lead from a ClusterIP to an endpoint, from behind the address of the node', () => {
    const { priv, pub, run } = node();
    const pod = new Ear(pub, 6);
    send(priv, 6, syn('10.96.41.7', 80), '10.96.41.7');
    run();
    expect(pod.heard).toHaveLength(1);
    expect(pod.heard[0]).toMatch(/^198\.51\.100\.1:\d+ > 198\.51\.100\.9:8080$/);
  });

  it('lead from a NodePort to an endpoint', () => {
    const { priv, pub, run } = node();
    const pod = new Ear(pub, 6);
    send(priv, 6, syn('10.0.0.1', 31080), '10.0.0.1');
    run();
    expect(pod.heard[0]).toMatch(/:8080$/);
  });

  it('reject what has no endpoints and what is no port of the service, and drop what nobody was given', () => {
    const { priv, pub, run } = node();
    const [home, pod] = [new Ear(priv, 1), new Ear(pub, 17)];
    send(priv, 6, syn('10.96.8.8', 80), '10.96.8.8');
    send(priv, 17, datagram('10.0.0.2', '10.96.41.7', 4000, 81), '10.96.41.7');
    send(priv, 17, datagram('10.0.0.2', '10.96.200.200', 4000, 81), '10.96.200.200');
    run();
    expect(home.heard).toEqual(['10.0.0.1 > 10.0.0.2 type 3 code 3', '10.0.0.1 > 10.0.0.2 type 3 code 3']);
    expect(pod.heard).toEqual([]);
  });
});
