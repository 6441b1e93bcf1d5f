import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { alignColumns } from '../format/table.ts';
import { fail } from '../output.ts';

export const top: LeafCommand = {
  operands: 'CONTAINER [ps OPTIONS]',
  summary: 'Display the running processes of a container',
  aliases: 'docker container top, docker top',
  flags: [],
  arity: { least: 1 },
  stopAtOperand: true,
  completes: ['running container'],
  run: function* (invocation) {
    const [container = '', ...options] = invocation.operands;
    const answer = yield* invocation.client.json<{ Titles: string[]; Processes: string[][] }>(
      'GET',
      `/containers/${encodeURIComponent(container)}/top`,
      {
        ps_args: options.join(' '),
      },
    );
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* invocation.process.write(
      1,
      alignColumns(
        [answer.Titles, ...answer.Processes].map((row) => row.join('\t')),
        20,
      ),
    );
    return 0;
  },
};

export const port: LeafCommand = {
  operands: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  aliases: 'docker container port, docker port',
  flags: [],
  arity: { least: 1, most: 2 },
  completes: ['container'],
  run: function* (invocation) {
    const [container = '', wanted] = invocation.operands;
    const found = yield* invocation.client.json<{
      NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
    }>('GET', `/containers/${encodeURIComponent(container)}/json`);
    if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
    const { Ports } = found.NetworkSettings;
    const address = ({ HostIp, HostPort }: { HostIp: string; HostPort: string }): string =>
      `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`;
    if (wanted === undefined) {
      const lines = Object.entries(Ports).flatMap(([name, bindings]) =>
        (bindings ?? []).map((binding) => `${name} -> ${address(binding)}\n`),
      );
      yield* invocation.process.write(1, lines.join(''));
      return 0;
    }
    const bindings = Ports[wanted.includes('/') ? wanted : `${wanted}/tcp`];
    if (!bindings) return yield* fail(invocation, `Error: No public port '${wanted}' published for ${container}`);
    yield* invocation.process.write(1, bindings.map((binding) => `${address(binding)}\n`).join(''));
    return 0;
  },
};
