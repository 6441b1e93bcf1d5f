import { percentEncode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { CONTAINER_PRUNE, KILL, RESTART, RM, START, STOP } from '../options/containers.ts';
import { fail, forEachOperand } from '../output.ts';
import { converse } from '../session.ts';
import { awaitExit, exitStatus, proxyTo } from './run.ts';
import { confirmed } from './confirm.ts';

const MANY = { arity: { least: 1 }, completes: ['container'] } as const;
const MANY_RUNNING = { arity: { least: 1 }, completes: ['running container'] } as const;

function path(container: string, action = ''): string {
  return `/containers/${percentEncode(container)}${action}`;
}

/** Posts an action on each container that is named. */
function act(action: string, query: (invocation: Invocation) => Record<string, string> = () => ({})): NonNullable<LeafCommand['run']> {
  return (invocation) =>
    forEachOperand(invocation, function* (container) {
      const answer = yield* invocation.client.send({ method: 'POST', path: path(container, action), query: query(invocation) });
      return answer instanceof ApiFailure ? answer : undefined;
    });
}

/** `-t` and `-s` of stop and restart. */
function stopQuery({ flags }: Invocation): Record<string, string> {
  const seconds = flags.last('timeout') ?? flags.last('time');
  const signal = flags.last('signal');
  return { ...(seconds === undefined ? {} : { t: seconds }), ...(signal === undefined ? {} : { signal }) };
}

export const stop: LeafCommand = {
  ...MANY_RUNNING,
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Stop one or more running containers',
  aliases: 'docker container stop, docker stop',
  flags: STOP,
  run: act('/stop', stopQuery),
};

export const restart: LeafCommand = {
  ...MANY,
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Restart one or more containers',
  aliases: 'docker container restart, docker restart',
  flags: RESTART,
  run: act('/restart', stopQuery),
};

export const kill: LeafCommand = {
  ...MANY_RUNNING,
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Kill one or more running containers',
  aliases: 'docker container kill, docker kill',
  flags: KILL,
  run: act('/kill', ({ flags }): Record<string, string> => (flags.given('signal') ? { signal: flags.last('signal') ?? '' } : {})),
};

export const pause: LeafCommand = {
  ...MANY_RUNNING,
  operands: 'CONTAINER [CONTAINER...]',
  summary: 'Pause all processes within one or more containers',
  aliases: 'docker container pause, docker pause',
  flags: [],
  run: act('/pause'),
};

export const unpause: LeafCommand = {
  ...MANY_RUNNING,
  operands: 'CONTAINER [CONTAINER...]',
  summary: 'Unpause all processes within one or more containers',
  aliases: 'docker container unpause, docker unpause',
  flags: [],
  run: act('/unpause'),
};

export const rm: LeafCommand = {
  ...MANY,
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Remove one or more containers',
  aliases: 'docker container rm, docker container remove, docker rm',
  flags: RM,
  run: (invocation) => {
    const force = invocation.flags.on('force');
    const missing: string[] = [];
    return (function* (): Blocking<number> {
      const status = yield* forEachOperand({ ...invocation, operands: invocation.operands }, function* (container) {
        const query = {
          force: force ? '1' : '0',
          link: invocation.flags.on('link') ? '1' : '0',
          v: invocation.flags.on('volumes') ? '1' : '0',
        };
        const answer = yield* invocation.client.send({ method: 'DELETE', path: path(container), query });
        if (!(answer instanceof ApiFailure)) return undefined;
        if (answer.status === 404 && force) missing.push(container);
        return answer;
      });
      // What isn't there needs no removing: with --force that is said, but no failure.
      return force && missing.length > 0 && missing.length === invocation.operands.length ? 0 : status;
    })();
  },
};

export const start: LeafCommand = {
  ...MANY,
  operands: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Start one or more stopped containers',
  aliases: 'docker container start, docker start',
  flags: START,
  run: startContainers,
};

function* startContainers(invocation: Invocation): Blocking<number> {
  const { client, process, operands, flags } = invocation;
  if (flags.on('attach') || flags.on('interactive')) {
    if (operands.length > 1) return yield* fail(invocation, 'you cannot start and attach multiple containers at once');
    return yield* startAttached(invocation, operands[0] ?? '');
  }
  const failed: string[] = [];
  for (const container of operands) {
    const answer = yield* client.send({ method: 'POST', path: path(container, '/start') });
    if (answer instanceof ApiFailure) {
      yield* process.write(2, `${answer.message}\n`);
      failed.push(container);
    } else yield* process.write(1, `${container}\n`);
  }
  return failed.length === 0 ? 0 : yield* fail(invocation, `Error: failed to start containers: ${failed.join(', ')}`);
}

function* startAttached(invocation: Invocation, container: string): Blocking<number> {
  const { client, process, flags } = invocation;
  const found = yield* client.json<{ Id: string; Config: { Tty: boolean; OpenStdin: boolean }; HostConfig: { AutoRemove: boolean } }>(
    'GET',
    path(container, '/json'),
  );
  if (found instanceof ApiFailure) return yield* fail(invocation, found.message);
  const stdin = flags.on('interactive') && found.Config.OpenStdin;
  const connection = yield* client.stream('POST', path(found.Id, '/attach'), {
    stream: '1',
    stdout: '1',
    stderr: '1',
    stdin: stdin ? '1' : '0',
  });
  if (connection instanceof ApiFailure) return yield* fail(invocation, connection.message);
  if (!found.Config.Tty) proxyTo(invocation, found.Id);
  const exit = awaitExit(invocation, found.Id, found.HostConfig.AutoRemove);
  const started = yield* client.send({ method: 'POST', path: path(found.Id, '/start') });
  if (started instanceof ApiFailure) return yield* fail(invocation, started.message);
  const left = yield* converse(process, connection, {
    stdin,
    tty: found.Config.Tty,
    stdout: true,
    stderr: true,
    resize: (size) =>
      client.send({ method: 'POST', path: path(found.Id, '/resize'), query: { h: String(size.rows), w: String(size.columns) } }),
  });
  return left ? 0 : yield* exitStatus(exit);
}

export const rename: LeafCommand = {
  operands: 'CONTAINER NEW_NAME',
  summary: 'Rename a container',
  aliases: 'docker container rename, docker rename',
  flags: [],
  arity: { exactly: 2 },
  completes: ['container'],
  run: function* (invocation) {
    const [container = '', name = ''] = invocation.operands;
    const answer = yield* invocation.client.send({ method: 'POST', path: path(container, '/rename'), query: { name } });
    if (answer instanceof ApiFailure)
      return yield* fail(invocation, `${answer.message}\nError: failed to rename container named ${container}`);
    return 0;
  },
};

export const wait: LeafCommand = {
  ...MANY,
  operands: 'CONTAINER [CONTAINER...]',
  summary: 'Block until one or more containers stop, then print their exit codes',
  aliases: 'docker container wait, docker wait',
  flags: [],
  run: (invocation) =>
    forEachOperand(invocation, function* (container) {
      const answer = yield* invocation.client.json<{ StatusCode: number }>('POST', path(container, '/wait'));
      return answer instanceof ApiFailure ? answer : String(answer.StatusCode);
    }),
};

export const prune: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Remove all stopped containers',
  flags: CONTAINER_PRUNE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    if (!(yield* confirmed(invocation, 'WARNING! This will remove all stopped containers.'))) return 0;
    const answer = yield* invocation.client.json<{ ContainersDeleted: string[] | null; SpaceReclaimed: number }>(
      'POST',
      '/containers/prune',
    );
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    const deleted = answer.ContainersDeleted ? `Deleted Containers:\n${answer.ContainersDeleted.map((id) => `${id}\n`).join('')}\n` : '';
    yield* invocation.process.write(1, `${deleted}Total reclaimed space: 0B\n`);
    return 0;
  },
};
