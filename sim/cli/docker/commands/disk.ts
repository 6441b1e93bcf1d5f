import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { humanSize } from '../format/size.ts';
import { BUILDER_PRUNE, SYSTEM_DF, SYSTEM_PRUNE } from '../options/system.ts';
import { fail } from '../output.ts';
import { LEGACY_BUILDER } from './legacy-builder.ts';
import { confirmed } from './confirm.ts';

/** GET /system/df, as far as the table shows it. */
interface DiskUsage {
  LayersSize: number;
  Images: { Containers: number; Size: number; SharedSize: number }[];
  Containers: { State: string; SizeRw: number }[];
  Volumes: { UsageData: { RefCount: number; Size: number } }[];
}

interface Row {
  type: string;
  total: number;
  active: number;
  size: number;
  reclaimable: number;
  /** Of the size, where the table says so. */
  share: boolean;
}

function rowsOf(usage: DiskUsage): Row[] {
  const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);
  const row = (type: string, total: number, active: number, size: number, reclaimable: number, share = true): Row => ({
    type,
    total,
    active,
    size,
    reclaimable,
    share,
  });
  const { Images, Containers, Volumes } = usage;
  const usedImages = Images.filter((image) => image.Containers > 0);
  const running = Containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State));
  const written = sum(Containers.map(({ SizeRw }) => SizeRw));
  const kept = Volumes.filter(({ UsageData }) => UsageData.RefCount > 0);
  const stored = sum(Volumes.map(({ UsageData }) => UsageData.Size));
  const unique = sum(usedImages.map(({ Size, SharedSize }) => Size - Math.max(0, SharedSize)));
  return [
    row('Images', Images.length, usedImages.length, usage.LayersSize, usage.LayersSize - unique),
    row('Containers', Containers.length, running.length, written, written - sum(running.map(({ SizeRw }) => SizeRw))),
    row('Local Volumes', Volumes.length, kept.length, stored, stored - sum(kept.map(({ UsageData }) => UsageData.Size))),
    row('Build Cache', 0, 0, 0, 0, false),
  ];
}

const KIND: ListKind<Row> = {
  typeName: '*formatter.diskUsageContext',
  columns: {
    Type: { heading: 'TYPE', value: ({ type }) => type },
    TotalCount: { heading: 'TOTAL', value: ({ total }) => String(total) },
    Active: { heading: 'ACTIVE', value: ({ active }) => String(active) },
    Size: { heading: 'SIZE', value: ({ size }) => humanSize(size, 4) },
    Reclaimable: {
      heading: 'RECLAIMABLE',
      value: ({ size, reclaimable, share }) =>
        humanSize(reclaimable, 4) + (share && size > 0 ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : ''),
    },
  },
};

export const diskUsage: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Show docker disk usage',
  flags: SYSTEM_DF,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const usage = yield* client.json<DiskUsage>('GET', '/system/df');
    if (usage instanceof ApiFailure) return yield* fail(invocation, usage.message);
    const format = flags.last('format') ?? '';
    const table = 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}';
    const text = formatList(KIND, rowsOf(usage), format === '' || format === 'table' ? table : format);
    if ('error' in text) return yield* fail(invocation, text.error);
    yield* process.write(1, text.text);
    return 0;
  },
};

/** What a prune of each kind answers. */
interface Pruned {
  ContainersDeleted?: string[] | null;
  NetworksDeleted?: string[] | null;
  VolumesDeleted?: string[] | null;
  ImagesDeleted?: { Untagged?: string; Deleted?: string }[] | null;
  SpaceReclaimed?: number;
}

export const pruneSystem: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Remove unused data',
  flags: SYSTEM_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { flags, process } = invocation;
    const all = flags.on('all');
    if (!(yield* confirmed(invocation, `${warning(all, flags.on('volumes'))}\n`))) return 0;
    let space = 0;
    const steps: [string, string, keyof Pruned, Record<string, string>][] = [
      ['/containers/prune', 'Containers', 'ContainersDeleted', {}],
      ['/networks/prune', 'Networks', 'NetworksDeleted', {}],
      ...(flags.on('volumes')
        ? [['/volumes/prune', 'Volumes', 'VolumesDeleted', {}] as [string, string, keyof Pruned, Record<string, string>]]
        : []),
      ['/images/prune', 'Images', 'ImagesDeleted', filterQuery([`dangling=${all ? 'false' : 'true'}`])],
    ];
    for (const [path, title, key, query] of steps) {
      const answer = yield* invocation.client.json<Pruned>('POST', path, query);
      if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
      space += answer.SpaceReclaimed ?? 0;
      const lines = ((answer[key] as (string | { Untagged?: string; Deleted?: string })[] | null) ?? []).map((gone) =>
        typeof gone === 'string' ? gone : gone.Untagged ? `untagged: ${gone.Untagged}` : `deleted: ${gone.Deleted}`,
      );
      if (lines.length > 0) yield* process.write(1, `Deleted ${title}:\n${lines.join('\n')}\n\n`);
    }
    yield* process.write(1, `Total reclaimed space: ${humanSize(space, 4)}\n`);
    return 0;
  },
};

function warning(all: boolean, volumes: boolean): string {
  const lines = [
    'WARNING! This will remove:',
    '  - all stopped containers',
    '  - all networks not used by at least one container',
    ...(volumes ? ['  - all anonymous volumes not used by at least one container'] : []),
    all ? '  - all images without at least one container associated to them' : '  - all dangling images',
    all ? '  - all build cache' : '  - unused build cache',
  ];
  return `${lines.join('\n')}\n`.trimEnd();
}

/** The classic builder's cache are its images: nothing else is kept. */
export const pruneBuilder: LeafCommand = {
  operands: '',
  summary: 'Remove build cache',
  notice: LEGACY_BUILDER,
  flags: BUILDER_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation): Blocking<number> {
    const which = invocation.flags.on('all') ? 'all build cache' : 'all dangling build cache';
    if (!(yield* confirmed(invocation, `WARNING! This will remove ${which}.`))) return 0;
    const answer = yield* invocation.client.json<{ SpaceReclaimed: number }>('POST', '/build/prune');
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* invocation.process.write(1, `Total reclaimed space: ${humanSize(answer.SpaceReclaimed, 4)}\n`);
    return 0;
  },
};
