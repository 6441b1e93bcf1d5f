import { not, problem, type Problem, unsigned } from '../options.ts';
import type { MatchExtension } from './match.ts';

const ALGORITHMS: ReadonlySet<string> = new Set(['bm', 'kmp']);
const MAX_PATTERN = 128;
const EVERYWHERE = 65_535;

interface Search {
  pattern: readonly number[];
  inverted: boolean;
  algorithm: string;
  from: number;
  to: number;
  ignoreCase: boolean;
}

/** Text with bytes in hexadecimal between bars: `|0d 0a|host` (parse_hex_string). */
function parseHex(text: string): number[] | Problem {
  const bytes: number[] = [];
  let inside = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (c === '\\' && !inside) {
      const next = text[i + 1];
      if (next === undefined) return problem('Bad literal placement at end of string');
      bytes.push(next.charCodeAt(0));
      i++;
    } else if (c === '|') inside = !inside;
    else if (!inside) bytes.push(c.charCodeAt(0));
    else if (c !== ' ') {
      const pair = text.slice(i, i + 2);
      if (pair.length < 2 || pair[1] === '|') return problem('Odd number of hex digits');
      const bad = [...pair].find((digit) => !/[0-9a-fA-F]/.test(digit));
      if (bad !== undefined) return problem(`Invalid hex char '${bad}'`);
      bytes.push(Number.parseInt(pair, 16));
      i++;
    }
  }
  return bytes;
}

/** As it is printed: in quotes, or in hexadecimal where something in it can't be. */
function patternText(pattern: readonly number[]): string {
  if (!isPlain(pattern)) return `"|${pattern.map((byte) => byte.toString(16).padStart(2, '0')).join('')}|"`;
  return `"${String.fromCharCode(...pattern).replace(/"/g, '\\"')}"`;
}

const option = (name: string) => ({ name });

/** The string match: bytes anywhere in the packet, IP header included (net/netfilter/xt_string.c). Both algorithms find the same. */
export const string: MatchExtension<Search> = {
  name: 'string',
  options: [
    { name: 'string', invert: true, excludes: ['hex-string'] },
    { name: 'hex-string', invert: true },
    { name: 'algo', mandatory: true },
    option('from'),
    option('to'),
    { name: 'icase', arguments: 0 },
  ],
  parse(given) {
    const asked = given.find('string') ?? given.find('hex-string');
    if (!asked) return problem("STRING match: You must specify `--string' or `--hex-string'");
    const text = asked.values[0] as string;
    const pattern = asked.name === 'string' ? [...text].map((c) => c.charCodeAt(0)) : parseHex(text);
    if ('problem' in pattern) return pattern;
    if (pattern.length > MAX_PATTERN) return problem(`STRING too long "${text}"`);
    const [from, to] = ['from', 'to'].map((name) => unsigned(given.value(name) ?? (name === 'from' ? '0' : '65535'), EVERYWHERE));
    for (const [name, value] of [['from', from] as const, ['to', to] as const])
      if (value === undefined) return problem(`string: bad value for option "--${name}", or out of range (0-65535).\n`);
    return {
      pattern,
      inverted: asked.inverted,
      algorithm: given.value('algo') as string,
      from: from as number,
      to: to as number,
      ignoreCase: given.has('icase'),
    };
  },
  check({ algorithm, from, to, pattern }) {
    if (pattern.length === 0) return 'EINVAL';
    if (from > to) return 'EINVAL';
    return ALGORITHMS.has(algorithm) ? undefined : 'ENOENT';
  },
  save({ pattern, inverted, algorithm, from, to, ignoreCase }) {
    let saved = `${not(inverted)} --${isPlain(pattern) ? '' : 'hex-'}string ${patternText(pattern)} --algo ${algorithm}`;
    if (from !== 0) saved += ` --from ${from}`;
    if (to !== EVERYWHERE) saved += ` --to ${to}`;
    return ignoreCase ? `${saved} --icase` : saved;
  },
  list({ pattern, inverted, algorithm, from, to, ignoreCase }) {
    let text = ` STRING match ${inverted ? '!' : ''} ${patternText(pattern)} ALGO name ${algorithm}`;
    if (from !== 0) text += ` FROM ${from}`;
    if (to !== EVERYWHERE) text += ` TO ${to}`;
    return ignoreCase ? `${text} ICASE` : text;
  },
  matches({ pattern, inverted, from, to, ignoreCase }, { bytes, network, end }) {
    const last = Math.min(network + to, end - pattern.length);
    for (let at = network + from; at <= last; at++) if (startsAt(bytes, at, pattern, ignoreCase)) return !inverted;
    return inverted;
  },
};

function isPlain(pattern: readonly number[]): boolean {
  return pattern.every((byte) => byte >= 0x20 && byte < 0x7f) && pattern.at(-1) !== 0x5c;
}

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte);

function startsAt(b: Uint8Array, at: number, pattern: readonly number[], ignoreCase: boolean): boolean {
  for (let i = 0; i < pattern.length; i++) {
    const [found, wanted] = [b[at + i] as number, pattern[i] as number];
    if (found !== wanted && !(ignoreCase && lower(found) === lower(wanted))) return false;
  }
  return true;
}
