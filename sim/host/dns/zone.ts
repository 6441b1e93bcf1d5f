import {
  DNS_CLASS,
  DNS_RCODE,
  DNS_TYPE,
  type DnsData,
  type DnsName,
  type DnsRecord,
  type DnsSoa,
  dataType,
  lowerName,
} from '../../wire/dns.ts';

/** What a zone says to a question; the sections of the answer (RFC 1034 §4.3.2). */
export interface ZoneAnswer {
  rcode: number;
  /** False for a referral to the servers of a zone below. */
  authoritative: boolean;
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
  /** Where a chain of aliases leaves the zone: who answers for the rest is somebody else's question. */
  leaves?: DnsName;
}

/** As many aliases in a row as anybody follows. */
const MAX_CHAIN = 16;

/**
 * The records of one zone, and what they answer: exact names, aliases, wildcards (RFC 4592), delegations, and the two ways of having
 * nothing, a name that doesn't exist (NXDOMAIN) and a name without such a record. Names are absolute (`web.example.`).
 */
export class DnsZone {
  /** The zone's name, in lower case. */
  readonly origin: DnsName;
  readonly #soa: DnsRecord;
  /** Records by owner in lower case; names that only have names below them are there too, empty. */
  readonly #nodes = new Map<string, DnsRecord[]>();

  /** @param soa also says how long a negative answer may be kept */
  constructor(origin: DnsName, soa: DnsSoa, ttl = 3600) {
    this.origin = lowerName(origin);
    this.#soa = this.add(origin, soa, ttl);
  }

  add(owner: DnsName, data: DnsData, ttl: number): DnsRecord {
    const record: DnsRecord = { name: owner, class: DNS_CLASS.IN, ttl, data };
    const key = lowerName(owner);
    this.#node(key).push(record);
    for (let parent = parentOf(key); parent.length > this.origin.length && this.has(parent); parent = parentOf(parent)) this.#node(parent);
    return record;
  }

  /** Removes an owner's records of a type, or all of them; what stood below stays. */
  remove(owner: DnsName, type?: number): void {
    const key = lowerName(owner);
    const kept = type === undefined ? [] : (this.#nodes.get(key) ?? []).filter((record) => dataType(record.data) !== type);
    if (this.#nodes.has(key)) this.#nodes.set(key, kept);
    for (let name = key; name !== this.origin && this.#nodes.get(name)?.length === 0 && !this.#hasBelow(name); name = parentOf(name)) {
      this.#nodes.delete(name);
    }
  }

  /** Whether a name lies in this zone. */
  has(name: DnsName): boolean {
    return isWithin(lowerName(name), this.origin);
  }

  answer(name: DnsName, type: number): ZoneAnswer {
    const found: ZoneAnswer = { rcode: DNS_RCODE.NoError, authoritative: true, answers: [], authorities: [], additionals: [] };
    let asked = name;
    for (let n = 0; n < MAX_CHAIN; n++) {
      const cut = this.#delegation(lowerName(asked));
      if (cut) {
        found.authoritative = found.answers.length > 0;
        found.authorities = cut;
        break;
      }
      const records = this.#records(asked);
      if (!records) {
        found.rcode = DNS_RCODE.NXDomain;
        found.authorities = [this.#negative()];
        break;
      }
      const matching = records.filter(({ data }) => type === DNS_TYPE.ANY || dataType(data) === type);
      const alias = records.find(({ data }) => data.kind === 'CNAME');
      if (matching.length === 0 && alias?.data.kind === 'CNAME') {
        found.answers.push(alias);
        asked = alias.data.name;
        if (this.has(asked)) continue;
        found.leaves = asked;
        break;
      }
      found.answers.push(...matching);
      if (matching.length === 0) found.authorities = [this.#negative()];
      break;
    }
    found.additionals = this.#glue([...found.answers, ...found.authorities]);
    return found;
  }

  /** An owner's records under the name that was asked for, a wildcard's if there is no such owner; `undefined` if nothing is there. */
  #records(name: DnsName): DnsRecord[] | undefined {
    const key = lowerName(name);
    const exact = this.#nodes.get(key);
    if (exact) return exact.map((record) => ({ ...record, name }));
    // Only a wildcard right below the closest name that exists counts.
    let encloser = parentOf(key);
    while (encloser !== this.origin && !this.#nodes.has(encloser)) encloser = parentOf(encloser);
    return this.#nodes.get(encloser === '.' ? '*.' : `*.${encloser}`)?.map((record) => ({ ...record, name }));
  }

  /** The name servers of a zone that was cut off below this one, on the way to a name. */
  #delegation(key: string): DnsRecord[] | undefined {
    const path: string[] = [];
    for (let name = key; name.length > this.origin.length && name !== '.'; name = parentOf(name)) path.push(name);
    for (const name of path.reverse()) {
      const servers = this.#nodes.get(name)?.filter(({ data }) => data.kind === 'NS') ?? [];
      if (servers.length > 0) return servers;
    }
    return undefined;
  }

  /** The SOA record with the time that a negative answer lasts (RFC 2308 §3). */
  #negative(): DnsRecord {
    const { minimum } = this.#soa.data as DnsSoa;
    return { ...this.#soa, ttl: Math.min(this.#soa.ttl, minimum) };
  }

  /** Addresses, as far as the zone knows them, of the hosts that records name. */
  #glue(records: readonly DnsRecord[]): DnsRecord[] {
    const glue: DnsRecord[] = [];
    const seen = new Set<string>();
    for (const { data } of records) {
      const host = data.kind === 'SRV' ? data.target : data.kind === 'MX' ? data.exchange : data.kind === 'NS' ? data.name : undefined;
      if (host === undefined || seen.has(lowerName(host))) continue;
      seen.add(lowerName(host));
      const addresses = this.#nodes.get(lowerName(host))?.filter(({ data: { kind } }) => kind === 'A' || kind === 'AAAA');
      glue.push(...(addresses ?? []));
    }
    return glue;
  }

  #node(key: string): DnsRecord[] {
    let records = this.#nodes.get(key);
    if (!records) {
      records = [];
      this.#nodes.set(key, records);
    }
    return records;
  }

  #hasBelow(key: string): boolean {
    for (const other of this.#nodes.keys()) if (other !== key && isWithin(other, key)) return true;
    return false;
  }
}

/** Whether a name is a domain or lies below it; both absolute and in lower case. */
export function isWithin(name: DnsName, domain: DnsName): boolean {
  return domain === '.' || name === domain || name.endsWith(`.${domain}`);
}

/** The name without its first label; the root's parent is the root. */
export function parentOf(name: DnsName): DnsName {
  for (let i = 0; i < name.length; i++) {
    if (name[i] === '\\') i++;
    else if (name[i] === '.') return name.slice(i + 1) || '.';
  }
  return '.';
}
