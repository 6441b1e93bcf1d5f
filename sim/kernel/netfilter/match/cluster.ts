import { Tracked } from '../conntrack/connection.ts';
import { jhash } from '../ipset/jhash.ts';
import { not, problem, unsigned } from '../options.ts';
import { addressWords } from '../ipset/element.ts';
import type { MatchExtension } from './match.ts';

interface Cluster {
  total: number;
  mask: number;
  seed: number;
  inverted: boolean;
}

const wide = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** The cluster match: which of several nodes is to take the packet's connection, by a hash of its origin (net/netfilter/xt_cluster.c). */
export const cluster: MatchExtension<Cluster> = {
  name: 'cluster',
  conntrack: true,
  options: [
    { name: 'cluster-total-nodes', mandatory: true },
    { name: 'cluster-local-node', invert: true, excludes: ['cluster-local-nodemask'] },
    { name: 'cluster-local-nodemask', invert: true },
    { name: 'cluster-hash-seed', mandatory: true },
  ],
  parse(given) {
    const total = unsigned(given.value('cluster-total-nodes') as string, 32, 1);
    if (total === undefined) return problem('cluster: bad value for option "--cluster-total-nodes", or out of range (1-32).\n');
    const seed = unsigned(given.value('cluster-hash-seed') as string);
    if (seed === undefined) return problem('cluster: bad value for option "--cluster-hash-seed", or out of range (0-4294967295).\n');
    const option = given.find('cluster-local-node') ?? given.find('cluster-local-nodemask');
    if (!option) return problem("cluster match: `--cluster-local-node' or `--cluster-local-nodemask' is missing");
    const value = unsigned(option.values[0] as string);
    if (value === undefined) return problem(`cluster: bad value for option "--${option.name}", or out of range (0-4294967295).\n`);
    const node = option.name === 'cluster-local-node';
    if (node && value > total) return problem("cluster match: `--cluster-local-node' must be <= `--cluster-total-nodes'");
    return { total, mask: node ? (1 << (value - 1)) >>> 0 : value, seed, inverted: option.inverted };
  },
  save({ total, mask, seed, inverted }) {
    return `${not(inverted)} --cluster-local-nodemask ${wide(mask)} --cluster-total-nodes ${total} --cluster-hash-seed ${wide(seed)}`;
  },
  list: ({ total, mask, seed, inverted }) =>
    ` cluster ${inverted ? '!' : ''}node_mask=${wide(mask)} total_nodes=${total} hash_seed=${wide(seed)}`,
  matches({ total, mask, seed, inverted }, skb) {
    const connection = skb.conntrack instanceof Tracked ? skb.conntrack.connection : undefined;
    if (!connection) return false;
    const hash = jhash(addressWords(connection.original.source), seed);
    const node = Math.floor((hash * total) / 2 ** 32);
    return (((1 << node) & mask) !== 0) !== inverted;
  },
};
