import type { Blocking } from '../../../host/wait.ts';
import { encode } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/digest.ts';
import { readTar } from '../archive/tar.ts';
import { applyChanges } from '../container/commit.ts';
import { describeImageConfig } from '../images/config.ts';
import { Layer } from '../images/layer.ts';
import { pullImage } from '../images/pull.ts';
import { rfc3339, unixSeconds } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { parseReference, withTag } from '../images/reference.ts';
import type { Image } from '../images/store.ts';
import { conflict, invalid, notFound, notModelled, Refusal } from '../refusal.ts';
import { hasLabels, parseFilters, passes } from './filters.ts';
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
  for (const name of ['until']) if (filters.has(name)) return notModelled(`the filter '${name}'`);
  for (const name of ['before', 'since']) for (const text of filters.get(name) ?? []) if (!engine.images.find(text)) return missing(text);
  // Newest first.
  const selected = [...engine.images.images]
    .reverse()
    .sort((a, b) => b.created - a.created)
    .filter(
      (image) =>
        // Steps of a build are seen only when asked for.
        (flag(query.all) || image.tags.length > 0 || engine.images.childrenOf(image).length === 0) &&
        passes(filters, 'dangling', (dangling) => flag(dangling) === (image.tags.length === 0)) &&
        hasLabels(filters, image.definition.config.labels ?? {}) &&
        passes(filters, 'before', (text) => image.created < (engine.images.find(text)?.created ?? 0)) &&
        passes(filters, 'since', (text) => image.created > (engine.images.find(text)?.created ?? Number.POSITIVE_INFINITY)) &&
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
    ParentId: image.parent ? `sha256:${image.parent.id}` : '',
    RepoDigests: [],
    RepoTags: image.tags,
    SharedSize: -1,
    Size: image.definition.size,
  };
}

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
    Parent: image.parent ? `sha256:${image.parent.id}` : '',
    Comment: image.comment,
    Created: rfc3339(image.created),
    DockerVersion: '28.5.2',
    Author: image.author,
    Architecture: 'amd64',
    Os: 'linux',
    Size: size,
    GraphDriver: { Data: { MergedDir: '', UpperDir: `/var/lib/docker/overlay2/${image.id}/diff`, WorkDir: '' }, Name: 'overlay2' },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ digest }) => `sha256:${digest}`) },
    Metadata: { LastTagTime: rfc3339(image.created) },
    Config: describeImageConfig(config),
  };
}

/** POST /images/create: messages one a line, as the real one streams them. */
function* pull({ engine, query, body }: Call): Blocking<Answer> {
  if (query.fromSrc) return importImage(engine, query, body);
  const reference = parseReference(`${query.fromImage ?? ''}${query.tag ? `:${query.tag}` : ''}`);
  if (reference instanceof Refusal) return reference;
  const messages = yield* pullImage(engine, reference);
  if (messages instanceof Refusal) return messages;
  return { status: 200, bytes: encode(messages.map((message) => `${JSON.stringify(message)}\n`).join('')) };
}

function* history({ engine, parameters }: Call): Blocking<Answer> {
  const image = engine.images.find(parameters[0] ?? '');
  if (!image) return missing(parameters[0] ?? '');
  let step: Image | undefined = image;
  const entries = [...image.history].reverse().map(({ created, createdBy, comment, size }) => {
    // Steps whose images are on this machine have an id.
    const known: Image | undefined = step;
    step = step?.parent;
    return {
      Comment: comment,
      Created: unixSeconds(created),
      CreatedBy: createdBy,
      Id: known ? `sha256:${known.id}` : '<missing>',
      Size: size,
      Tags: known && known.tags.length > 0 ? known.tags : null,
    };
  });
  return { status: 200, json: entries };
}

/** An archive of a root file system as an image (`docker import`). */
function importImage(engine: Engine, query: Call['query'], body: unknown): Answer {
  const entries = body instanceof Uint8Array ? readTar(body) : undefined;
  if (!entries) return new Refusal(500, 'unexpected EOF');
  const config = applyChanges(
    {},
    (query.changes ?? '').split('\n').filter((line) => line.trim() !== ''),
  );
  if (config instanceof Refusal) return config;
  const reference = query.repo ? parseReference(`${query.repo}${query.tag ? `:${query.tag}` : ''}`) : undefined;
  if (reference instanceof Refusal) return reference;
  const layer = new Layer(() => entries);
  const comment = query.message || 'Imported from -';
  const created = engine.host.now;
  const entry = { created, createdBy: '', comment, size: layer.size, empty: false };
  const image = engine.images.make({ layers: [layer], config, history: [entry], created, comment });
  if (reference) engine.images.tag(image, withTag(reference));
  engine.events.log(engine.host.now, 'image', 'import', `sha256:${image.id}`, { name: `sha256:${image.id}` });
  return { status: 200, bytes: encode(`${JSON.stringify({ status: `sha256:${image.id}` })}\n`) };
}

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
  const gone = engine.images.images.filter(
    (image) => !used.has(image) && (all || image.tags.length === 0) && engine.images.childrenOf(image).length === 0,
  );
  const deleted = gone.flatMap((image) => discard(engine, image));
  const space = gone.reduce((sum, image) => sum + image.definition.size, 0);
  return { status: 200, json: { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: space } };
}

interface Gone {
  Untagged?: string;
  Deleted?: string;
}

/** Takes an image off the machine with all its names, and those below it that nobody needs or knows by name. */
function discard(engine: Engine, image: Image): Gone[] {
  const id = `sha256:${image.id}`;
  for (const _name of image.tags) engine.events.log(engine.host.now, 'image', 'untag', id, { name: id });
  const gone: Gone[] = image.tags.map((name) => ({ Untagged: name }));
  engine.images.remove(image);
  engine.events.log(engine.host.now, 'image', 'delete', id, { name: id });
  gone.push({ Deleted: id });
  const { parent } = image;
  const layers = image.layers.length - (parent?.layers.length ?? 0);
  for (let at = image.layers.length - 1; at >= image.layers.length - layers; at--) {
    if (!layerInUse(engine, image, at)) gone.push({ Deleted: `sha256:${chainId(image, at)}` });
  }
  const used = parent && (parent.tags.length > 0 || engine.containers.list().some((container) => container.image === parent));
  if (!parent || used || engine.images.childrenOf(parent).length > 0 || !engine.images.images.includes(parent)) return gone;
  return [...gone, ...discard(engine, parent)];
}

/** The name of a layer together with everything below it (OCI image-spec, ChainID). */
function chainId(image: Image, at: number): string {
  const [first, ...rest] = image.layers.slice(0, at + 1).map(({ digest }) => digest);
  return rest.reduce((below, digest) => sha256(encode(`sha256:${below} sha256:${digest}`)), first ?? '');
}

function layerInUse(engine: Engine, image: Image, at: number): boolean {
  return engine.images.images.some(({ layers }) => image.layers.slice(0, at + 1).every((layer, i) => layers[i]?.digest === layer.digest));
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
  const children = engine.images.childrenOf(image);
  if (children.length > 0 && (byId || image.tags.length === 0)) {
    return conflict(`conflict: unable to delete ${image.id.slice(0, 12)} (cannot be forced) - image has dependent child images`);
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
  if (children.length > 0) {
    // Others stand on it: only its name goes.
    const names = image.tags;
    image.tags = [];
    return { status: 200, json: names.map((name) => ({ Untagged: name })) };
  }
  const gone = discard(engine, image);
  return { status: 200, json: user ? gone.filter(({ Untagged }) => Untagged) : gone };
}
