import { DAYS, moment, MONTHS } from '../../base/calendar.ts';
import { EPOCH_SECONDS, type Micros, SECOND } from '../../base/time.ts';
import { type Notification, OpenMonitor } from '../../host/netlink/monitor.ts';
import type { Blocking } from '../../host/wait.ts';
import { printAddress } from './address-print.ts';
import { printLink } from './link-print.ts';
import { printNeighbour } from './neighbour.ts';
import { printNetconf } from './netconf.ts';
import { printNexthop } from './nexthop.ts';
import { Report } from './report.ts';
import { printRoute } from './route-print.ts';
import { printRule } from './rule-print.ts';
import type { Tool } from './tool.ts';
import { MONITOR_USAGE } from './usage/monitor.ts';
import { familyOf } from './values.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit, type Words } from './words.ts';

type Kind = Notification['kind'];

/** Objects in the order that abbreviations are tried, with what they select; those without never have news here. */
const OBJECTS: readonly [string, Kind | undefined][] = [
  ['link', 'link'],
  ['address', 'address'],
  ['acaddress', undefined],
  ['route', 'route'],
  ['mroute', undefined],
  ['maddress', undefined],
  ['prefix', undefined],
  ['neigh', 'neighbour'],
  ['netconf', 'netconf'],
  ['rule', 'rule'],
  ['nsid', undefined],
  ['nexthop', 'nexthop'],
  ['stats', undefined],
];

const LABELS: Record<Kind, string> = {
  link: '[LINK]',
  address: '[ADDR]',
  route: '[ROUTE]',
  neighbour: '[NEIGH]',
  rule: '[RULE]',
  nexthop: '[NEXTHOP]',
  netconf: '[NETCONF]',
  fdb: '[NEIGH]',
  port: '[LINK]',
  mdb: '[MDB]',
  'router-port': '[MDB]',
};

interface Wanted {
  /** None: everything. */
  objects: string[];
  label: boolean;
  ifindex: number | undefined;
}

/** `ip monitor`: what changes in the namespace, until somebody stops it (ip/ipmonitor.c). Always text, whatever `-j` says. */
export function monitor(tool: Tool, words: Words): Blocking<number> {
  return follow(tool, parse(tool, words));
}

function parse(tool: Tool, words: Words): Wanted {
  const wanted: Wanted = { objects: [], label: false, ifindex: undefined };
  while (!words.empty) {
    const word = words.take();
    if (abbreviates(word, 'file')) throw tool.unmodelled(`the file ${words.value()}`);
    if (abbreviates(word, 'label')) wanted.label = true;
    else if (word === 'all') wanted.label = true;
    else if (word === 'all-nsid') throw tool.unmodelled('all-nsid');
    else if (abbreviates(word, 'help')) throw new Quit(MONITOR_USAGE, EXIT_MINUS_ONE);
    else if (abbreviates(word, 'dev')) {
      const name = words.value();
      const link = tool.netlink.link(name);
      if (!link) throw invalid('Device does not exist\n', name);
      wanted.ifindex = link.ifindex;
    } else {
      const object = OBJECTS.find(([name]) => abbreviates(word, name));
      if (!object) throw new Quit(`Argument "${word}" is unknown, try "ip monitor help".\n`, EXIT_MINUS_ONE);
      wanted.objects.push(object[0]);
    }
  }
  return wanted;
}

function* follow(tool: Tool, wanted: Wanted): Blocking<number> {
  const kinds = OBJECTS.flatMap(([name, kind]) => (kind && (wanted.objects.length === 0 || wanted.objects.includes(name)) ? [kind] : []));
  return yield* followNotifications(tool, (next) => {
    if (kinds.includes(next.kind) && passes(tool, wanted, next)) show(tool, new Report(false, false, tool.print), wanted, next);
  });
}

/** Shows what changes in the namespace as it does, for ever; links that go are remembered by name. */
export function* followNotifications(tool: Tool, show: (next: Notification) => void): Blocking<number> {
  const socket = new OpenMonitor(tool.process, tool.net);
  tool.process.install(socket);
  for (const link of tool.netlink.links()) tool.remembered.set(link.ifindex, link.name);
  for (;;) {
    for (let next = socket.next(); next; next = socket.next()) {
      if (next.kind === 'link') tool.remembered.set(next.link.ifindex, next.link.name);
      show(next);
      yield* tool.flush();
    }
    yield { on: [socket.readable] };
  }
}

function passes(tool: Tool, { ifindex }: Wanted, next: Notification): boolean {
  const family = next.kind === 'address' ? familyOf(next.address.prefix.address) : familyOfNotification(next);
  if (tool.family !== 0 && family !== undefined && family !== tool.family) return false;
  return ifindex === undefined || devicesOf(next).includes(ifindex);
}

function familyOfNotification(next: Notification): 4 | 6 | undefined {
  switch (next.kind) {
    case 'route':
      return next.route.family;
    case 'neighbour':
      return next.neighbour.family;
    case 'rule':
      return next.rule.family;
    case 'nexthop':
      return next.nexthop.family;
    case 'netconf':
      return next.family;
    default:
      return undefined;
  }
}

function devicesOf(next: Notification): (number | string | undefined)[] {
  switch (next.kind) {
    case 'link':
      return [next.link.ifindex];
    case 'address':
      return [next.address.ifindex];
    case 'neighbour':
      return [next.neighbour.ifindex];
    case 'route':
      return next.route.nexthops.map((hop) => hop.ifindex);
    case 'nexthop':
      return [next.nexthop.ifindex];
    case 'netconf':
      return [next.ifindex];
    case 'fdb':
    case 'port':
    case 'mdb':
    case 'router-port':
    case 'rule':
      return [];
  }
}

function show(tool: Tool, report: Report, { label }: Wanted, next: Notification): void {
  const { timestamp, timestampShort } = tool.options;
  if (timestamp || timestampShort) report.text(timeText(next.time, timestampShort));
  if (label) report.text(LABELS[next.kind]);
  if (next.gone) report.text('Deleted ');
  switch (next.kind) {
    case 'link':
      return printLink(tool, report, next.link, { linkCommand: false, linkLayer: true, queueLength: false });
    case 'address':
      return printAddress(tool, report, next.address, true);
    case 'route':
      return printRoute(tool, report, next.route);
    case 'neighbour':
      return printNeighbour(tool, report, next.neighbour, true);
    case 'rule':
      return printRule(tool, report, next.rule);
    case 'nexthop':
      return printNexthop(tool, report, next.nexthop);
    case 'fdb':
    case 'port':
    case 'mdb':
    case 'router-port':
      return;
    case 'netconf':
      return printNetconf(tool, report, next.family, next.ifindex, { [next.setting]: next.value });
  }
}

/** `[2026-01-01T00:00:01.000002] `, or the long form on a line of its own (lib/utils.c `print_timestamp`). */
export function timeText(time: Micros, short: boolean): string {
  const now = moment(EPOCH_SECONDS + Math.floor(time / SECOND));
  const two = (value: number) => String(value).padStart(2, '0');
  const clock = `${two(now.hour)}:${two(now.minute)}:${two(now.second)}`;
  const micros = time % SECOND;
  if (short) return `[${now.year}-${two(now.month)}-${two(now.day)}T${clock}.${String(micros).padStart(6, '0')}] `;
  const day = `${DAYS[now.weekday]?.slice(0, 3)} ${MONTHS[now.month - 1]?.slice(0, 3)} ${String(now.day).padStart(2)}`;
  return `Timestamp: ${day} ${clock} ${now.year} ${micros} usec\n`;
}
