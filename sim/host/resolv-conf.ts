import { type IP, parseIP } from '../base/address.ts';
import { decode } from '../base/bytes.ts';
import { type Micros, SECOND } from '../base/time.ts';
import type { Process } from './process.ts';
import type { Blocking } from './wait.ts';

/** /etc/resolv.conf (resolv.conf(5)). */
export interface ResolverSettings {
  /** At most three are asked. */
  servers: IP[];
  /** Whether the file names a server; without one this host is asked. */
  named: boolean;
  search: string[];
  ndots: number;
  timeout: Micros;
  attempts: number;
  /** Whether `attempts` was in the file: programs have other defaults of their own. */
  attemptsGiven: boolean;
  /** Start with another server each time. */
  rotate: boolean;
  /** Ask for A and AAAA one after the other: on one socket, or on one each. */
  single: 'no' | 'request' | 'reopen';
  /** Use TCP from the start. */
  tcp: boolean;
  edns: boolean;
}

/** glibc's MAXNS. */
const MAX_SERVERS = 3;

/** Without a `nameserver` line the server is on this host; without `search` the list is the domain of the host's name. */
export function* readResolvConf(process: Process): Blocking<ResolverSettings> {
  const bytes = yield* process.readFile('/etc/resolv.conf');
  const settings = parseResolvConf(typeof bytes === 'string' ? '' : decode(bytes), domainOf(process.namespaces.uts.hostname));
  for (const value of (process.env.get('RES_OPTIONS') ?? '').split(/\s+/)) option(settings, value);
  const domains = process.env.get('LOCALDOMAIN');
  if (domains !== undefined) settings.search = domains.split(/\s+/).filter((domain) => domain !== '');
  if (settings.servers.length === 0) settings.servers.push(0x7f00_0001);
  return settings;
}

/** @param search the list where the text has none */
export function parseResolvConf(text: string, search: string[] = []): ResolverSettings {
  const settings: ResolverSettings = {
    servers: [],
    named: false,
    search,
    ndots: 1,
    timeout: 5 * SECOND,
    attempts: 2,
    attemptsGiven: false,
    rotate: false,
    single: 'no',
    tcp: false,
    edns: false,
  };
  for (const line of text.split('\n')) {
    // Comments start at the first column only; what else follows a keyword is its business.
    if (/^[#;]/.test(line)) continue;
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && settings.servers.length < MAX_SERVERS) {
      const address = parseIP((values[0] ?? '').split('%')[0] as string);
      if (address !== undefined) settings.servers.push(address);
      settings.named = settings.servers.length > 0;
    } else if (keyword === 'search' && values.length > 0) settings.search = values;
    else if (keyword === 'domain' && values.length > 0) settings.search = values.slice(0, 1);
    else if (keyword === 'options') for (const value of values) option(settings, value);
  }
  return settings;
}

function domainOf(hostname: string): string[] {
  const dot = hostname.indexOf('.');
  return dot < 0 ? [] : [hostname.slice(dot + 1)];
}

function option(settings: ResolverSettings, text: string): void {
  const [name, value] = text.split(':');
  if (name === 'rotate') settings.rotate = true;
  else if (name === 'single-request') settings.single = 'request';
  else if (name === 'single-request-reopen') settings.single = 'reopen';
  else if (name === 'use-vc') settings.tcp = true;
  else if (name === 'edns0') settings.edns = true;
  const number = Number(value);
  if (value === undefined || !Number.isInteger(number) || number < 0) return;
  if (name === 'ndots') settings.ndots = Math.min(15, number);
  else if (name === 'timeout') settings.timeout = Math.min(30, number) * SECOND;
  else if (name === 'attempts') Object.assign(settings, { attempts: Math.min(5, number), attemptsGiven: true });
}

/**
 * The names to ask for, in order (res_search): one with enough dots as it is first, then below each domain of the search list; one with
 * fewer the other way round. A final dot means that the name is whole.
 */
export function searchedNames(settings: Pick<ResolverSettings, 'search' | 'ndots'>, name: string): string[] {
  if (name.endsWith('.')) return [name];
  const below = settings.search.map((domain) => (domain === '.' ? `${name}.` : `${name}.${domain.replace(/\.$/, '')}.`));
  const dots = name.split('.').length - 1;
  return [...new Set(dots >= settings.ndots ? [`${name}.`, ...below] : [...below, `${name}.`])];
}
