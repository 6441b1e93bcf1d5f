import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import { featuresOf, switchFeatures } from '../../kernel/dev/features.ts';
import { type Command, notModelled } from '../command.ts';
import { actualChanges, featuresBehind, showFeatures } from './features.ts';
import { driverText, settingsText, statisticsText, TIME_STAMPING } from './show.ts';
import { ETHTOOL_USAGE } from './usage.ts';

/** ethtool(8): what network drivers say of themselves, and the switches of their offloads. */
export const ethtool: Command = { name: 'ethtool', paths: ['/usr/sbin/ethtool', '/usr/bin/ethtool'], run: runEthtool };

/** What a command prints and how it ends. */
interface Outcome {
  out?: string;
  err?: string;
  status: number;
}

const MISSING = 'netlink error: no device matches name (offset 24)\nnetlink error: No such device\n';
const UNSUPPORTED = 'netlink error: Operation not supported\n';
const BAD: Outcome = { err: 'ethtool: bad command line argument(s)\nFor more information run ethtool -h\n', status: 1 };

type Show = (device: NetDevice, name: string) => Outcome;

const refused =
  (err: string, status = 1): Show =>
  () => ({ err, status });
const unsupported = refused(UNSUPPORTED);

interface Option {
  names: readonly string[];
  /** Without a device of the name. */
  missing: string;
  status: number;
  run: Show;
}

const options: readonly Option[] = [
  { names: ['-k', '--show-features', '--show-offload'], missing: MISSING, status: 1, run: features },
  { names: ['-i', '--driver'], missing: 'Cannot get driver information: No such device\n', status: 71, run: driver },
  { names: ['-S', '--statistics'], missing: 'Cannot get stats strings information: No such device\n', status: 96, run: statistics },
  { names: ['-a', '--show-pause'], missing: MISSING, status: 1, run: unsupported },
  { names: ['-g', '--show-ring'], missing: MISSING, status: 1, run: unsupported },
  { names: ['-c', '--show-coalesce'], missing: MISSING, status: 1, run: unsupported },
  { names: ['-x', '--show-rxfh-indir', '--show-rxfh'], missing: MISSING, status: 1, run: unsupported },
  { names: ['-m', '--module-info', '--dump-module-eeprom'], missing: MISSING, status: 1, run: unsupported },
  { names: ['-l', '--show-channels'], missing: MISSING, status: 1, run: channels },
  {
    names: ['-T', '--show-time-stamping'],
    missing: MISSING,
    status: 1,
    run: (_, name) => ({ out: `Time stamping parameters for ${name}:\n${TIME_STAMPING}`, status: 0 }),
  },
  {
    names: ['-P', '--show-permaddr'],
    missing: 'netlink error: No such device\n',
    status: 1,
    run: () => ({ out: 'Permanent address: not set\n', status: 0 }),
  },
  {
    names: ['-n', '-u', '--show-nfc', '--show-ntuple'],
    missing: 'Cannot get RX rings: No such device\n',
    status: 1,
    run: refused(
      'Cannot get RX rings: Operation not supported\nrxclass: Cannot get RX class rule count: Operation not supported\nRX classification rule retrieval failed\n',
    ),
  },
  {
    names: ['-p', '--identify'],
    missing: 'Cannot identify NIC: No such device\n',
    status: 1,
    run: refused('Cannot identify NIC: Operation not supported\n'),
  },
  {
    names: ['-r', '--negotiate'],
    missing: 'Cannot restart autonegotiation: No such device\n',
    status: 1,
    run: refused('Cannot restart autonegotiation: Operation not supported\n'),
  },
  {
    names: ['-d', '--register-dump'],
    missing: 'Cannot get driver information: No such device\n',
    status: 72,
    run: refused('Cannot get register dump: Operation not supported\n', 74),
  },
  {
    names: ['-e', '--eeprom-dump'],
    missing: 'Cannot get driver information: No such device\n',
    status: 74,
    run: refused('Cannot get EEPROM data: Operation not supported\n', 74),
  },
  {
    names: ['-t', '--test'],
    missing: 'Cannot get strings: No such device\n',
    status: 74,
    run: refused('Cannot test: Operation not supported\n', 74),
  },
];

/** Options of the real ethtool that change or show what no device here has. */
const UNMODELLED =
  /^(-[ACGLNUXEfwWQ]|--(pause|coalesce|set-ring|set-channels|config-n|set-rxfh-indir|rxfh|change-eeprom|flash|get-dump|set-dump|per-queue|reset|.*eee|.*phy.*|.*priv-flags|.*fec|.*cable.*|.*tunnels|.*mm|.*plca.*|.*pse|monitor|json|debug|include-statistics|disable-netlink|.*module|.*hwtimestamp.*|.*tsinfo))$/;

function* runEthtool(process: Process): Blocking<number> {
  const { out = '', err = '', status } = run(process, process.argv.slice(1));
  if (err !== '') yield* process.write(2, err);
  if (out !== '') yield* process.write(1, out);
  return status;
}

function run(process: Process, args: readonly string[]): Outcome {
  const [first, name, ...rest] = args;
  if (first === undefined) return BAD;
  if (first === '-h' || first === '--help') return { out: ETHTOOL_USAGE, status: 0 };
  if (first === '--version') return { out: 'ethtool version 7.2\n', status: 0 };
  const { net } = process.namespaces;
  if (!first.startsWith('-')) return settings(net.deviceByName(first), first);
  if (first === '-K' || first === '--features' || first === '--offload') {
    if (name === undefined) return BAD;
    return process.capable('NET_ADMIN')
      ? change(net.deviceByName(name), rest)
      : { err: 'netlink error: Operation not permitted\n', status: 1 };
  }
  if (first === '-s' || first === '--change') {
    if (name === undefined) return BAD;
    return net.deviceByName(name) ? { err: UNSUPPORTED, status: 75 } : { err: MISSING, status: 75 };
  }
  const option = options.find(({ names }) => names.includes(first));
  if (!option)
    return UNMODELLED.test(first) && name !== undefined && first !== '-Q'
      ? { err: notModelled('ethtool', `option ${first}`), status: 1 }
      : BAD;
  if (name === undefined) return BAD;
  const device = net.deviceByName(name);
  return device ? option.run(device, name) : { err: option.missing, status: option.status };
}

/** How many requests the plain form makes, each of which misses the device. */
const REQUESTS = 7;

function settings(device: NetDevice | undefined, name: string): Outcome {
  if (!device) return { out: 'No data available\n', err: MISSING.repeat(REQUESTS), status: 75 };
  return { out: settingsText(device, name), status: 0 };
}

function features(device: NetDevice, name: string): Outcome {
  const known = featuresOf(device);
  if (!known) return { err: notModelled('ethtool', `the list of offloads of a ${device.kind}`), status: 1 };
  return { out: showFeatures(name, known), status: 0 };
}

function driver(device: NetDevice): Outcome {
  if (device === device.net.loopback) return { err: 'Cannot get driver information: Operation not supported\n', status: 71 };
  const text = driverText(device);
  return text === undefined ? { err: notModelled('ethtool', `the driver of a ${device.kind}`), status: 1 } : { out: text, status: 0 };
}

function statistics(device: NetDevice): Outcome {
  const text = statisticsText(device);
  return text === undefined ? { err: 'no stats available\n', status: 94 } : { out: text, status: 0 };
}

function channels(device: NetDevice, name: string): Outcome {
  if (device.kind !== 'veth') return { err: UNSUPPORTED, status: 1 };
  const most = 2;
  const block = (count: number) => `RX:\t\t${count}\nTX:\t\t${count}\nOther:\t\tn/a\nCombined:\tn/a\n`;
  return { out: `Channel parameters for ${name}:\nPre-set maximums:\n${block(most)}Current hardware settings:\n${block(1)}`, status: 0 };
}

/** `-K`: words and `on` or `off`, in turn. */
function change(device: NetDevice | undefined, words: readonly string[]): Outcome {
  if (!device) return { err: MISSING, status: 92 };
  const before = featuresOf(device);
  if (!before) return { err: notModelled('ethtool', `the list of offloads of a ${device.kind}`), status: 1 };
  const wishes = new Map<string, boolean>();
  for (let i = 0; i < words.length; i += 2) {
    const value = words[i + 1];
    if (value !== 'on' && value !== 'off') {
      return { err: `ethtool (-K): flag '${value ?? '(null)'}' for parameter '(null)' is not followed by 'on' or 'off'\n`, status: 1 };
    }
    const behind = featuresBehind(words[i] as string, before);
    if (!behind) return { err: 'netlink error: bit name not found (offset 52)\nnetlink error: Operation not supported\n', status: 92 };
    for (const feature of behind) wishes.set(feature, value === 'on');
  }
  switchFeatures(device, wishes);
  const after = featuresOf(device) ?? before;
  const met = after.some(({ name, on }) => wishes.get(name) === on);
  const out = actualChanges(before, after, wishes);
  return met ? { out, status: 0 } : { err: 'Could not change any device features\n', out, status: 1 };
}
