import { type Blocking, whenLoaded } from '../../host/wait.ts';
import { encode } from '../../base/bytes.ts';
import type { LinkChanges, LinkInfo, LinkSpec, NetlinkError } from '../../host/netlink/messages.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import { linkPasses, parseAddressFilter } from './address-filter.ts';
import { kindUsage, parseKindOptions } from './kinds.ts';
import { type LinkArguments, linkUsage, parseLinkArguments, specOf } from './link-arguments.ts';
import { printBriefLink, printLink } from './link-print.ts';
import { linkProperty } from './link-property.ts';
import type { Outcome, Subcommand, Tool } from './tool.ts';
import { VETH_USAGE } from './usage/link-kinds.ts';
import { EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

/** `ip link`: its commands in the order that abbreviations are tried. */
export const linkCommands: readonly Subcommand[] = [
  { names: ['add'], run: add },
  { names: ['set', 'change'], run: set },
  { names: ['replace'], run: (tool) => tool.refuse(tool.unmodelled('ip link replace')) },
  { names: ['delete'], run: remove },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['xstats', 'afstats'], run: (tool) => tool.refuse(tool.unmodelled('ip link xstats and afstats')) },
  { names: ['property'], run: linkProperty },
  { names: ['help'], run: help },
];

function help(tool: Tool, words: Words): number {
  const usage = words.empty ? undefined : words.here === 'veth' ? VETH_USAGE : kindUsage(words.here);
  if (usage === undefined) throw linkUsage();
  tool.print(usage);
  return 0;
}

/** `ip link show`. */
function show(tool: Tool, words: Words): number {
  const filter = parseAddressFilter(tool, words, linkUsage, 'link');
  const report = tool.report();
  const links = filter.device ? [filter.device] : tool.netlink.links();
  for (const link of links) {
    if (!linkPasses(filter, link)) continue;
    report.object('', () => {
      if (tool.options.brief) printBriefLink(tool, report, link, true);
      else printLink(tool, report, link, { linkCommand: true, linkLayer: true, queueLength: true });
    });
  }
  report.end();
  return 0;
}

/** IFNAMSIZ without its null byte. */
const LONGEST_NAME = 15;

/** `ip link add`. */
function add(tool: Tool, words: Words): Outcome {
  const given = parseLinkArguments(tool, words, true);
  if (given.kind === undefined) throw new Quit('Not enough information: "type" argument is required\n', 1);
  const spec: LinkSpec = { ...specOf(given), kind: given.kind };
  // The kernel has no ear for it before the link is made (rtnl_create_link).
  delete spec.alias;
  if (spec.name === '') throw invalid('"name" not a valid ifname', spec.name);
  // A longer one could be an alternative name, so only the kernel's attribute policy refuses it.
  if (spec.name !== undefined && encode(spec.name).length > LONGEST_NAME) {
    return tool.outcome({ errno: 'ERANGE', message: 'Attribute failed policy validation' });
  }
  if (given.group !== undefined) spec.group = given.group;
  if (given.kind === 'veth') addPeer(tool, words, spec);
  else {
    const data = parseKindOptions(tool, given.kind, words, true);
    if (Object.keys(data).length > 0) spec.data = data;
  }
  if (given.linkNetns === 'unknown' && given.link !== undefined) throw noLinkElsewhere('Invalid argument', given.link);
  if (typeof given.linkNetns === 'string') return tool.outcome({ errno: 'EINVAL', message: 'Unknown network namespace id' });
  if (given.linkNetns) spec.linkNetns = given.linkNetns;
  if (given.link !== undefined) spec.link = given.linkNetns ? linkElsewhere(given.linkNetns, given.link) : tool.device(given.link).ifindex;
  return make(tool, spec);
}

/** The kind's module may have to be loaded first. */
function* make(tool: Tool, spec: LinkSpec): Blocking<number> {
  return tool.outcome(yield* whenLoaded(() => tool.netlink.newLink(spec)));
}

/** A device's index in another namespace (`get_ifindex_by_name_in_netns`). */
function linkElsewhere(net: NetNamespace, name: string): number {
  const device = net.deviceByName(name);
  if (!device) throw noLinkElsewhere('No such device', name);
  return device.ifindex;
}

function noLinkElsewhere(why: string, name: string): Quit {
  return new Quit(`RTNETLINK answers: ${why}\nCannot find device "${name}"\n`, 1);
}

/** `peer [name] NAME ARGUMENTS`: the same grammar for the other end. */
function addPeer(tool: Tool, words: Words, spec: LinkSpec): void {
  if (words.empty) return;
  if (!words.takeExact('peer')) throw new Quit(VETH_USAGE, 1);
  const peer = parseLinkArguments(tool, words, true);
  if (peer.kind !== undefined) throw new Quit(`Garbage instead of arguments "${words.here} ...". Try "ip link help".\n`, 1);
  spec.peer = { ...specOf(peer), ...(peer.group === undefined ? {} : { group: peer.group }) };
}

/** `ip link set`, of one device or of all in a group. */
function set(tool: Tool, words: Words): number {
  const given = parseLinkArguments(tool, words, false);
  const { kind } = given;
  if (given.device === undefined && given.group === undefined) {
    throw new Quit('Not enough information: "dev" argument is required.\n', EXIT_MINUS_ONE);
  }
  if (given.device === undefined) return setGroup(tool, given, words);
  const data = kind === undefined || kind === 'veth' ? {} : parseKindOptions(tool, kind, words);
  const link = tool.device(given.device);
  const changes: LinkChanges = { ...given.changes, ...(given.group === undefined ? {} : { group: given.group }) };
  if (given.name !== undefined && !given.deviceIsName && given.name !== link.name) changes.name = given.name;
  if (Object.keys(data).length > 0) {
    const refused = addKindData(link, kind ?? '', data, changes);
    if (refused) return tool.outcome(refused);
  }
  return tool.outcome(tool.netlink.setLink(link.ifindex, changes));
}

/** Attributes go to the kind they are for; the kernel refuses them for links of another kind (rtnl_changelink). */
function addKindData(link: LinkInfo, kind: string, data: LinkChanges['data'], changes: LinkChanges): NetlinkError | undefined {
  if (!data) return undefined;
  if (kind.endsWith('_slave')) {
    if (link.slaveKind !== kind.slice(0, -'_slave'.length)) return { errno: 'EOPNOTSUPP' };
    changes.slaveData = data;
  } else {
    if (link.kind !== kind) return { errno: 'EOPNOTSUPP' };
    changes.data = data;
  }
  return undefined;
}

/** Without a device, `group N` says which links to change. */
function setGroup(tool: Tool, given: LinkArguments, words: Words): number {
  if (!words.empty) throw new Quit(`Garbage instead of arguments "${words.here} ...". Try "ip link help".\n`, EXIT_MINUS_ONE);
  for (const link of tool.netlink.links().filter((candidate) => candidate.group === given.group)) {
    const status = tool.outcome(tool.netlink.setLink(link.ifindex, given.changes));
    if (status !== 0) return status;
  }
  return 0;
}

/** `ip link delete`. */
function remove(tool: Tool, words: Words): number {
  const given = parseLinkArguments(tool, words, false);
  if (given.device === undefined && given.group !== undefined) {
    return tool.outcome(tool.netlink.delLinkGroup(given.group));
  }
  if (given.device === undefined) throw new Quit('Not enough information: "dev" argument is required.\n', EXIT_MINUS_ONE);
  return tool.outcome(tool.netlink.delLink(tool.device(given.device).ifindex));
}
