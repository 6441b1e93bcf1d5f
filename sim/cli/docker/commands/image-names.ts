import { percentEncode } from '../../../base/percent.ts';
import { unixSeconds } from '../../../engines/docker/clock.ts';
import { humanDuration } from '../../../engines/docker/duration.ts';
import { parseReference } from '../../../engines/docker/images/reference.ts';
import { Refusal } from '../../../engines/docker/refusal.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { humanSize } from '../format/size.ts';
import { HISTORY, IMAGE_PRUNE } from '../options/images.ts';
import { fail } from '../output.ts';
import { confirmed } from './confirm.ts';

export const tag: LeafCommand = {
  operands: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  summary: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  aliases: 'docker image tag, docker tag',
  flags: [],
  arity: { exactly: 2 },
  completes: ['image'],
  run: function* (invocation) {
    const [source = '', target = ''] = invocation.operands;
    const reference = parseReference(target);
    if (reference instanceof Refusal)
      return yield* fail(invocation, `Error parsing reference: "${target}" is not a valid repository/tag: ${reference.message}`);
    const query = { repo: reference.repository, tag: reference.tag ?? 'latest' };
    const answer = yield* invocation.client.send({ method: 'POST', path: `/images/${percentEncode(source)}/tag`, query });
    return answer instanceof ApiFailure ? yield* fail(invocation, answer.message) : 0;
  },
};

interface HistoryEntry {
  Id: string;
  Created: number;
  CreatedBy: string;
  Size: number;
  Comment: string;
}

export const history: LeafCommand = {
  operands: '[OPTIONS] IMAGE',
  summary: 'Show the history of an image',
  aliases: 'docker image history, docker history',
  flags: HISTORY,
  arity: { exactly: 1 },
  completes: ['image'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const answer = yield* client.json<HistoryEntry[]>('GET', `/images/${percentEncode(operands[0] ?? '')}/history`);
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const whole = flags.on('no-trunc');
    const now = unixSeconds(process.host.now);
    const kind: ListKind<HistoryEntry> = {
      typeName: '*formatter.historyContext',
      columns: {
        ID: { heading: 'IMAGE', value: ({ Id }) => (whole || Id === '<missing>' ? Id : Id.replace('sha256:', '').slice(0, 12)) },
        CreatedSince: { heading: 'CREATED', value: ({ Created }) => `${humanDuration(now - Created)} ago` },
        CreatedBy: {
          heading: 'CREATED BY',
          value: ({ CreatedBy }) => (whole || CreatedBy.length <= 45 ? CreatedBy : `${CreatedBy.slice(0, 44)}…`),
        },
        Size: { heading: 'SIZE', value: ({ Size }) => (flags.on('human', true) ? humanSize(Size, 3) : String(Size)) },
        Comment: { heading: 'COMMENT', value: ({ Comment }) => Comment },
      },
    };
    const format = flags.last('format') ?? '';
    const table = 'table {{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}';
    const rows = formatList(kind, answer, flags.on('quiet') ? '{{.ID}}' : format === '' || format === 'table' ? table : format);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

export const pruneImages: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Remove unused images',
  flags: IMAGE_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const all = flags.on('all');
    const which = all ? 'all images without at least one container associated to them' : 'all dangling images';
    if (!(yield* confirmed(invocation, `WARNING! This will remove ${which}.`))) return 0;
    const query = filterQuery([`dangling=${all ? 'false' : 'true'}`, ...flags.all('filter')]);
    const answer = yield* client.json<{ ImagesDeleted: { Untagged?: string; Deleted?: string }[] | null; SpaceReclaimed: number }>(
      'POST',
      '/images/prune',
      query,
    );
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const lines = (answer.ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}\n` : `deleted: ${Deleted}\n`,
    );
    const deleted = lines.length > 0 ? `Deleted Images:\n${lines.join('')}\n` : '';
    yield* process.write(1, `${deleted}Total reclaimed space: ${humanSize(answer.SpaceReclaimed, 4)}\n`);
    return 0;
  },
};
