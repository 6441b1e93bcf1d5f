import { encode } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/digest.ts';
import type { Process } from '../../../host/process.ts';
import type { LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { CONTEXT_INSPECT, CONTEXT_LS } from '../options/system.ts';
import { fail } from '../output.ts';

/** There is one context, the client's own settings: others can't be made here. */
const DESCRIPTION = 'Current DOCKER_HOST based configuration';

function missing(process: Process, name: string): string {
  const directory = `${process.env.get('HOME') ?? ''}/.docker/contexts/meta/${sha256(encode(name))}`;
  return `context ${JSON.stringify(name)}: context not found: open ${directory}/meta.json: no such file or directory`;
}

export const listContexts: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List contexts',
  aliases: 'docker context ls, docker context list',
  flags: CONTEXT_LS,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const kind: ListKind<{ host: string }> = {
      typeName: '*formatter.clientContextContext',
      columns: {
        Current: { heading: '', value: () => 'true' },
        Name: { heading: 'NAME', value: () => 'default' },
        Description: { heading: 'DESCRIPTION', value: () => DESCRIPTION },
        DockerEndpoint: { heading: 'DOCKER ENDPOINT', value: ({ host }) => host },
        Error: { heading: 'ERROR', value: () => '' },
      },
    };
    const table = 'table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}';
    const format = flags.last('format') ?? '';
    const chosen = flags.on('quiet') ? '{{.Name}}' : format === '' || format === 'table' ? table : format;
    const rows = formatList(kind, [{ host: client.host }], chosen);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

export const showContext: LeafCommand = {
  operands: '',
  summary: 'Print the name of the current context',
  flags: [],
  arity: { exactly: 0 },
  run: function* ({ process }) {
    yield* process.write(1, 'default\n');
    return 0;
  },
};

export const useContext: LeafCommand = {
  operands: 'CONTEXT',
  summary: 'Set the current docker context',
  flags: [],
  arity: { exactly: 1 },
  run: function* (invocation) {
    const [name = ''] = invocation.operands;
    if (name !== 'default') return yield* fail(invocation, missing(invocation.process, name));
    yield* invocation.process.write(1, 'default\n');
    yield* invocation.process.write(2, 'Current context is now "default"\n');
    return 0;
  },
};

export const inspectContexts: LeafCommand = {
  operands: '[OPTIONS] [CONTEXT] [CONTEXT...]',
  summary: 'Display detailed information on one or more contexts',
  flags: CONTEXT_INSPECT,
  arity: { least: 0 },
  run: function* (invocation) {
    const { client, operands, process } = invocation;
    const other = operands.find((name) => name !== 'default');
    if (other !== undefined) return yield* fail(invocation, missing(invocation.process, other));
    const storage = { MetadataPath: '<IN MEMORY>', TLSPath: '<IN MEMORY>' };
    const context = {
      Name: 'default',
      Metadata: {},
      Endpoints: { docker: { Host: client.host, SkipTLSVerify: false } },
      TLSMaterial: {},
      Storage: storage,
    };
    const text = JSON.stringify([context], null, 4).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e');
    yield* process.write(1, `${text}\n`);
    return 0;
  },
};
