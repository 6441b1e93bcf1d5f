import type { Blocking } from '../../../host/wait.ts';
import { SECOND } from '../../../base/time.ts';
import { rfc3339, unixSeconds } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { parseReference, type Reference, withTag } from '../images/reference.ts';
import type { Image } from '../images/store.ts';
import { parseResolvConf } from '../network/resolv-conf.ts';
import { conflict, notFound, notModelled, Refusal } from '../refusal.ts';
import { parseFilters, passes } from './filters.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /images. */
export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images/json', handle: list },
  { method: 'POST', path: '/images/create', handle: pull },
  { method: 'GET', path: '/images/{name}/json', handle: inspect },
  { method: 'DELETE', path: '/images/{name}', handle: remove },
];

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['before', 'dangling', 'label', 'reference', 'since', 'until']);
  if (filters instanceof Refusal) return filters;
  for (const name of ['before', 'label', 'since', 'until']) if (filters.has(name)) return notModelled(`the filter '${name}'`);
  const selected = engine.images.images.filter(
    (image) =>
      passes(filters, 'dangling', (dangling) => (dangling === 'true') === (image.tags.length === 0)) &&
      passes(filters, 'reference', (pattern) => image.tags.some((tag) => matchesReference(tag, pattern))),
  );
  return { status: 200, json: selected.map((image) => summary(engine, image)) };
}

/** A name without a tag matches every tag; `*` stands for anything but a slash. */
function matchesReference(tagged: string, pattern: string): boolean {
  const expression = new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  );
  return expression.test(tagged) || expression.test(tagged.slice(0, tagged.lastIndexOf(':')));
}

function summary(engine: Engine, image: Image): unknown {
  return {
    Containers: engine.containers.list().filter((container) => container.image === image).length,
    Created: unixSeconds(image.created),
    Id: `sha256:${image.id}`,
    Labels: image.definition.config.labels ?? null,
    ParentId: '',
    RepoDigests: [],
    RepoTags: image.tags,
    SharedSize: -1,
    Size: image.definition.size,
  };
}

// biome-ignore lint/correctness/useYield: handlers are generators; this one never waits
function* inspect({ engine, parameters }: Call): Blocking<Answer> {
  const image = engine.images.find(parameters[0] ?? '');
  return image ? { status: 200, json: describeImage(image) } : missing(parameters[0] ?? '');
}

function missing(text: string): Refusal {
  const reference = parseReference(text);
  return reference instanceof Refusal ? reference : notFound(`No such image: ${withTag(reference)}`);
}

function describeImage(image: Image): Record<string, unknown> {
  const { config, size } = image.definition;
  return {
    Id: `sha256:${image.id}`,
    RepoTags: image.tags,
    RepoDigests: [],
    Parent: '',
    Comment: 'Imported from -',
    Created: rfc3339(image.created),
    DockerVersion: '28.5.2',
    Author: '',
    Architecture: 'amd64',
    Os: 'linux',
    Size: size,
    GraphDriver: { Data: { MergedDir: '', UpperDir: `/var/lib/docker/overlay2/${image.layer}/diff`, WorkDir: '' }, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: [`sha256:${image.layer}`] },
    Metadata: { LastTagTime: rfc3339(image.created) },
    Config: {
      ...(config.exposedPorts ? { ExposedPorts: Object.fromEntries(config.exposedPorts.map((port) => [port, {}])) } : {}),
      Cmd: config.cmd ?? null,
      Entrypoint: config.entrypoint ?? null,
      Env: config.env ?? null,
      Labels: config.labels ?? null,
      OnBuild: null,
      User: config.user ?? '',
      Volumes: null,
      WorkingDir: config.workingDir ?? '',
    },
  };
}

/** How long a resolver tries before it gives up (resolv.conf(5): two attempts of five seconds). */
const LOOKUP_TIMEOUT = 10 * SECOND;

/** POST /images/create. No registry is in reach of these machines; what a host without one says is what Go's resolver says. */
function* pull({ engine, query }: Call): Blocking<Answer> {
  const reference = parseReference(`${query.fromImage ?? ''}${query.tag ? `:${query.tag}` : ''}`);
  if (reference instanceof Refusal) return reference;
  return yield* unreachable(engine, reference);
}

function* unreachable(engine: Engine, reference: Reference): Blocking<Refusal> {
  const registry = reference.domain === 'docker.io' ? 'registry-1.docker.io' : reference.domain;
  const { nameservers } = parseResolvConf(engine.hostFile('/etc/resolv.conf'));
  const [server] = nameservers;
  const failed = (why: string): Refusal => new Refusal(500, `Get "https://${registry}/v2/": dial tcp: lookup ${registry}${why}`);
  if (server === undefined) return failed(' on [::1]:53: dial udp [::1]:53: connect: cannot assign requested address');
  yield { on: [], until: engine.host.now + LOOKUP_TIMEOUT };
  return failed(` on ${server}:53: i/o timeout`);
}

function* remove({ engine, parameters, query }: Call): Blocking<Answer> {
  const [text = ''] = parameters;
  const image = engine.images.find(text);
  if (!image) return missing(text);
  const user = engine.containers.list().find((container) => container.image === image);
  const short = image.id.slice(0, 12);
  if (user && (user.running || !flag(query.force))) {
    if (/^(sha256:)?[0-9a-f]+$/.test(text) && image.id.startsWith(text.replace('sha256:', ''))) {
      const state = user.running ? 'cannot be forced' : 'must be forced';
      return conflict(
        `conflict: unable to delete ${short} (${state}) - image is being used by ${user.running ? 'running' : 'stopped'} container ${user.shortId}`,
      );
    }
    return conflict(
      `conflict: unable to remove repository reference "${text}" (must force) - container ${user.shortId} is using its referenced image ${short}`,
    );
  }
  engine.images.remove(image);
  const deleted = [`sha256:${image.id}`, `sha256:${image.layer}`].map((id) => ({ Deleted: id }));
  return { status: 200, json: [...image.tags.map((tag) => ({ Untagged: tag })), ...(user ? [] : deleted)] };
}
