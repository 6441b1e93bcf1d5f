import { percentEncode } from '../../../base/percent.ts';
import { ApiFailure } from '../client.ts';
import type { LeafCommand } from '../command.ts';
import { compareNaturally } from '../format/natural.ts';
import { fail } from '../output.ts';

interface Binding {
  HostIp: string;
  HostPort: string;
}

export const port: LeafCommand = {
  operands: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  summary: 'List port mappings or a specific mapping for the container',
  aliases: 'docker container port, docker port',
  flags: [],
  arity: { least: 1, most: 2 },
  completes: ['container'],
  run: function* (invocation) {
    const [container = '', wanted] = invocation.operands;
    const found = yield* invocation.client.json<{ NetworkSettings: { Ports: Record<string, Binding[] | null> } }>(
      'GET',
      `/containers/${percentEncode(container)}/json`,
    );
    if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
    const { Ports } = found.NetworkSettings;
    const lines: string[] = [];
    if (wanted === undefined) {
      for (const [name, bindings] of Object.entries(Ports))
        lines.push(...(bindings ?? []).map((binding) => `${name} -> ${place(binding)}`));
    } else {
      const bindings = Ports[wanted.includes('/') ? wanted : `${wanted}/tcp`];
      if (!bindings) return yield* fail(invocation, `Error: No public port '${wanted}' published for ${container}`);
      lines.push(...bindings.map(place));
    }
    yield* invocation.process.write(
      1,
      lines
        .sort(compareNaturally)
        .map((line) => `${line}\n`)
        .join(''),
    );
    return 0;
  },
};

function place({ HostIp, HostPort }: Binding): string {
  return `${HostIp.includes(':') ? `[${HostIp}]` : HostIp}:${HostPort}`;
}
