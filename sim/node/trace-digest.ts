import { createHash } from 'node:crypto';
import type { World } from '../index.ts';

/** A digest of everything a world's trace holds: every event with its time, its place and its bytes. */
export function traceDigest(world: World): string {
  const hash = createHash('sha256');
  world.trace.read(0, ({ sequence, time, kind, device, netns, packet, value, text, frame }) => {
    hash.update(JSON.stringify([sequence, time, kind, device, netns, packet, value, text, frame.length]));
    hash.update(frame);
  });
  return hash.digest('hex');
}
