import type { Target } from './target.ts';
import { docker, template } from './targets/docker.ts';
import { filter } from './targets/filter.ts';
import { dissection, printing } from './targets/frames.ts';
import { bridgeAndSs, ip } from './targets/iproute2.ts';
import { iptablesArguments, iptablesRestore } from './targets/iptables.ts';
import { networkTools } from './targets/network-tools.ts';
import { nftCalls, nftFiles } from './targets/nft.ts';
import { nginx } from './targets/nginx.ts';
import { functions, keys, shell } from './targets/shell.ts';
import { awk, coreutils, jq, patterns, sed } from './targets/text-tools.ts';
import { pcap, wire } from './targets/wire.ts';

/** Every family of parsers under fuzz. Adding one: its file in targets, an import and a line here. */
export const TARGETS: readonly Target[] = [
  wire,
  pcap,
  dissection,
  printing,
  filter,
  iptablesArguments,
  iptablesRestore,
  nftFiles,
  nftCalls,
  ip,
  bridgeAndSs,
  networkTools,
  docker,
  template,
  nginx,
  shell,
  functions,
  keys,
  awk,
  sed,
  jq,
  patterns,
  coreutils,
];

/** How many of `total` inputs each target gets; at least one. */
export function shares(total: number, targets: readonly Target[] = TARGETS): Map<Target, number> {
  const whole = targets.reduce((sum, { share }) => sum + share, 0);
  return new Map(targets.map((each) => [each, Math.max(1, Math.round((total * each.share) / whole))]));
}
