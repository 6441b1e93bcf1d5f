import { problem, quote, unsigned, TOO_SHORT } from '../options.ts';
import type { TargetExtension } from './target.ts';

interface Nflog {
  group: number;
  prefix: string;
  size: number | undefined;
  /** 0 for the kernel's own. */
  threshold: number;
}

/** NFLOG: hands the packet to the program that listens on a netlink group, if there is one (net/netfilter/xt_NFLOG.c). */
export const nflog: TargetExtension<Nflog> = {
  name: 'NFLOG',
  options: [
    { name: 'nflog-group' },
    { name: 'nflog-prefix' },
    { name: 'nflog-range', excludes: ['nflog-size'] },
    { name: 'nflog-size' },
    { name: 'nflog-threshold' },
  ],
  parse(given, { warn }) {
    const number = (name: string, max: number) => {
      const text = given.value(name);
      return text === undefined ? undefined : (unsigned(text, max) ?? Number.NaN);
    };
    const group = number('nflog-group', 65_535);
    const size = number('nflog-size', 0xffff_ffff);
    const range = number('nflog-range', 0xffff_ffff);
    const threshold = number('nflog-threshold', 65_535);
    for (const [name, value, max] of [
      ['nflog-group', group, 65_535],
      ['nflog-size', size, 4_294_967_295],
      ['nflog-range', range, 4_294_967_295],
      ['nflog-threshold', threshold, 65_535],
    ] as const) {
      if (Number.isNaN(value)) return problem(`NFLOG: bad value for option "--${name}", or out of range (0-${max}).\n`);
    }
    if (given.value('nflog-prefix') === '') return TOO_SHORT;
    const prefix = given.value('nflog-prefix') ?? '';
    if (prefix.includes('\n')) return problem(`Newlines not allowed in --log-prefix`);
    if (range !== undefined) warn('warn: --nflog-range has never worked and is no longer supported, please use --nflog-size instead');
    return { group: group ?? 0, prefix, size, threshold: threshold ?? 0 };
  },
  save(data) {
    let text = '';
    if (data.prefix !== '') text += ` --nflog-prefix ${quote(data.prefix)}`;
    if (data.group !== 0) text += ` --nflog-group ${data.group}`;
    if (data.size !== undefined) text += ` --nflog-size ${data.size}`;
    if (data.threshold !== 0) text += ` --nflog-threshold ${data.threshold}`;
    return text;
  },
  list(data) {
    let text = '';
    if (data.prefix !== '') text += ` nflog-prefix ${quote(data.prefix)}`;
    if (data.group !== 0) text += ` nflog-group ${data.group}`;
    if (data.size !== undefined) text += ` nflog-size ${data.size}`;
    if (data.threshold !== 0) text += ` nflog-threshold ${data.threshold}`;
    return text;
  },
  evaluate({ group, prefix, size }, skb, state) {
    state.net.netfilter.groups.log(group, { skb, state, prefix, size });
    return 'continue';
  },
};
