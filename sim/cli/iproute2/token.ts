import { formatIPv6, type IPv6 } from '../../base/address.ts';
import { IFF } from './link-flags.ts';
import { familyColor } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { TOKEN_USAGE } from './usage/token.ts';
import { address } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

/** `ip token` (ip/iptoken.c): the lower halves of the addresses that router advertisements would make. */
export const tokenCommands: readonly Subcommand[] = [
  { names: ['list', 'lst', 'show'], run: list },
  { names: ['set', 'add'], run: (tool, words) => set(tool, words, false) },
  { names: ['delete'], run: (tool, words) => set(tool, words, true) },
  { names: ['get'], run: list },
  { names: ['help'], run: (tool) => tool.refuse(usage()) },
];

const usage = () => new Quit(TOKEN_USAGE, EXIT_MINUS_ONE);

function list(tool: Tool, words: Words): number {
  let only: number | undefined;
  while (!words.empty && only === undefined) if (words.take() === 'dev') only = deviceOf(tool, words);
  const report = tool.report();
  for (const link of tool.netlink.links()) {
    if ((link.flags & (IFF.LOOPBACK | IFF.NOARP)) !== 0 || (only !== undefined && link.ifindex !== only)) continue;
    report.object('', () => {
      const token = formatIPv6(link.token);
      report.text('token ');
      report.field('token', token, token, familyColor(link.token));
      report.text(' dev ');
      report.field('ifname', link.name, `${link.name}\n`, 'ifname');
    });
  }
  report.end();
  return 0;
}

function deviceOf(tool: Tool, words: Words): number {
  const name = words.value();
  const link = tool.netlink.link(name);
  if (!link) throw invalid('dev is invalid\n', name);
  return link.ifindex;
}

function set(tool: Tool, words: Words, deleting: boolean): number {
  let token: IPv6 | undefined = deleting ? 0n : undefined;
  let device: number | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word === 'dev') device ??= deviceOf(tool, words);
    else if (abbreviates(word, 'help')) throw usage();
    else token ??= address(word, 6) as IPv6;
  }
  if (token === undefined) throw new Quit('Not enough information: token is required.\n', 1);
  if (device === undefined) throw new Quit('Not enough information: "dev" argument is required.\n', 1);
  return tool.outcome(tool.netlink.setLink(device, { token }));
}
