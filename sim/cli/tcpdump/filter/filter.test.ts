import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIPv4, parseIPv6 } from '../../../base/address.ts';
import { CAPTURED_NAMES, captured } from '../../../wire/captured.ts';
import { LINKTYPE } from '../../../wire/pcap.ts';
import { compileFilter, isUnmodelled } from './compile.ts';
import type { FilterNames } from './names.ts';
import { parseFilter } from './parse.ts';
import { printFilter } from './print.ts';
import { type Arithmetic, type Expression, isFilterError, type Qualifiers } from './syntax.ts';

const names: FilterNames = {
  hosts: new Map([
    ['client', [parseIPv4('10.0.1.2') as number, parseIPv6('fd00:1::2') as bigint]],
    ['server', [parseIPv4('10.0.2.2') as number]],
  ]),
  services: new Map([
    ['http', { port: 80, protocol: 'tcp' as const }],
    ['discard', { port: 9, protocol: undefined }],
  ]),
  protocols: new Map([
    ['tcp', 6],
    ['ipencap', 4],
  ]),
  networks: new Map([['loopback', 127]]),
};

/** The captured frames that a filter keeps, or why it is refused. */
function kept(expression: string, linkType: number = LINKTYPE.Ethernet, live = true): string[] | string {
  const parsed = parseFilter(expression);
  if (isFilterError(parsed)) return parsed.filterError;
  const filter = compileFilter(parsed, { linkType, live, names });
  if (isFilterError(filter)) return filter.filterError;
  if (isUnmodelled(filter)) return filter.filterUnmodelled;
  return CAPTURED_NAMES.filter((name) => {
    const frame = captured(name);
    return filter(frame, { length: frame.length, outgoing: name.endsWith('Request'), ifindex: 3 });
  });
}

describe('what a filter keeps', () => {
  it('everything, when there is none', () => {
    expect(kept('')).toEqual(CAPTURED_NAMES);
  });

  it.each([
    ['arp', ['arpRequest', 'arpReply']],
    ['arp[6:2] = 2', ['arpReply']],
    ['ether broadcast', ['arpRequest']],
    ['arp host 10.0.1.1 and ether src 02:00:00:00:01:01', ['arpReply']],
    ['icmp[icmptype] == icmp-echo and ip[8] > 1', ['echoRequest', 'firstFragment']],
    [
      'icmp[icmptype] = icmp-timxceed or icmp[0] = icmp-unreach and host 10.0.1.1',
      ['timeExceeded', 'netUnreachable', 'fragmentationNeeded'],
    ],
    ['icmp6 and ip6[40] = icmp6-echo', ['echoRequest6']],
    ['icmp6[icmp6type] = icmp6-neighborsolicit', ['dadSolicitation', 'neighbourSolicitation']],
    ['udp and not ip6', ['udp', 'dnsQuery', 'vxlanArpRequest', 'vxlanArpReply', 'vxlanEcho']],
    ['src host client and dst port discard', ['udp', 'udp6']],
    ['ip6 and src client and udp', ['udp6']],
    ['net 10.0.2.0/24 and udp and not port 4789', ['udp', 'dnsQuery']],
    ['net 10.0.2 and udp and greater 46', ['dnsQuery', 'vxlanArpRequest', 'vxlanArpReply', 'vxlanEcho']],
    ['src or dst net fd00:2::/64 and udp', ['udp6']],
    ['ip proto 1 and less 60', []],
    ['portrange 8-10', ['udp', 'udp6']],
    ['tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn and dst port 8081', ['tcpRefusedSyn']],
    ['ether[0] & 1 = 1 and arp', ['arpRequest']],
    ['outbound and arp', ['arpRequest']],
    ['ifindex 4', []],
  ])('%s', (expression, expected) => {
    expect(kept(expression)).toEqual(expected);
  });

  it('hands qualifiers on to bare ids', () => {
    expect(kept('udp dst port 80 or 9')).toEqual(kept('udp dst port 80 or udp dst port 9'));
    expect(kept('udp and host 10.9.9.9 or 10.0.2.2')).toEqual(kept('(udp and host 10.9.9.9) or host 10.0.2.2'));
    expect(kept('tcp port (80 or 8081)')).toEqual(kept('tcp port 80 or tcp port 8081'));
  });

  it('binds and as loosely as or, to the left', () => {
    expect(kept('arp or udp and ip6')).toEqual(kept('(arp or udp) and ip6'));
  });

  it('says no when it reads past the end, even under a not', () => {
    expect(kept('ether[2000] = 0')).toEqual([]);
    expect(kept('not ether[2000] = 0')).toEqual([]);
  });
});

describe("what a filter can't be", () => {
  it.each([
    ['bogus filter here', "can't parse filter expression: syntax error"],
    ['tcp[13', "can't parse filter expression: syntax error"],
    ['tcp or foo', 'syntax error in filter expression'],
    ['host nowhere', "unknown host 'nowhere'"],
    ['ip6 host server', "unknown host 'server' for specified address family"],
    ['port nosuch', "unknown port 'nosuch'"],
    ['udp port http', "port 'http' is tcp"],
    ['portrange foo-90', "'foo' is not a valid port"],
    ['port 99999', 'port number 99999 greater than maximum 65535'],
    ['port 4294967296', 'decimal number 4294967296 overflows 32 bits'],
    ['port 08', 'number 08 contains non-octal digit'],
    ['net 1.2.3.4/24', 'non-network bits set in "1.2.3.4/24"'],
    ['net 10.1.0.0 mask 255.0.0.0', 'non-network bits set in "10.1.0.0 mask 255.0.0.0"'],
    ['host 300.1.1.1', "invalid IPv4 address '300.1.1.1'"],
    ['host fe80::/10', "'host' is not a valid qualifier for 'fe80::/10'"],
    ['net ::1/200', 'mask length must be <= 128'],
    ['ether host 10.0.0.1', "illegal link-layer address '10.0.0.1'"],
    ['host aa:bb:cc:dd:ee:ff', 'Ethernet address used in non-ether expression'],
    ['ether host 1:2:3', 'invalid Ethernet address 1:2:'],
    ['icmp port 80', "'icmp' is not a valid qualifier for 'port'"],
    ['tcp host 10.1.1.1', "'tcp' is not a valid qualifier for 'host <IPv4 address>'"],
    ['link', "'link' cannot be used as an abbreviation"],
    ['ether proto \\nosuch', "unknown 'link proto' value 'nosuch'"],
    ['ip proto tcp', "can't parse filter expression: syntax error"],
    ['ip proto 300', 'protocol number 300 greater than maximum 255'],
    ['udp proto 5', "'udp' is not a valid qualifier for 'proto'"],
    ['tcp[0:3] = 1', 'data size must be 1, 2, or 4'],
    ['tcp[1/0] = 1', 'division by zero'],
    ['ah[0] = 1', "'ah' does not support the index operation"],
    ['vlan 5000', 'VLAN tag 5000 greater than maximum 4095'],
    ['byte 3 = 300', 'byte argument 300 greater than maximum 255'],
    ['on eth0', "'ifname' supported only on PFLOG linktype"],
    ['type mgt', "'type/subtype' not supported on DLT_EN10MB (Ethernet)"],
    ['tcp broadcast', "'tcp' is not a valid qualifier for 'broadcast'"],
  ])('%s', (expression, expected) => {
    expect(kept(expression)).toBe(expected);
  });

  it('knows which link type it is for', () => {
    expect(kept('ether host 1:2:3:4:5:6', LINKTYPE.Raw)).toBe("'link host XX:XX:XX:XX:XX:XX' not supported on DLT_RAW (Raw IP)");
    expect(kept('vlan', LINKTYPE.LinuxSll2)).toBe("'vlan' not supported on DLT_LINUX_SLL2 (Linux cooked v2)");
    expect(kept('inbound', LINKTYPE.Ethernet, false)).toBe("not a live capture, 'inbound' not supported on DLT_EN10MB (Ethernet)");
  });
});

const arithmetic = fc.letrec<{ node: Arithmetic; leaf: Arithmetic }>((tie) => ({
  leaf: fc.oneof(
    fc.record({ kind: fc.constant('constant' as const), value: fc.nat(0xffffffff) }),
    fc.constant<Arithmetic>({ kind: 'length' }),
    fc.record({
      kind: fc.constant('load' as const),
      protocol: fc.constantFrom('ip', 'tcp', 'link', 'icmp6'),
      at: fc.record({ kind: fc.constant('constant' as const), value: fc.nat(100) }),
      size: fc.constantFrom(1, 2, 4),
    }) as fc.Arbitrary<Arithmetic>,
  ),
  node: fc.oneof(
    { maxDepth: 3 },
    tie('leaf'),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom('+', '-', '*', '&', '|', '^', '<<', '/'),
      left: tie('node'),
      right: tie('node'),
    }) as fc.Arbitrary<Arithmetic>,
    fc.record({ kind: fc.constant('negative' as const), of: tie('node') }) as fc.Arbitrary<Arithmetic>,
  ),
})).node;

const qualified = fc
  .record({
    protocol: fc.constantFrom<Qualifiers['protocol']>('ip', 'tcp', undefined),
    direction: fc.constantFrom<Qualifiers['direction']>('src', 'dst', 'or', 'and', undefined),
    type: fc.constantFrom<Qualifiers['type']>('host', 'net', 'port'),
    id: fc.constantFrom(
      { kind: 'name' as const, text: 'client' },
      { kind: 'name' as const, text: 'tcp' },
      { kind: 'number' as const, value: 80 },
      { kind: 'ipv4' as const, text: '10.0.1.2' },
      { kind: 'ipv4-prefix' as const, text: '10.0.0.0', length: 8 },
      { kind: 'ipv6' as const, text: 'fd00:1::2' },
      { kind: 'mac' as const, text: '02:00:00:00:01:01' },
    ),
  })
  .map(({ id, ...qualifiers }): Expression => {
    const given = Object.fromEntries(Object.entries(qualifiers).filter(([, value]) => value !== undefined));
    return { kind: 'id', qualifiers: given, id };
  });

const expressions = fc.letrec<{ node: Expression }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    qualified,
    fc.constantFrom<Expression>({ kind: 'protocol', protocol: 'arp' }, { kind: 'multicast', protocol: 'ip6' }, { kind: 'vlan', tag: 7 }),
    fc.record({
      kind: fc.constant('relation' as const),
      operator: fc.constantFrom('=', '!=', '<', '>='),
      left: arithmetic,
      right: arithmetic,
    }) as fc.Arbitrary<Expression>,
    fc.record({ kind: fc.constantFrom('and', 'or'), left: tie('node'), right: tie('node') }) as fc.Arbitrary<Expression>,
    fc.record({ kind: fc.constant('not' as const), of: tie('node') }) as fc.Arbitrary<Expression>,
  ),
})).node;

describe('generated filters', () => {
  it('survive being printed and parsed', () => {
    fc.assert(
      fc.property(expressions, (expression) => {
        expect(parseFilter(printFilter(expression))).toEqual(expression);
      }),
    );
  });
});

describe('a filter that nothing can pass', () => {
  it.each([
    'ip and arp',
    'tcp and udp',
    'icmp and vlan',
    'host 10.0.1.2 and ip6',
    'tcp and not tcp',
    'icmp and port 53',
    'ip proto 6 and udp',
  ])('is refused: %s', (expression) => {
    expect(kept(expression)).toBe('expression rejects all packets');
  });

  it.each(['vlan and icmp', 'port 80 and icmp', 'not ip and tcp', 'arp and host 10.0.1.2', 'not (ip and arp)'])(
    'is only one that protocols rule out: %s',
    (expression) => {
      expect(kept(expression)).toBeInstanceOf(Array);
    },
  );
});
