import { Executable } from '../../../host/inode.ts';
import type { ImageDefinition, ImageIngredients } from './image.ts';
import { link, type Tree, tree } from './tree.ts';

/** One static program under many names; its commands print in formats of their own. */
export const busybox: ImageDefinition = {
  repository: 'busybox',
  tag: 'latest',
  size: 2_063_272,
  config: { cmd: ['sh'] },
  instantiate: (ingredients) => tree(busyboxRoot(ingredients)),
};

/** The root that images built on busybox start from. */
export function busyboxRoot({ busyboxApplets }: ImageIngredients): Tree {
  const bin: Tree = { busybox: new Executable('busybox') };
  for (const applet of busyboxApplets) if (applet !== 'busybox') bin[applet] = link('busybox');
  return {
    bin,
    sbin: link('bin'),
    usr: { bin: link('../bin'), sbin: link('../bin') },
    etc: { passwd: 'root:x:0:0:root:/root:/bin/sh\n', group: 'root:x:0:\n' },
    dev: {},
    proc: {},
    sys: {},
    root: {},
    tmp: {},
    var: {},
  };
}
