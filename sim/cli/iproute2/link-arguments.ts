import type { LinkChanges, LinkSpec } from '../../host/netlink/messages.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { groupOf } from './names.ts';
import type { Tool } from './tool.ts';
import { LINK_USAGE } from './usage/link.ts';
import { isDeviceName, macAddress, onOff, parseSigned, parseUnsigned } from './values.ts';
import { abbreviates, duplicate, EXIT_MINUS_ONE, garbage, invalid, Quit, type Words } from './words.ts';

/** What the words before `type` say: which link, and what is to be so (ip/iplink.c `iplink_parse`). */
export interface LinkArguments {
  device: string | undefined;
  name: string | undefined;
  /** `device` was only taken from `name`. */
  deviceIsName: boolean;
  /** The word after `type`. */
  kind: string | undefined;
  ifindex: number | undefined;
  link: string | undefined;
  /** Where `link` is, if not here; `unknown` for a number that no namespace has, `unnamed` for a name. */
  linkNetns?: NetNamespace | 'unknown' | 'unnamed';
  group: number | undefined;
  changes: LinkChanges;
}

export const linkUsage = () => new Quit(LINK_USAGE, EXIT_MINUS_ONE);

export function parseLinkArguments(tool: Tool, words: Words, creating: boolean): LinkArguments {
  const given: LinkArguments = {
    device: undefined,
    name: undefined,
    deviceIsName: false,
    kind: undefined,
    ifindex: undefined,
    link: undefined,
    group: undefined,
    changes: {},
  };
  while (!words.empty && given.kind === undefined) {
    const word = words.take();
    const handled =
      parseIdentity(tool, words, word, given) ||
      parseChange(tool, words, word, given, creating) ||
      parseLinkNamespace(tool, words, word, given) ||
      parseSwitch(words, word, given.changes) ||
      parseLimit(words, word, given.changes);
    if (handled) continue;
    if (isUnmodelled(word)) throw tool.unmodelled(`ip link's argument ${word}`);
    if (abbreviates(word, 'help')) throw linkUsage();
    if (word === 'dev') words.value();
    words.back();
    const device = words.take();
    if (given.device !== undefined && !given.deviceIsName) throw garbage('dev', device);
    given.device = device;
    given.deviceIsName = false;
  }
  // Looked up at the end, when the word that is complained of is another one.
  if (given.linkNetns === 'unnamed') throw invalid('Invalid "link-netns" value\n', words.empty ? '(null)' : words.here);
  return given;
}

/** Names, numbers and places. */
function parseIdentity(tool: Tool, words: Words, word: string, given: LinkArguments): boolean {
  if (word === 'name') {
    const name = words.value();
    if (given.name !== undefined) throw duplicate('name', name);
    if (!isDeviceName(name)) throw invalid('"name" not a valid ifname', name);
    given.name = name;
    if (given.device === undefined) {
      given.device = name;
      given.deviceIsName = true;
    }
  } else if (word === 'index') {
    const text = words.value();
    if (given.ifindex !== undefined) throw duplicate('index', text);
    const index = Number.parseInt(text, 10);
    if (!(index > 0)) throw invalid('Invalid "index" value', text);
    given.ifindex = index;
  } else if (abbreviates(word, 'link')) given.link = words.value();
  else if (word === 'group') {
    const text = words.value();
    if (given.group !== undefined) throw duplicate('group', text);
    given.group = groupOf(text, tool);
    if (given.group === undefined) throw invalid('Invalid "group" value\n', text);
  } else if (word.length > 1 && abbreviates(word, 'type')) given.kind = words.value();
  else return false;
  return true;
}

/** Values of the link itself. */
function parseChange(tool: Tool, words: Words, word: string, given: LinkArguments, creating: boolean): boolean {
  const { changes } = given;
  if (abbreviates(word, 'address')) changes.address = macAddress(words.value(), { checkLength: !creating });
  else if (word === 'brd' || abbreviates(word, 'broadcast')) changes.broadcast = macAddress(words.value());
  else if (word === 'qlen' || abbreviates(word, 'txqueuelen') || abbreviates(word, 'txqlen')) {
    changes.txqlen = once('txqueuelen', words, changes.txqlen);
  } else if (word === 'mtu') changes.mtu = once('mtu', words, changes.mtu);
  else if (word === 'netns') {
    const text = words.value();
    if (changes.netns) throw duplicate('netns', text);
    changes.netns = tool.namespaceArgument(text);
  } else if (abbreviates(word, 'master')) {
    const text = words.value();
    const master = tool.netlink.link(text);
    if (!master) throw invalid('Device does not exist\n', text);
    changes.master = master.ifindex;
  } else if (word === 'vrf') throw invalid('Not a valid VRF name\n', words.value());
  else if (abbreviates(word, 'nomaster')) changes.master = 0;
  else if (abbreviates(word, 'alias')) {
    const text = words.value();
    if (text.length >= 256) throw invalid('alias too long\n', text);
    changes.alias = text;
  } else return false;
  return true;
}

function once(keyword: string, words: Words, before: number | undefined): number {
  const text = words.value();
  if (before !== undefined) throw duplicate(keyword, text);
  const value = parseSigned(text);
  if (value === undefined) throw invalid(`Invalid "${keyword}" value\n`, text);
  return value;
}

/** What is on or off. */
function parseSwitch(words: Words, word: string, changes: LinkChanges): boolean {
  if (word === 'up' || word === 'down') changes.up = word === 'up';
  else if (word === 'multicast') changes.multicast = onOff(word, words.value());
  else if (word === 'allmulticast') changes.allmulti = onOff(word, words.value());
  else if (word === 'promisc') changes.promisc = onOff(word, words.value());
  else if (word === 'arp') changes.arp = onOff(word, words.value());
  else if (word === 'trailers') changes.trailers = onOff(word, words.value());
  else if (word === 'carrier') changes.carrier = oneOfOffOn(word, words.value());
  else if (word === 'protodown') changes.protodown = oneOfOffOn(word, words.value());
  else if (word.length > 1 && abbreviates(word, 'dynamic')) changes.dynamic = onOff('dynamic', words.value());
  else if (word === 'mode') {
    const mode = words.value();
    if (mode !== 'default' && mode !== 'dormant') throw invalid('Invalid link mode\n', mode);
    changes.dormant = mode === 'dormant';
  } else return false;
  return true;
}

/** The newer of the two ways to say what is wrong (`parse_on_off`). */
function oneOfOffOn(word: string, text: string): boolean {
  if (text !== 'on' && text !== 'off') throw new Quit(`Error: argument of "${word}" must be one of "off", "on", not "${text}"\n`, 1);
  return text === 'on';
}

const SIZES = {
  gso_max_size: 'gsoMaxSize',
  gso_max_segs: 'gsoMaxSegs',
  gro_max_size: 'groMaxSize',
  gso_ipv4_max_size: 'gsoIpv4MaxSize',
  gro_ipv4_max_size: 'groIpv4MaxSize',
} as const;

const MOST_SEGMENTS = 65_535;

/** Sizes, queues, and how IPv6 makes addresses. */
function parseLimit(words: Words, word: string, changes: LinkChanges): boolean {
  const limit = (key: keyof NonNullable<LinkChanges['limits']>, value: number) => {
    changes.limits = { ...changes.limits, [key]: value };
  };
  if (Object.hasOwn(SIZES, word)) {
    const text = words.value();
    const value = parseUnsigned(text, word === 'gso_max_segs' ? MOST_SEGMENTS : undefined);
    if (value === undefined) throw invalid(`Invalid "${word}" value\n`, text);
    limit(SIZES[word as keyof typeof SIZES], value);
  } else if (word.length > 3 && abbreviates(word, 'numtxqueues'))
    limit('numTxQueues', once('numtxqueues', words, changes.limits?.numTxQueues));
  else if (word.length > 3 && abbreviates(word, 'numrxqueues'))
    limit('numRxQueues', once('numrxqueues', words, changes.limits?.numRxQueues));
  else if (word.length > 4 && abbreviates(word, 'addrgenmode')) {
    const mode = words.value();
    if (mode !== 'eui64' && mode !== 'none' && mode !== 'stable_secret' && mode !== 'random')
      throw invalid('Invalid address generation mode\n', mode);
    changes.addrGenMode = mode;
  } else return false;
  return true;
}

/** The namespace of the device below: by its name, which gives it a number here if it has none, or by that number. */
function parseLinkNamespace(tool: Tool, words: Words, word: string, given: LinkArguments): boolean {
  if (word !== 'link-netns' && word !== 'link-netnsid') return false;
  const text = words.value();
  if (given.linkNetns) throw duplicate('link-netns/link-netnsid', text);
  if (word === 'link-netns') {
    const net = tool.namespaceOf(text);
    if (typeof net === 'string') {
      given.linkNetns = 'unnamed';
      return true;
    }
    if (tool.netlink.nsid(net) === undefined) tool.netlink.assignNsid(net);
    given.linkNetns = net;
    return true;
  }
  const id = parseUnsigned(text, 0x7fff_ffff);
  if (id === undefined) throw invalid('Invalid "link-netnsid" value\n', text);
  given.linkNetns = tool.net.nsids().find(([known]) => known === id)?.[1] ?? 'unknown';
  return true;
}

const UNMODELLED = new Set(['inet', 'xdp', 'xdpgeneric', 'xdpdrv', 'xdpoffload', 'vf', 'state', 'protodown_reason', 'parentdev']);

function isUnmodelled(word: string): boolean {
  return UNMODELLED.has(word);
}

/** The part of a request to make a link that these arguments give. */
export function specOf(given: LinkArguments): LinkChanges & Pick<LinkSpec, 'ifindex'> {
  const name = given.name ?? given.device;
  return {
    ...given.changes,
    ...(name === undefined ? {} : { name }),
    ...(given.ifindex === undefined ? {} : { ifindex: given.ifindex }),
  };
}
