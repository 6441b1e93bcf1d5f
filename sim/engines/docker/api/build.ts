import { decode, encode } from '../../../base/bytes.ts';
import { MILLISECOND } from '../../../base/time.ts';
import { Directory } from '../../../host/inode.ts';
import type { Blocking } from '../../../host/wait.ts';
import { unpack } from '../archive/copy.ts';
import { readTar } from '../archive/tar.ts';
import { BuildFailure, Builder, type BuildRequest } from '../build/builder.ts';
import { planBuild } from '../build/stages.ts';
import { commitContainer } from '../container/commit.ts';
import type { Engine } from '../engine.ts';
import { go } from '../goroutine.ts';
import { loadImages, saveImages } from '../images/archive.ts';
import { parseReference, withTag } from '../images/reference.ts';
import type { Image } from '../images/store.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import { Connection } from './connection.ts';
import { type Answer, type Call, flag, type Route } from './route.ts';

/** Routes that make images, and carry them as archives. */
export const buildRoutes: readonly Route[] = [
  { method: 'POST', path: '/build', handle: build },
  { method: 'POST', path: '/build/prune', handle: pruneCache },
  { method: 'POST', path: '/commit', handle: commit },
  { method: 'GET', path: '/images/get', handle: save },
  { method: 'POST', path: '/images/load', handle: load },
];

/** POST /build with the context as a tar: a stream of JSON messages. What is wrong with the Dockerfile itself is refused at once. */
function* build({ engine, query, body }: Call): Blocking<Answer> {
  const entries = body instanceof Uint8Array ? readTar(body) : undefined;
  if (!entries) return invalid('the build context is not an archive');
  const name = query.dockerfile || 'Dockerfile';
  const dockerfile = entries.find((entry) => entry.name === name.replace(/^(\.?\/)+/, ''));
  if (!dockerfile) return new Refusal(500, `Cannot locate specified Dockerfile: ${name}`);
  const plan = planBuild(decode(dockerfile.bytes), name, query.target ?? '');
  if (plan instanceof Refusal) return plan;
  const context = new Directory();
  const hidden = new Set(JSON.parse(query.hidden || '[]') as string[]);
  unpack(
    context,
    entries.filter((entry) => !hidden.has(entry.name)),
    engine.host.now,
  );
  const request: BuildRequest = {
    plan,
    context,
    buildArgs: JSON.parse(query.buildargs || '{}') as Record<string, string>,
    labels: JSON.parse(query.labels || '{}') as Record<string, string>,
    tags: JSON.parse(query.t || '[]') as string[],
    noCache: flag(query.nocache),
    remove: flag(query.rm ?? '1'),
    forceRemove: flag(query.forcerm),
  };
  const connection = new Connection();
  go(engine.host.events, run(engine, request, connection, flag(query.q)));
  return { status: 200, connection };
}

function* run(engine: Engine, request: BuildRequest, connection: Connection, quiet: boolean): Blocking<void> {
  const result = yield* new Builder(engine, request, quiet ? new Connection() : connection).build();
  const say = (message: object): void => connection.push({ source: 'stdout', bytes: encode(`${JSON.stringify(message)}\n`) });
  if (result instanceof BuildFailure) {
    const { code, message } = result;
    say({ errorDetail: { ...(code === 0 ? {} : { code }), message }, error: message });
  } else if (quiet) say({ stream: `sha256:${result.id}\n` });
  connection.end();
}

/** The classic builder keeps its cache as images: there is nothing else to prune. */
function* pruneCache(): Blocking<Answer> {
  return { status: 200, json: { CachesDeleted: null, SpaceReclaimed: 0 } };
}

/** POST /commit: a container's files and configuration as an image. */
function* commit({ engine, query }: Call): Blocking<Answer> {
  const container = engine.containers.find(query.container ?? '');
  if (container instanceof Refusal) return container;
  yield { on: [], until: engine.host.now + 10 * MILLISECOND };
  const image = commitContainer(engine, container, {
    comment: query.comment ?? '',
    author: query.author ?? '',
    changes: (query.changes ?? '').split('\n').filter((line) => line.trim() !== ''),
  });
  if (image instanceof Refusal) return image;
  if (query.repo) {
    const reference = parseReference(`${query.repo}${query.tag ? `:${query.tag}` : ''}`);
    if (reference instanceof Refusal) return reference;
    engine.images.tag(image, withTag(reference));
    engine.events.log(engine.host.now, 'image', 'tag', `sha256:${image.id}`, { name: withTag(reference) });
  }
  container.emit('commit', { comment: query.comment ?? '' });
  return { status: 201, json: { Id: `sha256:${image.id}` } };
}

/** GET /images/get?names=…: several names are divided by commas. */
function* save({ engine, query }: Call): Blocking<Answer> {
  const chosen = new Map<Image, string[]>();
  for (const text of (query.names ?? '').split(',')) {
    const image = engine.images.find(text);
    const reference = parseReference(text);
    if (!image) {
      // A tag is looked for by its name, anything else as an image.
      if (reference instanceof Refusal) return reference;
      return reference.tag ? new Refusal(500, 'reference does not exist') : notFound(`No such image: ${text}`);
    }
    const tags = chosen.get(image) ?? [];
    const tag = reference instanceof Refusal ? '' : withTag(reference);
    const all = image.tags.filter(
      (name) => name === tag || (!(reference instanceof Refusal) && !reference.tag && name.startsWith(`${text}:`)),
    );
    chosen.set(image, [...new Set([...tags, ...all])]);
  }
  for (const image of chosen.keys())
    engine.events.log(engine.host.now, 'image', 'save', `sha256:${image.id}`, { name: `sha256:${image.id}` });
  return { status: 200, bytes: saveImages([...chosen].map(([image, tags]) => ({ image, tags }))) };
}

function* load({ engine, body }: Call): Blocking<Answer> {
  const lines = loadImages(engine, body instanceof Uint8Array ? body : new Uint8Array(0));
  if (lines instanceof Refusal) return lines;
  return { status: 200, bytes: encode(lines.map((line) => `${JSON.stringify({ stream: `${line}\n` })}\n`).join('')) };
}
