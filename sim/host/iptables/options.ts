import { type Failure, failure } from './failure.ts';

/** iptables' own options: letter, long names, and whether an argument follows. */
export interface GlobalOption {
  letter: string;
  names: readonly string[];
  argument: 'none' | 'required' | 'optional';
}

const option = (letter: string, names: string, argument: GlobalOption['argument'] = 'none'): GlobalOption => ({
  letter,
  names: names.split(' '),
  argument,
});

export const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  option('A', 'append', 'required'),
  option('C', 'check', 'required'),
  option('D', 'delete', 'required'),
  option('I', 'insert', 'required'),
  option('R', 'replace', 'required'),
  option('L', 'list', 'optional'),
  option('S', 'list-rules', 'optional'),
  option('F', 'flush', 'optional'),
  option('Z', 'zero', 'optional'),
  option('N', 'new-chain', 'required'),
  option('X', 'delete-chain', 'optional'),
  option('E', 'rename-chain', 'required'),
  option('P', 'policy', 'required'),
  option('s', 'source src', 'required'),
  option('d', 'destination dst', 'required'),
  option('p', 'protocol', 'required'),
  option('i', 'in-interface', 'required'),
  option('o', 'out-interface', 'required'),
  option('j', 'jump', 'required'),
  option('g', 'goto', 'required'),
  option('m', 'match', 'required'),
  option('t', 'table', 'required'),
  option('c', 'set-counters', 'required'),
  option('w', 'wait', 'optional'),
  option('W', 'wait-interval', 'optional'),
  option('h', 'help', 'optional'),
  option('M', 'modprobe', 'required'),
  option('n', 'numeric'),
  option('v', 'verbose'),
  option('x', 'exact'),
  option('f', 'fragments'),
  option('V', 'version'),
  option('0', 'line-numbers'),
  option('4', 'ipv4'),
  option('6', 'ipv6'),
];

export const BY_LETTER: ReadonlyMap<string, GlobalOption> = new Map(GLOBAL_OPTIONS.map((entry) => [entry.letter, entry]));
export const BY_NAME: ReadonlyMap<string, GlobalOption> = new Map(
  GLOBAL_OPTIONS.flatMap((entry) => entry.names.map((name) => [name, entry] as const)),
);

/** What messages call an option that a command can't be given with. */
export const OPTION_TITLES: Record<string, string> = {
  n: '--numeric',
  s: '--source',
  d: '--destination',
  p: '--protocol',
  j: '--jump',
  v: '--verbose',
  x: '--exact',
  i: '--in-interface',
  o: '--out-interface',
  '0': '--line-numbers',
  c: '--set-counters',
  f: '--fragments',
};

const RULE_OPTIONS = 'sdpjiof';

/** The options of `OPTION_TITLES` that each command takes (commands_v_options). */
export const ALLOWED: Record<string, string> = {
  insert: `${RULE_OPTIONS}vc`,
  append: `${RULE_OPTIONS}vc`,
  replace: `${RULE_OPTIONS}vc`,
  delete: `${RULE_OPTIONS}v`,
  check: `${RULE_OPTIONS}v`,
  'delete-number': 'v',
  list: 'nvx0',
  'list-rules': 'v',
  flush: 'v',
  zero: 'v',
  'new-chain': 'v',
  'delete-chain': 'v',
  'rename-chain': 'v',
  policy: 'vc',
};

/** The two words of `--set-counters`. */
export function parseCounters(packets: string, bytes: string | undefined): { packets: number; bytes: number } | Failure {
  if (bytes === undefined) return failure('parameter', '--set-counters requires packet and byte counter');
  if (!/^\d+$/.test(packets)) return failure('parameter', '--set-counters packet counter not numeric');
  if (!/^\d+$/.test(bytes)) return failure('parameter', '--set-counters byte counter not numeric');
  return { packets: Number(packets), bytes: Number(bytes) };
}

/** What is wrong with the seconds of `--wait`. */
export function checkSeconds(value: string | undefined): Failure | undefined {
  return value === undefined || /^\d+$/.test(value) ? undefined : failure('parameter', 'wait seconds not numeric');
}
