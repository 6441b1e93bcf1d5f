import { isProblem, not, numberOf, problem } from '../options.ts';
import { codePoint, hexByte, parseTos, type Tos, tosName, tosText, trafficClass } from '../traffic-class.ts';
import type { MatchExtension } from './match.ts';

interface Dscp {
  value: number;
  inverted: boolean;
}

/** The dscp match: the upper six bits of the TOS field (net/netfilter/xt_dscp.c). */
export const dscp: MatchExtension<Dscp> = {
  name: 'dscp',
  options: [
    { name: 'dscp', invert: true, excludes: ['dscp-class'] },
    { name: 'dscp-class', invert: true },
  ],
  parse(given) {
    const [option] = given.options;
    if (!option) return problem('DSCP match: Parameter --dscp is required');
    const value = option.name === 'dscp' ? numberOf('dscp', given, 'dscp', 63) : codePoint(option.values[0] as string);
    return isProblem(value) ? value : { value, inverted: option.inverted };
  },
  save: ({ value, inverted }) => `${not(inverted)} --dscp ${hexByte(value)}`,
  list: ({ value, inverted }) => ` DSCP match ${inverted ? '!' : ''}${hexByte(value)}`,
  matches: ({ value, inverted }, skb, state) => (trafficClass(skb, state) >>> 2 === value) !== inverted,
};

/** The tos match: the same field, whole and under a mask (xt_dscp.c). */
export const tos: MatchExtension<Tos & { inverted: boolean }> = {
  name: 'tos',
  options: [{ name: 'tos', mandatory: true, invert: true }],
  parse(given) {
    const wanted = parseTos(given.value('tos') as string);
    return isProblem(wanted) ? wanted : { ...wanted, inverted: given.find('tos')?.inverted ?? false };
  },
  save: (data) => `${not(data.inverted)} --tos ${tosText(data)}`,
  list(data, { numeric }) {
    const name = numeric ? undefined : tosName(data);
    return ` tos match${data.inverted ? '!' : ''}${name === undefined ? tosText(data) : ` ${name}`}`;
  },
  matches: ({ value, mask, inverted }, skb, state) => ((trafficClass(skb, state) & mask) === value) !== inverted,
};
