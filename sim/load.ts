import { type Part, parts } from './base/part.ts';

export { type Part, parts };

/** Loads a part. @throws whatever the fetch failed with */
export async function load(part: Part): Promise<void> {
  if (part.value === undefined) part.value = await part.fetch();
}

/** Loads every part there is, those that parts bring along included. */
export async function loadEverything(): Promise<void> {
  for (let done = 0; done < parts.length; ) {
    const next = parts.slice(done);
    done = parts.length;
    await Promise.all(next.map(load));
  }
}
