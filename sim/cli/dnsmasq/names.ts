import { type IP, parseIP } from '../../base/address.ts';
import { reverseName } from '../../host/resolver.ts';
import { isWithin } from '../../host/dns/zone.ts';
import { DNS_TYPE, type DnsName, dataType, lowerName } from '../../wire/dns.ts';
import type { HostsLine } from '../name-resolution.ts';
import { type ConfiguredRecord, type DnsmasqSettings, type DomainRule, recordsOfHost } from './options.ts';

/** A record that dnsmasq knows by itself, and where from: `config` or a file's name. */
export interface KnownRecord extends ConfiguredRecord {
  source: string;
}

/** Everything that is known without asking: configured records and lines of hosts files, by name. */
export class KnownNames {
  readonly #byName = new Map<string, KnownRecord[]>();
  readonly #settings: DnsmasqSettings;

  constructor(settings: DnsmasqSettings) {
    this.#settings = settings;
    for (const record of settings.records) this.#add({ ...record, source: 'config' });
    const pointed = new Set<IP>();
    for (const { name, data, ttl } of settings.records) {
      if ((data.kind !== 'A' && data.kind !== 'AAAA') || pointed.has(data.address)) continue;
      pointed.add(data.address);
      this.#add({ name: reverseName(data.address), data: { kind: 'PTR', name }, ttl, source: 'config' });
    }
  }

  #add(record: KnownRecord): void {
    const key = lowerName(record.name);
    const records = this.#byName.get(key);
    if (records) records.push(record);
    else this.#byName.set(key, [record]);
  }

  /** Takes the lines of a hosts file. @returns how many names came of them */
  addHosts(lines: readonly HostsLine[], file: string): number {
    let count = 0;
    for (const { address, names } of lines) {
      const all = names.flatMap((name) => this.#expanded(name));
      count += all.length;
      for (const record of recordsOfHost(
        all.map((name) => `${name}.`),
        address,
      )) {
        const known = this.#byName.get(lowerName(record.name)) ?? [];
        const twice = known.some(({ data }) => (data.kind === 'A' || data.kind === 'AAAA') && data.address === address);
        if (!twice) this.#add({ ...record, source: file });
      }
      const reverse = reverseName(address);
      if (!this.#byName.has(reverse)) this.#add({ name: reverse, data: { kind: 'PTR', name: `${all[0]}.` }, source: file });
    }
    return count;
  }

  /** A plain name also stands below the domain (--expand-hosts). */
  #expanded(name: string): string[] {
    const { expandHosts, domain } = this.#settings;
    return expandHosts && domain !== undefined && !name.includes('.') ? [`${name}.${domain}`, name] : [name];
  }

  records(name: DnsName, type?: number): KnownRecord[] {
    const records = this.#byName.get(lowerName(name)) ?? [];
    return type === undefined || type === DNS_TYPE.ANY ? records : records.filter(({ data }) => dataType(data) === type);
  }

  /** Whether anything is known of a name or of one below it. */
  exists(name: DnsName): boolean {
    const key = lowerName(name);
    for (const known of this.#byName.keys()) if (isWithin(known, key)) return true;
    return false;
  }
}

/**
 * The rules for a name: those of the longest domain that has one for this type of question. Addresses come before local domains, those
 * before servers.
 */
export function rulesFor(settings: DnsmasqSettings, name: DnsName, type: number): DomainRule[] {
  const plain = lowerName(name).replace(/\.$/, '');
  const fits = ({ domain, action }: DomainRule): boolean => {
    if (domain !== '' && plain !== domain && !plain.endsWith(`.${domain}`)) return false;
    if (action.kind === 'null') return type === DNS_TYPE.A || type === DNS_TYPE.AAAA;
    return action.kind !== 'address' || type === (typeof action.address === 'bigint' ? DNS_TYPE.AAAA : DNS_TYPE.A);
  };
  const matching = settings.rules.filter(fits);
  const longest = Math.max(0, ...matching.map(({ domain }) => domain.length));
  const best = matching.filter(({ domain }) => domain.length === longest);
  for (const kinds of [['address', 'null'], ['local'], ['server', 'default']]) {
    const some = best.filter(({ action }) => kinds.includes(action.kind));
    if (some.length > 0) return some;
  }
  return [];
}

/** The address that a reverse name stands for. */
export function addressOfReverse(name: DnsName): IP | undefined {
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa\.$/i.exec(name);
  if (four) return parseIP(`${four[4]}.${four[3]}.${four[2]}.${four[1]}`);
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/i.exec(name);
  return six ? BigInt(`0x${(six[1] as string).replaceAll('.', '').split('').reverse().join('')}`) : undefined;
}
