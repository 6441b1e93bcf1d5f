import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { compileFilter, isUnmodelled, type PacketFilter } from './filter/compile.ts';
import { parseFilter } from './filter/parse.ts';
import { isFilterError } from './filter/syntax.ts';
import { captureDevices, openLive, UNMODELLED_DEVICES } from './live.ts';
import { LINKTYPE } from '../../wire/pcap.ts';
import { isNflog, NflogCapture, openNflog } from './netfilter-log.ts';
import { NameService } from './name-service.ts';
import { LINK_TYPE_NAMES, parseOptions, type Settings } from './options.ts';
import { linkTypeText, type PacketSource } from './packet-source.ts';
import { openSaveFile } from './savefile.ts';
import { CaptureSession } from './session.ts';

/** tcpdump(8) 4.99.6 with libpcap 1.11. */
export const tcpdump: Command = { name: 'tcpdump', paths: ['/usr/bin/tcpdump'], run: runTcpdump };

/** What ends the program before it captures. */
class Failure {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const LINUX_SLL2 = 276;

function* runTcpdump(process: Process): Blocking<number> {
  const program = process.argv[0]?.replace(/.*\//, '') ?? 'tcpdump';
  const settings = parseOptions(process.argv.slice(1), program);
  if ('stderr' in settings) {
    yield* process.write(2, settings.stderr);
    yield* process.write(1, settings.stdout);
    return settings.status;
  }
  if (settings.listDevices) {
    const lines = captureDevices(process).map(({ name, text }, i) => `${i + 1}.${name}${text}\n`);
    yield* process.write(1, lines.join(''));
    return 0;
  }
  const result = yield* capture(process, program, settings);
  if (!(result instanceof Failure)) return result;
  yield* process.write(2, result.text);
  return 1;
}

function* capture(process: Process, program: string, settings: Settings): Blocking<number | Failure> {
  const device = settings.readFile === undefined ? chosenDevice(process, program, settings) : '';
  if (device instanceof Failure) return device;
  const source = yield* openSource(process, program, settings, device);
  if (source instanceof Failure) return source;
  if (settings.readFile === undefined) {
    const listed = listings(settings, device, source);
    if (listed !== undefined) {
      yield* process.write(1, listed);
      return 0;
    }
    const refused = yield* chooseLinkType(process, program, settings, source);
    if (refused) return refused;
  }
  const names = new NameService(process, { numeric: settings.print.numeric, short: settings.shortNames });
  yield* names.load();
  const filter = yield* readFilter(process, program, settings, source, names);
  if (filter instanceof Failure) return filter;
  source.filter = filter;
  return yield* new CaptureSession(process, program, settings, source, names).run(device);
}

/** The device that -i names, by number if it must be; without -i the first of the list. */
function chosenDevice(process: Process, program: string, { device }: Settings): string | Failure {
  const listed = captureDevices(process);
  if (device === undefined) return listed[0]?.name ?? new Failure(`${program}: no interfaces available for capture\n`);
  if (isNflog(device)) return device;
  if (UNMODELLED_DEVICES.has(device) || device.startsWith('nfqueue:'))
    return new Failure(notModelled(program, `the capture device ${device}`));
  const known = device === 'any' || process.namespaces.net.deviceByName(device) !== undefined;
  if (known || !/^\d+$/.test(device)) return device;
  const number = Number(device);
  if (number === 0) return new Failure(`${program}: Invalid adapter index 0\n`);
  const chosen = listed[number - 1]?.name;
  return chosen ?? new Failure(`${program}: Invalid adapter index ${number}: only ${listed.length} interfaces found\n`);
}

function* openSource(process: Process, program: string, settings: Settings, device: string): Blocking<PacketSource | Failure> {
  if (settings.readFile !== undefined) {
    const file = yield* openSaveFile(process, settings.readFile);
    if ('error' in file) return new Failure(`${program}: ${file.error}\n`);
    if ('unmodelled' in file) return new Failure(notModelled(program, file.unmodelled));
    let banner = `reading from file ${settings.readFile}, link-type ${linkTypeText(file.linkType)}, snapshot length ${file.snapshotLength}\n`;
    if (file.linkType === LINUX_SLL2) banner += 'Warning: interface names might be incorrect\n';
    yield* process.write(2, banner);
    return file;
  }
  if (isNflog(device)) {
    const log = openNflog(process, device, settings.snapshotLength);
    return 'error' in log ? new Failure(`${program}: ${log.error}\n`) : log;
  }
  if (device === 'any' && settings.promiscuous) {
    const reason = 'Promiscuous mode not supported on the "any" device';
    yield* process.write(2, `${program}: WARNING: any: That device doesn't support promiscuous mode\n(${reason})\n`);
  }
  if (settings.monitor) return new Failure(`${program}: ${device}: That device doesn't support monitor mode\n`);
  const prints = settings.writeFile === undefined || settings.alsoPrint;
  const watched = prints && (settings.lineBuffered || terminalOf(process.fds.get(1)) !== undefined);
  const { promiscuous, snapshotLength, direction, immediate } = settings;
  const hold = immediate ? 'none' : watched ? 'tenth' : 'second';
  const live = openLive(process, { device, promiscuous, snapshotLength, direction, hold });
  return 'error' in live ? new Failure(`${program}: ${live.error}\n`) : live;
}

/** What -J and -L print instead of capturing. */
function listings(settings: Settings, device: string, source: PacketSource): string | undefined {
  if (settings.listTimeTypes) return `Time stamp types for ${device} (use option -j to set):\n  host (Host)\n`;
  if (!settings.listLinkTypes) return undefined;
  const types =
    device === 'any'
      ? [LINK_TYPE_NAMES.LINUX_SLL as number, LINUX_SLL2]
      : isNflog(device)
        ? [LINKTYPE.Nflog, LINKTYPE.Ipv4]
        : [source.linkType];
  return `Data link types for ${device} (use option -y to set):\n${types.map((type) => `  ${linkTypeText(type)}\n`).join('')}`;
}

/** -y: only what the device has anyway. */
function* chooseLinkType(process: Process, program: string, { linkType }: Settings, source: PacketSource): Blocking<Failure | undefined> {
  if (linkType === undefined) return undefined;
  if (source instanceof NflogCapture && linkType === 'IPV4') source.linkType = LINKTYPE.Ipv4;
  if (LINK_TYPE_NAMES[linkType] === source.linkType) {
    yield* process.write(2, `${program}: data link type ${linkType}\n`);
    return undefined;
  }
  if (linkType === 'LINUX_SLL' && source.linkType === LINUX_SLL2) return new Failure(notModelled(program, 'link type LINUX_SLL'));
  return new Failure(`${program}: ${linkType} is not one of the DLTs supported by this device\n`);
}

function* readFilter(
  process: Process,
  program: string,
  settings: Settings,
  source: PacketSource,
  names: NameService,
): Blocking<PacketFilter | Failure | undefined> {
  let text = settings.expression;
  if (settings.filterFile !== undefined) {
    const bytes = yield* process.readFile(settings.filterFile);
    if (typeof bytes === 'string') return new Failure(`${program}: can't open ${settings.filterFile}: ${strerror(bytes)}\n`);
    text = decode(bytes);
  }
  const parsed = parseFilter(text);
  if (isFilterError(parsed)) return new Failure(`${program}: ${parsed.filterError}\n`);
  if (!parsed) return undefined;
  const meanings = yield* names.filterNames(parsed);
  const filter = compileFilter(parsed, { linkType: source.linkType, live: source.live, names: meanings });
  if (isFilterError(filter)) return new Failure(`${program}: ${filter.filterError}\n`);
  return isUnmodelled(filter) ? new Failure(notModelled(program, filter.filterUnmodelled)) : filter;
}
