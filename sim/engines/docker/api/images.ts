import type { Blocking } from '../../../host/wait.ts';
import { encode } from '../../../base/bytes.ts';
import { MILLISECOND, SECOND } from '../../../base/time.ts';
import { rfc3339, unixSeconds } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { parseReference, withTag } from '../images/reference.ts';
import type { Image } from '../images/store.ts';
import { conflict, invalid, notFound, notModelled, Refusal } from '../refusal.ts';
import { parseFilters, passes } from './filters.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes of /images. */
export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images/json', handle: list },
  { method: 'POST', path: '/images/create', handle: pull },
  { method: 'GET', path: '/images/{name}/history', handle: history },
  { method: 'GET', path: '/images/{name}/json', handle: inspect },
  { method: 'POST', path: '/images/{name}/tag', handle: tag },
  { method: 'POST', path: '/images/prune', handle: prune },
  { method: 'DELETE', path: '/images/{name}', handle: remove },
];

function* list({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['before', 'dangling', 'label', 'reference', 'since', 'until']);
  if (filters instanceof Refusal) return filters;
  for (const name of ['before', 'label', 'since', 'until']) if (filters.has(name)) return notModelled(`the filter '${name}'`);
  // Newest first.
  const selected = [...engine.images.images]
    .reverse()
    .filter(
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

/** A registry's answer and a layer's way, on a LAN. */
const MANIFEST_TIME = 50 * MILLISECOND;
const BYTES_PER_SECOND = 100_000_000;

/** POST /images/create: messages one a line, as the real one streams them. The registry is the world's own; no packet is sent. */
function* pull({ engine, query }: Call): Blocking<Answer> {
  const reference = parseReference(`${query.fromImage ?? ''}${query.tag ? `:${query.tag}` : ''}`);
  if (reference instanceof Refusal) return reference;
  const { repository, domain } = reference;
  yield { on: [], until: engine.host.now + MANIFEST_TIME };
  if (domain !== 'docker.io') {
    const [host = domain] = domain.split(':');
    return new Refusal(500, `Get "https://${domain}/v2/": dial tcp: lookup ${host}: no such host`);
  }
  if (!engine.images.knows(repository)) {
    return notFound(
      `pull access denied for ${repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
    );
  }
  const wanted = reference.tag ?? 'latest';
  const definition = reference.digest ? undefined : engine.images.published(repository, wanted);
  const path = repository.includes('/') ? repository : `library/${repository}`;
  if (!definition) return notFound(`manifest for ${withTag(reference)} not found: manifest unknown: manifest unknown`);
  const messages: { id?: string; status: string }[] = [{ id: wanted, status: `Pulling from ${path}` }];
  const digest = engine.images.digest(definition);
  const name = `${repository}:${wanted}`;
  const known = engine.images.find(name);
  if (!known) {
    yield { on: [], until: engine.host.now + Math.ceil((definition.size / BYTES_PER_SECOND) * SECOND) };
    const image = engine.images.add(definition, engine.host.now);
    const id = image.layer.slice(0, 12);
    for (const status of ['Pulling fs layer', 'Verifying Checksum', 'Download complete', 'Pull complete']) messages.push({ id, status });
    engine.events.log(engine.host.now, 'image', 'pull', name, { name: repository });
  }
  messages.push({ status: `Digest: ${digest}` });
  messages.push({ status: known ? `Status: Image is up to date for ${name}` : `Status: Downloaded newer image for ${name}` });
  return { status: 200, bytes: encode(messages.map((message) => `${JSON.stringify(message)}\n`).join('')) };
}

// biome-ignore lint/correctness/useYield: handlers are generators; this one never waits
function* history({ engine, parameters }: Call): Blocking<Answer> {
  const image = engine.images.find(parameters[0] ?? '');
  if (!image) return missing(parameters[0] ?? '');
  const entry = {
    Comment: image.definition.comment ?? 'Imported from -',
    Created: unixSeconds(image.created),
    CreatedBy: image.definition.command ?? '',
  };
  return { status: 200, json: [{ ...entry, Id: `sha256:${image.id}`, Size: image.definition.size, Tags: image.tags }] };
}

// biome-ignore lint/correctness/useYield: handlers are generators; this one never waits
function* tag({ engine, parameters, query }: Call): Blocking<Answer> {
  const image = engine.images.find(parameters[0] ?? '');
  if (!image) return missing(parameters[0] ?? '');
  const reference = parseReference(`${query.repo ?? ''}${query.tag ? `:${query.tag}` : ''}`);
  if (reference instanceof Refusal) return reference;
  if (reference.digest) return invalid('refusing to create a tag with a digest reference');
  engine.images.tag(image, withTag(reference));
  engine.events.log(engine.host.now, 'image', 'tag', `sha256:${image.id}`, { name: withTag(reference) });
  return { status: 201 };
}

/** Without `dangling=false` only images without a name go. */
function* prune({ engine, query }: Call): Blocking<Answer> {
  const filters = parseFilters(query.filters, ['dangling', 'label', 'label!', 'until']);
  if (filters instanceof Refusal) return filters;
  const all = filters.get('dangling')?.some((text) => !flag(text)) ?? false;
  const used = new Set(engine.containers.list().map((container) => container.image));
  const gone = engine.images.images.filter((image) => !used.has(image) && (all || image.tags.length === 0));
  const deleted = gone.flatMap((image) => discard(engine, image));
  const space = gone.reduce((sum, image) => sum + image.definition.size, 0);
  return { status: 200, json: { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: space } };
}

/** Takes an image off the machine with all its names. */
function discard(engine: Engine, image: Image): { Untagged?: string; Deleted?: string }[] {
  engine.images.remove(image);
  const id = `sha256:${image.id}`;
  for (const _name of image.tags) engine.events.log(engine.host.now, 'image', 'untag', id, { name: id });
  engine.events.log(engine.host.now, 'image', 'delete', id, { name: id });
  return [...image.tags.map((name) => ({ Untagged: name })), { Deleted: id }, { Deleted: `sha256:${image.layer}` }];
}

function* remove({ engine, parameters, query }: Call): Blocking<Answer> {
  const [text = ''] = parameters;
  const image = engine.images.find(text);
  if (!image) return missing(text);
  const byId = /^(sha256:)?[0-9a-f]+$/.test(text) && image.id.startsWith(text.replace('sha256:', ''));
  if (!byId && image.tags.length > 1) {
    // One of several names: the image stays.
    const reference = parseReference(text);
    const name = reference instanceof Refusal ? text : withTag(reference);
    image.tags = image.tags.filter((other) => other !== name);
    engine.events.log(engine.host.now, 'image', 'untag', `sha256:${image.id}`, { name: `sha256:${image.id}` });
    return { status: 200, json: [{ Untagged: name }] };
  }
  const user = engine.containers.list().find((container) => container.image === image);
  const short = image.id.slice(0, 12);
  if (user && (user.running || !flag(query.force))) {
    if (byId) {
      const state = user.running ? 'cannot be forced' : 'must be forced';
      return conflict(
        `conflict: unable to delete ${short} (${state}) - image is being used by ${user.running ? 'running' : 'stopped'} container ${user.shortId}`,
      );
    }
    return conflict(
      `conflict: unable to remove repository reference "${text}" (must force) - container ${user.shortId} is using its referenced image ${short}`,
    );
  }
  const gone = discard(engine, image);
  return { status: 200, json: user ? gone.filter(({ Untagged }) => Untagged) : gone };
}
