import { formatIP, type IP, parseIPv4, parseIPv6 } from '../../../base/address.ts';
import { needsPorts, portsText } from '../nat/apply.ts';
import type { NatRange } from '../nat/range.ts';
import { type Given, isProblem, type ParseContext, problem, portNumber, type Problem } from '../options.ts';

/** Parses `[ADDRESS[-ADDRESS]][:PORT[-PORT[/BASE]]]`, with brackets around IPv6 addresses that a port follows (parse_to of libxt_NAT). */
export function parseAddresses(text: string, context: ParseContext): NatRange | Problem {
  const split = splitPorts(text, context.family);
  if (isProblem(split)) return split;
  const range: NatRange = {};
  if (split.ports !== undefined) {
    const lacking = needsPorts(context.protocol);
    if (lacking) return lacking;
    const failed = parseNatPorts(split.ports, range, context);
    if (failed) return failed;
  }
  if (split.addresses === '' && split.ports !== undefined) return range;
  const dash = split.addresses.indexOf('-');
  const first = dash < 0 ? split.addresses : split.addresses.slice(0, dash);
  const last = dash < 0 ? first : split.addresses.slice(dash + 1);
  const parse = (value: string): IP | undefined => (context.family === 4 ? parseIPv4(value) : parseIPv6(value));
  const min = parse(first);
  if (min === undefined) return problem(`Bad IP address "${first}"`);
  const max = parse(last);
  if (max === undefined) return problem(`Bad IP address "${last}"`);
  return { ...range, minAddress: min, maxAddress: max };
}

function splitPorts(text: string, family: 4 | 6): { addresses: string; ports: string | undefined } | Problem {
  if (family === 4) {
    const colon = text.indexOf(':');
    // Two colons make no port but a bad address.
    if (colon !== text.lastIndexOf(':')) return { addresses: text, ports: undefined };
    return colon < 0 ? { addresses: text, ports: undefined } : { addresses: text.slice(0, colon), ports: text.slice(colon + 1) };
  }
  if (!text.startsWith('[')) return { addresses: text, ports: undefined };
  const close = text.indexOf(']');
  if (close < 0 || (close + 1 < text.length && text[close + 1] !== ':')) return problem('Invalid address format');
  return { addresses: text.slice(1, close), ports: text[close + 1] === ':' ? text.slice(close + 2) : undefined };
}

/** `PORT[-PORT[/BASE]]`; ports may go by their names. */
function parseNatPorts(text: string, range: NatRange, { names, protocol }: ParseContext): Problem | undefined {
  const [, first = '', last = first, base] = /^([^-/]*)(?:-([^/]*))?(?:\/(.*))?$/.exec(text) ?? [];
  const port = (word: string): number | undefined => portNumber(word, names, protocol);
  const min = port(first);
  if (min === undefined) return problem(`Port \`${first}' not valid`);
  const max = port(last);
  if (max === undefined) return problem(`Port \`${last}' not valid`);
  if (max < min) return problem(`Port range \`${last}' funky`);
  range.minPort = min;
  range.maxPort = max;
  if (base === undefined) return undefined;
  range.basePort = port(base);
  return range.basePort === undefined ? problem(`Port \`${base}' not valid`) : undefined;
}

/** The range as it was written. */
export function addressesText(range: NatRange): string {
  let text = '';
  if (range.minAddress !== undefined) {
    text = formatIP(range.minAddress);
    if (range.maxAddress !== range.minAddress) text += `-${formatIP(range.maxAddress as IP)}`;
    if (range.minPort !== undefined && typeof range.minAddress === 'bigint') text = `[${text}]`;
  }
  return range.minPort === undefined ? text : `${text}:${portsText(range)}`;
}

/** Takes the options that NAT targets share. */
export function withFlags(range: NatRange, given: Given): NatRange {
  return {
    ...range,
    ...(given.has('random') ? { random: true } : {}),
    ...(given.has('random-fully') ? { randomFully: true } : {}),
    ...(given.has('persistent') ? { persistent: true } : {}),
  };
}

/** ` random persistent` with the given mark before each word. */
export function flagsText(range: NatRange, mark: string): string {
  return `${range.random ? ` ${mark}random` : ''}${range.randomFully ? ` ${mark}random-fully` : ''}${range.persistent ? ` ${mark}persistent` : ''}`;
}
