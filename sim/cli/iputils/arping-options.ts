import { type IPv4, parseIPv4 } from '../../base/address.ts';
import { getopt, isFailure, type OptionSpec } from '../getopt.ts';
import { ARPING_USAGE, VERSION_LINES } from './usage.ts';

export interface ArpingSettings {
  broadcastOnly: boolean;
  duplicates: boolean;
  unsolicited: boolean;
  answer: boolean;
  firstOnly: boolean;
  quiet: boolean;
  count: number | undefined;
  /** Seconds. */
  timeout: number | undefined;
  interval: number;
  device: string | undefined;
  source: IPv4 | undefined;
  target: string;
}

/** Ends the program before it has begun. */
export interface End {
  fd: 1 | 2;
  text: string;
  status: number;
}

const OPTIONS: readonly OptionSpec[] = [
  ...['b', 'D', 'U', 'A', 'f', 'q', 'V', 'h'].map((short) => ({ name: short, short })),
  ...['c', 'w', 'i', 'I', 's'].map((short) => ({ name: short, short, argument: 'required' as const })),
];

const USAGE: End = { fd: 2, text: ARPING_USAGE, status: 2 };

export function readArping(args: readonly string[]): ArpingSettings | End {
  const parsed = getopt(OPTIONS, args);
  if (isFailure(parsed)) return { ...USAGE, text: `arping: ${parsed.error}\n${ARPING_USAGE}` };
  const given = (name: string) => parsed.options.some((option) => option.name === name);
  if (given('h')) return USAGE;
  if (given('V')) return { fd: 1, text: `arping ${VERSION_LINES}`, status: 0 };
  const settings: ArpingSettings = {
    broadcastOnly: given('b'),
    duplicates: given('D'),
    unsolicited: given('U'),
    answer: given('A'),
    firstOnly: given('f'),
    quiet: given('q'),
    count: undefined,
    timeout: undefined,
    interval: 1,
    device: undefined,
    source: undefined,
    target: '',
  };
  for (const { name, value } of parsed.options) {
    const wrong = take(settings, name, value);
    if (wrong !== undefined) return { fd: 2, text: `arping: ${wrong}\n`, status: 1 };
  }
  const [target] = parsed.operands;
  if (target === undefined || parsed.operands.length > 1) return USAGE;
  settings.target = target;
  return settings;
}

/** @returns what is wrong with an option's argument */
function take(settings: ArpingSettings, name: string, value: string): string | undefined {
  if (name === 'I') settings.device = value;
  else if (name === 's') {
    settings.source = parseIPv4(value);
    if (settings.source === undefined) return `invalid source ${value}`;
  } else if ('cwi'.includes(name)) {
    if (!/^\s*[-+]?[0-9]+$/.test(value)) return `invalid argument: '${value}'`;
    const number = Number(value);
    const least = name === 'w' ? 0 : 1;
    if (number < least || number > 2_147_483_647)
      return `invalid argument: '${value}': out of range: ${least} <= value <= ${name === 'c' ? '9223372036854775807' : '2147483647'}`;
    if (name === 'c') settings.count = number;
    else if (name === 'w') settings.timeout = number > 0 ? number : undefined;
    else settings.interval = number;
  }
  return undefined;
}
