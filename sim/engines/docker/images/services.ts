import { Executable } from '../../../host/inode.ts';
import { alpineRoot } from './alpine.ts';
import type { ImageDefinition } from './image.ts';
import { type Tree, tree } from './tree.ts';

/** An image with nothing in it but one program, as static binaries are packed. */
function scratch(file: string, program = file): Tree {
  return { [file]: new Executable(program), dev: {}, etc: {}, proc: {}, sys: {}, tmp: {} };
}

/** Answers a request with what it looks like from here: addresses, headers, the host's name. */
export const whoami: ImageDefinition = {
  repository: 'traefik/whoami',
  tag: 'latest',
  size: 6_680_000,
  config: { entrypoint: ['/whoami'], exposedPorts: ['80/tcp'] },
  remote: true,
  instantiate: () => tree(scratch('whoami', 'traefik-whoami')),
};

/** Answers every request with one text. */
export const httpEcho: ImageDefinition = {
  repository: 'hashicorp/http-echo',
  tag: 'latest',
  size: 11_300_000,
  config: { entrypoint: ['/http-echo'], exposedPorts: ['5678/tcp'] },
  remote: true,
  instantiate: () => tree(scratch('http-echo')),
};

/** A key-value server that speaks RESP. */
export const redis: ImageDefinition = {
  repository: 'redis',
  tag: 'latest',
  size: 137_000_000,
  config: { cmd: ['redis-server'], exposedPorts: ['6379/tcp'], workingDir: '/data' },
  remote: true,
  instantiate(ingredients) {
    const root = alpineRoot(ingredients);
    const bin: Tree = { ...(root.bin as Tree), 'redis-server': new Executable('redis-server'), 'redis-cli': new Executable('redis-cli') };
    return tree({ ...root, bin, data: {} });
  },
};
