import type { Blocking } from '../../../host/wait.ts';
import { checkRestartPolicy } from '../container/create.ts';
import type { RestartPolicy } from '../container/settings.ts';
import { conflict, notModelled, Refusal } from '../refusal.ts';
import type { Answer, Call, Route } from './route.ts';

export const updateRoutes: readonly Route[] = [{ method: 'POST', path: '/containers/{id}/update', handle: update }];

/** POST /containers/{id}/update: the restart policy; limits on resources aren't modelled. */
function* update({ engine, parameters, body }: Call): Blocking<Answer> {
  const { RestartPolicy: policy, ...rest } = (body ?? {}) as { RestartPolicy?: RestartPolicy };
  if (Object.keys(rest).length > 0) return notModelled(`updating ${Object.keys(rest).join(', ')}`);
  const container = engine.containers.find(parameters[0] ?? '');
  if (container instanceof Refusal) return container;
  if (!policy || policy.Name === '') return { status: 200, json: { Warnings: null } };
  const failed = (reason: string): Refusal => conflict(`Cannot update container ${container.id}: ${reason}`);
  const wrong = checkRestartPolicy(policy);
  if (wrong) return wrong;
  if (container.hostConfig.AutoRemove && policy.Name !== 'no')
    return failed('Restart policy cannot be updated because AutoRemove is enabled for the container');
  if (container.status === 'restarting') return failed('cannot update a stopped container');
  container.hostConfig.RestartPolicy = { Name: policy.Name, MaximumRetryCount: policy.MaximumRetryCount };
  container.emit('update');
  return { status: 200, json: { Warnings: null } };
}
