import type { Micros } from '../../../base/time.ts';
import { Random } from '../../../base/random.ts';
import type { Directory } from '../../../host/inode.ts';
import type { ImageDefinition, ImageIngredients } from './image.ts';
import { parseReference, withTag } from './reference.ts';
import { Refusal } from '../refusal.ts';

/** An image on this machine. */
export interface Image {
  definition: ImageDefinition;
  /** 64 hexadecimal digits; `sha256:` goes in front. */
  id: string;
  layer: string;
  /** `busybox:latest`; empty after `docker rmi -f` of an image in use. */
  tags: string[];
  created: Micros;
}

/** The images that this daemon holds. */
export class ImageStore {
  readonly images: Image[] = [];
  readonly #ingredients: ImageIngredients;
  readonly #definitions: readonly ImageDefinition[];

  constructor(definitions: readonly ImageDefinition[], ingredients: ImageIngredients, now: Micros) {
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

  /** Puts an image on this machine; its name is taken from whoever had it. */
  add(definition: ImageDefinition, created: Micros, content = `${definition.repository}:${definition.tag}`): Image {
    // Content-addressed: the same image has the same id in every world, whatever its seed.
    const digits = new Random('image', content);
    const image: Image = { definition, id: digits.hex(64), layer: digits.hex(64), tags: [], created };
    this.images.push(image);
    if (definition.repository !== '') this.tag(image, `${definition.repository}:${definition.tag}`);
    return image;
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

  instantiate(image: Image): Directory {
    return image.definition.instantiate(this.#ingredients);
  }

  remove(image: Image): void {
    this.images.splice(this.images.indexOf(image), 1);
  }
}
