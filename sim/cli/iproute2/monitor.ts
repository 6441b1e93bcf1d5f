import type { Tool } from './tool.ts';
import { MONITOR_USAGE } from './usage/monitor.ts';
import { abbreviates, EXIT_MINUS_ONE, Quit, type Words } from './words.ts';

const OBJECTS = [
  'link',
  'address',
  'acaddress',
  'route',
  'mroute',
  'maddress',
  'prefix',
  'neigh',
  'netconf',
  'rule',
  'nsid',
  'nexthop',
  'stats',
];

/** `ip monitor`: the kernel's notifications are not modelled; wrong words still get their answers. */
export function monitor(tool: Tool, words: Words): number {
  while (!words.empty) {
    const word = words.take();
    if (abbreviates(word, 'file') || abbreviates(word, 'dev')) words.value();
    else if (abbreviates(word, 'help')) throw new Quit(MONITOR_USAGE, EXIT_MINUS_ONE);
    else if (!['all', 'label', 'all-nsid', ...OBJECTS].some((object) => abbreviates(word, object))) {
      throw new Quit(`Argument "${word}" is unknown, try "ip monitor help".\n`, EXIT_MINUS_ONE);
    }
  }
  throw tool.unmodelled('ip monitor');
}
