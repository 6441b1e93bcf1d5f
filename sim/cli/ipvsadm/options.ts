/** An option of ipvsadm(8). */
export interface OptionSpec {
  letter: string;
  long: string;
  argument?: 'required' | 'optional';
  /** Its column in the table of what goes with what, by name; commands and some switches have none. */
  kind?: Kind;
  unmodelled?: true;
}

export const KINDS = [
  'numeric',
  'connection',
  'service-address',
  'scheduler',
  'persistent',
  'netmask',
  'real-server',
  'forwarding-method',
  'weight',
  'u-threshold',
  'l-threshold',
  'timeout',
  'daemon',
  'stats',
  'rate',
  'thresholds',
  'persistent-conn',
  'nosort',
  'exact',
  'ops',
] as const;
export type Kind = (typeof KINDS)[number];

/** Commands by letter, and what each is called in messages. */
export const COMMANDS: Readonly<Record<string, string>> = {
  A: 'add-service',
  E: 'edit-service',
  D: 'delete-service',
  C: 'flush',
  L: 'list',
  l: 'list',
  a: 'add-server',
  d: 'delete-server',
  e: 'edit-server',
  set: 'set',
  R: 'restore',
  S: 'save',
  Z: 'zero',
};

const SERVICE = { 'service-address': '+' } as const;
const SERVER = { 'service-address': '+', 'real-server': '+' } as const;
const SERVER_SETTINGS = { 'forwarding-method': ' ', weight: ' ', 'u-threshold': ' ', 'l-threshold': ' ' } as const;
const SERVICE_SETTINGS = { scheduler: ' ', persistent: ' ', netmask: ' ', ops: ' ' } as const;

/** What goes with a command: `+` must, `1` one of them may, a space may; what isn't here mustn't. */
export const ALLOWED: Readonly<Record<string, Partial<Record<Kind, '+' | '1' | ' '>>>> = {
  A: { ...SERVICE, ...SERVICE_SETTINGS },
  E: { ...SERVICE, ...SERVICE_SETTINGS },
  D: SERVICE,
  C: {},
  L: {
    numeric: ' ',
    connection: '1',
    'service-address': '1',
    timeout: '1',
    daemon: '1',
    stats: ' ',
    rate: ' ',
    thresholds: ' ',
    'persistent-conn': ' ',
    nosort: ' ',
    exact: ' ',
  },
  a: { ...SERVER, ...SERVER_SETTINGS },
  e: { ...SERVER, ...SERVER_SETTINGS },
  d: SERVER,
  set: {},
  R: {},
  S: { numeric: ' ' },
  Z: { 'service-address': ' ' },
};

export const OPTIONS: readonly OptionSpec[] = [
  ...(
    [
      ['A', 'add-service'],
      ['E', 'edit-service'],
      ['D', 'delete-service'],
      ['C', 'clear'],
      ['L', 'list'],
      ['l', 'list'],
      ['Z', 'zero'],
      ['a', 'add-server'],
      ['e', 'edit-server'],
      ['d', 'delete-server'],
      ['set', 'set'],
      ['h', 'help'],
      ['v', 'version'],
      ['R', 'restore'],
      ['S', 'save'],
    ] as const
  ).map(([letter, long]) => ({ letter, long })),
  { letter: 't', long: 'tcp-service', argument: 'required', kind: 'service-address' },
  { letter: 'u', long: 'udp-service', argument: 'required', kind: 'service-address' },
  { letter: 'f', long: 'fwmark-service', argument: 'required', kind: 'service-address' },
  { letter: 's', long: 'scheduler', argument: 'required', kind: 'scheduler' },
  { letter: 'p', long: 'persistent', argument: 'optional', kind: 'persistent' },
  { letter: 'M', long: 'netmask', argument: 'required', kind: 'netmask' },
  { letter: 'r', long: 'real-server', argument: 'required', kind: 'real-server' },
  { letter: 'm', long: 'masquerading', kind: 'forwarding-method' },
  { letter: 'g', long: 'gatewaying', kind: 'forwarding-method' },
  { letter: 'w', long: 'weight', argument: 'required', kind: 'weight' },
  { letter: 'x', long: 'u-threshold', argument: 'required', kind: 'u-threshold' },
  { letter: 'y', long: 'l-threshold', argument: 'required', kind: 'l-threshold' },
  { letter: 'n', long: 'numeric', kind: 'numeric' },
  { letter: 'c', long: 'connection', kind: 'connection' },
  { letter: 'timeout', long: 'timeout', kind: 'timeout' },
  { letter: 'daemon', long: 'daemon', kind: 'daemon' },
  { letter: 'stats', long: 'stats', kind: 'stats' },
  { letter: 'rate', long: 'rate', kind: 'rate' },
  { letter: 'thresholds', long: 'thresholds', kind: 'thresholds' },
  { letter: 'persistent-conn', long: 'persistent-conn', kind: 'persistent-conn' },
  { letter: 'nosort', long: 'nosort', kind: 'nosort' },
  { letter: 'sort', long: 'sort' },
  { letter: 'X', long: 'exact', kind: 'exact' },
  { letter: 'o', long: 'ops', kind: 'ops' },
  { letter: '6', long: 'ipv6' },
  { letter: 'i', long: 'ipip', kind: 'forwarding-method' },
  { letter: 'b', long: 'sched-flags', argument: 'required', unmodelled: true },
  ...['sctp-service', 'pe', 'tun-type', 'tun-port', 'start-daemon', 'stop-daemon', 'syncid', 'mcast-interface'].map((long) => ({
    letter: long,
    long,
    argument: 'required' as const,
    unmodelled: true as const,
  })),
  { letter: 'tun-info', long: 'tun-info', unmodelled: true },
];
