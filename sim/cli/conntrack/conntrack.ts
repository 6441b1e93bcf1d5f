import { EPOCH_SECONDS, type Micros, SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import { terminalOf } from '../../host/tty.ts';
import { type Blocking, WaitQueue } from '../../host/wait.ts';
import type { Connection } from '../../kernel/netfilter/conntrack/connection.ts';
import type { ConnectionTable } from '../../kernel/netfilter/conntrack/table.ts';
import { type Command, notModelled } from '../command.ts';
import { type EntryFormat, type EventName, entryText, eventText } from './entry.ts';
import { wanted } from './filter.ts';
import { existing, insert, setStatus } from './insert.ts';
import { type BadUsage, isBadUsage, type LabelLookup, NO_LABELS, parseRequest, type Request } from './parse.ts';
import { fileLookup, LABELS, labelsIn } from '../tool/lookup.ts';
import { USAGE } from './usage.ts';
import { XML_END, XML_START } from './xml.ts';

const VERSION = 'conntrack v1.4.9 (conntrack-tools)';
const DENIED = 'Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability to do this';
const HINT = "Try `conntrack -h' or 'conntrack --help' for more information.\n";

/** conntrack(8). */
export const conntrack: Command = { name: 'conntrack', paths: ['/usr/sbin/conntrack'], run: runConntrack };

function* runConntrack(process: Process): Blocking<number> {
  const request = parseRequest(process.argv.slice(1), fileLookup(process).protocol, labelLookup(process));
  if (isBadUsage(request)) return yield* refuse(process, request);
  for (const warning of request.warnings) yield* process.write(2, `${warning}\n`);
  switch (request.command) {
    case undefined:
    case 'h':
      yield* process.write(1, USAGE);
      return 0;
    case 'V':
      yield* process.write(1, `${VERSION}\n`);
      return 0;
    default:
      return yield* permitted(process, request);
  }
}

function labelLookup(process: Process): LabelLookup {
  return (path = LABELS) => labelsIn(process, path);
}

function* refuse(process: Process, { problem, status, unmodelled, before = '' }: BadUsage): Blocking<number> {
  const text = unmodelled ? notModelled('conntrack', problem) : `${VERSION}: ${problem}\n${status === 2 ? HINT : ''}`;
  yield* process.write(2, `${before}${text}`);
  return status;
}

function* permitted(process: Process, request: Request): Blocking<number> {
  if (!process.capable('NET_ADMIN')) return yield* complain(process, DENIED);
  const { conntrack: tracking } = process.namespaces.net.netfilter;
  const { table } = tracking;
  if (request.output.has('labels') && !labelLookup(process)(request.labelmap)) yield* process.write(2, NO_LABELS);
  switch (request.command) {
    case 'L':
      return yield* list(process, request, table);
    case 'D':
      return yield* remove(process, request, table);
    case 'G':
      return yield* get(process, request, table);
    case 'I':
      return yield* create(process, request);
    case 'A':
      return yield* add(process, request, true);
    case 'R':
      return yield* load(process, request.file as string);
    case 'U':
      return yield* update(process, request, table);
    case 'F':
      if (request.table === 'conntrack') for (const connection of table.list()) table.remove(connection);
      yield* say(
        process,
        request.table === 'expect' ? 'expectation table has been emptied.' : 'connection tracking table has been emptied.',
      );
      return 0;
    case 'C':
      yield* process.write(1, `${request.table === 'conntrack' ? table.count : 0}\n`);
      return 0;
    case 'S': {
      const { invalid, insert, insert_failed, drop, early_drop } = tracking.statistics;
      // The kernel counts what went wrong; of what went right only what was made by hand.
      yield* process.write(
        1,
        `cpu=0   \tfound=0 invalid=${invalid} insert=${insert} insert_failed=${insert_failed} drop=${drop} early_drop=${early_drop} error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n`,
      );
      return 0;
    }
    default:
      return yield* events(process, request);
  }
}

function* say(process: Process, text: string): Blocking<void> {
  yield* process.write(2, `${VERSION}: ${text}\n`);
}

function* complain(process: Process, text: string): Blocking<number> {
  yield* say(process, text);
  return 1;
}

const formatOf = (process: Process, { output, labels, labelmap }: Request): EntryFormat => ({
  extended: output.has('extended'),
  id: output.has('id'),
  save: output.has('save'),
  xml: output.has('xml'),
  times: output.has('ktimestamp'),
  labels: output.has('labels') || labels.size > 0 ? labelLookup(process)(labelmap) : undefined,
});

/** stdio writes to pipes and files in blocks of this size, and the last of them at the end: behind what goes to standard error. */
const BLOCK = 4_096;

/**
 * Prints entries, then what was done to how many of them.
 * @param use references that the kernel holds while it answers
 */
function* finish(
  process: Process,
  request: Request,
  entries: readonly Connection[],
  done: string,
  use = 1,
  count = entries.length,
): Blocking<void> {
  const { now } = process.host;
  const format = formatOf(process, request);
  const atOnce = terminalOf(process.fds.get(1)) !== undefined;
  let pending = '';
  for (const connection of entries) {
    pending += `${entryText(connection, now, format, use)}\n`;
    if (!atOnce && pending.length < BLOCK) continue;
    yield* process.write(1, pending);
    yield* process.spend(5);
    pending = '';
  }
  yield* say(process, `${count} ${request.table === 'expect' ? 'expectations' : 'flow entries'} have been ${done}.`);
  if (pending !== '') yield* process.write(1, pending);
}

function* list(process: Process, request: Request, table: ConnectionTable): Blocking<number> {
  // A filter by status that names none is one that the kernel doesn't take.
  const named = request.status.filter((name) => name !== 'UNSET');
  if (named.length === 0 && request.status.length + request.warnings.length > 0)
    return yield* complain(process, 'Operation failed: invalid parameters');
  const entries = request.table === 'conntrack' ? table.list().filter((connection) => wanted(request, connection)) : [];
  if (request.output.has('xml')) yield* listXml(process, request, entries);
  else yield* finish(process, request, entries, 'shown');
  if (request.zero)
    for (const { accounting } of entries)
      if (accounting) Object.assign(accounting, { packets: 0, bytes: 0, replyPackets: 0, replyBytes: 0 });
  return 0;
}

function* listXml(process: Process, request: Request, entries: readonly Connection[]): Blocking<void> {
  const format = formatOf(process, request);
  if (request.table === 'conntrack') yield* process.write(1, XML_START);
  for (const connection of entries) yield* process.write(1, `${entryText(connection, process.host.now, format)}\n`);
  if (request.table === 'conntrack') yield* process.write(1, XML_END);
  yield* finish(process, request, [], 'shown', 1, entries.length);
}

function* remove(process: Process, request: Request, table: ConnectionTable): Blocking<number> {
  const entries = request.table === 'conntrack' ? table.list().filter((connection) => wanted(request, connection)) : [];
  byHand(process, () => {
    for (const connection of entries) table.remove(connection);
  });
  yield* finish(process, request, entries, 'deleted');
  return entries.length > 0 ? 0 : 1;
}

function* get(process: Process, request: Request, table: ConnectionTable): Blocking<number> {
  // Entries of zones are not to be had this way.
  const entry = table.list().find((connection) => wanted({ ...request, zone: 0 }, connection));
  if (!entry) return yield* complain(process, "Operation failed: such conntrack doesn't exist");
  yield* finish(process, request, [entry], 'shown', 2);
  return 0;
}

/** Whoever watches the table learns from whom a change comes. */
function byHand<T>(process: Process, change: () => T): T {
  const { conntrack: tracking } = process.namespaces.net.netfilter;
  tracking.portid = process.pid;
  const result = change();
  tracking.portid = 0;
  return result;
}

function* create(process: Process, request: Request): Blocking<number> {
  const made = byHand(process, () => insert(request, process.namespaces.net.netfilter.conntrack));
  if (made === 'exists') return yield* complain(process, 'Operation failed: Such conntrack exists, try -U to update');
  if (made === 'invalid') return yield* complain(process, 'Operation failed: invalid parameters');
  yield* say(process, '1 flow entries have been created.');
  return 0;
}

/** As `create`, but an entry that is there already is changed. @param aloud says that it is done */
function* add(process: Process, request: Request, aloud: boolean): Blocking<number> {
  const tracking = process.namespaces.net.netfilter.conntrack;
  const there = existing(request, tracking);
  if (there) {
    if (request.state !== undefined) there.tcpState = request.state;
    if (request.mark) there.mark = request.mark.value;
    there.expires = process.host.now + (request.timeout ?? 0) * SECOND;
  } else if (byHand(process, () => insert(request, tracking)) === 'invalid')
    return yield* complain(process, 'Operation failed: invalid parameters');
  if (aloud) yield* say(process, '1 flow entries have been added.');
  return 0;
}

/** Carries out the calls that stand in a file, a line each (`-R`); `-` is standard input. */
function* load(process: Process, path: string): Blocking<number> {
  const fd = path === '-' ? 0 : process.open(path);
  if (typeof fd === 'string') {
    yield* process.write(2, `${VERSION}: Failed to open file ${path} for reading\n${HINT}`);
    return 2;
  }
  const input = new Input(process, fd);
  for (let line = yield* input.line(); line !== undefined; line = yield* input.line()) {
    const words = line.trim().split(/\s+/);
    if (line.trim() === '' || line.startsWith('#')) continue;
    const status = yield* loadLine(process, words);
    if (status !== 0) return status;
  }
  return 0;
}

function* loadLine(process: Process, words: readonly string[]): Blocking<number> {
  const request = parseRequest(words, fileLookup(process).protocol, labelLookup(process));
  if (isBadUsage(request)) return yield* refuse(process, request);
  const { conntrack: tracking } = process.namespaces.net.netfilter;
  if (request.command === 'A' || request.command === 'I') return yield* add(process, request, false);
  if (request.command !== 'D') return 0;
  for (const connection of tracking.table.list().filter((each) => wanted(request, each))) {
    tracking.table.remove(connection);
    yield* process.write(1, `${entryText(connection, process.host.now, formatOf(process, request))}\n`);
  }
  return 0;
}

function* update(process: Process, request: Request, table: ConnectionTable): Blocking<number> {
  const entries = table.list().filter((connection) => wanted(request, connection));
  byHand(process, () => {
    for (const connection of entries) {
      if (request.mark) connection.mark = ((connection.mark & ~request.mark.mask) | request.mark.value) >>> 0;
      connection.labels = (connection.labels | (request.labels.get('<') ?? 0n)) & ~(request.labels.get('>') ?? 0n);
      if (request.timeout !== undefined) connection.expires = process.host.now + request.timeout * SECOND;
      if (request.state !== undefined) connection.tcpState = request.state;
      setStatus(connection, request.status);
      process.namespaces.net.netfilter.conntrack.changed(connection);
    }
  });
  yield* finish(process, request, entries, 'updated', 2);
  return 0;
}

/** `[SECONDS.MICROSECONDS]` since 1970. */
function stampText(now: Micros): string {
  return `[${EPOCH_SECONDS + Math.floor(now / SECOND)}.${String(now % SECOND).padStart(6, '0')}]`;
}

/** Events as they come, until Ctrl-C. */
function* events(process: Process, request: Request): Blocking<number> {
  const { conntrack: tracking } = process.namespaces.net.netfilter;
  const queue: string[] = [];
  const arrived = new WaitQueue();
  const format = formatOf(process, request);
  const masks = request.events.length === 0 || request.events.includes('ALL') ? undefined : request.events;
  let shown = 0;
  let stopped = false;
  const listener = (event: EventName, connection: Connection, labelled: boolean) => {
    if (masks && !masks.includes(event === 'UPDATE' ? 'UPDATES' : event)) return;
    if (request.table !== 'conntrack' || !wanted(request, connection)) return;
    shown++;
    const stamp = request.output.has('timestamp') ? `${stampText(process.host.now)}\t` : '';
    queue.push(`${stamp}${eventText(event, connection, process.host.now, format, tracking.portid, labelled)}\n`);
    arrived.wake();
  };
  const stop = () => {
    stopped = true;
  };
  process.onSignal('SIGINT', stop);
  process.onSignal('SIGTERM', stop);
  process.onExit.push(() => tracking.listeners.delete(listener));
  tracking.listeners.add(listener);
  if (request.bufferSize !== undefined)
    yield* process.write(2, `NOTICE: Netlink socket buffer size has been set to ${Math.max(2_304, 2 * request.bufferSize)} bytes.\n`);
  const xml = request.output.has('xml');
  if (xml && request.table === 'conntrack') yield* process.write(1, XML_START);
  while (!stopped) {
    for (const text of queue.splice(0)) yield* process.write(1, text);
    if (!stopped && queue.length === 0) yield { on: [arrived] };
  }
  for (const text of queue.splice(0)) yield* process.write(1, text);
  if (xml && request.table === 'conntrack') yield* process.write(1, XML_END);
  yield* say(process, `${shown} ${request.table === 'expect' ? 'expectation' : 'flow'} events have been shown.`);
  return 0;
}
