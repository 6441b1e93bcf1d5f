import type { Blocking } from '../../../host/wait.ts';
import { notModelled } from '../../command.ts';
import { ApiFailure } from '../client.ts';
import type { Invocation, LeafCommand } from '../command.ts';
import { SWARM_INIT, SWARM_JOIN, SWARM_JOIN_TOKEN, SWARM_LEAVE, SWARM_UPDATE } from '../options/swarm.ts';
import { columnsOf, fail } from '../output.ts';
import { help } from '../usage.ts';

interface Membership {
  NodeID: string;
  LocalNodeState: string;
  ControlAvailable: boolean;
}

const AVAILABILITIES = ['active', 'pause', 'drain'];

/** What the daemon says of its own membership. */
export function* membership({ client }: Invocation): Blocking<Membership | ApiFailure> {
  const info = yield* client.json<{ Swarm: Membership }>('GET', '/info');
  return info instanceof ApiFailure ? info : info.Swarm;
}

export const initSwarm: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Initialize a swarm',
  flags: SWARM_INIT,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process } = invocation;
    const availability = flags.last('availability') ?? 'active';
    if (!AVAILABILITIES.includes(availability)) return yield* fail(invocation, badAvailability(availability));
    const limit = flags.last('task-history-limit');
    const node = yield* client.json<string>(
      'POST',
      '/swarm/init',
      {},
      {
        ListenAddr: flags.last('listen-addr') ?? '0.0.0.0:2377',
        AdvertiseAddr: flags.last('advertise-addr') ?? '',
        Availability: availability,
        Spec: limit === undefined ? {} : { Orchestration: { TaskHistoryRetentionLimit: Number(limit) } },
      },
    );
    if (node instanceof ApiFailure) return yield* fail(invocation, node.message);
    yield* process.write(1, `Swarm initialized: current node (${node}) is now a manager.\n\n`);
    const status = yield* printJoinCommand(invocation, node, 'worker');
    if (status !== 0) return status;
    yield* process.write(1, "To add a manager to this swarm, run 'docker swarm join-token manager' and follow the instructions.\n\n");
    return 0;
  },
};

function badAvailability(text: string): string {
  return `invalid availability "${text}", only active, pause and drain are supported`;
}

function* printJoinCommand(invocation: Invocation, node: string, role: 'worker' | 'manager'): Blocking<number> {
  const { client, process } = invocation;
  const self = yield* client.json<{ ManagerStatus?: { Addr: string } }>('GET', `/nodes/${node}`);
  if (self instanceof ApiFailure) return yield* fail(invocation, self.message);
  const swarm = yield* client.json<{ JoinTokens: { Worker: string; Manager: string } }>('GET', '/swarm');
  if (swarm instanceof ApiFailure) return yield* fail(invocation, swarm.message);
  const token = role === 'worker' ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager;
  const command = `docker swarm join --token ${token} ${self.ManagerStatus?.Addr ?? ''}`;
  yield* process.write(1, `To add a ${role} to this swarm, run the following command:\n\n    ${command}\n\n`);
  return 0;
}

export const joinSwarm: LeafCommand = {
  operands: '[OPTIONS] HOST:PORT',
  summary: 'Join a swarm as a node and/or manager',
  flags: SWARM_JOIN,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const availability = flags.last('availability') ?? 'active';
    if (!AVAILABILITIES.includes(availability)) return yield* fail(invocation, badAvailability(availability));
    const joined = yield* client.send({
      method: 'POST',
      path: '/swarm/join',
      body: {
        ListenAddr: flags.last('listen-addr') ?? '0.0.0.0:2377',
        AdvertiseAddr: flags.last('advertise-addr') ?? '',
        RemoteAddrs: [operands[0] ?? ''],
        JoinToken: flags.last('token') ?? '',
        Availability: availability,
      },
    });
    if (joined instanceof ApiFailure) return yield* fail(invocation, joined.message);
    const now = yield* membership(invocation);
    if (now instanceof ApiFailure) return yield* fail(invocation, now.message);
    yield* process.write(1, `This node joined a swarm as a ${now.ControlAvailable ? 'manager' : 'worker'}.\n`);
    return 0;
  },
};

export const joinToken: LeafCommand = {
  operands: '[OPTIONS] (worker|manager)',
  summary: 'Manage join tokens',
  flags: SWARM_JOIN_TOKEN,
  arity: { exactly: 1 },
  run: function* (invocation) {
    const { client, flags, operands, process } = invocation;
    const [role] = operands;
    if (role !== 'worker' && role !== 'manager') return yield* fail(invocation, `unknown role ${role}`);
    const swarm = yield* client.json<{ JoinTokens: { Worker: string; Manager: string } }>('GET', '/swarm');
    if (swarm instanceof ApiFailure) return yield* fail(invocation, swarm.message);
    if (flags.on('quiet')) {
      yield* process.write(1, `${role === 'worker' ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager}\n`);
      return 0;
    }
    const self = yield* membership(invocation);
    if (self instanceof ApiFailure) return yield* fail(invocation, self.message);
    return yield* printJoinCommand(invocation, self.NodeID, role);
  },
};

export const leaveSwarm: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Leave the swarm',
  flags: SWARM_LEAVE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const query = { force: invocation.flags.on('force') ? '1' : '0' };
    const left = yield* invocation.client.send({ method: 'POST', path: '/swarm/leave', query });
    if (left instanceof ApiFailure) return yield* fail(invocation, left.message);
    yield* invocation.process.write(1, 'Node left the swarm.\n');
    return 0;
  },
};

export const updateSwarm: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Update the swarm',
  flags: SWARM_UPDATE,
  arity: { exactly: 0 },
  run: function* (invocation) {
    const { client, flags, process, name, command } = invocation;
    const limit = flags.last('task-history-limit');
    if (limit === undefined) {
      yield* process.write(1, help(name, command, columnsOf(process)));
      return 0;
    }
    const answer = yield* client.send({
      method: 'POST',
      path: '/swarm/update',
      body: { Orchestration: { TaskHistoryRetentionLimit: Number(limit) } },
    });
    if (answer instanceof ApiFailure) return yield* fail(invocation, answer.message);
    yield* process.write(1, 'Swarm updated.\n');
    return 0;
  },
};

export const unlockKey: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Manage the unlock key',
  flags: [
    { long: 'quiet', short: 'q', type: 'bool', usage: 'Only display token' },
    { long: 'rotate', type: 'bool', usage: 'Rotate unlock key', unmodelled: true },
  ],
  arity: { exactly: 0 },
  run: function* (invocation) {
    const answer = yield* invocation.client.json<{ UnlockKey: string }>('GET', '/swarm/unlockkey');
    return yield* fail(invocation, answer instanceof ApiFailure ? answer.message : 'no unlock key is set');
  },
};

export const unlockSwarm: LeafCommand = {
  operands: '',
  summary: 'Unlock swarm',
  flags: [],
  arity: { exactly: 0 },
  run: function* (invocation) {
    const self = yield* membership(invocation);
    if (self instanceof ApiFailure) return yield* fail(invocation, self.message);
    const inactive = self.LocalNodeState === 'inactive';
    return yield* fail(invocation, inactive ? 'Error: This node is not part of a swarm' : 'Error: swarm is not locked');
  },
};

/** Certificates aren't simulated. */
export const swarmCa: LeafCommand = {
  operands: '[OPTIONS]',
  summary: 'Display and rotate the root CA',
  flags: [],
  arity: { exactly: 0 },
  run: (invocation) => fail(invocation, notModelled('docker', "'docker swarm ca'").trimEnd()),
};
