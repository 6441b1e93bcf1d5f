import { numberOf, problem, unsigned } from '../options.ts';
import { codePoint, hexByte, parseTos, setTrafficClass, type Tos, tosName, tosText, trafficClass } from '../traffic-class.ts';
import type { TargetExtension } from './target.ts';

/** DSCP: another code point (net/netfilter/xt_DSCP.c). */
export const dscp: TargetExtension<number> = {
  name: 'DSCP',
  options: [{ name: 'set-dscp', excludes: ['set-dscp-class'] }, { name: 'set-dscp-class' }],
  parse(given) {
    const name = given.value('set-dscp-class');
    if (name !== undefined) return codePoint(name);
    return given.has('set-dscp') ? numberOf('DSCP', given, 'set-dscp', 63) : problem('DSCP target: Parameter --set-dscp is required');
  },
  check: (_value, { table }) => (table === 'mangle' ? undefined : 'EINVAL'),
  save: (value) => ` --set-dscp ${hexByte(value)}`,
  list: (value) => ` DSCP set ${hexByte(value)}`,
  evaluate(value, skb, state) {
    setTrafficClass(skb, state, (trafficClass(skb, state) & 3) | (value << 2));
    return 'continue';
  },
};

const CHANGES = ['set-tos', 'and-tos', 'or-tos', 'xor-tos'];

/** TOS: changes the whole field under a mask, `(old & ~mask) ^ value` (xt_DSCP.c). */
export const tos: TargetExtension<Tos> = {
  name: 'TOS',
  options: CHANGES.map((name, i) => ({ name, excludes: CHANGES.slice(i + 1) })),
  parse(given) {
    const [option] = given.options;
    if (!option) return problem('TOS: An action is required');
    const text = option.values[0] as string;
    if (option.name === 'set-tos') return parseTos(text);
    const number = unsigned(text, 255);
    if (number === undefined) return problem(`TOS: bad value for option "--${option.name}", or out of range (0-255).\n`);
    if (option.name === 'and-tos') return { value: 0, mask: ~number & 0xff };
    return { value: number, mask: option.name === 'or-tos' ? number : 0 };
  },
  check: (_data, { table }) => (table === 'mangle' ? undefined : 'EINVAL'),
  save: (data) => ` --set-tos ${tosText(data)}`,
  list(data, { numeric }) {
    const { value, mask } = data;
    const name = numeric ? undefined : tosName(data);
    if (name !== undefined) return `  TOS set${name}`;
    if (!numeric && value === 0) return ` TOS and ${hexByte(~mask)}`;
    if (!numeric && value === mask) return ` TOS or ${hexByte(value)}`;
    if (!numeric && mask === 0) return ` TOS xor ${hexByte(value)}`;
    return ` TOS set ${tosText(data)}`;
  },
  evaluate({ value, mask }, skb, state) {
    setTrafficClass(skb, state, ((trafficClass(skb, state) & ~mask) ^ value) & 0xff);
    return 'continue';
  },
};
