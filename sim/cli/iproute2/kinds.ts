import { formatIP, isMulticastIPv4, isMulticastIPv6 } from '../../base/address.ts';
import type { Tool } from './tool.ts';
import { choice, device, findOption, type KindData, type KindOption, linkAddress, missing, number, toggle, word } from './kind-options.ts';
import { address, parseUnsigned } from './values.ts';
import { BRIDGE_SLAVE_USAGE, BRIDGE_USAGE, MACVLAN_USAGE, VLAN_USAGE, VXLAN_USAGE } from './usage/link-kinds.ts';
import { GRE_USAGE, IPIP_USAGE, IPVLAN_USAGE, SIT_USAGE } from './usage/tunnel.ts';
import { checkIpip, checkMacvlan, IPIP_OPTIONS, IPVLAN_OPTIONS, MACVLAN_OPTIONS, VLAN_OPTIONS } from './stacked-kinds.ts';
import { OTHER_KIND_USAGES } from './usage/other-kinds.ts';
import { abbreviates, invalid, Quit, type Words } from './words.ts';

/** What follows `type KIND`. */
interface Kind {
  usage: string;
  options: readonly KindOption[];
  /** The line before the usage when a word is none of the options. */
  unknown: (word: string) => string;
  /** What is wrong with the options together. */
  check?: (tool: Tool, data: KindData, creating: boolean) => void;
  /** Attributes after which no option that sets them again is known. */
  once?: readonly string[];
}

const U8 = 255;
const U16 = 65_535;

const VLAN_PROTOCOLS: Readonly<Record<string, number>> = { '802.1q': 0x8100, '802.1ad': 0x88a8 };

const BRIDGE_OPTIONS: readonly KindOption[] = [
  number('forward_delay'),
  number('hello_time'),
  number('max_age'),
  number('ageing_time'),
  number('stp_state'),
  missing('stp_mode'),
  number('priority', { max: U16 }),
  number('vlan_filtering', { max: U8 }),
  {
    name: 'vlan_protocol',
    parse: (_tool, line, data) => {
      const text = line.value();
      const protocol = VLAN_PROTOCOLS[text.toLowerCase()];
      if (protocol === undefined) throw invalid('invalid vlan_protocol', text);
      data.vlan_protocol = protocol;
    },
  },
  number('group_fwd_mask', { max: U16 }),
  linkAddress('group_address', 'group_addr'),
  number('no_linklocal_learn', { max: U8, exact: true }),
  number('mst_enabled', { max: U8, exact: true }),
  number('fdb_max_learned', { exact: true }),
  word('fdb_flush', 'fdb_flush', true),
  number('vlan_default_pvid', { max: U16 }),
  missing('vlan_stats_enabled'),
  missing('vlan_stats_per_port'),
  number('mcast_router', { max: U8 }),
  number('mcast_snooping', { max: U8 }),
  number('mcast_vlan_snooping', { max: U8, exact: true }),
  number('mcast_query_use_ifaddr', { max: U8 }),
  number('mcast_querier', { max: U8 }),
  number('mcast_hash_elasticity'),
  number('mcast_hash_max'),
  number('mcast_last_member_count', { key: 'mcast_last_member_cnt' }),
  number('mcast_startup_query_count', { key: 'mcast_startup_query_cnt' }),
  number('mcast_last_member_interval', { key: 'mcast_last_member_intvl' }),
  number('mcast_membership_interval', { key: 'mcast_membership_intvl' }),
  number('mcast_querier_interval', { key: 'mcast_querier_intvl' }),
  number('mcast_query_interval', { key: 'mcast_query_intvl' }),
  number('mcast_query_response_interval', { key: 'mcast_query_response_intvl' }),
  number('mcast_startup_query_interval', { key: 'mcast_startup_query_intvl' }),
  number('mcast_stats_enabled', { max: U8 }),
  number('mcast_igmp_version', { max: U8 }),
  number('mcast_mld_version', { max: U8 }),
  number('nf_call_iptables', { max: U8 }),
  number('nf_call_ip6tables', { max: U8 }),
  number('nf_call_arptables', { max: U8 }),
  number('mdb_offload_fail_notification', { max: U8, exact: true }),
  number('fdb_local_vlan_0', { max: U8, exact: true }),
];

const BRIDGE_SLAVE_OPTIONS: readonly KindOption[] = [
  word('fdb_flush', 'fdb_flush', true),
  number('state', { max: U8, message: 'state is invalid' }),
  number('priority', { max: U16, message: 'priority is invalid' }),
  number('cost', { message: 'cost is invalid' }),
  toggle('hairpin'),
  toggle('guard'),
  toggle('root_block'),
  toggle('fastleave'),
  toggle('learning'),
  toggle('flood'),
  toggle('mcast_flood'),
  toggle('bcast_flood'),
  toggle('mcast_to_unicast'),
  toggle('proxy_arp'),
  toggle('proxy_arp_wifi'),
  number('mcast_router', { key: 'multicast_router', max: U8 }),
  toggle('mcast_fast_leave', { key: 'fastleave' }),
  toggle('neigh_suppress'),
  toggle('neigh_vlan_suppress', { exact: true }),
  toggle('neigh_forward_grat', { exact: true }),
  number('group_fwd_mask', { max: U16 }),
  toggle('vlan_tunnel'),
  toggle('isolated'),
  toggle('locked'),
  toggle('mab', { exact: true }),
  missing('backup_port'),
  missing('nobackup_port'),
  missing('backup_nhid'),
];

/** A number, or one of some words that stand for themselves. */
function numberOr(name: string, words: readonly string[], options: { key?: string; max: number; message: string }): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const text = line.value();
      const value = words.includes(text) ? text : parseUnsigned(text, options.max);
      if (value === undefined) throw invalid(options.message, text);
      data[options.key ?? name] = value === 'auto' || value === 'none' || value === 'unlimited' ? 0 : value;
    },
  };
}

function portRange(name: string): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const ends = (['min port', 'max port'] as const).map((message) => {
        const text = line.value();
        const port = parseUnsigned(text, U16);
        if (port === undefined) throw invalid(message, text);
        return port;
      });
      data.port_range = ends.join('-');
    },
  };
}

/** A type of service: hexadecimal, with or without `0x` (rtnl_dsfield_a2n). */
function dsfield(name: string, message: string): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const text = line.value();
      if (text !== 'inherit' && !/^(0x)?[0-9a-f]{1,2}$/i.test(text)) throw invalid(message, text);
      data.tos = text === 'inherit' ? text : Number.parseInt(text, 16);
    },
  };
}

/** The family of the ends that were given already. */
function familyOfEnds(data: KindData): 0 | 4 | 6 {
  const known = data.remote ?? data.group ?? data.local;
  return known === undefined ? 0 : String(known).includes(':') ? 6 : 4;
}

/** An address that must be a group, or must not be one. */
function vxlanPeer(name: 'group' | 'remote' | 'local'): KindOption {
  return {
    name,
    parse: (tool, line, data) => {
      const text = line.value();
      const ip = address(text, familyOfEnds(data) || tool.family);
      const group = typeof ip === 'bigint' ? isMulticastIPv6(ip) : isMulticastIPv4(ip);
      const any = ip === 0 || ip === 0n;
      if (!any && group !== (name === 'group')) throw invalid(`invalid ${name} address`, text);
      data[name] = formatIP(ip);
    },
  };
}

function vxlanTtl(name: string): KindOption {
  return {
    name,
    parse: (_tool, line, data) => {
      const text = line.value();
      const value = text === 'inherit' ? text : text === 'auto' ? 0 : parseUnsigned(text);
      if (value === undefined) throw invalid('invalid TTL', text);
      if (typeof value === 'number' && value > U8) throw invalid('TTL must be <= 255', text);
      data.ttl = value;
    },
  };
}

/** What `ip` itself says about a VXLAN device's options before the kernel sees them (ip/iplink_vxlan.c, end of `vxlan_parse_opt`). */
function checkVxlan(tool: Tool, data: KindData, creating: boolean): void {
  if (data.external === true && data.id !== undefined) throw new Quit("vxlan: both 'external' and vni cannot be specified\n", EXIT_FAILED);
  if (creating && data.external !== true && data.id === undefined)
    throw new Quit('vxlan: missing virtual network identifier\n', EXIT_FAILED);
  if (data.group !== undefined && data.link === undefined) throw new Quit("vxlan: 'group' requires 'dev' to be specified\n", EXIT_FAILED);
  if (!creating || data.port !== undefined) return;
  tool.warn(NO_PORT);
}

const EXIT_FAILED = 1;

const NO_PORT = `vxlan: destination port not specified
Will use Linux kernel default (non-standard value)
Use 'dstport 4789' to get the IANA assigned value
Use 'dstport 0' to get default and quiet this message
`;

/** `learning` and `nolearning`: the negative first, since abbreviations are tried in order. */
function eitherWay(name: string, key = name): KindOption[] {
  return [word(`no${name}`, key, false), word(name, key, true)];
}

const VXLAN_OPTIONS: readonly KindOption[] = [
  number('id', { max: 0xff_ffff }),
  number('vni', { key: 'id', max: 0xff_ffff, message: 'invalid id' }),
  vxlanPeer('group'),
  vxlanPeer('remote'),
  vxlanPeer('local'),
  device('dev', 'link'),
  vxlanTtl('ttl'),
  vxlanTtl('hoplimit'),
  dsfield('tos', 'bad TOS value'),
  dsfield('dsfield', 'bad TOS value'),
  choice('df', ['unset', 'set', 'inherit'], "DF must be 'unset', 'set' or 'inherit'"),
  number('label', { max: 0xf_ffff, message: 'invalid flowlabel' }),
  number('flowlabel', { key: 'label', max: 0xf_ffff }),
  numberOr('ageing', ['none'], { max: 0xffff_ffff, message: 'ageing timer' }),
  numberOr('maxaddress', ['unlimited'], { key: 'limit', max: 0xffff_ffff, message: 'max addresses' }),
  portRange('port'),
  portRange('srcport'),
  number('dstport', { key: 'port', max: U16, message: 'dst port' }),
  ...eitherWay('learning'),
  ...eitherWay('proxy'),
  word('norsc', 'rsc', false),
  missing('rsc'),
  ...eitherWay('l2miss'),
  ...eitherWay('l3miss'),
  word('udpcsum', 'udp_csum', true),
  word('noudpcsum', 'udp_csum', false),
  word('udp6zerocsumtx', 'udp_zero_csum6_tx', true),
  word('noudp6zerocsumtx', 'udp_zero_csum6_tx', false),
  word('udp6zerocsumrx', 'udp_zero_csum6_rx', true),
  word('noudp6zerocsumrx', 'udp_zero_csum6_rx', false),
  word('noremcsumtx', 'remcsum_tx', false),
  missing('remcsumtx'),
  word('noremcsumrx', 'remcsum_rx', false),
  missing('remcsumrx'),
  word('localbypass', 'localbypass', true, true),
  word('nolocalbypass', 'localbypass', false, true),
  missing('reserved_bits'),
  {
    name: 'external',
    parse: (_tool, _line, data) => {
      data.external = true;
      data.learning = false;
    },
  },
  word('noexternal', 'external', false),
  missing('gbp'),
  missing('gpe'),
  missing('vnifilter'),
  missing('mcroute'),
];

const plain = (kind: string, options: readonly KindOption[]): Kind => ({
  usage: `Usage: ... ${kind}\n`,
  options,
  unknown: (given) => `${kind}: unknown option "${given}"?\n`,
});

const KINDS: Record<string, Kind> = {
  bridge: { usage: BRIDGE_USAGE, options: BRIDGE_OPTIONS, unknown: (given) => `bridge: unknown command "${given}"?\n` },
  bridge_slave: {
    usage: BRIDGE_SLAVE_USAGE,
    options: BRIDGE_SLAVE_OPTIONS,
    unknown: (given) => `bridge_slave: unknown option "${given}"?\n`,
  },
  vxlan: { usage: VXLAN_USAGE, options: VXLAN_OPTIONS, unknown: (given) => `vxlan: unknown command "${given}"?\n`, check: checkVxlan },
  vlan: { usage: VLAN_USAGE, options: VLAN_OPTIONS, unknown: (given) => `vlan: unknown command "${given}"?\n` },
  macvlan: {
    usage: MACVLAN_USAGE,
    options: MACVLAN_OPTIONS,
    unknown: (given) => `macvlan: unknown option "${given}"?\n`,
    check: checkMacvlan,
  },
  ipvlan: { usage: IPVLAN_USAGE, options: IPVLAN_OPTIONS, unknown: (given) => `ipvlan: unknown option "${given}"?\n`, once: ['flags'] },
  ipip: { usage: IPIP_USAGE, options: IPIP_OPTIONS, unknown: () => '', check: checkIpip },
  vrf: plain('vrf', [number('table', { message: 'invalid table ID' })]),
};

/** Kinds that iproute2 knows without options of their own. */
const WITHOUT_OPTIONS = new Set(['dummy', 'ifb', 'nlmon', 'vcan']);

/** Kinds whose options iproute2 knows and we don't. */
const OTHERS = new Set([
  'amt',
  'bareudp',
  'bond',
  'bond_slave',
  'dsa',
  'erspan',
  'geneve',
  'gre',
  'gretap',
  'gtp',
  'hsr',
  'ip6erspan',
  'ip6gre',
  'ip6gretap',
  'ip6tnl',
  'ipoib',
  'ipvtap',
  'macsec',
  'macvtap',
  'netdevsim',
  'netkit',
  'pfcp',
  'rmnet',
  'sit',
  'team',
  'team_slave',
  'vti',
  'vxcan',
  'wwan',
  'xfrm',
  'virt_wifi',
]);

/** Parses what follows `type KIND`, to the end of the line. */
export function parseKindOptions(tool: Tool, kind: string, words: Words, creating = false): KindData {
  const data: KindData = {};
  if (words.empty) return data;
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const usage = kindUsage(kind);
  if (!known && usage !== undefined && abbreviates(words.here, 'help')) throw new Quit(usage, 1);
  // The kernel has no such kind, and says so whatever the options are.
  if (!known && creating && OTHERS.has(kind)) {
    words.rest();
    return data;
  }
  if (!known) throw OTHERS.has(kind) ? tool.unmodelled(`options of ${kind} links`) : trailing(kind, words);
  while (!words.empty) {
    const given = words.take();
    const option = findOption(known.options, given);
    if (option && known.once?.some((key) => data[key] !== undefined && !['mode'].includes(option.name)))
      throw new Quit(known.unknown(given) + known.usage, 1);
    if (option) option.parse(tool, words, data);
    else throw new Quit(abbreviates(given, 'help') ? known.usage : known.unknown(given) + known.usage, 1);
  }
  known.check?.(tool, data, creating);
  return data;
}

function trailing(kind: string, words: Words): Quit {
  if (kind !== '' && WITHOUT_OPTIONS.has(kind) && words.here === 'help') return new Quit(`Usage: ... ${kind}\n`, 1);
  return new Quit(`Garbage instead of arguments "${words.here} ...". Try "ip link help".\n`, 1);
}

/** `ip link help KIND`. */
export function kindUsage(kind: string): string | undefined {
  if (Object.hasOwn(USAGE_ALONE, kind)) return USAGE_ALONE[kind];
  if (WITHOUT_OPTIONS.has(kind)) return `Usage: ... ${kind}\n`;
  return Object.hasOwn(KINDS, kind) ? KINDS[kind]?.usage : undefined;
}

/** Kinds of which only the help is known. */
const USAGE_ALONE: Record<string, string> = {
  ...OTHER_KIND_USAGES,
  sit: SIT_USAGE,
  gre: GRE_USAGE,
  ipvtap: IPVLAN_USAGE.replace('ipvlan', 'ipvtap'),
};

/** The kinds that completion offers after `type`. */
export const KIND_NAMES: readonly string[] = ['veth', ...Object.keys(KINDS), 'dummy', 'wireguard'];
