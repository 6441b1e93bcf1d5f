import { type Part, part } from '../../../base/part.ts';
import { percentDecode } from '../../../base/percent.ts';
import { type Blocking, need } from '../../../host/wait.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { containerRoutes } from './containers.ts';
import type { ApiRequest, ApiResponse } from './message.ts';
import type { Route } from './route.ts';
import { streamRoutes } from './streams.ts';

/** Routes that are loaded with the first request whose path has their form. */
interface Later {
  paths: RegExp;
  routes(): Blocking<readonly Route[]>;
}

function later<T>(name: string, paths: RegExp, fetch: () => PromiseLike<T>, choose: (module: T) => readonly Route[]): Later {
  const wanted: Part<T> = part(`docker engine ${name}`, fetch);
  function* routes(): Blocking<readonly Route[]> {
    return choose(yield* need(wanted));
  }
  return { paths, routes };
}

/** A request is compared with them in this order; the first that fits answers. */
const groups: readonly (readonly Route[] | Later)[] = [
  later(
    'system',
    /^\/(_ping|version|info)$/,
    () => import('./system.ts'),
    ({ systemRoutes }) => systemRoutes,
  ),
  containerRoutes,
  streamRoutes,
  later(
    'build',
    /^\/(build|build\/prune|commit|images\/get|images\/load)$/,
    () => import('./build.ts'),
    ({ buildRoutes }) => buildRoutes,
  ),
  later(
    'disk',
    /^\/system\/df$/,
    () => import('./disk.ts'),
    ({ diskRoutes }) => diskRoutes,
  ),
  later(
    'images',
    /^\/images\//,
    () => import('./images.ts'),
    ({ imageRoutes }) => imageRoutes,
  ),
  later(
    'networks',
    /^\/networks/,
    () => import('./networks.ts'),
    ({ networkRoutes }) => networkRoutes,
  ),
  later(
    'swarm',
    /^\/(swarm|nodes|configs|secrets)/,
    () => import('./swarm.ts'),
    ({ swarmRoutes }) => swarmRoutes,
  ),
  later(
    'services',
    /^\/(services|tasks)/,
    () => import('./services.ts'),
    ({ serviceRoutes }) => serviceRoutes,
  ),
  later(
    'archive',
    /^\/containers\/.*\/(archive|changes|export)$/,
    () => import('./archive.ts'),
    ({ archiveRoutes }) => archiveRoutes,
  ),
  later(
    'events',
    /^\/events$/,
    () => import('./events.ts'),
    ({ eventRoutes }) => eventRoutes,
  ),
  later(
    'stats',
    /^\/containers\/.*\/stats$/,
    () => import('./stats.ts'),
    ({ statsRoutes }) => statsRoutes,
  ),
  later(
    'update',
    /^\/containers\/.*\/update$/,
    () => import('./update.ts'),
    ({ updateRoutes }) => updateRoutes,
  ),
  later(
    'volumes',
    /^\/volumes/,
    () => import('./volumes.ts'),
    ({ volumeRoutes }) => volumeRoutes,
  ),
];

const patterns = new Map<Route, RegExp>();

function patternOf(route: Route): RegExp {
  let pattern = patterns.get(route);
  if (!pattern) {
    pattern = new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '(.+?)')}$`);
    patterns.set(route, pattern);
  }
  return pattern;
}

/** Finds the route of a request and lets it answer. */
export function* answer(engine: Engine, message: ApiRequest): Blocking<ApiResponse> {
  const path = message.path.replace(/^\/v\d+\.\d+(?=\/)/, '');
  for (const group of groups) {
    if ('paths' in group && !group.paths.test(path)) continue;
    for (const route of 'paths' in group ? yield* group.routes() : group) {
      const match = route.method === message.method ? patternOf(route).exec(path) : null;
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
  }
  return { status: 404, json: { message: 'page not found' } };
}
