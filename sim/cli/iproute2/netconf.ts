import type { Report } from './report.ts';
import type { Subcommand, Tool } from './tool.ts';
import { EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const USAGE = 'Usage: ip netconf show [ dev STRING ]\n';

/** `ip netconf`: what each interface is set to do with packets (ip/ipnetconf.c). */
export const netconfCommands: readonly Subcommand[] = [
  { names: ['list', 'show', 'lst'], run: show },
  {
    names: ['help'],
    run: () => {
      throw new Quit(USAGE, EXIT_MINUS_ONE);
    },
  },
];

function show(tool: Tool, words: Words): number {
  let device: number | undefined;
  while (!words.empty) {
    const word = words.take();
    if (word !== 'dev') throw new Quit(`What is "${word}"?\n${USAGE}`, EXIT_MINUS_ONE);
    const name = words.value();
    const link = tool.netlink.link(name);
    if (!link) throw new Quit(`Device "${name}" does not exist.\n`, 1);
    device = link.ifindex;
  }
  const report = tool.report();
  for (const family of tool.family === 0 ? ([4, 6] as const) : [tool.family]) {
    for (const { ifindex, settings } of tool.netlink.netconf(family)) {
      if (device !== undefined && ifindex !== device) continue;
      report.object('', () => printNetconf(tool, report, family, ifindex, settings));
    }
  }
  report.end();
  return 0;
}

const REVERSE_PATH = ['off', 'strict', 'loose'];

/** One line of settings that are there: `inet eth0 forwarding on `. */
export function printNetconf(
  tool: Tool,
  report: Report,
  family: 4 | 6,
  ifindex: number | 'all' | 'default',
  settings: Readonly<Record<string, number>>,
): void {
  const name = family === 4 ? 'inet' : 'inet6';
  report.field('family', name, `${name} `);
  const device = typeof ifindex === 'string' ? ifindex : tool.deviceName(ifindex);
  report.field('interface', device, `${device} `, 'ifname');
  for (const [key, value] of Object.entries(settings)) {
    if (key === 'rp_filter') report.field(key, REVERSE_PATH[value] ?? 'off', `rp_filter ${REVERSE_PATH[value] ?? 'off'} `);
    else report.field(key, value !== 0, `${key} ${value ? 'on' : 'off'} `);
  }
  report.text('\n');
}
