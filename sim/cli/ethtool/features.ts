import type { Feature } from '../../kernel/dev/features.ts';

/** A line of `ethtool -k` with a name of its own for one or several features (off_flag_def in common.c). */
interface Line {
  title: string;
  /** The word of -K. */
  word: string;
  features: readonly string[];
}

const LINES: readonly Line[] = [
  { title: 'rx-checksumming', word: 'rx', features: ['rx-checksum'] },
  {
    title: 'tx-checksumming',
    word: 'tx',
    features: ['tx-checksum-ipv4', 'tx-checksum-ip-generic', 'tx-checksum-ipv6', 'tx-checksum-fcoe-crc', 'tx-checksum-sctp'],
  },
  { title: 'scatter-gather', word: 'sg', features: ['tx-scatter-gather', 'tx-scatter-gather-fraglist'] },
  {
    title: 'tcp-segmentation-offload',
    word: 'tso',
    features: [
      'tx-tcp-segmentation',
      'tx-tcp-ecn-segmentation',
      'tx-tcp-mangleid-segmentation',
      'tx-tcp6-segmentation',
      'tx-tcp-accecn-segmentation',
    ],
  },
  { title: 'generic-segmentation-offload', word: 'gso', features: ['tx-generic-segmentation'] },
  { title: 'generic-receive-offload', word: 'gro', features: ['rx-gro'] },
  { title: 'large-receive-offload', word: 'lro', features: ['rx-lro'] },
  { title: 'rx-vlan-offload', word: 'rxvlan', features: ['rx-vlan-hw-parse'] },
  { title: 'tx-vlan-offload', word: 'txvlan', features: ['tx-vlan-hw-insert'] },
  { title: 'ntuple-filters', word: 'ntuple', features: ['rx-ntuple-filter'] },
  { title: 'receive-hashing', word: 'rxhash', features: ['rx-hashing'] },
];

function state({ on, fixed, wanted }: Feature): string {
  const remark = fixed ? ' [fixed]' : on === wanted ? '' : ` [requested ${wanted ? 'on' : 'off'}]`;
  return `${on ? 'on' : 'off'}${remark}`;
}

/** `ethtool -k`. */
export function showFeatures(name: string, features: readonly Feature[]): string {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  let text = `Features for ${name}:\n`;
  const shown = new Set<string>();
  for (const { title, features: members } of LINES) {
    const found = members.flatMap((member) => byName.get(member) ?? []);
    for (const { name: member } of found) shown.add(member);
    if (members.length === 1) text += `${title}: ${state(found[0] as Feature)}\n`;
    else {
      text += `${title}: ${found.some(({ on }) => on) ? 'on' : 'off'}\n`;
      for (const member of found) text += `\t${member.name}: ${state(member)}\n`;
    }
  }
  for (const feature of features) if (!shown.has(feature.name)) text += `${feature.name}: ${state(feature)}\n`;
  return text;
}

/** The features behind a word of -K: ours or the kernel's name. */
export function featuresBehind(word: string, features: readonly Feature[]): readonly string[] | undefined {
  const line = LINES.find(({ word: short, title }) => short === word || title === word);
  if (line) return line.features;
  return features.some(({ name }) => name === word) ? [word] : undefined;
}

/** The kernel's own order of features, where it isn't that of the list. */
const BIT_ORDER = ['tx-scatter-gather', 'tx-checksum-ipv4', 'tx-checksum-ip-generic', 'tx-checksum-ipv6', 'tx-scatter-gather-fraglist'];
const LATE = ['tx-checksum-fcoe-crc', 'tx-checksum-sctp'];

function rank(name: string, at: number): number {
  const early = BIT_ORDER.indexOf(name);
  if (early >= 0) return early;
  return LATE.includes(name)
    ? 500 + at
    : name === 'tx-udp-segmentation'
      ? 400
      : name === 'rx-lro' || name === 'rx-gro'
        ? 300 + at
        : 100 + at;
}

/** What has come of the wishes, where that isn't exactly what was wished for. */
export function actualChanges(before: readonly Feature[], after: readonly Feature[], wishes: ReadonlyMap<string, boolean>): string {
  const lines = after.flatMap(({ name, on }, at) => {
    const wish = wishes.get(name);
    const changed = on !== before[at]?.on;
    if (!changed && (wish === undefined || wish === on)) return [];
    const remark = wish === undefined ? ' [not requested]' : wish !== on ? ` [requested ${wish ? 'on' : 'off'}]` : '';
    return [{ text: `${name}: ${on ? 'on' : 'off'}${remark}\n`, rank: rank(name, at), remark }];
  });
  if (!lines.some(({ remark }) => remark !== '')) return '';
  return `Actual changes:\n${lines
    .sort((a, b) => a.rank - b.rank)
    .map(({ text }) => text)
    .join('')}`;
}
