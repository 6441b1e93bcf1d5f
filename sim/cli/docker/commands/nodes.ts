import { percentEncode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure, filterQuery } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { formatList, type ListKind } from '../format/list.ts';
import { compareNaturally } from '../format/natural.ts';
import { binarySize } from '../format/size.ts';
import { capital, type TaskRow } from '../format/tasks.ts';
import { NODE_INSPECT, NODE_LS, NODE_PS, NODE_RM, NODE_UPDATE } from '../options/nodes.ts';
import { fail, forEachOperand } from '../output.ts';
import { inspectObjects } from './inspect.ts';
import { membership } from './swarm.ts';
import { namedTasks, printTasks } from './tasks.ts';

interface NodeSpec {
  Labels: Record<string, string>;
  Role: string;
  Availability: string;
}

interface NodeJson {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  Spec: NodeSpec;
  Description: {
    Hostname: string;
    Platform: { Architecture: string; OS: string };
    Resources: { NanoCPUs: number; MemoryBytes: number };
    Engine: { EngineVersion: string; Plugins: { Type: string; Name: string }[] };
  };
  Status: { State: string; Message?: string; Addr: string };
  ManagerStatus?: { Leader?: boolean; Reachability: string; Addr: string };
}

const TABLE =
  'table {{.ID}} {{if .Self}}*{{else}} {{ end }}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}';

function columns(self: string): ListKind<NodeJson> {
  return {
    typeName: '*node.nodeContext',
    columns: {
      ID: { heading: 'ID', value: ({ ID }) => ID },
      Self: { heading: '', value: ({ ID }) => (ID === self ? 'true' : '') },
      Hostname: { heading: 'HOSTNAME', value: ({ Description }) => Description.Hostname },
      Status: { heading: 'STATUS', value: ({ Status }) => capital(Status.State) },
      Availability: { heading: 'AVAILABILITY', value: ({ Spec }) => capital(Spec.Availability) },
      ManagerStatus: { heading: 'MANAGER STATUS', value: managerStatus },
      TLSStatus: { heading: 'TLS STATUS', value: () => 'Unknown' },
      EngineVersion: { heading: 'ENGINE VERSION', value: ({ Description }) => Description.Engine.EngineVersion },
    },
  };
}

function managerStatus({ ManagerStatus }: NodeJson): string {
  if (!ManagerStatus) return '';
  return ManagerStatus.Leader ? 'Leader' : capital(ManagerStatus.Reachability);
}

export const listNodes: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'List nodes in the swarm',
  aliases: 'docker node ls, docker node list',
  flags: NODE_LS,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const nodes = yield* client.json<NodeJson[]>('GET', '/nodes', filterQuery(flags.all('filter')));
    if (nodes instanceof ApiFailure) return yield* fail(invocation, nodes.message);
    const self = yield* membership(invocation);
    if (self instanceof ApiFailure) return yield* fail(invocation, self.message);
    nodes.sort((a, b) => compareNaturally(a.Description.Hostname, b.Description.Hostname));
    const format = flags.last('format') ?? '';
    const chosen = flags.on('quiet') && format === '' ? '{{.ID}}' : format === '' || format === 'table' ? TABLE : format;
    const rows = formatList(columns(self.NodeID), nodes, chosen);
    if ('error' in rows) return yield* fail(invocation, rows.error);
    yield* process.write(1, rows.text);
    return 0;
  },
};

/** `self` is this host. */
function* resolve(invocation: Invocation, text: string): Blocking<string | ApiFailure> {
  if (text !== 'self') return text;
  const self = yield* membership(invocation);
  if (self instanceof ApiFailure) return self;
  if (self.NodeID !== '') return self.NodeID;
  // Without a swarm the daemon's own refusal says why.
  const refused = yield* invocation.client.json('GET', '/nodes');
  return refused instanceof ApiFailure ? refused : '';
}

function* find(invocation: Invocation, text: string): Blocking<NodeJson | ApiFailure> {
  const name = yield* resolve(invocation, text);
  return name instanceof ApiFailure ? name : yield* invocation.client.json<NodeJson>('GET', `/nodes/${percentEncode(name)}`);
}

export const inspectNodes: LeafCommand = {
  operands: '[OPTIONS] self|NODE [NODE...]',
  summary: 'Display detailed information on one or more nodes',
  flags: NODE_INSPECT,
  arity: { least: 1 },
  run: function* (invocation) {
    if (!invocation.flags.on('pretty')) return yield* inspectObjects(invocation, find);
    for (const name of invocation.operands) {
      const node = yield* find(invocation, name);
      if (node instanceof ApiFailure) return yield* fail(invocation, node.message);
      yield* invocation.process.write(1, `${pretty(node)}\n`);
    }
    return 0;
  },
};

function pretty({ ID, CreatedAt, Spec, Status, Description, ManagerStatus }: NodeJson): string {
  const joined = CreatedAt.replace('T', ' ').replace('Z', ' +0000 utc');
  const labels = Object.entries(Spec.Labels).map(([name, value]) => ` - ${name}=${value}`);
  const plugins = (type: string): string =>
    Description.Engine.Plugins.filter(({ Type }) => Type === type)
      .map(({ Name }) => Name)
      .join(', ');
  return [
    `ID:\t\t\t${ID}`,
    ...(labels.length > 0 ? ['Labels:', ...labels] : []),
    `Hostname:              \t${Description.Hostname}`,
    `Joined at:             \t${joined}`,
    'Status:',
    ` State:\t\t\t${capital(Status.State)}`,
    ...(Status.Message ? [` Message:              \t${capital(Status.Message)}`] : []),
    ` Availability:         \t${capital(Spec.Availability)}`,
    ` Address:\t\t${Status.Addr}`,
    ...(ManagerStatus
      ? [
          'Manager Status:',
          ` Address:\t\t${ManagerStatus.Addr}`,
          ` Raft Status:\t\t${capital(ManagerStatus.Reachability)}`,
          ` Leader:\t\t${ManagerStatus.Leader ? 'Yes' : 'No'}`,
        ]
      : []),
    'Platform:',
    ` Operating System:\t${Description.Platform.OS}`,
    ` Architecture:\t\t${Description.Platform.Architecture}`,
    'Resources:',
    ` CPUs:\t\t\t${Description.Resources.NanoCPUs / 1e9}`,
    ` Memory:\t\t${binarySize(Description.Resources.MemoryBytes)}`,
    'Plugins:',
    ` Log:\t\t${plugins('Log')}`,
    ` Network:\t\t${plugins('Network')}`,
    ` Volume:\t\t${plugins('Volume')}`,
    `Engine Version:\t\t${Description.Engine.EngineVersion}`,
  ].join('\n');
}

export const nodeTasks: LeafCommand = {
  operands: '[OPTIONS] [NODE...]',
  summary: 'List tasks running on one or more nodes, defaults to current node',
  flags: NODE_PS,
  arity: { least: 0 },
  run: function* (invocation) {
    const { operands } = invocation;
    const rows: TaskRow[] = [];
    for (const name of operands.length > 0 ? operands : ['self']) {
      const node = yield* find(invocation, name);
      const tasks = node instanceof ApiFailure ? node : yield* namedTasks(invocation, { node: { [node.ID]: true } });
      if (tasks instanceof ApiFailure) return yield* fail(invocation, tasks.message);
      rows.push(...tasks);
    }
    return yield* printTasks(invocation, rows);
  },
};

/** Reads a node, changes its spec, writes it back; `undefined` where nothing was to be done. */
function* change(invocation: Invocation, name: string, edit: (spec: NodeSpec, node: NodeJson) => boolean): Blocking<ApiFailure | boolean> {
  const node = yield* find(invocation, name);
  if (node instanceof ApiFailure) return node;
  if (!edit(node.Spec, node)) return false;
  const path = `/nodes/${node.ID}/update`;
  const query = { version: String(node.Version.Index) };
  const answer = yield* invocation.client.send({ method: 'POST', path, query, body: node.Spec });
  return answer instanceof ApiFailure ? answer : true;
}

export const updateNode: LeafCommand = {
  operands: '[OPTIONS] NODE',
  summary: 'Update a node',
  flags: NODE_UPDATE,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { flags, operands, process } = invocation;
    const [name = ''] = operands;
    const done = yield* change(invocation, name, (spec) => {
      spec.Availability = flags.last('availability') ?? spec.Availability;
      spec.Role = flags.last('role') ?? spec.Role;
      for (const label of flags.all('label-add')) {
        const equals = label.indexOf('=');
        spec.Labels[equals < 0 ? label : label.slice(0, equals)] = equals < 0 ? '' : label.slice(equals + 1);
      }
      for (const label of flags.all('label-rm')) delete spec.Labels[label];
      return true;
    });
    if (done instanceof ApiFailure) return yield* fail(invocation, done.message);
    yield* process.write(1, `${name}\n`);
    return 0;
  },
};

/** `promote` and `demote`. */
function roleCommand(summary: string, role: 'worker' | 'manager', done: (name: string) => string): LeafCommand {
  return {
    operands: 'NODE [NODE...]',
    summary,
    flags: [],
    arity: { least: 1 },
    run: function* (invocation) {
      const { operands, process } = invocation;
      for (const name of operands) {
        let id = '';
        const changed = yield* change(invocation, name, (spec, node) => {
          id = node.ID;
          if (spec.Role === role) return false;
          spec.Role = role;
          return true;
        });
        if (changed instanceof ApiFailure) return yield* fail(invocation, changed.message);
        yield* process.write(1, changed ? done(name) : `Node ${id} is already a ${role}.\n`);
      }
      return 0;
    },
  };
}

export const promoteNodes = roleCommand(
  'Promote one or more nodes to manager in the swarm',
  'manager',
  (name) => `Node ${name} promoted to a manager in the swarm.\n`,
);
export const demoteNodes = roleCommand(
  'Demote one or more nodes from manager in the swarm',
  'worker',
  (name) => `Manager ${name} demoted in the swarm.\n`,
);

export const removeNodes: LeafCommand = {
  operands: '[OPTIONS] NODE [NODE...]',
  summary: 'Remove one or more nodes from the swarm',
  aliases: 'docker node rm, docker node remove',
  flags: NODE_RM,
  arity: { least: 1 },
  run: (invocation) =>
    forEachOperand(invocation, function* (name) {
      const query = { force: invocation.flags.on('force') ? '1' : '0' };
      const answer = yield* invocation.client.send({ method: 'DELETE', path: `/nodes/${percentEncode(name)}`, query });
      return answer instanceof ApiFailure ? answer : undefined;
    }),
};
