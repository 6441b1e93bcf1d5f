import type { KindData, KindOption } from './kind-options.ts';
import { choice, device, missing, number, toggle, word } from './kind-options.ts';
import type { Tool } from './tool.ts';
import { MACVLAN_USAGE } from './usage/link-kinds.ts';
import { addressOf, macAddress, parseUnsigned } from './values.ts';
import { EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';
import { formatIP, formatMac, parseMac } from '../../base/address.ts';

/** Options of the kinds that stand on another device, and of IP tunnels (ip/iplink_vlan.c, iplink_macvlan.c, iplink_ipvlan.c, link_iptnl.c). */

export const VLAN_OPTIONS: readonly KindOption[] = [
  choice('protocol', ['802.1Q', '802.1ad'], 'protocol is invalid'),
  number('id', { max: 0xffff, message: 'id is invalid' }),
  toggle('reorder_hdr'),
  offOnly('gvrp'),
  offOnly('mvrp'),
  toggle('loose_binding'),
  offOnly('bridge_binding'),
  missing('ingress-qos-map'),
  missing('egress-qos-map'),
];

/** A switch of which only `off`, its usual state, is modelled. */
function offOnly(name: string): KindOption {
  const option = toggle(name);
  return {
    ...option,
    parse: (tool, line, data) => {
      const given: KindData = {};
      option.parse(tool, line, given);
      if (given[name] === true) throw tool.unmodelled(`the link option ${name} on`);
      data[name] = false;
    },
  };
}

/** One of several words, with iproute2's way of listing them. */
function oneOf(name: string, words: readonly string[], message: (given: string) => string): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const text = line.value();
      if (!words.includes(text)) throw new Quit(message(text), 1);
      data[name] = text;
    },
  };
}

export const MACVLAN_OPTIONS: readonly KindOption[] = [
  {
    ...oneOf(
      'mode',
      ['private', 'vepa', 'bridge', 'passthru', 'source'],
      (given) => `Error: argument of "mode" must be "private", "vepa", "bridge", "passthru" or "source", not "${given}"\n`,
    ),
  },
  oneOf(
    'flag',
    ['nopromisc', 'nodst', 'null'],
    (given) => `Error: argument of "flag" must be "nopromisc", "nodst" or "null", not "${given}"\n`,
  ),
  { name: 'macaddr', parse: parseSenders },
  word('nopromisc', 'flag', 'nopromisc'),
  word('nodst', 'flag', 'nodst'),
  queueLength('bcqueuelen'),
  queueLength('bclim'),
];

function queueLength(name: string): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const text = line.value();
      const value = parseUnsigned(text);
      if (value === undefined) throw new Quit(`Error: argument of "${name}" must be a positive integer [0-4294967295], not "${text}"\n`, 1);
      data[name] = value;
    },
  };
}

/** `macaddr add MAC`, `del MAC`, `set MAC …` to the end of the line, or `flush`. */
function parseSenders(tool: Tool, line: Words, data: KindData): void {
  const how = line.value();
  if (!['add', 'del', 'set', 'flush'].includes(how)) throw new Quit(MACVLAN_USAGE, 1);
  const addresses: string[] = [];
  if (how === 'add' || how === 'del') addresses.push(formatMac(macAddress(line.value())));
  // The first word that is no address ends them, with a word about it unless it begins like one.
  while (how === 'set' && !line.empty) {
    const address = parseMac(line.here);
    if (address === undefined) {
      if (!/^[0-9a-f]/i.test(line.here)) tool.warn(`"${line.here}" is invalid lladdr.\n`);
      break;
    }
    addresses.push(formatMac(address));
    line.take();
  }
  data.macaddr_mode = how;
  data.macaddr = addresses.join(' ');
}

export function checkMacvlan(_tool: Tool, data: KindData): void {
  if (data.flag === 'null') delete data.flag;
  if (data.flag === 'nopromisc' && data.mode !== 'passthru')
    throw new Quit(`macvlan: nopromisc flag only valid in passthru mode\n${MACVLAN_USAGE}`, 1);
}

export const IPVLAN_OPTIONS: readonly KindOption[] = [
  oneOf('mode', ['l2', 'l3', 'l3s'], () => 'Error: argument of "mode" must be either "l2", "l3" or "l3s"\n'),
  ...['private', 'vepa', 'bridge'].map((flag) => word(flag, 'flags', flag)),
];

/** `inherit`, or 1 to 255 (the message brings a newline of its own). */
const ttl = (name: string): KindOption => ({
  name,
  parse: (_tool, line, data) => {
    const text = line.value();
    const value = text === 'inherit' ? 0 : parseUnsigned(text, 255);
    if (value === undefined) throw invalid('invalid TTL\n', text);
    data.ttl = value;
  },
});

const tos = (name: string): KindOption => ({
  name,
  parse: (_tool, line, data) => {
    const text = line.value();
    if (text !== 'inherit' && !/^(0x)?[0-9a-f]{1,2}$/i.test(text)) throw invalid('bad TOS value', text);
    data.tos = text === 'inherit' ? text : Number.parseInt(text, 16);
  },
});

/** An end of an IPv4 tunnel; `any` is none. */
const end = (name: string): KindOption => ({
  name,
  parse: (_tool, line, data) => {
    const text = line.value();
    const ip = addressOf(text, 4);
    if (ip === undefined) throw new Quit(`Error: an IP address is expected rather than "${text}"\n`, 1);
    data[name] = formatIP(ip);
  },
});

export const IPIP_OPTIONS: readonly KindOption[] = [
  end('remote'),
  end('local'),
  device('dev', 'link'),
  ...['ttl', 'hoplimit', 'hlim'].map(ttl),
  ...['tos', 'tclass', 'tc', 'dsfield'].map(tos),
  word('nopmtudisc', 'pmtudisc', false),
  word('pmtudisc', 'pmtudisc', true),
  {
    name: 'mode',
    exact: true,
    parse: (tool, line, data) => {
      const text = line.value();
      if (text === 'mplsip') throw tool.unmodelled('MPLS tunnels');
      if (!['ipip', 'any'].includes(text)) throw invalid('Cannot guess tunnel mode.', text);
      data.proto = text;
    },
  },
  word('noencap', 'encap', false),
  missing('6rd-prefix'),
  missing('6rd-relay_prefix'),
  missing('6rd-reset'),
  missing('fwmark'),
  missing('external'),
  missing('encap'),
  missing('encap-sport'),
  missing('encap-dport'),
  missing('encap-csum'),
  missing('encap-csum6'),
  missing('encap-remcsum'),
];

export function checkIpip(_tool: Tool, data: KindData): void {
  delete data.encap;
  if (data.ttl !== undefined && data.ttl !== 0 && data.pmtudisc === false)
    throw new Quit('ttl != 0 and nopmtudisc are incompatible\n', EXIT_MINUS_ONE);
}
