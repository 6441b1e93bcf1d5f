import { percentDecode } from '../../../base/percent.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { containerRoutes } from './containers.ts';
import { imageRoutes } from './images.ts';
import type { ApiRequest, ApiResponse } from './message.ts';
import type { Route } from './route.ts';
import { networkRoutes } from './networks.ts';
import { serviceRoutes } from './services.ts';
import { streamRoutes } from './streams.ts';
import { swarmRoutes } from './swarm.ts';
import { systemRoutes } from './system.ts';
import { archiveRoutes } from './archive.ts';
import { buildRoutes } from './build.ts';
import { diskRoutes } from './disk.ts';
import { eventRoutes } from './events.ts';
import { statsRoutes } from './stats.ts';
import { updateRoutes } from './update.ts';
import { volumeRoutes } from './volumes.ts';

const routes: readonly Route[] = [
  ...systemRoutes,
  ...containerRoutes,
  ...streamRoutes,
  ...buildRoutes,
  ...diskRoutes,
  ...imageRoutes,
  ...networkRoutes,
  ...swarmRoutes,
  ...serviceRoutes,
  ...archiveRoutes,
  ...eventRoutes,
  ...statsRoutes,
  ...updateRoutes,
  ...volumeRoutes,
];
const patterns = routes.map((route) => ({ route, pattern: new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '(.+?)')}$`) }));

/** Finds the route of a request and lets it answer. */
export function* answer(engine: Engine, message: ApiRequest): Blocking<ApiResponse> {
  const path = message.path.replace(/^\/v\d+\.\d+(?=\/)/, '');
  for (const { route, pattern } of patterns) {
    const match = route.method === message.method ? pattern.exec(path) : null;
    if (!match) continue;
    const result = yield* route.handle({
      engine,
      method: message.method,
      path,
      parameters: match.slice(1).map(percentDecode),
      query: message.query ?? {},
      body: message.body,
    });
    return result instanceof Refusal ? { status: result.status, json: { message: result.message } } : result;
  }
  return { status: 404, json: { message: 'page not found' } };
}
