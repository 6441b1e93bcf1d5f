/**
 * Every folder of the project's code and what it may import. A folder's own files are always allowed to each other; what is
 * not listed here does not exist as far as the test is concerned, so a new folder starts with a line in this table.
 *
 * A name may be a folder, a single file that stands above its folder (a registry), or `FOLDER/*`: each sub-folder on its own.
 * `parts` are sub-folders that belong to a folder and are free to use one another.
 */
export interface Layer {
  name: string;
  parts?: readonly string[];
  /** Other layers. */
  imports: readonly string[];
  /** npm packages and Node's own modules. */
  packages?: readonly string[];
}

const ENGINE = ['sim/host', 'sim/kernel', 'sim/wire', 'sim/base'];
const COMMAND = ['sim/cli', ...ENGINE];
const TOOLBOX = ['sim/cli/tool', 'sim/cli/bash', 'sim/cli/http', ...COMMAND];

const NETFILTER_PARTS = ['conntrack', 'ipset', 'ipvs', 'match', 'nat', 'nftables', 'tables', 'target'].map((name) => `netfilter/${name}`);
const KERNEL_PARTS = [
  'bridge',
  'dev',
  'dev/ipip',
  'dev/vxlan',
  'dev/wireguard',
  'ipv4',
  'ipv6',
  'neigh',
  'netfilter',
  ...NETFILTER_PARTS,
  'socket',
  'socket/tcp',
];

/** What a test may use besides: it stands above what it tests. */
export const TESTS = {
  imports: [
    'sim/complete.ts',
    'sim/load.ts',
    'sim/index.ts',
    'sim/cli',
    'sim/cli/registry.ts',
    'sim/cli/*',
    'sim/cli/coreutils',
    'sim/cli/docker',
    'sim/cli/iproute2',
  ],
  packages: ['vitest', 'fast-check', 'node:*'],
};

export const LAYERS: readonly Layer[] = [
  // The simulation, from the bottom up.
  { name: 'sim/base', parts: ['crypto'], imports: [], packages: ['ipaddr.js'] },
  { name: 'sim/wire', imports: ['sim/base'] },
  { name: 'sim/kernel', parts: KERNEL_PARTS, imports: ['sim/wire', 'sim/base'] },
  { name: 'sim/host', parts: ['dns', 'iptables', 'netlink', 'nftables', 'filesystems'], imports: ['sim/kernel', 'sim/wire', 'sim/base'] },
  { name: 'sim/engines/docker', parts: ['api', 'archive', 'build', 'container', 'images', 'network', 'swarm'], imports: ENGINE },
  { name: 'sim/cli', imports: ENGINE },
  // What several commands share: the shell's way with words and printf, and a toolbox.
  { name: 'sim/cli/bash', parts: ['builtins', 'readline'], imports: COMMAND, packages: ['unbash'] },
  // HTTP over a connection, for clients and servers.
  { name: 'sim/cli/http', imports: COMMAND },
  { name: 'sim/cli/tool', imports: COMMAND },
  { name: 'sim/cli/iproute2', parts: ['usage'], imports: TOOLBOX },
  { name: 'sim/cli/docker', parts: ['commands', 'format', 'options', 'template'], imports: ['sim/engines/docker', ...TOOLBOX] },
  { name: 'sim/cli/tcpdump', parts: ['filter', 'printers'], imports: TOOLBOX },
  // One program with many faces.
  { name: 'sim/cli/busybox', imports: ['sim/cli/*', 'sim/cli/coreutils', 'sim/cli/iproute2', ...TOOLBOX] },
  { name: 'sim/cli/coreutils', imports: TOOLBOX },
  { name: 'sim/cli/*', imports: ['sim/cli/coreutils', ...TOOLBOX] },
  {
    name: 'sim/cli/registry.ts',
    imports: [
      'sim/cli',
      'sim/cli/*',
      'sim/cli/bash',
      'sim/cli/busybox',
      'sim/cli/coreutils',
      'sim/cli/docker',
      'sim/cli/iproute2',
      'sim/cli/tcpdump',
      'sim/host',
    ],
  },
  { name: 'sim/trace', imports: ['sim/kernel', 'sim/wire', 'sim/base'] },
  {
    name: 'sim/world',
    parts: ['scenarios'],
    imports: ['sim/trace', 'sim/cli', 'sim/cli/registry.ts', 'sim/cli/bash', 'sim/cli/busybox', 'sim/engines/docker', ...ENGINE],
  },
  { name: 'sim/index.ts', imports: ['sim/world', 'sim/trace', 'sim/base'] },

  // What runs the simulation: the only places that see a clock, a stream, a thread or a promise.
  { name: 'sim/load.ts', imports: ['sim/base'] },
  { name: 'sim/complete.ts', imports: ['sim/index.ts', 'sim/load.ts'] },
  { name: 'sim/worker', imports: ['sim/index.ts', 'sim/load.ts', 'sim/base'] },
  { name: 'sim/oracle', imports: ['sim/complete.ts'], packages: ['node:fs'] },
  { name: 'sim/bench', imports: ['sim/complete.ts', 'sim/host', 'sim/kernel', 'sim/base'], packages: ['node:v8', 'node:vm'] },
  // Generated inputs for every parser, of whatever layer.
  {
    name: 'sim/fuzz',
    parts: ['targets'],
    imports: [
      'sim/complete.ts',
      'sim/index.ts',
      'sim/oracle',
      'sim/world',
      'sim/trace',
      'sim/cli',
      'sim/cli/*',
      'sim/cli/bash',
      'sim/cli/coreutils',
      'sim/cli/docker',
      'sim/cli/registry.ts',
      'sim/cli/tcpdump',
      ...ENGINE,
    ],
    packages: ['fast-check', 'node:*'],
  },
  // Packet scripts, on the simulated and on the real kernel.
  { name: 'sim/packets', imports: ['sim/world', ...ENGINE], packages: ['node:*'] },
  { name: 'sim/layers.ts', imports: [] },
  {
    name: 'sim/node',
    imports: ['sim/complete.ts', 'sim/load.ts', 'sim/index.ts', 'sim/oracle', 'sim/worker', 'sim/layers.ts'],
    packages: ['node:*', 'typescript', 'vitest'],
  },
  { name: 'sim', imports: ['sim/index.ts', 'sim/layers.ts', 'sim/node'], packages: ['typescript', 'vitest'] },

  // The book.
  { name: 'components', parts: ['*'], imports: ['sim/index.ts', 'sim/worker'], packages: ['*'] },
  { name: 'site', parts: ['*'], imports: ['sim/complete.ts', 'sim/load.ts', 'sim/index.ts', 'sim/worker', 'components'], packages: ['*'] },
  { name: 'content', parts: ['*'], imports: ['components'], packages: ['*'] },
  { name: 'e2e', parts: ['*'], imports: ['components'], packages: ['*'] },
];
