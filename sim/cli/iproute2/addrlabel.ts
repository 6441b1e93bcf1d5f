import type { Subcommand, Tool } from './tool.ts';
import { ADDRLABEL_USAGE } from './usage/addrlabel.ts';
import { EXIT_MINUS_ONE, Quit } from './words.ts';

/** `ip addrlabel` (ip/ipaddrlabel.c): the labels of RFC 6724 that the kernel begins with; changing them isn't modelled. */
export const addrlabelCommands: readonly Subcommand[] = [
  { names: ['list', 'lst', 'show'], run: list },
  { names: ['add', 'delete', 'flush'], run: (tool) => tool.refuse(tool.unmodelled('changing address labels')) },
  { names: ['help'], run: (tool) => tool.refuse(new Quit(ADDRLABEL_USAGE, EXIT_MINUS_ONE)) },
];

/** In the kernel's order: the later of one length, and the shorter prefix, come last (net/ipv6/addrlabel.c). */
const LABELS: readonly (readonly [address: string, length: number, label: number])[] = [
  ['::1', 128, 0],
  ['::', 96, 3],
  ['::ffff:0.0.0.0', 96, 4],
  ['2001::', 32, 6],
  ['2001:10::', 28, 7],
  ['3ffe::', 16, 12],
  ['2002::', 16, 2],
  ['fec0::', 10, 11],
  ['fc00::', 7, 5],
  ['::', 0, 1],
];

function list(tool: Tool): number {
  const report = tool.report();
  for (const [address, length, label] of LABELS) {
    report.object('', () => {
      report.text('prefix ');
      report.field('address', address, address, 'inet6');
      report.field('prefixlen', length, `/${length} `);
      report.field('label', label, `label ${label} \n`);
    });
  }
  report.end();
  return 0;
}
