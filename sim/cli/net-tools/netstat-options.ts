import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import { Ending, err, out } from './ending.ts';
import { NETSTAT_USAGE, NETSTAT_VERSION, ROUTE_FAMILIES } from './usage.ts';

export interface NetstatSettings {
  view: 'sockets' | 'routes' | 'interfaces' | 'groups' | 'statistics' | 'masquerade';
  protocols: ReadonlySet<'tcp' | 'udp' | 'raw' | 'unix'>;
  /** Nobody asked for a protocol: UNIX sockets are listed, too. */
  anyProtocol: boolean;
  families: ReadonlySet<4 | 6>;
  all: boolean;
  listening: boolean;
  numericHosts: boolean;
  numericPorts: boolean;
  numericUsers: boolean;
  programs: boolean;
  timers: boolean;
  extended: number;
  wide: boolean;
  continuous: boolean;
  cache: boolean;
}

const named = (list: readonly (readonly [string, string])[]): OptionSpec[] =>
  list.map(([short, long]) => ({ name: long, long, ...(short === '' ? {} : { short }) }));

const OPTIONS: readonly OptionSpec[] = [
  ...named([
    ['r', 'route'],
    ['i', 'interfaces'],
    ['g', 'groups'],
    ['s', 'statistics'],
    ['M', 'masquerade'],
    ['v', 'verbose'],
    ['W', 'wide'],
    ['n', 'numeric'],
    ['', 'numeric-hosts'],
    ['', 'numeric-ports'],
    ['', 'numeric-users'],
    ['N', 'symbolic'],
    ['e', 'extend'],
    ['p', 'programs'],
    ['o', 'timers'],
    ['c', 'continuous'],
    ['l', 'listening'],
    ['a', 'all'],
    ['F', 'fib'],
    ['C', 'cache'],
    ['Z', 'context'],
    ['t', 'tcp'],
    ['u', 'udp'],
    ['U', 'udplite'],
    ['S', 'sctp'],
    ['w', 'raw'],
    ['x', 'unix'],
    ['4', 'inet'],
    ['6', 'inet6'],
    ['V', 'version'],
    ['h', 'help'],
  ]),
  { name: 'protocol', short: 'A', long: 'protocol', argument: 'required' },
];

export function readNetstat(args: readonly string[]): NetstatSettings {
  const parsed = getopt(OPTIONS, args);
  if (isFailure(parsed)) throw new Ending(3, err(`netstat: ${parsed.error}\n${NETSTAT_USAGE}${ROUTE_FAMILIES}`));
  const has = (name: string) => parsed.options.some((option) => option.name === name);
  if (has('help')) throw new Ending(0, err(ROUTE_FAMILIES), out(NETSTAT_USAGE));
  if (has('version')) throw new Ending(0, out(NETSTAT_VERSION));
  if (has('context')) throw new Ending(1, err('SELinux is not enabled on this machine.\n'));
  const families = new Set<4 | 6>();
  for (const { name, value } of parsed.options) {
    const family = name === 'protocol' ? value : name;
    if (family === 'inet') families.add(4);
    else if (family === 'inet6') families.add(6);
    else if (name === 'protocol' && family !== 'unix') throw new Ending(1, err(`Unknown address family \`${family}'.\n`));
  }
  const protocols = new Set((['tcp', 'udp', 'raw', 'unix'] as const).filter(has));
  const numeric = has('numeric');
  return {
    view: has('route')
      ? 'routes'
      : has('interfaces')
        ? 'interfaces'
        : has('groups')
          ? 'groups'
          : has('statistics')
            ? 'statistics'
            : has('masquerade')
              ? 'masquerade'
              : 'sockets',
    protocols,
    anyProtocol: protocols.size === 0 && !has('udplite') && !has('sctp'),
    families,
    all: has('all'),
    listening: has('listening'),
    numericHosts: numeric || has('numeric-hosts'),
    numericPorts: numeric || has('numeric-ports'),
    numericUsers: numeric || has('numeric-users'),
    programs: has('programs'),
    timers: has('timers'),
    extended: parsed.options.filter(({ name }) => name === 'extend').length,
    wide: has('wide'),
    continuous: has('continuous'),
    cache: has('cache'),
  };
}
