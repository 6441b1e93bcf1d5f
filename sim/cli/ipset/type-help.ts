/** What `ipset help TYPE` says of a type. */
export interface TypeHelp {
  /** What follows the type's name after create, add, del and test, and the options of each. */
  create: string;
  createOptions: readonly string[];
  add: string;
  addOptions: readonly string[];
  del: string;
  delOptions: readonly string[];
  test: string;
  testOptions: readonly string[];
  /** What the words mean; `%PORTS%` stands for the forms of ports. */
  note: string;
  family: string;
}

/** How ports are written, where a type has any. */
export const PORTS_HELP = `      [PROTO:]PORT is a valid pattern of the following:
           PORTNAME         TCP port name from /etc/services
           PORTNUMBER       TCP port number identifier
           tcp|sctp|udp|udplite:PORTNAME|PORTNUMBER
           icmp:CODENAME    supported ICMP codename
           icmp:TYPE/CODE   ICMP type/code value
           icmpv6:CODENAME  supported ICMPv6 codename
           icmpv6:TYPE/CODE ICMPv6 type/code value
           PROTO:0          all other protocols

           Supported ICMP codenames:
               echo-reply
               pong
               network-unreachable
               host-unreachable
               protocol-unreachable
               port-unreachable
               fragmentation-needed
               source-route-failed
               network-unknown
               host-unknown
               network-prohibited
               host-prohibited
               TOS-network-unreachable
               TOS-host-unreachable
               communication-prohibited
               host-precedence-violation
               precedence-cutoff
               source-quench
               network-redirect
               host-redirect
               TOS-network-redirect
               TOS-host-redirect
               echo-request
               ping
               router-advertisement
               router-solicitation
               ttl-zero-during-transit
               ttl-zero-during-reassembly
               ip-header-bad
               required-option-missing
               timestamp-request
               timestamp-reply
               address-mask-request
               address-mask-reply
           Supported ICMPv6 codenames:
               no-route
               communication-prohibited
               address-unreachable
               port-unreachable
               packet-too-big
               ttl-zero-during-transit
               ttl-zero-during-reassembly
               bad-header
               unknown-header-type
               unknown-option
               echo-request
               ping
               echo-reply
               pong
               router-solicitation
               router-advertisement
               neighbour-solicitation
               neigbour-solicitation
               neighbour-advertisement
               neigbour-advertisement
               redirect`;

const EXTENSIONS = ['[packets VALUE]', '[bytes VALUE]', '[comment "string"]', '[skbmark VALUE]', '[skbprio VALUE]', '[skbqueue VALUE]'];

export const TYPE_HELP: Readonly<Record<string, TypeHelp>> = {
  'bitmap:ip': {
    create: 'range IP/CIDR|FROM-TO',
    createOptions: ['[netmask CIDR]', '[timeout VALUE]', '[counters]', '[comment]', '[skbinfo]'],
    add: 'IP|IP/CIDR|FROM-TO',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP|IP/CIDR|FROM-TO',
    delOptions: [],
    test: 'IP',
    testOptions: [],
    note: `where IP, FROM and TO are IPv4 addresses (or hostnames),
      CIDR is a valid IPv4 CIDR prefix.`,
    family: 'supports family inet only.',
  },
  'bitmap:ip,mac': {
    create: 'range IP/CIDR|FROM-TO',
    createOptions: ['[timeout VALUE]', '[counters]', '[comment]', '[skbinfo]'],
    add: 'IP[,MAC]',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP[,MAC]',
    delOptions: [],
    test: 'IP[,MAC]',
    testOptions: [],
    note: `where IP, FROM and TO are IPv4 addresses (or hostnames),
      CIDR is a valid IPv4 CIDR prefix.
      MAC is a valid MAC address.`,
    family: 'supports family inet only.',
  },
  'bitmap:port': {
    create: 'range [PROTO:]FROM-TO',
    createOptions: ['[timeout VALUE]', '[counters]', '[comment]', '[skbinfo]'],
    add: '[PROTO:]PORT|FROM-TO',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: '[PROTO:]PORT|FROM-TO',
    delOptions: [],
    test: '[PROTO:]PORT',
    testOptions: [],
    note: `where PORT, FROM and TO are port numbers or port names from /etc/services.
      PROTO is only needed if a service name is used and it does not exist
      as a TCP service; just the resolved service numer is stored in the set.`,
    family: 'is family neutral.',
  },
  'hash:ip': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[netmask CIDR]',
      '[bitmask bitmask]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP',
    delOptions: [],
    test: 'IP',
    testOptions: [],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.`,
    family: 'supports inet and inet6.',
  },
  'hash:ip,mac': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP,MAC',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP,MAC',
    delOptions: [],
    test: 'IP,MAC',
    testOptions: [],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      MAC is a MAC address.`,
    family: 'supports inet and inet6.',
  },
  'hash:ip,mark': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      'markmask VALUE',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP,MARK',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP,MARK',
    delOptions: [],
    test: 'IP,MARK',
    testOptions: [],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.
      Adding/deleting single mark element
      is supported both for IPv4 and IPv6.`,
    family: 'supports inet and inet6.',
  },
  'hash:ip,port': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
      '[netmask CIDR]',
      '[bitmask bitmask]',
    ],
    add: 'IP,[PROTO:]PORT',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP,[PROTO:]PORT',
    delOptions: [],
    test: 'IP,[PROTO:]PORT',
    testOptions: [],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
%PORTS%`,
    family: 'supports inet and inet6.',
  },
  'hash:ip,port,ip': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP,[PROTO:]PORT,IP',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'IP,[PROTO:]PORT,IP',
    delOptions: [],
    test: 'IP,[PROTO:]PORT,IP',
    testOptions: [],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname).
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in the first IP component is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
%PORTS%`,
    family: 'supports inet and inet6.',
  },
  'hash:ip,port,net': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP,[PROTO:]PORT,IP[/CIDR]',
    addOptions: ['[timeout VALUE]', '[nomatch]', ...EXTENSIONS],
    del: 'IP,[PROTO:]PORT,IP[/CIDR]',
    delOptions: [],
    test: 'IP,[PROTO:]PORT,IP[/CIDR]',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP are valid IPv4 or IPv6 addresses (or hostnames),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in the first IP component is supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
%PORTS%`,
    family: 'supports inet and inet6.',
  },
  'hash:mac': {
    create: '',
    createOptions: [
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'MAC',
    addOptions: ['[timeout VALUE]', ...EXTENSIONS],
    del: 'MAC',
    delOptions: [],
    test: 'MAC',
    testOptions: [],
    note: ``,
    family: 'is family neutral.',
  },
  'hash:net': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP[/CIDR]',
    addOptions: ['[timeout VALUE]', '[nomatch]', ...EXTENSIONS],
    del: 'IP[/CIDR]',
    delOptions: [],
    test: 'IP[/CIDR]',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP is an IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.`,
    family: 'supports inet and inet6.',
  },
  'hash:net,iface': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP[/CIDR]|FROM-TO,[physdev:]IFACE',
    addOptions: ['[timeout VALUE]', '[nomatch]', '[wildcard]', ...EXTENSIONS],
    del: 'IP[/CIDR]|FROM-TO,[physdev:]IFACE',
    delOptions: [],
    test: 'IP[/CIDR],[physdev:]IFACE',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements with IPv4 is supported.`,
    family: 'supports inet and inet6.',
  },
  'hash:net,net': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
      '[bitmask bitmask]',
      '[netmask CIDR]',
    ],
    add: 'IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO',
    addOptions: ['[timeout VALUE]', '[nomatch]', ...EXTENSIONS],
    del: 'IP[/CIDR]|FROM-TO,IP[/CIDR]|FROM-TO',
    delOptions: [],
    test: 'IP[/CIDR],IP[/CIDR]',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP is an IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      IP range is not supported with IPv6.`,
    family: 'supports inet and inet6.',
  },
  'hash:net,port': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP[/CIDR]|FROM-TO,[PROTO:]PORT',
    addOptions: ['[timeout VALUE]', '[nomatch]', ...EXTENSIONS],
    del: 'IP[/CIDR]|FROM-TO,[PROTO:]PORT',
    delOptions: [],
    test: 'IP[/CIDR],[PROTO:]PORT',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP is a valid IPv4 or IPv6 address (or hostname),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
%PORTS%`,
    family: 'supports inet and inet6.',
  },
  'hash:net,port,net': {
    create: '',
    createOptions: [
      '[family inet|inet6]|[-4|-6]',
      '[hashsize VALUE]',
      '[maxelem VALUE]',
      '[timeout VALUE]',
      '[counters]',
      '[comment]',
      '[forceadd]',
      '[skbinfo]',
      '[bucketsize VALUE]',
      '[initval VALUE]',
    ],
    add: 'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
    addOptions: ['[timeout VALUE]', '[nomatch]', ...EXTENSIONS],
    del: 'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
    delOptions: [],
    test: 'IP[/CIDR],[PROTO:]PORT,IP[/CIDR]',
    testOptions: ['[nomatch]'],
    note: `where depending on the INET family
      IP are valid IPv4 or IPv6 addresses (or hostnames),
      CIDR is a valid IPv4 or IPv6 CIDR prefix.
      Adding/deleting multiple elements in IP/CIDR or FROM-TO form
      in both IP components are supported for IPv4.
      Adding/deleting multiple elements with TCP/SCTP/UDP/UDPLITE
      port range is supported both for IPv4 and IPv6.
%PORTS%`,
    family: 'supports inet and inet6.',
  },
  'list:set': {
    create: '',
    createOptions: ['[size VALUE]', '[timeout VALUE]', '[counters]', '[comment]', '[skbinfo]'],
    add: 'NAME [before|after NAME]',
    addOptions: ['[timeout VALUE]', '[before|after NAME]', ...EXTENSIONS],
    del: 'NAME [before|after NAME]',
    delOptions: ['[before|after NAME]'],
    test: 'NAME [before|after NAME]',
    testOptions: ['[before|after NAME]'],
    note: `where NAME are existing set names.`,
    family: 'is family neutral.',
  },
};
