import { problem } from '../options.ts';
import type { TargetExtension } from './target.ts';

/** CLASSIFY: the traffic class for queues to look at (net/netfilter/xt_CLASSIFY.c). There are no queues here, so nothing follows from it. */
export const classify: TargetExtension<{ major: number; minor: number }> = {
  name: 'CLASSIFY',
  options: [{ name: 'set-class', mandatory: true }],
  parse(given) {
    const text = given.value('set-class') as string;
    const [, major, minor] = /^([0-9a-fA-F]+):([0-9a-fA-F]+)$/.exec(text) ?? [];
    if (major === undefined || minor === undefined) return problem(`Bad class value "${text}"`);
    return { major: Number.parseInt(major, 16) & 0xffff, minor: Number.parseInt(minor, 16) & 0xffff };
  },
  check(_data, { hooks }) {
    for (const hook of hooks) if (hook === 'PREROUTING' || hook === 'INPUT') return 'EINVAL';
    return undefined;
  },
  save: ({ major, minor }) => ` --set-class ${[major, minor].map((part) => part.toString(16).padStart(4, '0')).join(':')}`,
  list: ({ major, minor }) => ` CLASSIFY set ${major.toString(16)}:${minor.toString(16)}`,
  evaluate: () => 'continue',
};

/** CHECKSUM: computes checksums that a device was to compute (net/netfilter/xt_CHECKSUM.c). All are complete here already. */
export const checksum: TargetExtension<undefined> = {
  name: 'CHECKSUM',
  options: [{ name: 'checksum-fill', arguments: 0, mandatory: true }],
  parse: () => undefined,
  check: (_data, { table }) => (table === 'mangle' ? undefined : 'EINVAL'),
  save: () => ' --checksum-fill',
  list: () => ' CHECKSUM fill',
  evaluate: () => 'continue',
};
