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

  constructor(definitions: readonly ImageDefinition[], ingredients: ImageIngredients, now: Micros) {
    this.#ingredients = ingredients;
    for (const definition of definitions) {
      // Content-addressed: the same image has the same id in every world, whatever its seed.
      const content = new Random('image', `${definition.repository}:${definition.tag}`);
      this.images.push({
        definition,
        id: content.hex(64),
        layer: content.hex(64),
        tags: [`${definition.repository}:${definition.tag}`],
        created: now,
      });
    }
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
