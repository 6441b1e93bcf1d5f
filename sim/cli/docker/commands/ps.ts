import { unixSeconds } from '../../../engines/docker/clock.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { type ContainerSummary, containerColumns } from '../format/containers.ts';
import { formatList } from '../format/list.ts';
import { PS } from '../options/containers.ts';
import { fail } from '../output.ts';

const TABLE = 'table {{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}';
const RAW =
  'container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: {{.State}}\nstatus: {{.Status}}\nnames: {{.Names}}\nlabels: {{.Labels}}\nports: {{.Ports}}\n';

export const ps: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List containers',
  aliases: 'docker container ls, docker container list, docker container ps, docker ps',
  flags: PS,
  arity: { exactly: 0 },
  run: list,
};

function* list(invocation: Invocation): Blocking<number> {
  const { process, client, flags } = invocation;
  const format = flags.last('format') ?? '';
  const quiet = flags.on('quiet');
  if (format !== '' && quiet) yield* process.write(2, 'WARNING: Ignoring custom format, because both --format and --quiet are set.\n');
  const last = flags.on('latest') ? '1' : (flags.last('last') ?? '-1');
  const size = flags.on('size') || /\.Size\b/.test(format);
  const answer = yield* client.json<ContainerSummary[]>('GET', '/containers/json', {
    all: flags.on('all') ? '1' : '0',
    ...(Number(last) > 0 ? { limit: last } : {}),
    size: size ? '1' : '0',
    ...filterQuery(flags.all('filter')),
  });
  if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
  const kind = containerColumns(unixSeconds(process.host.now) + (process.host.now % 1_000_000) / 1_000_000, !flags.on('no-trunc'));
  const rows = formatList(kind, answer, quiet ? '{{.ID}}' : chosenFormat(format, flags.on('size')));
  if ('error' in rows) return yield* fail(invocation, rows.error);
  yield* process.write(1, rows.text);
  return 0;
}

function chosenFormat(format: string, size: boolean): string {
  if (format === '' || format === 'table') return size ? `${TABLE}\t{{.Size}}` : TABLE;
  return format === 'raw' ? RAW : format;
}
