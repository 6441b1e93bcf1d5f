import { Tracked } from '../conntrack/connection.ts';
import { not, problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Connlabel {
  bit: number;
  /** The bit's name, if it has one. */
  name: string | undefined;
  inverted: boolean;
  set: boolean;
}

/** The largest number of a label. */
const LAST = 127;

/** The connlabel match: whether a bit of the connection is set, or sets it (net/netfilter/xt_connlabel.c). */
export const connlabel: MatchExtension<Connlabel> = {
  name: 'connlabel',
  conntrack: true,
  options: [
    { name: 'label', mandatory: true, invert: true },
    { name: 'set', arguments: 0 },
  ],
  parse(given, { names, warn }) {
    const option = given.find('label') as { values: readonly string[]; inverted: boolean };
    const text = option.values[0] as string;
    const labels = names.labels();
    if (!labels) warn('Warning: cannot open /etc/xtables/connlabel.conf: No such file or directory');
    const bit = labels?.get(text) ?? unsigned(text);
    if (bit === undefined) return problem(`label '${text}' not found or invalid value`);
    const name = [...(labels ?? [])].find(([, other]) => other === bit)?.[0];
    return { bit, name, inverted: option.inverted, set: given.has('set') };
  },
  check: ({ bit }) => (bit > LAST ? 'ERANGE' : undefined),
  save: ({ bit, name, inverted, set }) => `${not(inverted)} --label "${name ?? bit}"${set ? ' --set' : ''}`,
  list: ({ bit, name, inverted, set }, { numeric }) =>
    ` connlabel${not(inverted)} ${name === undefined || numeric ? bit : `'${name}'`}${set ? ' set' : ''}`,
  matches({ bit, inverted, set }, skb, state) {
    const connection = skb.conntrack instanceof Tracked ? skb.conntrack.connection : undefined;
    if (!connection) return inverted;
    if ((connection.labels >> BigInt(bit)) & 1n) return !inverted;
    if (!set) return inverted;
    connection.labels |= 1n << BigInt(bit);
    state.net.netfilter.conntrack.labelled(connection);
    return !inverted;
  },
};
