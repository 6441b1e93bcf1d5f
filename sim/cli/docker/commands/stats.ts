import { percentEncode } from '../../../base/percent.ts';
import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { FIDELITY } from '../../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { humanSize } from '../format/size.ts';
import { STATS } from '../options/containers.ts';
import { fail } from '../output.ts';

interface Sample {
  asked: string;
  name: string;
  id: string;
  pids_stats: { current: number };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
}

function kind(truncate: boolean): ListKind<Sample> {
  const sum = ({ networks }: Sample, key: 'rx_bytes' | 'tx_bytes'): number =>
    Object.values(networks ?? {}).reduce((total, counters) => total + counters[key], 0);
  return {
    typeName: '*container.statsContext',
    columns: {
      Container: { heading: 'CONTAINER', value: ({ asked }) => asked },
      ID: { heading: 'CONTAINER ID', value: ({ id }) => (truncate ? id.slice(0, 12) : id) },
      Name: { heading: 'NAME', value: ({ name }) => name.slice(1) },
      CPUPerc: { heading: 'CPU %', value: () => '0.00%' },
      MemUsage: { heading: 'MEM USAGE / LIMIT', value: () => '0B / 0B' },
      MemPerc: { heading: 'MEM %', value: () => '0.00%' },
      NetIO: {
        heading: 'NET I/O',
        value: (sample) => `${humanSize(sum(sample, 'rx_bytes'), 3)} / ${humanSize(sum(sample, 'tx_bytes'), 3)}`,
      },
      BlockIO: { heading: 'BLOCK I/O', value: () => '0B / 0B' },
      PIDs: { heading: 'PIDS', value: ({ pids_stats: { current } }) => String(current) },
    },
  };
}

const TABLE = 'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}';

/** One sample: bytes on the network are counted, CPU, memory and disks show 0. */
export const stats: LeafCommand = {
  operands: '[OPTIONS] [CONTAINER...]',
  summary: 'Display a live stream of container(s) resource usage statistics',
  aliases: 'docker container stats, docker stats',
  flags: STATS,
  arity: { least: 0 },
  completes: ['running container'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    if (!flags.on('no-stream')) return yield* fail(invocation, `docker stats without --no-stream is not modelled (${FIDELITY})`);
    let names = operands;
    if (names.length === 0) {
      const listed = yield* client.json<{ Id: string }[]>('GET', '/containers/json', { all: flags.on('all') ? '1' : '0' });
      if (listed instanceof ApiFailure) return yield* fail(invocation, listed.message);
      names = listed.map(({ Id }) => Id.slice(0, 12));
    }
    const samples: Sample[] = [];
    for (const name of names) {
      const found = yield* client.json<Sample>('GET', `/containers/${percentEncode(name)}/stats`, { stream: '0' });
      if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
      samples.push({ ...found, asked: name });
    }
    const format = flags.last('format') ?? '';
    const rows = formatList(kind(!flags.on('no-trunc')), samples, format === '' || format === 'table' ? TABLE : format);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};
