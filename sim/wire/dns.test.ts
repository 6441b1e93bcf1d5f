import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIPv4, parseIPv6 } from '../base/address.ts';
import { encode } from '../base/bytes.ts';
import { fromHex, toHex } from './captured.ts';
import { DNS_RCODE, DNS_TYPE, type DnsMessage, type DnsRecord, dnsQuery, dnsResponse, encodeDns, parseDns } from './dns.ts';
import { nameLabels, parseName, sameName } from './dns-name.ts';
import { isWireError } from './wire-error.ts';

fc.configureGlobal({ seed: 20260101, numRuns: 400 });

const parse = (b: Uint8Array) => parseDns(b, 0, b.length);

function a(name: string, address: string): DnsRecord {
  return { name, class: 1, ttl: 30, data: { kind: 'A', address: parseIPv4(address) as number } };
}

describe('a DNS message', () => {
  it('asks for a name in as many bytes as it takes', () => {
    const query = encodeDns(dnsQuery(0x1234, 'web.example.', DNS_TYPE.AAAA));
    expect(toHex(query)).toBe('12340100000100000000000003776562076578616d706c6500001c0001');
  });

  it('answers with a pointer to the name that was asked', () => {
    const answer = dnsResponse(dnsQuery(7, 'web.example.', DNS_TYPE.A));
    answer.answers.push(a('web.example.', '10.96.0.10'), a('db.example.', '10.96.0.11'));
    const bytes = encodeDns(answer);
    expect(toHex(bytes).slice(2 * (12 + 17))).toBe(
      'c00c00010001' + '0000001e0004' + '0a60000a' + '026462c010' + '00010001' + '0000001e0004' + '0a60000b',
    );
    expect(parse(bytes)).toEqual(answer);
  });

  it('holds every type of record, and gives it back', () => {
    const name = 'x.example.';
    const data: DnsRecord['data'][] = [
      { kind: 'A', address: 0x0a000001 },
      { kind: 'AAAA', address: parseIPv6('fd00::1') as bigint },
      { kind: 'CNAME', name: 'y.example.' },
      { kind: 'NS', name: 'ns.example.' },
      { kind: 'PTR', name: 'one.example.' },
      { kind: 'MX', preference: 10, exchange: 'mail.example.' },
      { kind: 'TXT', strings: [encode('v=1'), new Uint8Array(0)] },
      { kind: 'SRV', priority: 0, weight: 100, port: 8080, target: 'x.example.' },
      {
        kind: 'SOA',
        primary: 'ns.dns.example.',
        mailbox: 'hostmaster.example.',
        serial: 4294967295,
        refresh: 7200,
        retry: 1800,
        expire: 86400,
        minimum: 30,
      },
      { kind: 'other', type: 65, bytes: fromHex('000100') },
    ];
    const message = dnsResponse(dnsQuery(1, name, DNS_TYPE.ANY), DNS_RCODE.NXDomain);
    message.answers = data.map((each) => ({ name, class: 1, ttl: 5, data: each }));
    message.edns = { udpSize: 1232, version: 0, dnssecOk: true, options: [{ code: 10, data: fromHex('0102030405060708') }] };
    expect(parse(encodeDns(message))).toEqual(message);
  });

  it('does not compress the target of an SRV record, which old resolvers could not read', () => {
    const message = dnsResponse(dnsQuery(1, 'example.', DNS_TYPE.SRV));
    message.answers.push({
      name: 'example.',
      class: 1,
      ttl: 0,
      data: { kind: 'SRV', priority: 1, weight: 2, port: 3, target: 'example.' },
    });
    expect(toHex(encodeDns(message))).toContain('000100020003076578616d706c6500');
  });

  it('that is too long for UDP loses records from its end and says so', () => {
    const message = dnsResponse(dnsQuery(1, 'many.example.', DNS_TYPE.A));
    for (let n = 0; n < 100; n++) message.answers.push(a('many.example.', `10.0.0.${n}`));
    message.edns = { udpSize: 512, version: 0, dnssecOk: false, options: [] };
    const bytes = encodeDns(message, 512);
    expect(bytes.length).toBe(12 + 18 + 16 * 29 + 11); // one record more would be 521
    const cut = parse(bytes) as DnsMessage;
    expect([cut.truncated, cut.answers.length]).toEqual([true, 29]);
    expect(cut.edns).toEqual(message.edns);
  });

  it('may leave out additional records without being called truncated', () => {
    const message = dnsResponse(dnsQuery(1, 'a.example.', DNS_TYPE.A));
    message.additionals.push(a('b.example.', '10.0.0.1'));
    expect(parse(encodeDns(message, 40))).toEqual({ ...message, additionals: [] });
  });

  it('keeps the letters of a name when it points to an earlier one', () => {
    const message = dnsResponse(dnsQuery(1, 'WEB.Example.', DNS_TYPE.A));
    message.answers.push(a('web.example.', '10.0.0.1'), a('WEB.Example.', '10.0.0.2'));
    expect(parse(encodeDns(message))).toEqual(message);
    expect(sameName('WEB.Example.', 'web.example.')).toBe(true);
  });
});

describe('what is refused', () => {
  const header = '0001 8180 0001 0000 0000 0000';
  it.each([
    ['a pointer to itself', `${header} c00c 0001 0001`, 'does not point backwards'],
    ['pointers to one another', `${header} c00e c00c 0001 0001`, 'does not point backwards'],
    ['a pointer ahead', `${header} c020 0001 0001`, 'does not point backwards'],
    ['a label of an unknown type', `${header} 4161 00 0001 0001`, 'label type 0x40'],
    ['a label that runs out', `${header} 0561 62`, 'needs 6 bytes'],
    ['a question without a type', `${header} 0161 00 0001`, 'a question needs 4 bytes'],
    ['an A record of five bytes', '0001 8180 0000 0001 0000 0000 00 0001 0001 00000000 0005 0a00000101', 'an A record has 5 bytes'],
    ['a record longer than the message', '0001 8180 0000 0001 0000 0000 00 0001 0001 00000000 0004 0a00', 'needs 4 bytes, 2 are there'],
    ['two OPT records', '0001 0000 0000 0000 0000 0002 000029 04d0 00000000 0000 000029 04d0 00000000 0000', 'out of place'],
  ])('%s', (_what, hex, error) => {
    const result = parse(fromHex(hex));
    if (!isWireError(result)) throw new Error('it was accepted');
    expect(result.malformed).toContain(error);
  });

  it('a name of 256 bytes, however it is put together', () => {
    const label = `3f${'61'.repeat(63)}`;
    const b = fromHex(`${label}${label}${label}${label}00`);
    expect(parseName(b, 0, b.length, 0)).toMatchObject({ malformed: 'the domain name is longer than 255 bytes' });
    expect(parseName(b, 64, b.length, 0)).toMatchObject({ name: `${'a'.repeat(63)}.`.repeat(3), next: b.length });
  });
});

describe('names as text', () => {
  it('are split into labels, with or without the final dot', () => {
    const bytes = (labels: string[]) => labels.map((label) => [...encode(label)]);
    expect(nameLabels('.')).toEqual([]);
    expect(nameLabels('a.bc')).toEqual(bytes(['a', 'bc']));
    expect(nameLabels('a.bc.')).toEqual(bytes(['a', 'bc']));
    expect(nameLabels('a\\.b.c')).toEqual(bytes(['a.b', 'c']));
    expect(nameLabels('a\\.')).toEqual(bytes(['a.']));
    expect(nameLabels('a\\\\.')).toEqual(bytes(['a\\']));
    expect(nameLabels('\\065é')).toEqual(bytes(['Aé']));
  });

  it.each([
    ['', 'empty label'],
    ['a..b', 'empty label'],
    ['.a', 'empty label'],
    ['a\\', 'bad escape'],
    ['a\\300', 'bad escape'],
    ['a\\1', 'bad escape'],
    ['a'.repeat(64), 'label too long'],
    ['abcdefg.'.repeat(32), 'name too long'],
  ])('%j is refused: %s', (name, error) => {
    expect(nameLabels(name)).toEqual({ error });
  });

  it('any bytes can be in a label, and come back', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { maxLength: 6 }), (labels) => {
        const b = Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
        const parsed = parseName(b, 0, b.length, 0);
        if (isWireError(parsed)) throw new Error(parsed.malformed);
        expect(nameLabels(parsed.name)).toEqual(labels.map((label) => [...label]));
      }),
    );
  });
});
