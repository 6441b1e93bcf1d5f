/** An option of conntrack(8): letter, long names, and what it is called in messages. */
export interface OptionSpec {
  letter: string;
  names: readonly string[];
  argument: 'none' | 'required' | 'optional';
}

const option = (letter: string, names: string, argument: OptionSpec['argument'] = 'required'): OptionSpec => ({
  letter,
  names: names.split(' '),
  argument,
});

export const COMMANDS: readonly OptionSpec[] = [
  option('L', 'dump', 'optional'),
  option('I', 'create', 'optional'),
  option('A', 'add', 'optional'),
  option('D', 'delete', 'optional'),
  option('U', 'update', 'optional'),
  option('G', 'get', 'optional'),
  option('F', 'flush', 'optional'),
  option('E', 'event', 'optional'),
  option('C', 'count', 'optional'),
  option('S', 'stats', 'none'),
  option('V', 'version', 'none'),
  option('h', 'help', 'optional'),
  option('R', 'load-file', 'required'),
];

export const OPTIONS: readonly OptionSpec[] = [
  option('s', 'src orig-src'),
  option('d', 'dst orig-dst'),
  option('r', 'reply-src'),
  option('q', 'reply-dst'),
  option('p', 'protonum proto'),
  option('t', 'timeout'),
  option('u', 'status'),
  option('f', 'family'),
  option('e', 'event-mask'),
  option('n', 'src-nat', 'optional'),
  option('g', 'dst-nat', 'optional'),
  option('j', 'any-nat', 'optional'),
  option('m', 'mark'),
  option('o', 'output'),
  option('z', 'zero', 'none'),
  option('b', 'buffer-size'),
  option('w', 'zone'),
  option('(', 'orig-zone'),
  option(')', 'reply-zone'),
  option('l', 'label'),
  option('<', 'label-add'),
  option('>', 'label-del'),
  option('%', 'labelmap'),
  option('c', 'secmark'),
  option('{', 'mask-src'),
  option('}', 'mask-dst'),
  option('[', 'tuple-src'),
  option(']', 'tuple-dst'),
];

/** Which options each command takes. */
export const ALLOWED: Readonly<Record<string, string>> = {
  L: 'sdrqpufngjmozwlc(){}%',
  D: 'sdrqptufngjmozwlc(){}%',
  I: 'sdrqptufngmowlc()<%',
  A: 'sdrqptufngmowlc()<%',
  U: 'sdrqptufmowlc()<>{}%',
  G: 'sdrqpfo',
  E: 'sdrqpufengjmobwl(){}%',
  F: 'f',
  C: '',
  R: '',
  S: '',
};

/** The same for the table of expectations. */
export const ALLOWED_EXPECT: Readonly<Record<string, string>> = {
  L: 'fo',
  I: 'sdrqptfo[]{}',
  D: 'sdrqptfo[]{}',
  G: 'sdrqpfo[]{}',
  E: 'foe',
  F: 'f',
  C: '',
};

const PORTS = [
  ['sport', 'orig-port-src sport'],
  ['dport', 'orig-port-dst dport'],
  ['reply-sport', 'reply-port-src'],
  ['reply-dport', 'reply-port-dst'],
] as const;

/** The options that a protocol brings, by the name under which their value is found. */
export const PROTOCOL_OPTIONS: Readonly<Record<string, readonly (readonly [name: string, aliases: string])[]>> = {
  tcp: [...PORTS, ['state', 'state']],
  udp: PORTS,
  udplite: PORTS,
  sctp: [...PORTS, ['state', 'state'], ['orig-vtag', 'orig-vtag'], ['reply-vtag', 'reply-vtag']],
  gre: [
    ['sport', 'srckey orig-key-src'],
    ['dport', 'dstkey orig-key-dst'],
    ['reply-sport', 'reply-key-src'],
    ['reply-dport', 'reply-key-dst'],
  ],
  icmp: [
    ['icmp-type', 'icmp-type'],
    ['icmp-code', 'icmp-code'],
    ['icmp-id', 'icmp-id'],
  ],
  icmpv6: [
    ['icmp-type', 'icmpv6-type'],
    ['icmp-code', 'icmpv6-code'],
    ['icmp-id', 'icmpv6-id'],
  ],
};
