import { formatIP, formatMac } from '../../base/address.ts';
import type { BridgeGroupsInfo, MdbInfo } from '../../host/netlink/mdb.ts';
import { protocolName } from './names.ts';
import { familyColor, type Report } from './report.ts';
import type { Tool } from './tool.ts';

/** `259.98` in seven columns, as timers of groups print (bridge/mdb.c `format_timer`). */
function timerText(seconds: number): string {
  return seconds.toFixed(2).padStart(7);
}

/** One membership: `dev br0 port v0 grp 239.1.1.1 temp` (`print_mdb_entry`). */
export function printGroup(tool: Tool, report: Report, entry: MdbInfo): void {
  const { family, address, source, options } = { ...entry, options: tool.options };
  const bridge = tool.deviceName(entry.bridge);
  const port = tool.deviceName(entry.port);
  const group = family === 'link' ? formatMac(address as number) : formatIP(address);
  const color = family === 'link' ? undefined : familyColor(address);
  report.object('', () => {
    report.data('index', entry.bridge);
    report.field('dev', bridge, `dev ${bridge}`, 'ifname');
    report.field('port', port, ` port ${port}`);
    report.field('grp', group, ` grp ${group}`, color);
    if (source !== undefined) report.field('src', formatIP(source), ` src ${formatIP(source)}`, color);
    const state = entry.permanent ? 'permanent' : 'temp';
    report.field('state', state, ` ${state}`);
    if (options.details) printDetails(tool, report, entry);
    const flags = entry.fastLeave ? ['fast_leave'] : [];
    report.field('flags', flags, flags.map((flag) => ` ${flag}`).join(''));
    if (entry.vlan !== 0) report.field('vid', entry.vlan, ` vid ${entry.vlan}`);
    if (options.stats > 0) report.field('timer', timerText(entry.timer), ` ${timerText(entry.timer)}`);
    report.text(tool.newline);
  });
}

function printDetails(tool: Tool, report: Report, { filterMode, protocol }: MdbInfo): void {
  if (filterMode !== undefined) report.field('filter_mode', filterMode, ` filter_mode ${filterMode}`);
  if (protocol === undefined) return;
  const name = protocolName(protocol, tool.options.numeric, tool);
  report.field('protocol', name, ` proto ${name}`);
}

/** The ports of a bridge that have routers behind them (`br_print_router_ports`). */
export function printRouters(tool: Tool, report: Report, { bridge, routers }: BridgeGroupsInfo): void {
  const name = tool.deviceName(bridge);
  const stats = tool.options.stats > 0;
  report.list(name, () => {
    if (!stats) report.text(`router ports on ${name}: `);
    for (const router of routers) {
      const port = tool.deviceName(router.port);
      report.object('', () => {
        report.field('port', port, stats ? `router ports on ${name}: ${port}` : `${port} `);
        if (!stats) return;
        report.field('timer', timerText(router.timer), ` ${timerText(router.timer)}`);
        const type = router.permanent ? 'permanent' : 'temp';
        report.field('type', type, ` ${type}`);
        report.text('\n');
      });
    }
    if (!stats) report.text(tool.newline);
  });
}
