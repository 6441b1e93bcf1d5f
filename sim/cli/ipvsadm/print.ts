import { formatIP, formatIPv4, type IP } from '../../base/address.ts';
import { SECOND } from '../../base/time.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { type BalancedConnection, STATE_NAMES } from '../../kernel/netfilter/ipvs/connection.ts';
import { type Counters, type Destination, familyOf, type Forwarding, type Service } from '../../kernel/netfilter/ipvs/service.ts';
import type { Kind } from './options.ts';

const TCP = 6;

/** How things are printed: the options given, and names where they aren't to be numbers. */
export interface Format {
  shown: ReadonlySet<Kind>;
  lookup: Lookup;
}

function endText(address: IP, port: number, protocol: number, { shown, lookup }: Format): string {
  const bracketed = (text: string) => (typeof address === 'number' ? text : `[${text}]`);
  if (shown.has('numeric')) return `${bracketed(formatIP(address))}:${port}`;
  const name = protocol === 0 ? undefined : lookup.portName(port, protocol === TCP ? 'tcp' : 'udp');
  return `${bracketed(lookup.hostName(address) ?? formatIP(address))}:${name ?? port}`;
}

function protocolOf(service: Service): number {
  return 'protocol' in service.key ? service.key.protocol : TCP;
}

/** `TCP  ADDRESS:PORT` or `FWM  MARK`; as a rule `-t ADDRESS:PORT` or `-f MARK`. */
function serviceText({ key }: Service, rule: boolean, format: Format): string {
  if ('mark' in key) {
    const six = familyOf(key) === 6;
    return rule ? `-f ${key.mark}${six ? ' -6' : ''}` : `FWM  ${key.mark}${six ? ' IPv6' : ''}`;
  }
  const end = endText(key.address, key.port, key.protocol, format);
  if (rule) return `${key.protocol === TCP ? '-t' : '-u'} ${end}`;
  return `${key.protocol === TCP ? 'TCP' : 'UDP'}  ${end}`.slice(0, 33);
}

/** Large numbers are cut to three units less, unless --exact is given. */
function large(value: number, { shown }: Format): string {
  if (shown.has('exact')) return String(value).padStart(Math.max(9, String(value).length + 1));
  if (value < 1e8) return String(value).padStart(9);
  const [unit, letter] = value < 1e9 ? [1e3, 'K'] : value < 1e11 ? [1e6, 'M'] : value < 1e14 ? [1e9, 'G'] : [1e12, 'T'];
  return `${String(Math.floor(value / unit)).padStart(8)}${letter}`;
}

function columns(counters: Counters, format: Format): string {
  const { connections, inPackets, outPackets, inBytes, outBytes } = counters;
  return [connections, inPackets, outPackets, inBytes, outBytes].map((value) => large(Math.round(value), format)).join('');
}

/** The headings of a list. */
export function titleLines({ shown }: Format): string[] {
  const five = (names: readonly string[]) =>
    `${'Prot LocalAddress:Port'.padEnd(33)}${names.map((name) => ` ${name.padStart(8)}`).join('')}`;
  const four = (widths: readonly [string, number][]) =>
    `${'Prot LocalAddress:Port'.padEnd(33)} ${widths.map(([name, width]) => name.padEnd(width)).join(' ')}`;
  const second = '  -> RemoteAddress:Port';
  if (shown.has('stats')) return [five(['Conns', 'InPkts', 'OutPkts', 'InBytes', 'OutBytes']), second];
  if (shown.has('rate')) return [five(['CPS', 'InPPS', 'OutPPS', 'InBPS', 'OutBPS']), second];
  const counts: [string, number][] = [
    ['ActiveConn', 10],
    ['InActConn', 10],
  ];
  if (shown.has('thresholds')) return [four([['Uthreshold', 10], ['Lthreshold', 10], ...counts]), second];
  if (shown.has('persistent-conn')) return [four([['Weight', 9], ['PersistConn', 11], ...counts]), second];
  return ['Prot LocalAddress:Port Scheduler Flags', `${second}           Forward Weight ActiveConn InActConn`];
}

/** A mask, or the length of a prefix for IPv6; nothing where clients count one by one. */
function maskText({ key, settings: { netmask } }: Service): string {
  if (familyOf(key) === 6) return netmask === 128 ? '' : String(netmask);
  return netmask === 0xffff_ffff ? '' : formatIPv4(netmask);
}

const FORWARDING: Record<Forwarding, { word: string; option: string }> = {
  masq: { word: 'Masq', option: '-m' },
  route: { word: 'Route', option: '-g' },
  tunnel: { word: 'Tunnel', option: '-i' },
};

/** Which of two comes first, part by part. */
function compare(a: readonly IP[], b: readonly IP[]): number {
  const at = a.findIndex((part, i) => part !== b[i]);
  return at < 0 ? 0 : (a[at] as IP) < (b[at] as IP) ? -1 : 1;
}

/** A service with its servers as they are listed. */
export function serviceLines(service: Service, format: Format): string[] {
  const { shown } = format;
  const { scheduler, persistence, onePacket } = service.settings;
  let line = serviceText(service, false, format);
  if (shown.has('stats')) line = line.padEnd(33) + columns(service.statistics.counts, format);
  else if (shown.has('rate')) line = line.padEnd(33) + columns(service.statistics.rates, format);
  else {
    line += ` ${scheduler}`;
    if (persistence !== undefined) line += ` persistent ${persistence}${maskText(service) && ` mask ${maskText(service)}`}`;
    if (onePacket) line += ' ops';
  }
  return [line, ...sorted(service, format).map((destination) => destinationLine(service, destination, format))];
}

function sorted({ destinations }: Service, { shown }: Format): readonly Destination[] {
  return shown.has('nosort') ? destinations : destinations.toSorted((a, b) => compare([a.address, a.port], [b.address, b.port]));
}

function destinationLine(service: Service, destination: Destination, format: Format): string {
  const { shown } = format;
  const { weight, active, inactive, persistent, statistics } = destination;
  const name = endText(destination.address, destination.port, protocolOf(service), format).slice(0, 28).padEnd(28);
  if (shown.has('stats')) return `  -> ${name}${columns(statistics.counts, format)}`;
  if (shown.has('rate')) return `  -> ${name}${columns(statistics.rates, format)}`;
  const pad = (value: number | string, width: number) => String(value).padEnd(width);
  const counts = `${pad(active, 10)} ${pad(inactive, 10)}`;
  if (shown.has('thresholds'))
    return `  -> ${name} ${pad(destination.upperThreshold, 10)} ${pad(destination.lowerThreshold, 10)} ${counts}`;
  if (shown.has('persistent-conn')) return `  -> ${name} ${pad(weight, 9)} ${pad(persistent, 11)} ${counts}`;
  return `  -> ${name} ${pad(FORWARDING[destination.forwarding].word, 7)} ${pad(weight, 6)} ${counts}`;
}

/** A service with its servers as `ipvsadm -R` takes them. */
export function ruleLines(service: Service, format: Format): string[] {
  const { scheduler, persistence, onePacket } = service.settings;
  const name = serviceText(service, true, format);
  const mask = maskText(service) && ` -M ${maskText(service)}`;
  return [
    `-A ${name} -s ${scheduler}${persistence === undefined ? '' : ` -p ${persistence}${mask}`}${onePacket ? ' -o' : ''}`,
    ...sorted(service, format).map((one) => {
      const end = endText(one.address, one.port, protocolOf(service), format);
      return `-a ${name} -r ${end} ${FORWARDING[one.forwarding].option} -w ${one.weight}`;
    }),
  ];
}

/** By mark, protocol, address and port. */
export function sortServices(services: readonly Service[]): Service[] {
  const rank = ({ key }: Service): IP[] => ('mark' in key ? [key.mark, 0, 0, 0] : [0, key.protocol, key.address, key.port]);
  return services.toSorted((a, b) => compare(rank(a), rank(b)));
}

export const CONNECTION_TITLE = `IPVS connection entries\npro expire ${'state'.padEnd(11)} ${'source'.padEnd(18)} ${'virtual'.padEnd(18)} destination\n`;

/** A line of `ipvsadm -lc`, without its newline. */
export function connectionLine(connection: BalancedConnection, now: number, format: Format): string {
  const { protocol } = connection;
  const left = Math.max(0, Math.floor((connection.expires - now) / SECOND));
  const expires = `${String(Math.floor(left / 60)).padStart(2, '0')}:${String(left % 60).padStart(2, '0')}`;
  const name = protocol === TCP ? 'TCP' : protocol === 0 ? 'IP' : 'UDP';
  const ends = [
    endText(connection.client, connection.clientPort, protocol, format),
    endText(connection.virtual, connection.virtualPort, protocol, format),
  ].map((text) => text.padEnd(18));
  const server = endText(connection.destination.address, connection.destinationPort, protocol, format);
  return `${name.padEnd(3)} ${expires.padEnd(6)} ${STATE_NAMES[connection.state].padEnd(11)} ${ends.join(' ')} ${server}`;
}
