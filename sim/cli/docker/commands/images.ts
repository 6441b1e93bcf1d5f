import { percentEncode } from '../../../base/percent.ts';
import { plainDate, unixSeconds } from '../../../engines/docker/clock.ts';
import { humanDuration } from '../../../engines/docker/duration.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { humanSize } from '../format/size.ts';
import { IMAGE_RM, IMAGES } from '../options/images.ts';
import { fail } from '../output.ts';

interface ImageSummary {
  Id: string;
  Containers: number;
  Created: number;
  RepoTags: string[] | null;
  Size: number;
}

/** One line of the list: an image under one of its names. */
interface ImageRow {
  image: ImageSummary;
  repository: string;
  tag: string;
}

function columns(now: number, truncate: boolean): ListKind<ImageRow> {
  const id = (row: ImageRow): string => (truncate ? row.image.Id.replace(/^sha256:/, '').slice(0, 12) : row.image.Id);
  return {
    typeName: '*formatter.imageContext',
    columns: {
      ID: { heading: 'IMAGE ID', value: id },
      Repository: { heading: 'REPOSITORY', value: (row) => row.repository },
      Tag: { heading: 'TAG', value: (row) => row.tag },
      Digest: { heading: 'DIGEST', value: () => '<none>' },
      CreatedSince: { heading: 'CREATED', value: (row) => `${humanDuration(now - row.image.Created)} ago` },
      CreatedAt: { heading: 'CREATED AT', value: (row) => `${plainDate(row.image.Created)} +0000 UTC` },
      Size: { heading: 'SIZE', value: (row) => humanSize(row.image.Size, 3) },
      Containers: { heading: 'CONTAINERS', value: (row) => String(row.image.Containers) },
      VirtualSize: { heading: 'SIZE', value: (row) => humanSize(row.image.Size, 4) },
      SharedSize: { heading: 'SHARED SIZE', value: () => 'N/A' },
      UniqueSize: { heading: 'UNIQUE SIZE', value: () => 'N/A' },
    },
  };
}

export const images: LeafCommand = {
  operands: '[OPTIONS] [REPOSITORY[:TAG]]',
  summary: 'List images',
  aliases: 'docker image ls, docker image list, docker images',
  flags: IMAGES,
  arity: { most: 1 },
  completes: ['image'],
  run: list,
};

function* list(invocation: Invocation): Blocking<number> {
  const { client, flags, operands, process } = invocation;
  const filters = [...flags.all('filter'), ...operands.map((name) => `reference=${name}`)];
  const answer = yield* client.json<ImageSummary[]>('GET', '/images/json', {
    all: flags.on('all') ? '1' : '0',
    ...filterQuery(filters),
  });
  if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
  const rows = answer.flatMap((image): ImageRow[] => {
    const tags = image.RepoTags && image.RepoTags.length > 0 ? image.RepoTags : ['<none>:<none>'];
    return tags.map((name) => ({ image, repository: name.slice(0, name.lastIndexOf(':')), tag: name.slice(name.lastIndexOf(':') + 1) }));
  });
  const format = flags.last('format') ?? '';
  const digest = flags.on('digests') ? '{{.Digest}}\t' : '';
  const table = `table {{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`;
  const chosen = flags.on('quiet') && format === '' ? '{{.ID}}' : format === '' || format === 'table' ? table : format;
  const text = formatList(columns(unixSeconds(process.host.now), !flags.on('no-trunc')), rows, chosen);
  if ('error' in text) return yield* fail(invocation, text.error);
  yield* process.write(1, text.text);
  return 0;
}

export const rmi: LeafCommand = {
  operands: '[OPTIONS] IMAGE [IMAGE...]',
  summary: 'Remove one or more images',
  aliases: 'docker image rm, docker image remove, docker rmi',
  flags: IMAGE_RM,
  arity: { least: 1 },
  completes: ['image'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const errors: string[] = [];
    for (const image of operands) {
      const force = flags.on('force');
      const answer = yield* client.json<{ Untagged?: string; Deleted?: string }[]>('DELETE', `/images/${percentEncode(image)}`, {
        force: force ? '1' : '0',
      });
      if (answer instanceof ApiFailure) {
        errors.push(answer.message);
        continue;
      }
      yield* process.write(
        1,
        answer.map(({ Untagged, Deleted }) => (Untagged ? `Untagged: ${Untagged}\n` : `Deleted: ${Deleted}\n`)).join(''),
      );
    }
    return errors.length === 0 ? 0 : yield* fail(invocation, errors.join('\n'));
  },
};
