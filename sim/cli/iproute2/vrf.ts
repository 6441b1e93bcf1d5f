import type { LinkInfo } from '../../host/netlink/messages.ts';
import type { Subcommand, Tool } from './tool.ts';
import { VRF_USAGE } from './usage/vrf.ts';
import { parseUnsigned } from './values.ts';
import { EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

/** `ip vrf` (ip/ipvrf.c): without such devices there is nothing to list and nobody to find. */
export const vrfCommands: readonly Subcommand[] = [
  { names: ['identify'], run: identify },
  { names: ['pids'], run: pids },
  { names: ['exec'], run: execute },
  { names: ['show', 'lst', 'list'], run: show },
  { names: ['help'], run: (tool) => tool.refuse(new Quit(VRF_USAGE, EXIT_MINUS_ONE)) },
];

function vrfs(tool: Tool): LinkInfo[] {
  return tool.netlink.links().filter((link) => link.kind === 'vrf');
}

function find(tool: Tool, name: string): LinkInfo | undefined {
  return vrfs(tool).find((link) => link.name === name);
}

function show(tool: Tool, words: Words): number {
  if (words.left > 1) throw new Quit(VRF_USAGE, EXIT_MINUS_ONE);
  if (!words.empty) {
    const name = words.take();
    const link = find(tool, name);
    if (!link) throw new Quit('Invalid VRF\n', 1);
    tool.print(`${name} ${Number(link.data.table)}\n`);
    return 0;
  }
  const report = tool.report();
  report.text(`${'Name'.padEnd(16)}  ${'Table'}\n-----------------------\n`);
  const all = vrfs(tool);
  for (const { name, data } of all) {
    report.object('', () => {
      report.field('name', name, name.padEnd(16));
      report.field('table', Number(data.table), ` ${String(data.table).padStart(5)}`);
      report.text('\n');
    });
  }
  if (all.length === 0) report.text('No VRF has been configured\n');
  report.end();
  return 0;
}

/** Processes are bound to a VRF by `exec` alone, which isn't modelled: all are in none. */
function identify(_tool: Tool, words: Words): number {
  if (words.empty) return 0;
  const text = words.take();
  if (!words.empty) throw invalid('Extra arguments specified\n', words.here);
  if (parseUnsigned(text) === undefined) throw invalid('Invalid pid\n', text);
  return 0;
}

function pids(tool: Tool, words: Words): number {
  if (words.left !== 1) throw new Quit('Invalid arguments\n', 1);
  if (!find(tool, words.take())) throw new Quit('Invalid VRF name\n', 1);
  return 0;
}

function execute(tool: Tool, words: Words): number {
  if (words.empty) throw new Quit('No VRF name specified\n', 1);
  const name = words.take();
  if (words.empty) throw new Quit('No command specified\n', 1);
  if (name !== 'default' && !find(tool, name)) throw new Quit('Invalid VRF name\n', 1);
  throw tool.unmodelled('ip vrf exec');
}
