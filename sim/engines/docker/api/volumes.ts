import type { Blocking } from '../../../host/wait.ts';
import { rfc3339 } from '../clock.ts';
import type { Volume } from '../container/volume-store.ts';
import { notModelled, Refusal } from '../refusal.ts';
import { hasLabels, matchesPattern, parseFilters, passes } from './filters.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /volumes. */
export const volumeRoutes: readonly Route[] = [
  { method: 'GET', path: '/volumes', handle: list },
  { method: 'POST', path: '/volumes/create', handle: create },
  { method: 'POST', path: '/volumes/prune', handle: prune },
  { method: 'GET', path: '/volumes/{name}', handle: inspect },
  { method: 'DELETE', path: '/volumes/{name}', handle: remove },
];

function describe({ name, created, labels, options }: Volume): Record<string, unknown> {
  return {
    CreatedAt: rfc3339(created).replace(/\.\d+Z$/, 'Z'),
    Driver: 'local',
    Labels: labels,
    Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    Name: name,
    Options: options,
    Scope: 'local',
  };
}

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['dangling', 'driver', 'label', 'name']);
  if (filters instanceof Refusal) return filters;
  const chosen = engine.volumes
    .list()
    .filter(
      (volume) =>
        passes(filters, 'name', (pattern) => matchesPattern(volume.name, pattern)) &&
        passes(filters, 'driver', (driver) => driver === 'local') &&
        passes(filters, 'dangling', (text) => flag(text) === (engine.volumes.users(volume.name).length === 0)) &&
        hasLabels(filters, volume.labels ?? {}),
    );
  return { status: 200, json: { Volumes: chosen.map(describe), Warnings: null } };
}

function* create({ engine, body }: Call): Blocking<Answer> {
  const request = (body ?? {}) as { Name?: string; Driver?: string; DriverOpts?: Record<string, string>; Labels?: Record<string, string> };
  const driver = request.Driver || 'local';
  if (driver !== 'local')
    return new Refusal(404, `create ${request.Name ?? ''}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
  if (Object.keys(request.DriverOpts ?? {}).length > 0) return notModelled('a volume with driver options');
  const anonymous = !request.Name;
  const name = request.Name || engine.random(`volume/${engine.serial('volume')}`).hex(64);
  const made = engine.volumes.create(name, { labels: request.Labels ?? null, anonymous });
  return made instanceof Refusal ? made : { status: 201, json: describe(made) };
}

function* inspect({ engine, parameters }: Call): Blocking<Answer> {
  const found = engine.volumes.find(parameters[0] ?? '');
  return found instanceof Refusal ? found : { status: 200, json: describe(found) };
}

function* remove({ engine, parameters, query }: Call): Blocking<Answer> {
  const refusal = engine.volumes.remove(parameters[0] ?? '');
  return refusal && !(refusal.status === 404 && flag(query.force)) ? refusal : { status: 204 };
}

/** Without `all` only volumes without a name go. */
function* prune({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['all', 'label', 'label!']);
  if (filters instanceof Refusal) return filters;
  const all = (filters.get('all') ?? []).some((text) => flag(text));
  const gone = engine.volumes.list().filter((volume) => (all || volume.anonymous) && engine.volumes.users(volume.name).length === 0);
  for (const volume of gone) engine.volumes.remove(volume.name);
  return { status: 200, json: { VolumesDeleted: gone.length > 0 ? gone.map((volume) => volume.name) : null, SpaceReclaimed: 0 } };
}
