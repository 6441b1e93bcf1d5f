import type { Notification } from '../../host/netlink/monitor.ts';
import type { Blocking } from '../../host/wait.ts';
import { printEntry } from './fdb.ts';
import { printPort } from './bridge-link.ts';
import { printGroup } from './mdb-print.ts';
import { followNotifications, timeText } from './monitor.ts';
import type { Tool } from './tool.ts';
import { BRIDGE_MONITOR_USAGE } from './usage/bridge.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

/** What can be asked for, with the notifications that it stands for; VLANs have no news here. */
const OBJECTS: Readonly<Record<string, readonly Notification['kind'][]>> = {
  file: [],
  link: ['link', 'port'],
  fdb: ['fdb'],
  mdb: ['mdb', 'router-port'],
  vlan: [],
  vni: [],
};

const LABELS: Partial<Record<Notification['kind'], string>> = {
  link: '[LINK]',
  port: '[LINK]',
  fdb: '[NEIGH]',
  mdb: '[MDB]',
  'router-port': '[MDB]',
};

/** `bridge monitor`: links and ports, forwarding databases, groups and router ports as they come and go (bridge/monitor.c). */
export function bridgeMonitor(tool: Tool, words: Words): Blocking<number> {
  const kinds: Notification['kind'][] = [];
  let label = false;
  while (!words.empty) {
    const word = words.take();
    const object = Object.keys(OBJECTS).find((name) => (name === 'vni' ? word === name : abbreviates(word, name)));
    if (object === 'file') throw tool.unmodelled(`the file ${words.value()}`);
    if (object === 'vlan' || object === 'vni') throw tool.unmodelled(`bridge monitor ${object}`);
    if (object !== undefined) kinds.push(...(OBJECTS[object] ?? []));
    else if (word === 'all') label = true;
    else if (abbreviates(word, 'help')) throw new Quit(BRIDGE_MONITOR_USAGE, EXIT_MINUS_ONE);
    else throw new Quit(`Argument "${word}" is unknown, try "bridge monitor help".\n`, EXIT_MINUS_ONE);
  }
  const wanted = kinds.length > 0 ? kinds : Object.values(OBJECTS).flat();
  return followNotifications(tool, (next) => {
    if (wanted.includes(next.kind)) show(tool, next, label);
  });
}

function show(tool: Tool, next: Notification, label: boolean): void {
  const { timestamp, timestampShort } = tool.options;
  if (timestamp || timestampShort) tool.print(timeText(next.time, timestampShort));
  if (label) tool.print(LABELS[next.kind] ?? '');
  if (next.gone) tool.print('Deleted ');
  if (next.kind === 'mdb') printGroup(tool, tool.report(), next.entry);
  else if (next.kind === 'fdb') printEntry(tool, tool.report(), next.entry, true);
  else if (next.kind === 'link') printPort(tool, tool.report(), next.link, false);
  else if (next.kind === 'port') printPort(tool, tool.report(), next.link, !next.gone);
  else if (next.kind === 'router-port')
    tool.print(`router port dev ${tool.deviceName(next.port)} master ${tool.deviceName(next.bridge)}\n`);
}
