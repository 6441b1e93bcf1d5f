import type { Random } from '../base/random.ts';
import type { Host } from './host.ts';

const streams = new WeakMap<Host, Random>();

/** Bytes of the machine's own stream of named randomness, without a file (getrandom(2)). */
export function getrandom(host: Host, length: number): Uint8Array {
  let stream = streams.get(host);
  if (!stream) {
    stream = host.random('getrandom');
    streams.set(host, stream);
  }
  const random = stream;
  return Uint8Array.from({ length }, () => random.below(256));
}
