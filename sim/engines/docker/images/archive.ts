import { decode, encode } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/digest.ts';
import { EPOCH_SECONDS, SECOND } from '../../../base/time.ts';
import { readTar, type TarEntry, writeTar } from '../archive/tar.ts';
import { parseRfc3339, rfc3339 } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { Refusal } from '../refusal.ts';
import { describeImageConfig, parseImageConfig } from './config.ts';
import { Layer } from './layer.ts';
import type { HistoryEntry, Image } from './store.ts';

/** An image's own JSON (OCI image-spec, config.md). */
interface ImageJson {
  architecture: string;
  os: string;
  created: string;
  author?: string;
  config: Record<string, unknown>;
  rootfs: { type: 'layers'; diff_ids: string[] };
  history: { created: string; created_by?: string; comment?: string; empty_layer?: true }[];
}

interface Manifest {
  Config: string;
  RepoTags: string[] | null;
  Layers: string[];
}

const OCI = 'application/vnd.oci.image';

/** GET /images/get: images as an archive in the OCI layout, with the manifest.json of older Engines beside it. */
export function saveImages(images: readonly { image: Image; tags: readonly string[] }[]): Uint8Array {
  const blobs = new Map<string, Uint8Array>();
  const addBlob = (bytes: Uint8Array): { digest: string; size: number } => {
    const digest = sha256(bytes);
    blobs.set(digest, bytes);
    return { digest: `sha256:${digest}`, size: bytes.length };
  };
  const manifests: unknown[] = [];
  const legacy: unknown[] = [];
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, tags } of images) {
    const config = addBlob(encode(JSON.stringify(imageJson(image))));
    const layers = image.layers.map((layer) => ({ mediaType: `${OCI}.layer.v1.tar`, ...addBlob(layer.archive) }));
    const manifest = addBlob(
      encode(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: `${OCI}.manifest.v1+json`,
          config: { mediaType: `${OCI}.config.v1+json`, ...config },
          layers,
        }),
      ),
    );
    manifests.push(...(tags.length > 0 ? tags : [undefined]).map((tag) => indexEntry(manifest, tag)));
    legacy.push({
      Config: blobPath(config.digest),
      RepoTags: tags.length > 0 ? tags : null,
      Layers: layers.map(({ digest }) => blobPath(digest)),
      LayerSources: Object.fromEntries(layers.map(({ mediaType, size, digest }) => [digest, { mediaType, size, digest }])),
    });
    for (const tag of tags) {
      const colon = tag.lastIndexOf(':');
      const name = tag.slice(0, colon);
      repositories[name] = { ...repositories[name], [tag.slice(colon + 1)]: image.layers.at(-1)?.digest ?? '' };
    }
  }
  const index = { schemaVersion: 2, mediaType: `${OCI}.index.v1+json`, manifests };
  return writeTar([
    directory('blobs'),
    directory('blobs/sha256'),
    ...[...blobs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([digest, bytes]) => file(`blobs/sha256/${digest}`, bytes)),
    file('index.json', encode(JSON.stringify(index))),
    file('manifest.json', encode(JSON.stringify(legacy))),
    file('oci-layout', encode('{"imageLayoutVersion": "1.0.0"}')),
    ...(Object.keys(repositories).length > 0 ? [file('repositories', encode(`${JSON.stringify(repositories)}\n`))] : []),
  ]);
}

function indexEntry(manifest: { digest: string; size: number }, tag: string | undefined): unknown {
  const annotations = tag && {
    'io.containerd.image.name': `docker.io/${tag.includes('/') ? '' : 'library/'}${tag}`,
    'org.opencontainers.image.ref.name': tag.slice(tag.lastIndexOf(':') + 1),
  };
  return { mediaType: `${OCI}.manifest.v1+json`, ...manifest, ...(annotations ? { annotations } : {}) };
}

function blobPath(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function imageJson(image: Image): ImageJson {
  return {
    architecture: 'amd64',
    ...(image.author === '' ? {} : { author: image.author }),
    config: describeImageConfig(image.definition.config),
    created: rfc3339(image.created),
    history: image.history.map(({ created, createdBy, comment, empty }) => ({
      created: rfc3339(created),
      ...(createdBy === '' ? {} : { created_by: createdBy }),
      ...(comment === '' ? {} : { comment }),
      ...(empty ? { empty_layer: true as const } : {}),
    })),
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: image.layers.map(({ digest }) => `sha256:${digest}`) },
  };
}

const EMPTY = { mode: 0o644, modified: 0, bytes: new Uint8Array(0), target: '' };

function directory(name: string): TarEntry {
  return { ...EMPTY, name, kind: 'directory', mode: 0o755 };
}

function file(name: string, bytes: Uint8Array): TarEntry {
  return { ...EMPTY, name, kind: 'file', bytes };
}

/** POST /images/load. @returns what `docker load` prints, a line an image */
export function loadImages(engine: Engine, bytes: Uint8Array): string[] | Refusal {
  const files = new Map((readTar(bytes) ?? []).map((entry) => [entry.name, entry.bytes]));
  const manifest = files.get('manifest.json');
  if (!manifest) {
    const number = engine.random(`load/${engine.serial('load')}`).uint32();
    return new Refusal(500, `open /var/lib/docker/tmp/docker-import-${number}/repositories: no such file or directory`);
  }
  const lines: string[] = [];
  for (const { Config, RepoTags, Layers } of JSON.parse(decode(manifest)) as Manifest[]) {
    const json = files.get(Config);
    const layers = Layers.map((path) => readTar(files.get(path) ?? Uint8Array.of(0)));
    if (!json || layers.includes(undefined)) return new Refusal(500, 'invalid archive: a layer is missing');
    const image = loadImage(engine, JSON.parse(decode(json)) as ImageJson, layers as TarEntry[][], sha256(json));
    engine.events.log(engine.host.now, 'image', 'load', `sha256:${image.id}`, { name: `sha256:${image.id}` });
    for (const tag of RepoTags ?? []) {
      engine.images.tag(image, tag);
      lines.push(`Loaded image: ${tag}`);
    }
    if (!RepoTags || RepoTags.length === 0) lines.push(`Loaded image ID: sha256:${image.id}`);
  }
  return lines;
}

function loadImage(engine: Engine, json: ImageJson, archives: readonly TarEntry[][], id: string): Image {
  const layers = archives.map((entries) => new Layer(() => entries));
  const created = (text: string): number => ((parseRfc3339(text) ?? EPOCH_SECONDS) - EPOCH_SECONDS) * SECOND;
  let next = 0;
  const history = json.history.map((entry): HistoryEntry => {
    const empty = entry.empty_layer ?? false;
    const size = empty ? 0 : (layers[next++]?.size ?? 0);
    return { created: created(entry.created), createdBy: entry.created_by ?? '', comment: entry.comment ?? '', size, empty };
  });
  // An image that is here already is the same one, however it got its id.
  const diffIds = layers.map(({ digest }) => digest).join();
  const known = engine.images.images.find(
    (image) => JSON.stringify(imageJson(image)) === JSON.stringify(json) && image.layers.map(({ digest }) => digest).join() === diffIds,
  );
  return (
    known ??
    engine.images.make({
      id,
      layers,
      config: parseImageConfig(json.config),
      history,
      created: created(json.created),
      author: json.author ?? '',
      comment: json.history.at(-1)?.comment ?? '',
    })
  );
}
