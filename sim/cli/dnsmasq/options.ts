import { type IP, parseIP } from '../../base/address.ts';
import type { Endpoint } from '../../host/inet-socket.ts';
import { type DnsData, type DnsName, lowerName } from '../../wire/dns.ts';
import { encode } from '../../base/bytes.ts';

/** What a domain and everything below it gets: addresses, no answer from elsewhere, or servers of its own. */
export interface DomainRule {
  /** In lower case, without a final dot; empty for every domain. */
  domain: string;
  /** `local` keeps the question here; `default` sends it to the usual servers again. */
  action:
    | { kind: 'address'; address: IP }
    | { kind: 'null' }
    | { kind: 'local' }
    | { kind: 'server'; server: Endpoint }
    | { kind: 'default' };
}

/** A record of the configuration. */
export interface ConfiguredRecord {
  name: DnsName;
  data: DnsData;
  /** Seconds; --local-ttl without. */
  ttl?: number | undefined;
}

export interface DnsmasqSettings {
  foreground: boolean;
  debug: boolean;
  port: number;
  listen: IP[];
  interfaces: string[];
  bindInterfaces: boolean;
  resolv: boolean;
  resolvFile: string;
  hosts: boolean;
  extraHosts: string[];
  expandHosts: boolean;
  domain: string | undefined;
  log: 'no' | 'queries' | 'extra';
  logTo: string | undefined;
  rules: DomainRule[];
  records: ConfiguredRecord[];
  localTtl: number;
  cacheSize: number;
  negativeCache: boolean;
  domainNeeded: boolean;
  bogusPrivate: boolean;
  strictOrder: boolean;
  pidFile: string | undefined;
}

export function defaultSettings(): DnsmasqSettings {
  return {
    foreground: false,
    debug: false,
    port: 53,
    listen: [],
    interfaces: [],
    bindInterfaces: false,
    resolv: true,
    resolvFile: '/etc/resolv.conf',
    hosts: true,
    extraHosts: [],
    expandHosts: false,
    domain: undefined,
    log: 'no',
    logTo: undefined,
    rules: [],
    records: [],
    localTtl: 0,
    cacheSize: 150,
    negativeCache: true,
    domainNeeded: false,
    bogusPrivate: false,
    strictOrder: false,
    pidFile: '/var/run/dnsmasq.pid',
  };
}

/** What is wrong with an option's argument; `''` where dnsmasq only says `bad option`. */
type Apply = (settings: DnsmasqSettings, value: string) => string | undefined;

export interface DnsmasqOption {
  long: string;
  short?: string;
  argument?: 'required' | 'optional';
  /** Absent: the real dnsmasq has it, this one doesn't. */
  apply?: Apply;
}

const flag = (long: string, short: string, set: (settings: DnsmasqSettings) => void): DnsmasqOption => ({
  long,
  ...(short === '' ? {} : { short }),
  apply: (settings) => {
    set(settings);
    return undefined;
  },
});

const valued = (long: string, short: string, apply: Apply): DnsmasqOption => ({
  long,
  ...(short === '' ? {} : { short }),
  argument: 'required',
  apply,
});

/** A whole number. */
const count =
  (keep: (settings: DnsmasqSettings, value: number) => void): Apply =>
  (settings, value) => {
    if (!/^\d+$/.test(value)) return '';
    keep(settings, Number(value));
    return undefined;
  };

const MODELLED: readonly DnsmasqOption[] = [
  flag('keep-in-foreground', 'k', (s) => Object.assign(s, { foreground: true })),
  flag('no-daemon', 'd', (s) => Object.assign(s, { debug: true, foreground: true })),
  flag('bind-interfaces', 'z', (s) => Object.assign(s, { bindInterfaces: true })),
  flag('bind-dynamic', '', (s) => Object.assign(s, { bindInterfaces: true })),
  flag('no-resolv', 'R', (s) => Object.assign(s, { resolv: false })),
  flag('no-hosts', 'h', (s) => Object.assign(s, { hosts: false })),
  flag('expand-hosts', 'E', (s) => Object.assign(s, { expandHosts: true })),
  flag('no-negcache', 'N', (s) => Object.assign(s, { negativeCache: false })),
  flag('domain-needed', 'D', (s) => Object.assign(s, { domainNeeded: true })),
  flag('bogus-priv', 'b', (s) => Object.assign(s, { bogusPrivate: true })),
  flag('strict-order', 'o', (s) => Object.assign(s, { strictOrder: true })),
  // Files aren't watched, names aren't changed, and everybody is root anyway.
  flag('no-poll', 'n', () => {}),
  flag('localise-queries', 'y', () => {}),
  valued('user', 'u', () => undefined),
  valued('group', 'g', () => undefined),
  {
    long: 'log-queries',
    short: 'q',
    argument: 'optional',
    apply: (s, value) => {
      s.log = value === 'extra' ? 'extra' : 'queries';
      return undefined;
    },
  },
  valued('log-facility', '8', (s, value) => {
    s.logTo = value;
    return undefined;
  }),
  valued(
    'port',
    'p',
    count((s, n) => (s.port = n)),
  ),
  valued(
    'local-ttl',
    'T',
    count((s, n) => (s.localTtl = n)),
  ),
  valued(
    'cache-size',
    'c',
    count((s, n) => (s.cacheSize = n)),
  ),
  valued('interface', 'i', (s, value) => {
    s.interfaces.push(...value.split(','));
    return undefined;
  }),
  valued('listen-address', 'a', (s, value) => {
    for (const text of value.split(',')) {
      const address = parseIP(text);
      if (address === undefined) return '';
      s.listen.push(address);
    }
    return undefined;
  }),
  valued('resolv-file', 'r', (s, value) => {
    s.resolvFile = value;
    return undefined;
  }),
  valued('addn-hosts', 'H', (s, value) => {
    s.extraHosts.push(value);
    return undefined;
  }),
  valued('pid-file', 'x', (s, value) => {
    s.pidFile = value === '' ? undefined : value;
    return undefined;
  }),
  valued('domain', 's', (s, value) => {
    s.domain = value.split(',')[0] as string;
    return undefined;
  }),
  valued('address', 'A', address),
  valued('server', 'S', (s, value) => server(s, value)),
  valued('local', '', (s, value) => server(s, value)),
  valued('host-record', '', hostRecord),
  valued('cname', '', cname),
  valued('txt-record', 'Y', (s, value) => {
    const [name = '', ...strings] = fields(value);
    s.records.push({ name: absolute(name), data: { kind: 'TXT', strings: (strings.length > 0 ? strings : ['']).map(encode) } });
    return undefined;
  }),
  valued('ptr-record', '', (s, value) => {
    const [name = '', target = ''] = fields(value);
    s.records.push({ name: absolute(name), data: { kind: 'PTR', name: absolute(target) } });
    return undefined;
  }),
  valued('srv-host', 'W', (s, value) => {
    const [name = '', target = '.', port = '1', priority = '0', weight = '0'] = fields(value);
    if (![port, priority, weight].every((n) => /^\d{1,5}$/.test(n))) return 'invalid port number';
    const data = { kind: 'SRV', target: absolute(target), port: Number(port), priority: Number(priority), weight: Number(weight) } as const;
    s.records.push({ name: absolute(name), data });
    return undefined;
  }),
  valued('mx-host', 'm', (s, value) => {
    const [name = '', target = name, preference = '1'] = fields(value);
    if (!/^\d{1,5}$/.test(preference)) return 'bad MX preference';
    s.records.push({ name: absolute(name), data: { kind: 'MX', preference: Number(preference), exchange: absolute(target) } });
    return undefined;
  }),
];

/** What remains of the real one: DHCP, TFTP, DNSSEC, zones of its own, filters and sets. */
const UNMODELLED = [
  ...['all-servers', 'auth-server', 'auth-zone', 'conf-dir', 'conntrack', 'dhcp-authoritative', 'dhcp-boot', 'dhcp-host', 'dhcp-hostsfile'],
  ...[
    'dhcp-leasefile',
    'dhcp-option',
    'dhcp-range',
    'dhcp-script',
    'dnssec',
    'dynamic-host',
    'edns-packet-max',
    'enable-dbus',
    'enable-ra',
  ],
  ...['enable-tftp', 'except-interface', 'filter-A', 'filter-AAAA', 'hostsdir', 'interface-name', 'ipset', 'leasefile-ro', 'log-async'],
  ...['log-debug', 'log-dhcp', 'max-cache-ttl', 'max-ttl', 'min-cache-ttl', 'naptr-record', 'neg-ttl', 'nftset', 'no-dhcp-interface'],
  ...['proxy-dnssec', 'query-port', 'rebind-domain-ok', 'rev-server', 'server-file', 'servers-file', 'stop-dns-rebind', 'synth-domain'],
  ...['tftp-root', 'trust-anchor', 'use-stale-cache', 'bogus-nxdomain', 'caa-record', 'dns-rr', 'add-mac', 'add-subnet', 'alias'],
];

export const OPTIONS: readonly DnsmasqOption[] = [...MODELLED, ...UNMODELLED.map((long) => ({ long }))];

/** Fields between commas; quotes hold commas together. */
function fields(text: string): string[] {
  return (text.match(/"[^"]*"|[^,"]+|(?<=,)(?=,|$)/g) ?? []).map((field) => field.replace(/^"(.*)"$/, '$1').trim());
}

function absolute(name: string): DnsName {
  return name.endsWith('.') ? name : `${name}.`;
}

/** `/a/b/REST` as its domains and the rest. */
function domainsOf(value: string): { domains: string[]; rest: string } | undefined {
  if (!value.startsWith('/')) return undefined;
  const parts = value.slice(1).split('/');
  const rest = parts.pop() as string;
  return { domains: parts.map((domain) => lowerName(domain.replace(/^\*?\./, '').replace(/\.$/, '')).replace(/^#$/, '')), rest };
}

function address(settings: DnsmasqSettings, value: string): string | undefined {
  const parsed = domainsOf(value);
  if (!parsed || parsed.domains.length === 0) return 'Bad address in --address';
  for (const domain of parsed.domains) {
    const found = parseIP(parsed.rest);
    if (parsed.rest === '#') settings.rules.push({ domain, action: { kind: 'null' } });
    else if (parsed.rest === '') settings.rules.push({ domain, action: { kind: 'local' } });
    else if (found === undefined) return 'Bad address in --address';
    else settings.rules.push({ domain, action: { kind: 'address', address: found } });
  }
  return undefined;
}

function server(settings: DnsmasqSettings, value: string): string | undefined {
  const { domains, rest } = domainsOf(value) ?? { domains: [''], rest: value };
  const [host = '', port = '53'] = (rest.split('@')[0] as string).split('#');
  const found = parseIP(host);
  for (const domain of domains) {
    if (rest === '') settings.rules.push({ domain, action: { kind: 'local' } });
    else if (rest === '#') settings.rules.push({ domain, action: { kind: 'default' } });
    else if (found === undefined || !/^\d+$/.test(port)) return 'Cannot resolve server name';
    else settings.rules.push({ domain, action: { kind: 'server', server: { address: found, port: Number(port) } } });
  }
  return undefined;
}

/** `NAME[,NAME…],[ADDRESS],[ADDRESS],[TTL]`; the first name is that of the addresses. */
function hostRecord(settings: DnsmasqSettings, value: string): string | undefined {
  const names: string[] = [];
  const addresses: IP[] = [];
  let ttl: number | undefined;
  for (const field of fields(value)) {
    const found = parseIP(field);
    if (found !== undefined) addresses.push(found);
    else if (/^\d+$/.test(field)) ttl = Number(field);
    else if (addresses.length > 0) return 'Bad host-record';
    else if (field !== '') names.push(field);
  }
  if (names.length === 0 || addresses.length === 0) return 'Bad host-record';
  for (const found of addresses) settings.records.push(...recordsOfHost(names.map(absolute), found, ttl));
  return undefined;
}

/** Address records for every name, and the pointer back to the first. */
export function recordsOfHost(names: readonly DnsName[], found: IP, ttl?: number): ConfiguredRecord[] {
  const data: DnsData = typeof found === 'bigint' ? { kind: 'AAAA', address: found } : { kind: 'A', address: found };
  return names.map((name) => ({ name, data, ttl }));
}

/** `ALIAS[,ALIAS…],TARGET[,TTL]`. */
function cname(settings: DnsmasqSettings, value: string): string | undefined {
  const names = fields(value);
  const ttl = /^\d+$/.test(names.at(-1) ?? '') ? Number(names.pop()) : undefined;
  const target = names.pop();
  if (target === undefined || names.length === 0) return 'bad CNAME';
  for (const name of names) settings.records.push({ name: absolute(name), data: { kind: 'CNAME', name: absolute(target) }, ttl });
  return undefined;
}
