import { percentEncode } from '../../../base/percent.ts';
import type { ServiceSpec } from '../../../engines/docker/swarm/objects.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { compareNaturally } from '../format/natural.ts';
import { displayPorts, type PortJson, type TaskRow } from '../format/tasks.ts';
import {
  SERVICE_CREATE,
  SERVICE_INSPECT,
  SERVICE_LOGS,
  SERVICE_LS,
  SERVICE_PS,
  SERVICE_ROLLBACK,
  SERVICE_SCALE,
  SERVICE_UPDATE,
} from '../options/services.ts';
import { fail } from '../output.ts';
import { inspectObjects } from './inspect.ts';
import { prettyService } from './service-pretty.ts';
import { waitForService } from './service-progress.ts';
import { changeSpec, newSpec } from './service-spec.ts';
import { namedTasks, printTasks } from './tasks.ts';

export interface ServiceJson {
  ID: string;
  Version: { Index: number };
  Spec: ServiceSpec;
  UpdateStatus?: { State: string; Message: string };
  Endpoint: { Ports?: PortJson[]; VirtualIPs?: { NetworkID: string; Addr: string }[] };
  ServiceStatus?: { RunningTasks: number; DesiredTasks: number };
}

const TABLE = 'table {{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}';

const columns: ListKind<ServiceJson> = {
  typeName: '*service.serviceContext',
  columns: {
    ID: { heading: 'ID', value: ({ ID }) => ID.slice(0, 12) },
    Name: { heading: 'NAME', value: ({ Spec }) => Spec.Name },
    Mode: { heading: 'MODE', value: ({ Spec }) => (Spec.Mode.Global ? 'global' : 'replicated') },
    Replicas: {
      heading: 'REPLICAS',
      value: ({ ServiceStatus }) => `${ServiceStatus?.RunningTasks ?? 0}/${ServiceStatus?.DesiredTasks ?? 0}`,
    },
    Image: { heading: 'IMAGE', value: ({ Spec }) => Spec.TaskTemplate.ContainerSpec.Image },
    Ports: {
      heading: 'PORTS',
      value: ({ Endpoint }) => displayPorts((Endpoint.Ports ?? []).filter(({ PublishMode }) => PublishMode === 'ingress')),
    },
  },
};

function path(name: string, action = ''): string {
  return `/services/${percentEncode(name)}${action}`;
}

export const listServices: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List services',
  aliases: 'docker service ls, docker service list',
  flags: SERVICE_LS,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const services = yield* client.json<ServiceJson[]>('GET', '/services', { status: '1', ...filterQuery(flags.all('filter')) });
    if (services instanceof ApiFailure) return yield* fail(invocation, services.message);
    services.sort((a, b) => compareNaturally(a.Spec.Name, b.Spec.Name));
    const format = flags.last('format') ?? '';
    const chosen = flags.on('quiet') && format === '' ? '{{.ID}}' : format === '' || format === 'table' ? TABLE : format;
    const rows = formatList(columns, services, chosen);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

export const createService: LeafCommand = {
  operands: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new service',
  flags: SERVICE_CREATE,
  arity: { least: 1 },
  stopAtOperand: true,
  completes: ['image'],
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const spec = newSpec(process, flags, operands, () => `${process.host.random(`docker/service-name/${process.pid}`).hex(10)}`);
    if (typeof spec === 'string') return yield* fail(invocation, spec);
    for (const network of spec.TaskTemplate.Networks ?? []) {
      const found = yield* client.json<{ Id: string }>('GET', `/networks/${percentEncode(network.Target)}`);
      if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
    }
    const made = yield* client.json<{ ID: string; Warnings: string[] | null }>('POST', '/services/create', {}, spec);
    if (made instanceof ApiFailure) return yield* fail(invocation, made.message);
    if (!flags.on('no-resolve-image')) for (const warning of made.Warnings ?? []) yield* process.write(2, `${warning}\n`);
    yield* process.write(1, `${made.ID}\n`);
    return flags.on('detach') || flags.on('quiet') ? 0 : yield* waitForService(invocation, made.ID, made.ID);
  },
};

export const inspectServices: LeafCommand = {
  operands: '[OPTIONS] SERVICE [SERVICE...]',
  summary: 'Display detailed information on one or more services',
  flags: SERVICE_INSPECT,
  arity: { least: 1 },
  run: function* (invocation) {
    const find = function* (of: Invocation, name: string): Blocking<unknown> {
      const found = yield* of.client.json<ServiceJson>('GET', path(name));
      return found instanceof ApiFailure && found.status === 404 ? new ApiFailure(404, `Error: no such service: ${name}`) : found;
    };
    if (!invocation.flags.on('pretty')) return yield* inspectObjects(invocation, find);
    for (const name of invocation.operands) {
      const service = (yield* find(invocation, name)) as ServiceJson | ApiFailure;
      if (service instanceof ApiFailure) return yield* fail(invocation, service.message);
      const networks = yield* invocation.client.json<{ Id: string; Name: string }[]>('GET', '/networks');
      const names = networks instanceof ApiFailure ? [] : networks;
      yield* invocation.process.write(
        1,
        prettyService(service, (id) => names.find(({ Id }) => Id === id)?.Name ?? id),
      );
    }
    return 0;
  },
};

export const serviceTasks: LeafCommand = {
  operands: '[OPTIONS] SERVICE [SERVICE...]',
  summary: 'List the tasks of one or more services',
  flags: SERVICE_PS,
  arity: { least: 1 },
  run: function* (invocation) {
    const rows: TaskRow[] = [];
    const missing: string[] = [];
    for (const name of invocation.operands) {
      const service = yield* invocation.client.json<ServiceJson>('GET', path(name));
      if (service instanceof ApiFailure) {
        if (service.status !== 404) return yield* fail(invocation, service.message);
        missing.push(`no such service: ${name}`);
        continue;
      }
      const tasks = yield* namedTasks(invocation, { service: { [service.ID]: true } });
      if (tasks instanceof ApiFailure) return yield* fail(invocation, tasks.message);
      rows.push(...tasks);
    }
    if (missing.length < invocation.operands.length) {
      const status = yield* printTasks(invocation, rows);
      if (status !== 0) return status;
    }
    return missing.length > 0 ? yield* fail(invocation, missing.join('\n')) : 0;
  },
};

export const removeServices: LeafCommand = {
  operands: 'SERVICE [SERVICE...]',
  summary: 'Remove one or more services',
  aliases: 'docker service rm, docker service remove',
  flags: [],
  arity: { least: 1 },
  run: function* (invocation) {
    const errors: string[] = [];
    for (const name of invocation.operands) {
      const answer = yield* invocation.client.send({ method: 'DELETE', path: path(name) });
      if (answer instanceof ApiFailure) errors.push(answer.message);
      else yield* invocation.process.write(1, `${name}\n`);
    }
    return errors.length > 0 ? yield* fail(invocation, errors.join('\n')) : 0;
  },
};

/** Reads a service, changes its spec, writes it back. */
function* change(
  invocation: Invocation,
  name: string,
  edit: (spec: ServiceSpec) => string | undefined,
  query: Record<string, string> = {},
): Blocking<ServiceJson | string> {
  const service = yield* invocation.client.json<ServiceJson>('GET', path(name));
  if (service instanceof ApiFailure) return service.message;
  const problem = edit(service.Spec);
  if (problem !== undefined) return problem;
  const version = String(service.Version.Index);
  const answer = yield* invocation.client.send({
    method: 'POST',
    path: path(service.ID, '/update'),
    query: { version, ...query },
    body: service.Spec,
  });
  return answer instanceof ApiFailure ? answer.message : service;
}

export const updateService: LeafCommand = {
  operands: '[OPTIONS] SERVICE',
  summary: 'Update a service',
  flags: SERVICE_UPDATE,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { flags, operands, process } = invocation;
    const [name = ''] = operands;
    const rollback: Record<string, string> = flags.on('rollback') ? { rollback: 'previous' } : {};
    const changed = yield* change(invocation, name, (spec) => changeSpec(process, spec, flags), rollback);
    if (typeof changed === 'string') return yield* fail(invocation, changed);
    yield* process.write(1, `${name}\n`);
    return flags.on('detach') || flags.on('quiet') ? 0 : yield* waitForService(invocation, changed.ID, name);
  },
};

export const rollbackService: LeafCommand = {
  operands: '[OPTIONS] SERVICE',
  summary: "Revert changes to a service's configuration",
  flags: SERVICE_ROLLBACK,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { flags, operands, process } = invocation;
    const [name = ''] = operands;
    const changed = yield* change(invocation, name, () => undefined, { rollback: 'previous' });
    if (typeof changed === 'string') return yield* fail(invocation, changed);
    yield* process.write(1, `${name}\n`);
    return flags.on('detach') || flags.on('quiet') ? 0 : yield* waitForService(invocation, changed.ID, name);
  },
};

export const scaleServices: LeafCommand = {
  operands: 'SERVICE=REPLICAS [SERVICE=REPLICAS...]',
  summary: 'Scale one or multiple replicated services',
  flags: SERVICE_SCALE,
  arity: { least: 1 },
  run: function* (invocation) {
    const { flags, operands, process, command } = invocation;
    const bad = operands.find((text) => !/^[^=]+=[^=]+$/.test(text));
    if (bad !== undefined) {
      const usage = `Usage:  docker service scale ${command.operands}\n\n${command.summary}`;
      return yield* fail(invocation, `invalid scale specifier '${bad}'.\nSee 'docker service scale --help'.\n\n${usage}`);
    }
    const errors: string[] = [];
    const scaled: [string, string][] = [];
    for (const operand of operands) {
      const [name = '', count = ''] = operand.split('=');
      const changed = /^\d+$/.test(count)
        ? yield* change(invocation, name, ({ Mode }) => {
            if (!Mode.Replicated) return 'scale can only be used with replicated or replicated-job mode';
            Mode.Replicated.Replicas = Number(count);
            return undefined;
          })
        : `invalid replicas value ${count}: invalid syntax`;
      if (typeof changed === 'string') errors.push(`${name}: ${changed}`);
      else {
        scaled.push([changed.ID, name]);
        yield* process.write(1, `${name} scaled to ${count}\n`);
      }
    }
    if (!flags.on('detach')) {
      for (const [id, name] of scaled) {
        const status = yield* waitForService(invocation, id, name);
        if (status !== 0) return status;
      }
    }
    return errors.length > 0 ? yield* fail(invocation, errors.join('\n')) : 0;
  },
};

interface LogLine {
  task: string;
  time: number;
  source: 'stdout' | 'stderr';
  text: string;
  node: string;
  slot: number;
  service: string;
}

export const serviceLogs: LeafCommand = {
  operands: '[OPTIONS] SERVICE|TASK',
  summary: 'Fetch the logs of a service or task',
  flags: SERVICE_LOGS,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const [name = ''] = operands;
    const lines = yield* client.json<LogLine[]>('GET', path(name, '/logs'));
    if (lines instanceof ApiFailure) {
      return yield* fail(invocation, lines.status === 404 ? `no such task or service: ${name}` : lines.message);
    }
    const tail = /^\d+$/.test(flags.last('tail') ?? '') ? Number(flags.last('tail')) : undefined;
    const tasks = new Map<string, LogLine[]>();
    for (const line of lines) tasks.set(line.task, [...(tasks.get(line.task) ?? []), line]);
    const kept = new Set(
      [...tasks.values()].flatMap((all) => (tail === undefined ? all : all.slice(all.length - Math.min(tail, all.length)))),
    );
    const width = Math.max(0, ...lines.map(({ slot }) => String(slot).length));
    for (const line of lines)
      if (kept.has(line)) yield* process.write(line.source === 'stdout' ? 1 : 2, prefixed(line, flags.on('raw'), width, flags));
    return 0;
  },
};

function prefixed(line: LogLine, raw: boolean, width: number, flags: Invocation['flags']): string {
  if (raw) return line.text;
  const id = flags.on('no-task-ids') ? '' : `.${flags.on('no-trunc') ? line.task : line.task.slice(0, 12)}`;
  const task = `${line.service}.${line.slot}${id}@${line.node}`;
  return `${task}${' '.repeat(width - String(line.slot).length)}    | ${line.text}`;
}
