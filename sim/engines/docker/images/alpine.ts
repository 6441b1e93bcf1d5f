import { encode } from '../../../base/bytes.ts';
import { Executable, RegularFile } from '../../../host/inode.ts';
import { busyboxRoot } from './busybox.ts';
import type { ImageDefinition, ImageIngredients } from './image.ts';
import { type Tree, tree } from './tree.ts';

const RELEASE = `NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.22.2
PRETTY_NAME="Alpine Linux v3.22"
HOME_URL="https://alpinelinux.org/"
BUG_REPORT_URL="https://gitlab.alpinelinux.org/alpine/aports/-/issues"
`;

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Busybox with the files by which Alpine is known; its package manager says that there are no packages. */
export function alpineRoot(ingredients: ImageIngredients): Tree {
  const root = busyboxRoot(ingredients);
  return {
    ...root,
    bin: { ...(root.bin as Tree), apk: new Executable('apk') },
    etc: { ...(root.etc as Tree), 'os-release': RELEASE, 'alpine-release': '3.22.2\n', issue: 'Welcome to Alpine Linux 3.22\n' },
  };
}

export const alpine: ImageDefinition = {
  repository: 'alpine',
  tag: 'latest',
  size: 8_319_867,
  config: { cmd: ['/bin/sh'], env: [PATH] },
  remote: true,
  instantiate: (ingredients) => tree(alpineRoot(ingredients)),
};

/** curl on Alpine, as its makers publish it. */
export const curlImage: ImageDefinition = {
  repository: 'curlimages/curl',
  tag: 'latest',
  size: 22_400_000,
  config: { entrypoint: ['/entrypoint.sh'], cmd: ['curl'], env: [PATH, 'CURL_CA_BUNDLE=/cacert.pem'] },
  remote: true,
  instantiate(ingredients) {
    const root = alpineRoot(ingredients);
    // The real script does the same: options alone are curl's.
    const script = '#!/bin/sh\nset -e\nif [ "${1#-}" != "$1" ] || [ -z "$(command -v "$1")" ]; then\n  set -- curl "$@"\nfi\nexec "$@"\n';
    return tree({ ...root, bin: { ...(root.bin as Tree), curl: new Executable('curl') }, 'entrypoint.sh': executableText(script) });
  },
};

/** A script that may be run. */
function executableText(text: string): RegularFile {
  return new RegularFile(encode(text), 0o755);
}
