import { alpine, curlImage } from './alpine.ts';
import { busybox } from './busybox.ts';
import { debian, netshoot, ubuntu } from './debian.ts';
import type { ImageDefinition } from './image.ts';
import { nginx } from './nginx.ts';
import { httpEcho, redis, whoami } from './services.ts';

/** Every image that a world may carry; the remote ones are there once they have been pulled. */
export const imageDefinitions: readonly ImageDefinition[] = [
  alpine,
  busybox,
  curlImage,
  debian,
  httpEcho,
  netshoot,
  nginx,
  redis,
  ubuntu,
  whoami,
];
