import type { Notification } from '../../host/netlink/monitor.ts';
import type { Blocking } from '../../host/wait.ts';
import { printGroup } from './mdb-print.ts';
import { followNotifications, timeText } from './monitor.ts';
import type { Tool } from './tool.ts';
import { BRIDGE_MONITOR_USAGE } from './usage/bridge.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const OBJECTS = ['file', 'link', 'fdb', 'mdb', 'vlan'];

/** `bridge monitor mdb`: groups and router ports as they come and go, until somebody stops it (bridge/monitor.c). */
export function bridgeMonitor(tool: Tool, words: Words): Blocking<number> {
  const wanted: string[] = [];
  while (!words.empty) {
    const word = words.take();
    const object = OBJECTS.find((name) => abbreviates(word, name)) ?? (word === 'vni' || word === 'all' ? word : undefined);
    if (object === undefined && abbreviates(word, 'help')) throw new Quit(BRIDGE_MONITOR_USAGE, EXIT_MINUS_ONE);
    if (object === undefined) throw new Quit(`Argument "${word}" is unknown, try "bridge monitor help".\n`, EXIT_MINUS_ONE);
    wanted.push(object);
  }
  const other = wanted.find((object) => object !== 'mdb');
  if (other !== undefined) throw tool.unmodelled(`bridge monitor ${other}`);
  if (wanted.length === 0) throw tool.unmodelled('bridge monitor of everything');
  return followNotifications(tool, (next) => show(tool, next));
}

function show(tool: Tool, next: Notification): void {
  if (next.kind !== 'mdb' && next.kind !== 'router-port') return;
  const { timestamp, timestampShort } = tool.options;
  if (timestamp || timestampShort) tool.print(timeText(next.time, timestampShort));
  if (next.gone) tool.print('Deleted ');
  if (next.kind === 'mdb') printGroup(tool, tool.report(), next.entry);
  else tool.print(`router port dev ${tool.deviceName(next.port)} master ${tool.deviceName(next.bridge)}\n`);
}
