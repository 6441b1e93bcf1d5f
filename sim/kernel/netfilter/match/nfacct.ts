import type { MatchExtension } from './match.ts';

/** The nfacct match: counts for an accounting object (net/netfilter/xt_nfacct.c). There is no tool here that makes one. */
export const nfacct: MatchExtension<string> = {
  name: 'nfacct',
  options: [{ name: 'nfacct-name', mandatory: true }],
  parse: (given) => given.value('nfacct-name') as string,
  check: () => 'ENOENT',
  save: (name) => ` --nfacct-name ${name}`,
  list: (name) => ` nfacct-name ${name}`,
  matches: () => true,
};
