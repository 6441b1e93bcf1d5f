import type { Blocking } from '../../../host/wait.ts';
import { conflict, notFound, Refusal } from '../refusal.ts';
import type { Manager } from '../swarm/manager.ts';
import type { Fault } from '../swarm/objects.ts';
import type { Answer, Call, Route } from './route.ts';

/** A handler that only the swarm's leader can do: other managers pass the request on, everybody else refuses. */
export function onLeader(handle: (call: Call, manager: Manager) => Blocking<Answer>): Route['handle'] {
  return function* (call) {
    const { swarm } = call.engine;
    const refused = swarm.notManager();
    if (refused) return refused;
    if (swarm.manager) return yield* handle(call, swarm.manager);
    return yield* swarm.forward({ method: call.method, path: call.path, query: { ...call.query }, body: call.body ?? null });
  };
}

/** As `onLeader`, for what is done at once. */
export function atLeader(handle: (call: Call, manager: Manager) => Answer): Route['handle'] {
  return onLeader(function* (call, manager) {
    return handle(call, manager);
  });
}

/** A manager's refusal as an HTTP answer. */
export function faulty(fault: Fault): Refusal {
  if (fault.code === '' && / not found$/.test(fault.message)) return notFound(fault.message);
  if (fault.code === 'AlreadyExists') return conflict(fault.text);
  return new Refusal(fault.code === 'InvalidArgument' ? 400 : 500, fault.text);
}
