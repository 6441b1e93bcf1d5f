import { describe, expect, it } from 'vitest';
import { parseIPv4 } from '../../base/address.ts';
import { DNS_RCODE, DNS_TYPE, type DnsData, type DnsRecord } from '../../wire/dns.ts';
import { DnsZone } from './zone.ts';

const a = (text: string): DnsData => ({ kind: 'A', address: parseIPv4(text) as number });
const alias = (name: string): DnsData => ({ kind: 'CNAME', name });
const shown = (records: readonly DnsRecord[]) => records.map(({ name, data }) => `${name} ${data.kind}`);

/** A shop's zone, its databases delegated to another server. */
function shop(): DnsZone {
  const zone = new DnsZone('shop.test.', {
    kind: 'SOA',
    primary: 'ns.shop.test.',
    mailbox: 'root.shop.test.',
    serial: 1,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: 30,
  });
  zone.add('web.shop.test.', a('10.0.0.1'), 60);
  zone.add('web.shop.test.', a('10.0.0.2'), 60);
  zone.add('www.shop.test.', alias('web.shop.test.'), 60);
  zone.add('cdn.shop.test.', alias('edge.elsewhere.test.'), 60);
  zone.add('*.apps.shop.test.', a('10.0.0.9'), 60);
  zone.add('_http._tcp.shop.test.', { kind: 'SRV', priority: 0, weight: 50, port: 80, target: 'web.shop.test.' }, 60);
  zone.add('db.shop.test.', { kind: 'NS', name: 'ns.db.shop.test.' }, 60);
  zone.add('ns.db.shop.test.', a('10.0.0.53'), 60);
  return zone;
}

describe('a zone', () => {
  it('answers with every record of the name and type, the name spelt as asked', () => {
    const found = shop().answer('WEB.shop.test.', DNS_TYPE.A);
    expect(found).toMatchObject({ rcode: DNS_RCODE.NoError, authoritative: true, authorities: [] });
    expect(shown(found.answers)).toEqual(['WEB.shop.test. A', 'WEB.shop.test. A']);
  });

  it('follows an alias as far as the zone goes', () => {
    expect(shown(shop().answer('www.shop.test.', DNS_TYPE.A).answers)).toEqual([
      'www.shop.test. CNAME',
      'web.shop.test. A',
      'web.shop.test. A',
    ]);
    expect(shop().answer('cdn.shop.test.', DNS_TYPE.A)).toMatchObject({ leaves: 'edge.elsewhere.test.', rcode: DNS_RCODE.NoError });
    expect(shown(shop().answer('www.shop.test.', DNS_TYPE.CNAME).answers)).toEqual(['www.shop.test. CNAME']);
  });

  it('tells a name that does not exist from one without such a record; the SOA says for how long', () => {
    const missing = shop().answer('nosuch.shop.test.', DNS_TYPE.A);
    expect(missing).toMatchObject({ rcode: DNS_RCODE.NXDomain, answers: [], authorities: [{ name: 'shop.test.', ttl: 30 }] });
    const empty = shop().answer('web.shop.test.', DNS_TYPE.AAAA);
    expect(empty).toMatchObject({ rcode: DNS_RCODE.NoError, answers: [], authorities: [{ name: 'shop.test.', ttl: 30 }] });
    // Nothing stands at _tcp itself, but there is something below it.
    expect(shop().answer('_tcp.shop.test.', DNS_TYPE.A).rcode).toBe(DNS_RCODE.NoError);
  });

  it('a wildcard stands for names that do not exist, at any depth', () => {
    expect(shown(shop().answer('blue.apps.shop.test.', DNS_TYPE.A).answers)).toEqual(['blue.apps.shop.test. A']);
    expect(shown(shop().answer('a.b.apps.shop.test.', DNS_TYPE.A).answers)).toEqual(['a.b.apps.shop.test. A']);
    expect(shop().answer('apps.shop.test.', DNS_TYPE.A)).toMatchObject({ rcode: DNS_RCODE.NoError, answers: [] });
  });

  it('adds the addresses that whoever asks will want next', () => {
    expect(shown(shop().answer('_http._tcp.shop.test.', DNS_TYPE.SRV).additionals)).toEqual(['web.shop.test. A', 'web.shop.test. A']);
  });

  it('refers questions about a zone below to its servers', () => {
    const referral = shop().answer('one.db.shop.test.', DNS_TYPE.A);
    expect(referral).toMatchObject({ rcode: DNS_RCODE.NoError, authoritative: false, answers: [] });
    expect(shown(referral.authorities)).toEqual(['db.shop.test. NS']);
    expect(shown(referral.additionals)).toEqual(['ns.db.shop.test. A']);
  });

  it('forgets what is removed', () => {
    const zone = shop();
    zone.remove('_http._tcp.shop.test.');
    expect(zone.answer('_http._tcp.shop.test.', DNS_TYPE.SRV).rcode).toBe(DNS_RCODE.NXDomain);
    expect(zone.answer('_tcp.shop.test.', DNS_TYPE.A).rcode).toBe(DNS_RCODE.NXDomain);
    zone.remove('web.shop.test.', DNS_TYPE.A);
    expect(zone.answer('www.shop.test.', DNS_TYPE.A).rcode).toBe(DNS_RCODE.NXDomain);
  });
});
