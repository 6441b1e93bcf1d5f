import { networkOf } from '../../base/address.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import type { SetOptions, SetType } from '../../kernel/netfilter/ipset/types.ts';
import { parseOne } from './element.ts';
import { parseNumber } from './number.ts';
import { parseProtocolPort, parsePorts } from './ports.ts';
import { isRefusal, type Refusal, syntaxError, usageError } from './refusal.ts';

/** Seconds that a timeout may have: milliseconds must fit 31 bits. */
export const MAX_TIMEOUT = 2_147_483;
const U32 = 0xffff_ffff;

const FLAGS: ReadonlySet<string> = new Set(['counters', 'comment', 'forceadd', 'skbinfo']);

/** Options that each kind of set takes at its making, besides timeout, counters and comment. */
function ownOptions(type: SetType): string[] {
  if (type.kind === 'list') return ['size'];
  if (type.kind === 'bitmap') return type.name === 'bitmap:ip' ? ['range', 'netmask'] : ['range'];
  const own = ['hashsize', 'maxelem', 'forceadd', 'bucketsize', 'initval'];
  if (type.family) own.push('family');
  if (type.masks) own.push('netmask', 'bitmask');
  // What old versions took and new ones pass over.
  return [...own, 'probes', 'resize', 'gc'];
}

/** Reads what follows `create NAME TYPE`. */
export function parseCreate(type: SetType, words: readonly string[], lookup: Lookup): SetOptions | Refusal {
  const options: SetOptions = { family: 4 };
  const known = new Set(['timeout', 'counters', 'comment', 'skbinfo', ...ownOptions(type)]);
  const seen = new Set<string>();
  // The family decides how other options are read, wherever it stands.
  for (let i = 0; i < words.length; i++) {
    const written = words[i] as string;
    const short = written === '-4' || written === '-6';
    const name = short ? 'family' : written.replace(/^--?/, '');
    if (!known.has(name)) return usageError(`Unknown argument: \`${written}'`);
    if (seen.has(name) && !FLAGS.has(name)) return syntaxError(`${written} already specified`);
    seen.add(name);
    if (FLAGS.has(name)) {
      options[name as 'counters'] = true;
      continue;
    }
    if (short) {
      options.family = written === '-4' ? 4 : 6;
      continue;
    }
    const value = words[++i];
    if (value === undefined) return usageError(`Missing mandatory argument of option \`${written}'`);
    const refused = setOption(type, options, name, value, lookup);
    if (refused) return refused;
  }
  if (type.kind === 'bitmap' && !seen.has('range')) return usageError("Mandatory option `range' is missing");
  return options;
}

function setOption(type: SetType, options: SetOptions, name: string, value: string, lookup: Lookup): Refusal | undefined {
  switch (name) {
    case 'family':
      if (!['inet', 'inet6', 'ipv4', 'ipv6'].includes(value)) return syntaxError(`unknown inet family ${value}`);
      options.family = value.endsWith('6') ? 6 : 4;
      return undefined;
    case 'range':
      return type.name !== 'bitmap:port' ? addressRange(options, value, lookup) : portRange(options, value, lookup);
    case 'netmask': {
      const bits = options.family === 4 ? 32 : 128;
      const number = parseNumber(value, 1, bits);
      if (!isRefusal(number)) options.netmask = number;
      else number.problem += `\nSyntax error: netmask is out of the inclusive range of 1-${bits}`;
      return isRefusal(number) ? number : undefined;
    }
    case 'bitmask': {
      const mask = parseOne(value, options.family, lookup);
      if (isRefusal(mask)) return mask;
      options.bitmask = mask;
      return undefined;
    }
    case 'probes':
    case 'resize':
    case 'gc':
      return undefined;
    default: {
      const number = parseNumber(value, 0, name === 'timeout' ? MAX_TIMEOUT : U32);
      if (isRefusal(number)) return number;
      options[name as 'hashsize'] = number;
      return undefined;
    }
  }
}

function addressRange(options: SetOptions, text: string, lookup: Lookup): Refusal | undefined {
  const match = /^([^-/]+)([-/])(.+)$/.exec(text);
  if (!match) return syntaxError(`IP/cidr or IP-IP range must be specified: ${text}`);
  const [, first = '', separator, rest = ''] = match;
  const from = parseOne(first, 4, lookup) as number | Refusal;
  if (isRefusal(from)) return from;
  if (separator === '/') {
    const length = parseNumber(rest, 0, 32);
    if (isRefusal(length)) return length;
    options.from = networkOf(from, length);
    options.to = options.from + 2 ** (32 - length) - 1;
    return undefined;
  }
  const to = parseOne(rest, 4, lookup) as number | Refusal;
  if (isRefusal(to)) return to;
  [options.from, options.to] = [Math.min(from, to), Math.max(from, to)];
  return undefined;
}

function portRange(options: SetOptions, text: string, lookup: Lookup): Refusal | undefined {
  const ports = text.includes(':') ? parseProtocolPort(text, 4, lookup) : parsePorts(text, 6, 'tcp', lookup);
  if (isRefusal(ports)) return ports;
  if (!text.includes('-')) return usageError("Mandatory option `to' is missing");
  [options.from, options.to] = [ports.port, ports.portTo];
  return undefined;
}
