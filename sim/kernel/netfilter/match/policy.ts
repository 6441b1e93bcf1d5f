import { formatIP, type IP, parsePrefix } from '../../../base/address.ts';
import type { Family } from '../hooks.ts';
import { type GivenOption, hex, not, type ParseContext, problem, type Problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Element {
  option: string;
  value: string;
  listed: string;
  inverted: boolean;
}

interface Policy {
  direction: 'in' | 'out';
  /** Without it: `none`, that is, no IPsec at all. */
  ipsec: boolean;
  strict: boolean;
  elements: readonly (readonly Element[])[];
}

/** The parts of an element in the order in which they are printed. */
const PARTS = ['reqid', 'spi', 'proto', 'mode', 'tunnel-dst', 'tunnel-src'];
const PROTOCOLS: Readonly<Record<string, number>> = { esp: 50, ah: 51, ipcomp: 108 };
/** Hooks that a packet passes before, and after, IPsec's turn in the other direction. */
const NOT_IN = new Set(['POSTROUTING', 'OUTPUT']);
const NOT_OUT = new Set(['PREROUTING', 'INPUT']);

/** The policy match: which IPsec policy a packet came or goes by (net/netfilter/xt_policy.c). Nothing here is ever sealed by IPsec. */
export const policy: MatchExtension<Policy> = {
  name: 'policy',
  options: [
    { name: 'dir' },
    { name: 'pol' },
    { name: 'strict', arguments: 0 },
    ...PARTS.map((name) => ({ name, invert: true, repeat: true })),
    { name: 'next', arguments: 0, repeat: true, also: 'strict' },
  ],
  parse(given, context) {
    const direction = given.value('dir');
    if (direction === undefined) return problem('policy match: neither --dir in nor --dir out specified');
    if (direction !== 'in' && direction !== 'out') return problem(`policy_match: invalid dir "${direction}"`);
    const kind = given.value('pol') ?? 'ipsec';
    if (kind !== 'none' && kind !== 'ipsec') return problem(`policy match: invalid policy "${kind}"`);
    const strict = given.has('strict');
    const elements: Element[][] = [[]];
    for (const option of given.options) {
      if (option.name === 'next') elements.push([]);
      if (!PARTS.includes(option.name)) continue;
      const element = elementOf(option, context);
      if ('problem' in element) return element;
      (elements.at(-1) as Element[]).push(element);
    }
    const tunnel = (parts: readonly Element[]) => parts.some(({ option, value }) => option === 'mode' && value === 'tunnel');
    if (elements.some((parts) => !tunnel(parts) && parts.some(({ option }) => option.startsWith('tunnel-'))))
      return problem('policy match: --tunnel-src/--tunnel-dst is only valid in tunnel mode');
    for (const parts of elements) parts.sort((a, b) => PARTS.indexOf(a.option) - PARTS.indexOf(b.option));
    // What is no IPsec has no elements, and what isn't strict keeps none that says nothing.
    return { direction, ipsec: kind === 'ipsec', strict, elements: kind === 'ipsec' ? elements : [] };
  },
  check({ direction }, { hooks }) {
    const wrong = direction === 'in' ? NOT_IN : NOT_OUT;
    return [...hooks].some((hook) => wrong.has(hook)) ? 'EINVAL' : undefined;
  },
  save(data) {
    let text = ` --dir ${data.direction} --pol ${data.ipsec ? 'ipsec' : 'none'}${data.strict ? ' --strict' : ''}`;
    for (const [i, parts] of data.elements.entries()) {
      if (i > 0) text += ' --next';
      for (const { option, value, inverted } of parts) text += `${not(inverted)} --${option} ${value}`;
    }
    return text;
  },
  list(data, { numeric }) {
    let text = ` policy match dir ${data.direction} pol ${data.ipsec ? 'ipsec' : 'none'}${data.strict ? ' strict' : ''}`;
    for (const [i, parts] of data.elements.entries()) {
      if (data.elements.length > 1) text += ` [${i}]`;
      for (const { option, value, listed, inverted } of parts) text += `${not(inverted)} ${option} ${numeric ? listed : value}`;
    }
    return text;
  },
  matches: ({ ipsec }) => !ipsec,
};

function elementOf({ name, values, inverted }: GivenOption, { family }: ParseContext): Element | Problem {
  const text = values[0] as string;
  const made = (value: string, listed = value): Element => ({ option: name, value, listed, inverted });
  switch (name) {
    case 'reqid':
    case 'spi': {
      const number = unsigned(text);
      if (number === undefined) return problem(`policy: bad value for option "--${name}", or out of range (0-4294967295).\n`);
      return made(name === 'spi' ? hex(number) : String(number));
    }
    case 'proto': {
      const number = PROTOCOLS[text] ?? unsigned(text, 255);
      const known = Object.entries(PROTOCOLS).find(([, each]) => each === number);
      return known ? made(known[0], String(known[1])) : problem('policy match: protocol must be ah, esp, or ipcomp');
    }
    case 'mode':
      return text === 'transport' || text === 'tunnel' ? made(text) : problem(`policy match: invalid mode "${text}"`);
    default: {
      const prefix = parsePrefix(text);
      if (!prefix || (typeof prefix.address === 'number') !== (family === 4)) return problem(`host/network \`${text}' not found`);
      return made(networkText(prefix.address, prefix.length, family));
    }
  }
}

function networkText(address: IP, length: number, family: Family): string {
  return length === (family === 4 ? 32 : 128) ? formatIP(address) : `${formatIP(address)}/${length}`;
}
