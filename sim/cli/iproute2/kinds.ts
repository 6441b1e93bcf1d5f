import type { Tool } from './tool.ts';
import {
  choice,
  device,
  findOption,
  ipAddress,
  type KindData,
  type KindOption,
  linkAddress,
  missing,
  number,
  toggle,
  word,
} from './kind-options.ts';
import { parseUnsigned } from './values.ts';
import { BRIDGE_SLAVE_USAGE, BRIDGE_USAGE, MACVLAN_USAGE, VLAN_USAGE, VXLAN_USAGE } from './usage/link-kinds.ts';
import { abbreviates, invalid, Quit, type Words } from './words.ts';

/** What follows `type KIND`. */
interface Kind {
  usage: string;
  options: readonly KindOption[];
  /** The line before the usage when a word is none of the options. */
  unknown: (word: string) => string;
}

const U8 = 255;
const U16 = 65_535;

const BRIDGE_OPTIONS: readonly KindOption[] = [
  number('forward_delay'),
  number('hello_time'),
  number('max_age'),
  number('ageing_time'),
  number('stp_state'),
  missing('stp_mode'),
  number('priority', { max: U16 }),
  number('vlan_filtering', { max: U8 }),
  missing('vlan_protocol'),
  number('group_fwd_mask', { max: U16 }),
  linkAddress('group_address', 'group_addr'),
  number('no_linklocal_learn', { max: U8, exact: true }),
  number('mst_enabled', { max: U8, exact: true }),
  number('fdb_max_learned', { exact: true }),
  word('fdb_flush', 'fdb_flush', true),
  missing('vlan_default_pvid'),
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

/** `learning` and `nolearning`: the negative first, since abbreviations are tried in order. */
function eitherWay(name: string, key = name): KindOption[] {
  return [word(`no${name}`, key, false), word(name, key, true)];
}

const VXLAN_OPTIONS: readonly KindOption[] = [
  number('id', { max: 0xff_ffff }),
  number('vni', { key: 'id', max: 0xff_ffff, message: 'invalid id' }),
  ipAddress('group'),
  ipAddress('remote'),
  ipAddress('local'),
  device('dev', 'link'),
  numberOr('ttl', ['inherit', 'auto'], { max: U8, message: 'invalid TTL' }),
  numberOr('hoplimit', ['inherit', 'auto'], { key: 'ttl', max: U8, message: 'invalid TTL' }),
  numberOr('tos', ['inherit'], { max: U8, message: 'bad TOS value' }),
  numberOr('dsfield', ['inherit'], { key: 'tos', max: U8, message: 'bad TOS value' }),
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
  ...eitherWay('rsc'),
  ...eitherWay('l2miss'),
  ...eitherWay('l3miss'),
  word('udpcsum', 'udp_csum', true),
  word('noudpcsum', 'udp_csum', false),
  word('udp6zerocsumtx', 'udp_zero_csum6_tx', true),
  word('noudp6zerocsumtx', 'udp_zero_csum6_tx', false),
  word('udp6zerocsumrx', 'udp_zero_csum6_rx', true),
  word('noudp6zerocsumrx', 'udp_zero_csum6_rx', false),
  ...eitherWay('remcsumtx', 'remcsum_tx'),
  ...eitherWay('remcsumrx', 'remcsum_rx'),
  word('localbypass', 'localbypass', true, true),
  word('nolocalbypass', 'localbypass', false, true),
  missing('reserved_bits'),
  missing('external'),
  missing('gbp'),
  missing('gpe'),
  missing('vnifilter'),
  missing('mcroute'),
];

const VLAN_OPTIONS: readonly KindOption[] = [
  choice('protocol', ['802.1Q', '802.1ad'], 'protocol is invalid'),
  number('id', { max: 4095, message: 'id is invalid' }),
  toggle('reorder_hdr'),
  missing('gvrp'),
  missing('mvrp'),
  missing('loose_binding'),
  missing('bridge_binding'),
  missing('ingress-qos-map'),
  missing('egress-qos-map'),
];

const TUNNEL_OPTIONS: readonly KindOption[] = [
  ipAddress('remote'),
  ipAddress('local'),
  numberOr('ttl', ['inherit'], { max: U8, message: 'invalid TTL' }),
  numberOr('tos', ['inherit'], { max: U8, message: 'invalid TOS' }),
  device('dev', 'link'),
  word('pmtudisc', 'pmtudisc', true),
  word('nopmtudisc', 'pmtudisc', false),
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
  vxlan: { usage: VXLAN_USAGE, options: VXLAN_OPTIONS, unknown: (given) => `vxlan: unknown command "${given}"?\n` },
  vlan: { usage: VLAN_USAGE, options: VLAN_OPTIONS, unknown: (given) => `vlan: unknown command "${given}"?\n` },
  macvlan: {
    usage: MACVLAN_USAGE,
    options: [choice('mode', ['private', 'vepa', 'bridge', 'passthru', 'source'], 'mode is invalid')],
    unknown: (given) => `macvlan: unknown option "${given}"?\n`,
  },
  ipvlan: {
    ...plain('ipvlan', [
      choice('mode', ['l2', 'l3', 'l3s'], 'mode is invalid'),
      ...['private', 'vepa', 'bridge'].map((flag) => word(flag, 'flags', flag)),
    ]),
  },
  ipip: plain('ipip', TUNNEL_OPTIONS),
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
export function parseKindOptions(tool: Tool, kind: string, words: Words): KindData {
  const data: KindData = {};
  if (words.empty) return data;
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!known) throw OTHERS.has(kind) ? tool.unmodelled(`options of ${kind} links`) : trailing(kind, words);
  while (!words.empty) {
    const given = words.take();
    const option = findOption(known.options, given);
    if (option) option.parse(tool, words, data);
    else throw new Quit(abbreviates(given, 'help') ? known.usage : known.unknown(given) + known.usage, 1);
  }
  return data;
}

function trailing(kind: string, words: Words): Quit {
  if (kind !== '' && WITHOUT_OPTIONS.has(kind) && words.here === 'help') return new Quit(`Usage: ... ${kind}\n`, 1);
  return new Quit(`Garbage instead of arguments "${words.here} ...". Try "ip link help".\n`, 1);
}

/** `ip link help KIND`. */
export function kindUsage(kind: string): string | undefined {
  if (WITHOUT_OPTIONS.has(kind)) return `Usage: ... ${kind}\n`;
  return Object.hasOwn(KINDS, kind) ? KINDS[kind]?.usage : undefined;
}

/** The kinds that completion offers after `type`. */
export const KIND_NAMES: readonly string[] = ['veth', ...Object.keys(KINDS), 'dummy'];
