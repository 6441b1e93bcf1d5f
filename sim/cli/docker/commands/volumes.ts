import { percentEncode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { VOLUME_CREATE, VOLUME_LS, VOLUME_PRUNE, VOLUME_RM } from '../options/volumes.ts';
import { fail, forEachOperand } from '../output.ts';
import { confirmed } from './confirm.ts';

interface Volume {
  Name: string;
  Driver: string;
  Labels: Record<string, string> | null;
  Mountpoint: string;
  Scope: string;
}

const KIND: ListKind<Volume> = {
  typeName: '*formatter.volumeContext',
  columns: {
    Driver: { heading: 'DRIVER', value: ({ Driver }) => Driver },
    Name: { heading: 'VOLUME NAME', value: ({ Name }) => Name },
    Scope: { heading: 'SCOPE', value: ({ Scope }) => Scope },
    Mountpoint: { heading: 'MOUNTPOINT', value: ({ Mountpoint }) => Mountpoint },
    Labels: {
      heading: 'LABELS',
      value: ({ Labels }) =>
        Object.entries(Labels ?? {})
          .map(([name, value]) => `${name}=${value}`)
          .join(','),
    },
    Label: { heading: '', value: () => '', argument: ({ Labels }, name) => Labels?.[name] ?? '' },
    Links: { heading: 'LINKS', value: () => 'N/A' },
    Size: { heading: 'SIZE', value: () => 'N/A' },
    Group: { heading: 'GROUP', value: () => 'N/A' },
    Availability: { heading: 'AVAILABILITY', value: () => 'N/A' },
    Status: { heading: 'STATUS', value: () => 'N/A' },
  },
};

export const listVolumes: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List volumes',
  aliases: 'docker volume ls, docker volume list',
  flags: VOLUME_LS,
  arity: { exactly: 0 },
  run: function* (invocation): Blocking<number> {
    const { client, flags, process } = invocation;
    const answer = yield* client.json<{ Volumes: Volume[] }>('GET', '/volumes', filterQuery(flags.all('filter')));
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const format = flags.last('format') ?? '';
    const plain = flags.on('quiet') ? '{{.Name}}' : 'table {{.Driver}}\t{{.Name}}';
    const rows = formatList(KIND, answer.Volumes, format === '' || format === 'table' ? plain : format);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

export const createVolume: LeafCommand = {
  operands: '[OPTIONS] [VOLUME]',
  summary: 'Create a volume',
  flags: VOLUME_CREATE,
  arity: { most: 1 },
  run: function* (invocation): Blocking<number> {
    const { client, flags, operands, process } = invocation;
    const pairs = (texts: readonly string[]): Record<string, string> =>
      Object.fromEntries(texts.map((text) => [text.split('=')[0] ?? '', text.includes('=') ? text.slice(text.indexOf('=') + 1) : '']));
    const body = {
      Name: operands[0] ?? flags.last('name') ?? '',
      Driver: flags.last('driver') ?? 'local',
      DriverOpts: pairs(flags.all('opt')),
      ...(flags.given('label') ? { Labels: pairs(flags.all('label')) } : {}),
    };
    const answer = yield* client.json<Volume>('POST', '/volumes/create', {}, body);
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* process.write(1, `${answer.Name}\n`);
    return 0;
  },
};

export const removeVolumes: LeafCommand = {
  operands: '[OPTIONS] VOLUME [VOLUME...]',
  summary: 'Remove one or more volumes',
  aliases: 'docker volume rm, docker volume remove',
  flags: VOLUME_RM,
  arity: { least: 1 },
  run: (invocation) =>
    forEachOperand(invocation, function* (name) {
      const query = { force: invocation.flags.on('force') ? '1' : '0' };
      const answer = yield* invocation.client.send({ method: 'DELETE', path: `/volumes/${percentEncode(name)}`, query });
      return answer instanceof ApiFailure ? answer : undefined;
    }),
};

export const pruneVolumes: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Remove unused local volumes',
  flags: VOLUME_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation): Blocking<number> {
    const { client, flags, process } = invocation;
    const all = flags.on('all');
    const which = all ? 'all local volumes' : 'anonymous local volumes';
    if (!(yield* confirmed(invocation, `WARNING! This will remove ${which} not used by at least one container.`))) return 0;
    const query = filterQuery([...flags.all('filter'), ...(all ? ['all=true'] : [])]);
    const answer = yield* client.json<{ VolumesDeleted: string[] | null }>('POST', '/volumes/prune', query);
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const deleted = answer.VolumesDeleted ? `Deleted Volumes:\n${answer.VolumesDeleted.map((name) => `${name}\n`).join('')}\n` : '';
    yield* process.write(1, `${deleted}Total reclaimed space: 0B\n`);
    return 0;
  },
};
