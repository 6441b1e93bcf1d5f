import { busybox } from './busybox.ts';
import type { ImageDefinition } from './image.ts';
import { nginx } from './nginx.ts';

/** Every image that a world may carry. */
export const imageDefinitions: readonly ImageDefinition[] = [busybox, nginx];
