import { formatIP, type IPv6 } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameOfAddress } from '../name-resolution.ts';
import { Ending, err } from './ending.ts';

/** A line of /proc/net/ipv6_route. */
export interface Route6 {
  destination: IPv6;
  length: number;
  gateway: IPv6;
  metric: number;
  references: number;
  uses: number;
  flags: number;
  device: string;
}

export const ROUTES6_FILE = '/proc/net/ipv6_route';

/** Reads the kernel's table of IPv6 routes, as the tools that came before netlink do. */
export function* readRoutes6(process: Process): Blocking<Route6[] | Errno> {
  const file = yield* process.readFile(ROUTES6_FILE);
  if (typeof file === 'string') return file;
  return decode(file)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [to = '', length = '', , , via = '', metric = '', references = '', uses = '', flags = '', device = ''] = line.split(/ +/);
      const number = (digits: string) => Number.parseInt(digits, 16);
      return {
        destination: BigInt(`0x${to}`),
        length: number(length),
        gateway: BigInt(`0x${via}`),
        // Signed, so that the metric of the null entry reads -1.
        metric: number(metric) | 0,
        references: number(references),
        uses: number(uses),
        flags: number(flags),
        device,
      };
    });
}

/** Letters of RTF_* flags behind the first, which tells whether packets pass. */
const LETTERS: readonly [flag: number, letter: string][] = [
  [0x2, 'G'],
  [0x4, 'H'],
  [0x1_0000, 'D'],
  [0x4_0000, 'A'],
  [0x100_0000, 'C'],
  [0x2_0000, 'a'],
  [0x40_0000, 'e'],
  [0x20, 'm'],
  [0x20_0000, 'n'],
  [0x200_0000, 'f'],
];

/** The flags as letters; busybox knows fewer of them. */
export function flagLetters(flags: number, unknown = ''): string {
  const set = LETTERS.filter(([flag, letter]) => (flags & flag) !== 0 && !unknown.includes(letter)).map(([, letter]) => letter);
  return `${(flags & 0x200) !== 0 ? '!' : 'U'}${set.join('')}`;
}

const HEAD = 'Destination                    Next Hop                   Flag Met Ref  Use If\n';

/** The table as `route -6` and `netstat -6r` print it (rprint_fib6 in lib/inet6_gr.c); the cache is empty since Linux 4.2. */
export function* routeTable6(process: Process, numeric: boolean, cache: boolean): Blocking<string> {
  if (cache) return `Kernel IPv6 routing cache\n${HEAD}`;
  const routes = yield* readRoutes6(process);
  if (typeof routes === 'string') {
    throw new Ending(1, err(`${ROUTES6_FILE}: ${strerror(routes)}\nINET6 (IPv6) not configured in this system.\n`));
  }
  let text = `Kernel IPv6 routing table\n${HEAD}`;
  for (const route of routes) {
    const to = `${yield* shown(process, route.destination, numeric)}/${route.length}`;
    const via = yield* shown(process, route.gateway, numeric);
    const figures = `${String(route.metric).padEnd(3)} ${route.references}${String(route.uses).padStart(7)} ${route.device}`;
    text += `${to.padEnd(30)} ${via.padEnd(26)} ${flagLetters(route.flags).padEnd(4)} ${figures}\n`;
  }
  return text;
}

function* shown(process: Process, address: IPv6, numeric: boolean): Blocking<string> {
  if (numeric) return formatIP(address);
  if (address === 0n) return '[::]';
  return (yield* nameOfAddress(process, address)) ?? formatIP(address);
}
