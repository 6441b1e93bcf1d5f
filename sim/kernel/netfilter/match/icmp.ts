import type { Family } from '../hooks.ts';
import { hasTransport } from '../locate.ts';
import { isProblem, problem, type Problem, unsigned } from '../options.ts';
import { ICMP_NAMES, ICMPV6_NAMES, type IcmpName } from './icmp-types.ts';
import type { MatchExtension } from './match.ts';

interface IcmpType {
  type: number;
  min: number;
  max: number;
  inverted: boolean;
}

/** The type that stands for all of them in IPv4. */
const ANY = 255;

/** A name, or the beginning of exactly one; `TYPE` or `TYPE/CODE`. */
function parseType(text: string, names: readonly IcmpName[], what: string): Omit<IcmpType, 'inverted'> | Problem {
  const wanted = text.toLowerCase();
  const found = names.filter(({ name }) => name.toLowerCase().startsWith(wanted));
  const exact = found.find(({ name }) => name.toLowerCase() === wanted);
  if (exact) return exact;
  if (found.length > 1 && text !== '') return problem(`Ambiguous ${what} type \`${text}': \`${found[0]?.name}' or \`${found[1]?.name}'?`);
  if (found.length === 1) return found[0] as IcmpName;
  const slash = text.indexOf('/');
  const type = unsigned(slash < 0 ? text : text.slice(0, slash), 255);
  if (type === undefined) return problem(`Unknown ${what} type \`${text}'`);
  if (slash < 0) return { type, min: 0, max: 255 };
  const code = unsigned(text.slice(slash + 1), 255);
  return code === undefined ? problem(`Unknown ${what} type \`${text}'`) : { type, min: code, max: code };
}

function icmpMatch(
  name: string,
  family: Family,
  words: { option: string; what: string; list: string; protocol: number },
): MatchExtension<IcmpType> {
  const names = family === 4 ? ICMP_NAMES : ICMPV6_NAMES;
  return {
    name,
    family,
    options: [{ name: words.option, mandatory: true, invert: true }],
    parse(given) {
      const option = given.find(words.option) as { values: readonly string[]; inverted: boolean };
      const type = parseType(option.values[0] as string, names, words.what);
      return isProblem(type) ? type : { type: type.type, min: type.min, max: type.max, inverted: option.inverted };
    },
    check: (_data, place) => (place.protocol === words.protocol ? undefined : 'EINVAL'),
    save({ type, min, max, inverted }) {
      const not = inverted ? ' !' : '';
      if (type === ANY && family === 4) return `${not} --${words.option} any`;
      return `${not} --${words.option} ${type}${min === 0 && max === 255 ? '' : `/${min}`}`;
    },
    list({ type, min, max, inverted }, { numeric }) {
      const named = numeric ? undefined : names.find((entry) => entry.type === type && entry.min === min && entry.max === max);
      if (named) return ` ${words.list} ${inverted ? '!' : ''}${named.name}`;
      return ` ${words.list}${inverted ? ' !' : ''}type ${type}${min === 0 && max === 255 ? '' : ` code ${min}`}`;
    },
    matches({ type, min, max, inverted }, skb, state) {
      if (!hasTransport(skb, state, 4)) return false;
      const code = skb.bytes[state.transport + 1] as number;
      const fits = (type === ANY && family === 4) || (skb.bytes[state.transport] === type && code >= min && code <= max);
      return fits !== inverted;
    },
  };
}

/** The icmp match: type and code (net/netfilter/xt_tcpudp.c). */
export const icmp = icmpMatch('icmp', 4, { option: 'icmp-type', what: 'ICMP', list: 'icmp', protocol: 1 });
export const icmp6 = icmpMatch('icmp6', 6, { option: 'icmpv6-type', what: 'ICMPv6', list: 'ipv6-icmp', protocol: 58 });
