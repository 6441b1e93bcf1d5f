import { Executable } from '../../../host/inode.ts';
import { busyboxRoot } from './busybox.ts';
import type { ImageDefinition } from './image.ts';
import { type Tree, tree } from './tree.ts';

const CONFIGURATION = `user root;
error_log stderr;
events {}
http { access_log /dev/stdout; server { listen 80; listen [::]:80; root /usr/share/nginx/html; } }
`;

/** The web server, on top of busybox's tools. */
export const nginx: ImageDefinition = {
  repository: 'nginx',
  tag: 'latest',
  size: 15_739_904,
  config: { cmd: ['nginx', '-g', 'daemon off;'] },
  instantiate(ingredients) {
    const root = busyboxRoot(ingredients);
    return tree({
      ...root,
      bin: { ...(root.bin as Tree), nginx: new Executable('nginx') },
      etc: { ...(root.etc as Tree), nginx: { 'nginx.conf': CONFIGURATION } },
      usr: { ...(root.usr as Tree), share: { nginx: { html: { 'index.html': '<h1>Welcome to nginx!</h1>\n' } } } },
      var: { log: { nginx: {} }, lib: { nginx: {} } },
      run: {},
    });
  },
};
