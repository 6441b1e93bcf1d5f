import { Executable } from '../../../host/inode.ts';
import type { ImageDefinition, ImageIngredients } from './image.ts';
import { link, type Tree, tree } from './tree.ts';

/** The commands of a minimal Debian: the essential packages' (no networking tools, as everybody finds out). */
const ESSENTIAL =
  /^\/(usr\/)?(s?bin)\/(bash|sh|cat|chmod|chown|cp|cut|date|dd|df|du|echo|env|expr|false|find|xargs|grep|egrep|fgrep|head|hostname|id|kill|ln|ls|mkdir|mkfifo|mktemp|mv|nproc|od|paste|printenv|printf|pwd|readlink|realpath|rm|rmdir|sed|seq|sleep|sort|split|stat|stty|sync|tail|tee|test|\[|timeout|touch|tr|true|tty|uname|uniq|unlink|wc|whoami|yes|awk|mawk|diff|cmp|base64|basename|dirname|sha256sum|md5sum|tac|nl|comm|join|fold|fmt|expand|more|mount|umount|dmesg|lsns|nsenter|unshare|flock|getopt|sysctl)$/;

/** A root with these of the world's programs. */
function debianRoot({ programs }: ImageIngredients, wanted: (path: string) => boolean, release: string): Tree {
  const directories: Record<string, Tree> = { bin: {}, sbin: {} };
  for (const { name, paths } of programs) {
    for (const path of paths) {
      const match = /^\/usr\/(bin|sbin)\/([^/]+)$/.exec(path);
      if (match && wanted(path)) (directories[match[1] as string] as Tree)[match[2] as string] = new Executable(name);
    }
  }
  return {
    bin: link('usr/bin'),
    sbin: link('usr/sbin'),
    usr: { ...directories, local: { bin: {}, sbin: {} }, share: {}, lib: {} },
    etc: {
      passwd: 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
      group: 'root:x:0:\nnogroup:x:65534:\n',
      'os-release': release,
    },
    dev: {},
    home: {},
    opt: {},
    proc: {},
    root: {},
    run: {},
    srv: {},
    sys: {},
    tmp: {},
    var: { log: {}, lib: {}, tmp: {} },
  };
}

const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux forky/sid"\nNAME="Debian GNU/Linux"\nVERSION_CODENAME=forky\nID=debian\n';
const UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\n';

export const debian: ImageDefinition = {
  repository: 'debian',
  tag: 'latest',
  size: 120_400_000,
  config: { cmd: ['bash'] },
  remote: true,
  instantiate: (ingredients) => tree(debianRoot(ingredients, (path) => ESSENTIAL.test(path), DEBIAN)),
};

/** Its tools are Debian's here. */
export const ubuntu: ImageDefinition = {
  repository: 'ubuntu',
  tag: 'latest',
  size: 78_100_000,
  config: { cmd: ['/bin/bash'] },
  remote: true,
  instantiate: (ingredients) => tree(debianRoot(ingredients, (path) => ESSENTIAL.test(path), UBUNTU)),
};

/** Every tool that a host has, for looking around in a container's network; the real one is built on Alpine. */
export const netshoot: ImageDefinition = {
  repository: 'nicolaka/netshoot',
  tag: 'latest',
  size: 553_000_000,
  config: { cmd: ['bash'], workingDir: '/root' },
  remote: true,
  instantiate: (ingredients) => tree(debianRoot(ingredients, (path) => !path.endsWith('/docker'), DEBIAN)),
};
