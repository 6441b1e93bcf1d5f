import { commit, importImage, load, save } from './commands/archives.ts';
import { attach } from './commands/attach.ts';
import { build, LEGACY_BUILDER } from './commands/build.ts';
import { inspectContexts, listContexts, showContext, useContext } from './commands/context.ts';
import { diskUsage, pruneBuilder, pruneSystem } from './commands/disk.ts';
import { create, run } from './commands/run.ts';
import { diff, exportContainer } from './commands/changes.ts';
import { cp } from './commands/cp.ts';
import { events } from './commands/events.ts';
import { exec } from './commands/exec.ts';
import { stats } from './commands/stats.ts';
import { update } from './commands/update.ts';
import { createVolume, listVolumes, pruneVolumes, removeVolumes } from './commands/volumes.ts';
import { history, pruneImages, tag } from './commands/image-names.ts';
import { images, rmi } from './commands/images.ts';
import { inspect, inspectContainer, inspectImage, inspectNetwork, inspectVolume } from './commands/inspect.ts';
import { kill, pause, prune, rename, restart, rm, start, stop, unpause, wait } from './commands/lifecycle.ts';
import { logs } from './commands/logs.ts';
import { connect, createNetwork, disconnect, listNetworks, pruneNetworks, removeNetworks } from './commands/networks.ts';
import { ps } from './commands/ps.ts';
import { pull } from './commands/pull.ts';
import { info, version } from './commands/system.ts';
import { port } from './commands/port.ts';
import {
  createService,
  inspectServices,
  listServices,
  removeServices,
  rollbackService,
  scaleServices,
  serviceLogs,
  serviceTasks,
  updateService,
} from './commands/services.ts';
import { demoteNodes, inspectNodes, listNodes, nodeTasks, promoteNodes, removeNodes, updateNode } from './commands/nodes.ts';
import { initSwarm, joinSwarm, joinToken, leaveSwarm, swarmCa, unlockKey, unlockSwarm, updateSwarm } from './commands/swarm.ts';
import { top } from './commands/top.ts';
import { type AnyCommand, type GroupCommand, type LeafCommand, unmodelled } from './command.ts';

/** The commands by the headings of `docker --help`. */
export interface CommandTree {
  sections: readonly { title: string; commands: ReadonlyMap<string, AnyCommand> }[];
}

const push = unmodelled('Upload an image to a registry');

function group(summary: string, commands: Record<string, LeafCommand>, synonyms: Record<string, string> = {}): GroupCommand {
  return { summary, commands: new Map(Object.entries(commands)), synonyms: new Map(Object.entries(synonyms)) };
}

const container = group(
  'Manage containers',
  {
    attach,
    commit,
    cp,
    create,
    diff,
    exec,
    export: exportContainer,
    inspect: inspectContainer,
    kill,
    logs,
    ls: ps,
    pause,
    port,
    prune,
    rename,
    restart,
    rm,
    run,
    start,
    stats,
    stop,
    top,
    unpause,
    update,
    wait,
  },
  { list: 'ls', ps: 'ls', remove: 'rm' },
);

const image = group(
  'Manage images',
  {
    build,
    history,
    import: importImage,
    inspect: inspectImage,
    load,
    ls: images,
    prune: pruneImages,
    pull,
    push,
    rm: rmi,
    save,
    tag,
  },
  { list: 'ls', remove: 'rm' },
);

const network = group(
  'Manage networks',
  {
    connect,
    create: createNetwork,
    disconnect,
    inspect: inspectNetwork,
    ls: listNetworks,
    prune: pruneNetworks,
    rm: removeNetworks,
  },
  { list: 'ls', remove: 'rm' },
);

const volume = group(
  'Manage volumes',
  { create: createVolume, inspect: inspectVolume, ls: listVolumes, prune: pruneVolumes, rm: removeVolumes },
  { list: 'ls', remove: 'rm' },
);

const system = group('Manage Docker', {
  df: diskUsage,
  events,
  info,
  prune: pruneSystem,
});

const builder = { ...group('Manage builds', { build, prune: pruneBuilder }), notice: LEGACY_BUILDER };

const context = group(
  'Manage contexts',
  {
    create: unmodelled('Create a context'),
    export: unmodelled('Export a context to a tar archive FILE or a tar stream on STDOUT.'),
    import: unmodelled('Import a context from a tar or zip file'),
    inspect: inspectContexts,
    ls: listContexts,
    rm: unmodelled('Remove one or more contexts'),
    show: showContext,
    update: unmodelled('Update a context'),
    use: useContext,
  },
  { list: 'ls', remove: 'rm' },
);

const swarm = group('Manage Swarm', {
  ca: swarmCa,
  init: initSwarm,
  join: joinSwarm,
  'join-token': joinToken,
  leave: leaveSwarm,
  unlock: unlockSwarm,
  'unlock-key': unlockKey,
  update: updateSwarm,
});

const node = group(
  'Manage Swarm nodes',
  { demote: demoteNodes, inspect: inspectNodes, ls: listNodes, promote: promoteNodes, ps: nodeTasks, rm: removeNodes, update: updateNode },
  { list: 'ls', remove: 'rm' },
);

const service = group(
  'Manage Swarm services',
  {
    create: createService,
    inspect: inspectServices,
    logs: serviceLogs,
    ls: listServices,
    ps: serviceTasks,
    rm: removeServices,
    rollback: rollbackService,
    scale: scaleServices,
    update: updateService,
  },
  { list: 'ls', remove: 'rm' },
);

export const tree: CommandTree = {
  sections: [
    {
      title: 'Common Commands',
      commands: new Map<string, AnyCommand>([
        ['run', run],
        ['exec', exec],
        ['ps', ps],
        ['build', build],
        ['pull', pull],
        ['push', push],
        ['images', images],
        ['login', unmodelled('Authenticate to a registry')],
        ['logout', unmodelled('Log out from a registry')],
        ['search', unmodelled('Search Docker Hub for images')],
        ['version', version],
        ['info', info],
      ]),
    },
    {
      title: 'Management Commands',
      commands: new Map<string, AnyCommand>([
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
    { title: 'Swarm Commands', commands: new Map<string, AnyCommand>([['swarm', swarm]]) },
    {
      title: 'Commands',
      commands: new Map<string, AnyCommand>(
        Object.entries({
          attach,
          commit,
          cp,
          create,
          diff,
          events,
          export: exportContainer,
          history,
          import: importImage,
          inspect,
          kill,
          load,
          logs,
          pause,
          port,
          rename,
          restart,
          rm,
          rmi,
          save,
          start,
          stats,
          stop,
          tag,
          top,
          unpause,
          update,
          wait,
        }),
      ),
    },
  ],
};

/** Commands that work but that the help leaves out until a swarm is there. */
const HIDDEN = new Map<string, AnyCommand>([
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

export function findCommand(name: string): AnyCommand | undefined {
  for (const { commands } of tree.sections) {
    const found = commands.get(name);
    if (found) return found;
  }
  return HIDDEN.get(name);
}

export function findInGroup(group: GroupCommand, name: string): LeafCommand | undefined {
  return group.commands.get(group.synonyms?.get(name) ?? name);
}
