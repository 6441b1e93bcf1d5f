import type { Micros } from '../../../base/time.ts';
import { Random } from '../../../base/random.ts';
import { encode } from '../../../base/bytes.ts';
import { sha256 } from '../../../base/digest.ts';
import { Directory } from '../../../host/inode.ts';
import type { Process } from '../../../host/process.ts';
import { pack } from '../archive/copy.ts';
import type { ImageConfig, ImageDefinition, ImageIngredients } from './image.ts';
import { Layer } from './layer.ts';
import { parseReference, withTag } from './reference.ts';
import { Refusal } from '../refusal.ts';

/** One step of an image's history (OCI image-spec, `history`). */
export interface HistoryEntry {
  created: Micros;
  createdBy: string;
  comment: string;
  size: number;
  /** It added no layer. */
  empty: boolean;
}

/** An image on this machine. */
export interface Image {
  definition: ImageDefinition;
  /** 64 hexadecimal digits; `sha256:` goes in front. */
  id: string;
  layers: readonly Layer[];
  /** What `docker history` tells, oldest first. */
  history: readonly HistoryEntry[];
  /** The image that it was built on, here on this machine. */
  parent?: Image;
  author: string;
  comment: string;
  /** What made it from its parent, for the builder's cache. */
  recipe?: string;
  /** `busybox:latest`; empty after `docker rmi -f` of an image in use. */
  tags: string[];
  created: Micros;
}

/** What an image is made of. */
export interface NewImage {
  parent?: Image;
  /** Those on top of its parent's. */
  layers: readonly Layer[];
  config: ImageConfig;
  history: readonly HistoryEntry[];
  created: Micros;
  author?: string;
  comment?: string;
  recipe?: string;
  /** As an archive says. */
  id?: string;
}

/** The images that this daemon holds. */
export class ImageStore {
  readonly images: Image[] = [];
  readonly #ingredients: ImageIngredients;
  readonly #definitions: readonly ImageDefinition[];
  readonly #viewer: Process;

  constructor(definitions: readonly ImageDefinition[], ingredients: ImageIngredients, now: Micros, viewer: Process) {
    this.#viewer = viewer;
    this.#ingredients = ingredients;
    this.#definitions = definitions;
    for (const definition of definitions) if (!definition.remote) this.add(definition, now);
  }

  /** What the registry has under a name and tag. */
  published(repository: string, tag: string): ImageDefinition | undefined {
    return this.#definitions.find((definition) => definition.repository === repository && (definition.tag === tag || tag === 'latest'));
  }

  /** Whether the registry knows the repository at all. */
  knows(repository: string): boolean {
    return this.#definitions.some((definition) => definition.repository === repository);
  }

  /** Puts a published image on this machine; its name is taken from whoever had it. */
  add(definition: ImageDefinition, created: Micros): Image {
    const name = `${definition.repository}:${definition.tag}`;
    const comment = definition.comment ?? 'Imported from -';
    const image: Image = {
      definition,
      // Content-addressed: the same image has the same id in every world, whatever its seed.
      id: new Random('image', name).hex(64),
      layers: [new Layer(() => pack(this.#viewer, '', definition.instantiate(this.#ingredients)))],
      history: [{ created, createdBy: definition.command ?? '', comment, size: definition.size, empty: false }],
      author: '',
      comment,
      tags: [],
      created,
    };
    this.images.push(image);
    this.tag(image, name);
    return image;
  }

  /** Puts an image on this machine that was made here, or read from an archive. An image that is there already is returned instead. */
  make(made: NewImage): Image {
    const { parent, layers, config } = made;
    const all = [...(parent?.layers ?? []), ...layers];
    const size = (parent?.definition.size ?? 0) + layers.reduce((sum, layer) => sum + layer.size, 0);
    const definition: ImageDefinition = {
      repository: '',
      tag: '',
      size,
      config,
      instantiate(ingredients) {
        const root = parent ? parent.definition.instantiate(ingredients) : new Directory();
        for (const layer of layers) layer.apply(root);
        return root;
      },
    };
    const { history, author = '', comment = '', created } = made;
    const id = made.id ?? sha256(encode(JSON.stringify([config, history, author, created, all.map((layer) => layer.digest)])));
    const known = this.images.find((image) => image.id === id);
    if (known) return known;
    const image: Image = { definition, id, layers: all, history, author, comment, tags: [], created };
    if (parent) image.parent = parent;
    if (made.recipe !== undefined) image.recipe = made.recipe;
    this.images.push(image);
    return image;
  }

  childrenOf(image: Image): Image[] {
    return this.images.filter((other) => other.parent === image);
  }

  /** Gives an image a name. */
  tag(image: Image, name: string): void {
    for (const other of this.images) other.tags = other.tags.filter((tag) => tag !== name);
    image.tags.push(name);
  }

  /** The digest of its manifest in the registry. */
  digest(definition: ImageDefinition): string {
    return `sha256:${new Random('manifest', `${definition.repository}:${definition.tag}`).hex(64)}`;
  }

  /** Finds by name, name and tag, id or a beginning of an id. */
  find(text: string): Image | undefined {
    const reference = parseReference(text);
    if (!(reference instanceof Refusal)) {
      const tagged = withTag(reference);
      const named = this.images.find((image) => image.tags.includes(tagged));
      if (named) return named;
    }
    const id = text.replace(/^sha256:/, '');
    return /^[0-9a-f]{2,64}$/.test(id) ? this.images.find((image) => image.id.startsWith(id)) : undefined;
  }

  /** A fresh root of an image, an empty one without. */
  rootOf(image: Image | undefined): Directory {
    return image ? this.instantiate(image) : new Directory();
  }

  instantiate(image: Image): Directory {
    return image.definition.instantiate(this.#ingredients);
  }

  remove(image: Image): void {
    this.images.splice(this.images.indexOf(image), 1);
  }
}
