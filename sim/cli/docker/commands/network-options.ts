import { parseMac } from '../../../base/address.ts';
import type { EndpointSettings } from '../../../engines/docker/container/settings.ts';
import type { FlagValues } from '../flags.ts';

/** One `--network`, read (docker/cli, opts/network.go). */
export interface NetworkAttachment {
  target: string;
  aliases: string[];
  links: string[];
  ip?: string;
  ip6?: string;
  mac?: string;
  linkLocal: string[];
  driverOpts: Record<string, string>;
  gwPriority: number;
}

function attachment(target: string): NetworkAttachment {
  return { target, aliases: [], links: [], linkLocal: [], driverOpts: {}, gwPriority: 0 };
}

/** `NAME`, or `name=NAME,alias=…,ip=…`; the text of the complaint if it is neither. */
export function parseNetwork(value: string): NetworkAttachment | string {
  if (!/\w+=\w+(,\w+=\w+)*/.test(value)) return attachment(value);
  const parsed = attachment('');
  for (const field of csvFields(value)) {
    const equals = field.indexOf('=');
    if (equals <= 0) return `invalid field ${field}`;
    const problem = setField(parsed, field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1).trim());
    if (problem) return problem;
  }
  return parsed.target === '' ? 'network name/id is not specified' : parsed;
}

function setField(parsed: NetworkAttachment, key: string, value: string): string | undefined {
  switch (key) {
    case 'name':
      parsed.target = value;
      return undefined;
    case 'alias':
      parsed.aliases.push(value);
      return undefined;
    case 'ip':
      parsed.ip = value;
      return undefined;
    case 'ip6':
      parsed.ip6 = value;
      return undefined;
    case 'mac-address':
      parsed.mac = value;
      return parseMac(value) === undefined ? `invalid mac address ${value}` : undefined;
    case 'link-local-ip':
      parsed.linkLocal.push(value);
      return undefined;
    case 'driver-opt':
      return addDriverOption(parsed.driverOpts, value);
    case 'gw-priority':
      parsed.gwPriority = Number(value);
      return /^[+-]?\d+$/.test(value) ? undefined : `invalid gw-priority (${value}): invalid syntax`;
  }
  return `invalid field key ${key}`;
}

/** Adds `KEY=VALUE`; the complaint if it is not one. */
export function addDriverOption(options: Record<string, string>, text: string): string | undefined {
  const equals = text.indexOf('=');
  if (equals <= 0) return 'invalid key value pair format in driver options';
  options[text.slice(0, equals).trim()] = text.slice(equals + 1).trim();
  return undefined;
}

/** A line of comma-separated values, where quotes keep commas in (encoding/csv). */
function csvFields(line: string): string[] {
  const fields = line.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return fields.map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}

/** `--network` checked as it is read. */
export function checkNetwork(value: string): string | undefined {
  const parsed = parseNetwork(value);
  return typeof parsed === 'string' ? parsed : undefined;
}

/** What goes into the request: the network mode, and what the container wants on each of its networks. */
export interface NetworkRequest {
  mode: string;
  endpoints: Record<string, Partial<EndpointSettings>>;
  /** Links of the default bridge. */
  links: string[] | null;
}

/** All the networking flags of `docker run` and `docker create` together; the text of the complaint if they clash. */
export function networkRequest(flags: FlagValues): NetworkRequest | string {
  const values = [...flags.all('network'), ...flags.all('net')];
  const attachments = (values.length > 0 ? values : ['default']).map((value) => parseNetwork(value) as NetworkAttachment);
  const [first] = attachments as [NetworkAttachment];
  const problem = applyContainerFlags(first, flags);
  if (problem) return problem;
  const endpoints: Record<string, Partial<EndpointSettings>> = {};
  for (const each of attachments) {
    const refused = checkAttachment(each);
    if (refused) return refused;
    if (each.target in endpoints) return `network "${each.target}" is specified multiple times`;
    endpoints[each.target] = endpointOf(each);
  }
  if (attachments.some(({ target }) => isUserDefined(target)) && attachments.some(({ target }) => !isUserDefined(target))) {
    return 'conflicting options: cannot attach both user-defined and non-user-defined network-modes';
  }
  const links = flags.all('link');
  return {
    mode: first.target,
    endpoints: first.target.startsWith('container:') ? {} : endpoints,
    links: links.length > 0 && !isUserDefined(first.target) ? [...links] : null,
  };
}

/** Networks that users have made: by name, none of the Engine's own. */
function isUserDefined(mode: string): boolean {
  return !['', 'default', 'bridge', 'host', 'none'].includes(mode) && !mode.startsWith('container:');
}

/** The flags without a network's name belong to the first one. */
function applyContainerFlags(first: NetworkAttachment, flags: FlagValues): string | undefined {
  const aliases = [...flags.all('network-alias'), ...flags.all('net-alias')];
  const links = isUserDefined(first.target) ? flags.all('link') : [];
  const [ip, ip6, mac] = [flags.last('ip'), flags.last('ip6'), flags.last('mac-address')];
  const linkLocal = flags.all('link-local-ip');
  const both = (what: string): string => `conflicting options: cannot specify both ${what}`;
  if (first.aliases.length > 0 && aliases.length > 0) return both('--network-alias and per-network alias');
  if (first.ip !== undefined && ip !== undefined) return both('--ip and per-network IPv4 address');
  if (first.ip6 !== undefined && ip6 !== undefined) return both('--ip6 and per-network IPv6 address');
  if (first.mac !== undefined && mac !== undefined) return both('--mac-address and per-network MAC address');
  if (first.linkLocal.length > 0 && linkLocal.length > 0) return both('--link-local-ip and per-network link-local IP addresses');
  if (mac !== undefined && parseMac(mac) === undefined) return `${mac} is not a valid mac address`;
  first.aliases.push(...aliases);
  first.links.push(...links);
  first.linkLocal.push(...linkLocal);
  if (ip !== undefined) first.ip = ip;
  if (ip6 !== undefined) first.ip6 = ip6;
  if (mac !== undefined) first.mac = mac;
  return undefined;
}

function checkAttachment({ target, aliases, links }: NetworkAttachment): string | undefined {
  if (target.trim() === '') return 'no name set for network';
  if (isUserDefined(target)) return undefined;
  if (aliases.length > 0) return 'network-scoped aliases are only supported for user-defined networks';
  return links.length > 0 ? 'links are only supported for user-defined networks' : undefined;
}

function endpointOf({ aliases, links, ip, ip6, mac, linkLocal, driverOpts, gwPriority }: NetworkAttachment): Partial<EndpointSettings> {
  const addresses = {
    ...(ip === undefined ? {} : { IPv4Address: ip }),
    ...(ip6 === undefined ? {} : { IPv6Address: ip6 }),
    ...(linkLocal.length > 0 ? { LinkLocalIPs: linkLocal } : {}),
  };
  return {
    IPAMConfig: Object.keys(addresses).length > 0 ? addresses : null,
    Links: links.length > 0 ? links : null,
    Aliases: aliases.length > 0 ? aliases : null,
    MacAddress: mac ?? '',
    DriverOpts: Object.keys(driverOpts).length > 0 ? driverOpts : null,
    GwPriority: gwPriority,
  };
}

/** The `NAME[:ALIAS]` of `--link`. */
export function checkLink(value: string): string | undefined {
  return value.split(':').length > 2 ? `bad format for links: ${value}` : undefined;
}
