import { loaded, type Part, part } from '../../base/part.ts';
import { type AnyCommand, commandOf, type GroupCommand, type LeafCommand, type Listed, unmodelled } from './command.ts';
import { LEGACY_BUILDER } from './commands/legacy-builder.ts';

/** The commands by the headings of `docker --help`. */
export interface CommandTree {
  sections: readonly { title: string; commands: ReadonlyMap<string, Listed<AnyCommand>> }[];
}

export const daemonCommands = part('docker daemon', () => import('./commands/of-daemon.ts'));
const containers = from(part('docker containers', () => import('./commands/of-containers.ts')));
const objects = from(part('docker objects', () => import('./commands/of-objects.ts')));
const files = from(part('docker files', () => import('./commands/of-files.ts')));
const daemon = from(daemonCommands);
const swarm = from(part('docker swarm', () => import('./commands/of-swarm.ts')));

/** Names a command of a part. */
function from<T>(wanted: Part<T>): <K extends keyof T>(name: K) => () => T[K] {
  return (name) => () => loaded(wanted)[name];
}

const push = unmodelled('Upload an image to a registry');

function group(summary: string, commands: Record<string, Listed<LeafCommand>>, synonyms: Record<string, string> = {}): GroupCommand {
  return { summary, commands: new Map(Object.entries(commands)), synonyms: new Map(Object.entries(synonyms)) };
}

const container = group(
  'Manage containers',
  {
    attach: containers('attach'),
    commit: files('commit'),
    cp: files('cp'),
    create: containers('create'),
    diff: files('diff'),
    exec: containers('exec'),
    export: files('exportContainer'),
    inspect: objects('inspectContainer'),
    kill: containers('kill'),
    logs: containers('logs'),
    ls: objects('ps'),
    pause: containers('pause'),
    port: objects('port'),
    prune: containers('prune'),
    rename: containers('rename'),
    restart: containers('restart'),
    rm: containers('rm'),
    run: containers('run'),
    start: containers('start'),
    stats: files('stats'),
    stop: containers('stop'),
    top: objects('top'),
    unpause: containers('unpause'),
    update: files('update'),
    wait: containers('wait'),
  },
  { list: 'ls', ps: 'ls', remove: 'rm' },
);

const image = group(
  'Manage images',
  {
    build: files('build'),
    history: objects('history'),
    import: files('importImage'),
    inspect: objects('inspectImage'),
    load: files('load'),
    ls: objects('images'),
    prune: objects('pruneImages'),
    pull: containers('pull'),
    push,
    rm: objects('rmi'),
    save: files('save'),
    tag: objects('tag'),
  },
  { list: 'ls', remove: 'rm' },
);

const network = group(
  'Manage networks',
  {
    connect: objects('connect'),
    create: objects('createNetwork'),
    disconnect: objects('disconnect'),
    inspect: objects('inspectNetwork'),
    ls: objects('listNetworks'),
    prune: objects('pruneNetworks'),
    rm: objects('removeNetworks'),
  },
  { list: 'ls', remove: 'rm' },
);

const volume = group(
  'Manage volumes',
  {
    create: objects('createVolume'),
    inspect: objects('inspectVolume'),
    ls: objects('listVolumes'),
    prune: objects('pruneVolumes'),
    rm: objects('removeVolumes'),
  },
  { list: 'ls', remove: 'rm' },
);

const system = group('Manage Docker', {
  df: daemon('diskUsage'),
  events: daemon('events'),
  info: daemon('info'),
  prune: daemon('pruneSystem'),
});

const builder = { ...group('Manage builds', { build: files('build'), prune: daemon('pruneBuilder') }), notice: LEGACY_BUILDER };

const context = group(
  'Manage contexts',
  {
    create: unmodelled('Create a context'),
    export: unmodelled('Export a context to a tar archive FILE or a tar stream on STDOUT.'),
    import: unmodelled('Import a context from a tar or zip file'),
    inspect: daemon('inspectContexts'),
    ls: daemon('listContexts'),
    rm: unmodelled('Remove one or more contexts'),
    show: daemon('showContext'),
    update: unmodelled('Update a context'),
    use: daemon('useContext'),
  },
  { list: 'ls', remove: 'rm' },
);

const swarmGroup = group('Manage Swarm', {
  ca: swarm('swarmCa'),
  init: swarm('initSwarm'),
  join: swarm('joinSwarm'),
  'join-token': swarm('joinToken'),
  leave: swarm('leaveSwarm'),
  unlock: swarm('unlockSwarm'),
  'unlock-key': swarm('unlockKey'),
  update: swarm('updateSwarm'),
});

const node = group(
  'Manage Swarm nodes',
  {
    demote: swarm('demoteNodes'),
    inspect: swarm('inspectNodes'),
    ls: swarm('listNodes'),
    promote: swarm('promoteNodes'),
    ps: swarm('nodeTasks'),
    rm: swarm('removeNodes'),
    update: swarm('updateNode'),
  },
  { list: 'ls', remove: 'rm' },
);

const service = group(
  'Manage Swarm services',
  {
    create: swarm('createService'),
    inspect: swarm('inspectServices'),
    logs: swarm('serviceLogs'),
    ls: swarm('listServices'),
    ps: swarm('serviceTasks'),
    rm: swarm('removeServices'),
    rollback: swarm('rollbackService'),
    scale: swarm('scaleServices'),
    update: swarm('updateService'),
  },
  { list: 'ls', remove: 'rm' },
);

export const tree: CommandTree = {
  sections: [
    {
      title: 'Common Commands',
      commands: new Map<string, Listed<AnyCommand>>([
        ['run', containers('run')],
        ['exec', containers('exec')],
        ['ps', objects('ps')],
        ['build', files('build')],
        ['pull', containers('pull')],
        ['push', push],
        ['images', objects('images')],
        ['login', unmodelled('Authenticate to a registry')],
        ['logout', unmodelled('Log out from a registry')],
        ['search', unmodelled('Search Docker Hub for images')],
        ['version', daemon('version')],
        ['info', daemon('info')],
      ]),
    },
    {
      title: 'Management Commands',
      commands: new Map<string, Listed<AnyCommand>>([
        ['builder', builder],
        ['container', container],
        ['context', context],
        ['image', image],
        ['manifest', unmodelled('Manage Docker image manifests and manifest lists')],
        ['network', network],
        ['plugin', unmodelled('Manage plugins')],
        ['system', system],
        ['trust', unmodelled('Manage trust on Docker images')],
        ['volume', volume],
      ]),
    },
    { title: 'Swarm Commands', commands: new Map<string, Listed<AnyCommand>>([['swarm', swarmGroup]]) },
    {
      title: 'Commands',
      commands: new Map<string, Listed<AnyCommand>>(
        Object.entries({
          attach: containers('attach'),
          commit: files('commit'),
          cp: files('cp'),
          create: containers('create'),
          diff: files('diff'),
          events: daemon('events'),
          export: files('exportContainer'),
          history: objects('history'),
          import: files('importImage'),
          inspect: objects('inspect'),
          kill: containers('kill'),
          load: files('load'),
          logs: containers('logs'),
          pause: containers('pause'),
          port: objects('port'),
          rename: containers('rename'),
          restart: containers('restart'),
          rm: containers('rm'),
          rmi: objects('rmi'),
          save: files('save'),
          start: containers('start'),
          stats: files('stats'),
          stop: containers('stop'),
          tag: objects('tag'),
          top: objects('top'),
          unpause: containers('unpause'),
          update: files('update'),
          wait: containers('wait'),
        }),
      ),
    },
  ],
};

/** Commands that work but that the help leaves out until a swarm is there. */
const HIDDEN = new Map<string, Listed<AnyCommand>>([
  ['config', unmodelled('Manage Swarm configs')],
  ['node', node],
  ['secret', unmodelled('Manage Swarm secrets')],
  ['service', service],
  ['stack', unmodelled('Manage Swarm stacks')],
]);

/** The names of `docker`'s commands. */
export function commandNames(): string[] {
  return tree.sections.flatMap(({ commands }) => [...commands.keys()]);
}

/** @throws NotLoaded */
export function findCommand(name: string): AnyCommand | undefined {
  for (const { commands } of tree.sections) {
    const found = commands.get(name);
    if (found) return commandOf(found);
  }
  const hidden = HIDDEN.get(name);
  return hidden && commandOf(hidden);
}

/** @throws NotLoaded */
export function findInGroup(group: GroupCommand, name: string): LeafCommand | undefined {
  const found = group.commands.get(group.synonyms?.get(name) ?? name);
  return found && commandOf(found);
}
