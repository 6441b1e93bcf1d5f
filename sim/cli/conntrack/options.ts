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
  option('h', 'help', 'none'),
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
  option('c', 'secmark'),
];

/** Which options each command takes. */
export const ALLOWED: Readonly<Record<string, string>> = {
  L: 'sdrqpufngjmozbwlc()',
  D: 'sdrqptufngjmozbwlc()',
  I: 'sdrqptufngmowlc()',
  A: 'sdrqptufngmowlc()',
  U: 'sdrqptufmobw()',
  G: 'sdrqpfob',
  E: 'sdrqpufengjmobw()',
  F: 'fb',
  C: '',
  R: '',
  S: '',
};

/** The options that a protocol brings, by the name under which their value is found. */
export const PROTOCOL_OPTIONS: Readonly<Record<string, readonly (readonly [name: string, aliases: string])[]>> = {
  tcp: [
    ['sport', 'orig-port-src sport'],
    ['dport', 'orig-port-dst dport'],
    ['reply-sport', 'reply-port-src'],
    ['reply-dport', 'reply-port-dst'],
    ['state', 'state'],
  ],
  udp: [
    ['sport', 'orig-port-src sport'],
    ['dport', 'orig-port-dst dport'],
    ['reply-sport', 'reply-port-src'],
    ['reply-dport', 'reply-port-dst'],
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
