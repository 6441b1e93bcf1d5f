import type { NetDevice } from '../../dev/device.ts';
import { type Given, markText, markValue, not, problem, type Problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

interface Group {
  value: number;
  mask: number;
  inverted: boolean;
}

interface DeviceGroups {
  source: Group | undefined;
  destination: Group | undefined;
}

function groupOf(given: Given, name: string): Group | Problem | undefined {
  const option = given.find(name);
  if (!option) return undefined;
  const text = option.values[0] as string;
  // The one name that /etc/iproute2/group knows.
  const value = text === 'default' ? { value: 0, mask: 0xffff_ffff } : markValue(text);
  return value
    ? { ...value, inverted: option.inverted }
    : problem(`devgroup: bad integer value for option "--${name}", or out of range.\n`);
}

const text = (name: string, group: Group | undefined): string =>
  group ? `${not(group.inverted)} ${name} ${markText(group.value, group.mask)}` : '';
const within = (group: Group | undefined, device: NetDevice | undefined): boolean =>
  group === undefined || (((device?.group ?? 0) & group.mask) >>> 0 === group.value) !== group.inverted;

/** The devgroup match: the groups of the devices (net/netfilter/xt_devgroup.c). */
export const devgroup: MatchExtension<DeviceGroups> = {
  name: 'devgroup',
  options: [
    { name: 'src-group', invert: true },
    { name: 'dst-group', invert: true },
  ],
  parse(given) {
    const source = groupOf(given, 'src-group');
    if (source && 'problem' in source) return source;
    const destination = groupOf(given, 'dst-group');
    if (destination && 'problem' in destination) return destination;
    if (!source && !destination) return problem("devgroup match: You must specify either '--src-group' or '--dst-group'");
    return { source, destination };
  },
  check({ source, destination }, { hooks }) {
    if (source && (hooks.has('OUTPUT') || hooks.has('POSTROUTING'))) return 'EINVAL';
    return destination && (hooks.has('PREROUTING') || hooks.has('INPUT')) ? 'EINVAL' : undefined;
  },
  save: ({ source, destination }) => text('--src-group', source) + text('--dst-group', destination),
  list: ({ source, destination }) => text('src-group', source) + text('dst-group', destination),
  matches: ({ source, destination }, _skb, state) => within(source, state.input) && within(destination, state.output),
};
