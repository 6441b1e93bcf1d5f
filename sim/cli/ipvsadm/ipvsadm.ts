import { type Errno, strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Ipvs } from '../../kernel/netfilter/ipvs/ipvs.ts';
import type { ServiceKey } from '../../kernel/netfilter/ipvs/service.ts';
import { type Command, notModelled } from '../command.ts';
import { fileLookup } from '../tool/lookup.ts';
import { isFailure, parseRequest, type Request } from './parse.ts';
import { CONNECTION_TITLE, connectionLine, type Format, ruleLines, serviceLines, sortServices, titleLines } from './print.ts';
import { USAGE, VERSION } from './usage.ts';

const HEADER = 'IP Virtual Server version 1.2.1 (size=4096)\n';

/** ipvsadm(8). */
export const ipvsadm: Command = { name: 'ipvsadm', paths: ['/usr/sbin/ipvsadm'], run: runIpvsadm };

function* runIpvsadm(process: Process): Blocking<number> {
  if (!process.capable('NET_ADMIN')) {
    yield* process.write(
      2,
      "Can't initialize ipvs: Permission denied (you must be root)\nAre you sure that IP Virtual Server is built in the kernel or as module?\n",
    );
    return 2;
  }
  const args = process.argv.slice(1);
  return yield* call(process, args.length === 0 ? ['-L'] : args, false);
}

/** One call, or a line of `-R`. */
function* call(process: Process, args: readonly string[], restoring: boolean): Blocking<number> {
  const lookup = fileLookup(process);
  const request = parseRequest(args, lookup);
  if (isFailure(request)) {
    yield* process.write(2, request.unmodelled ? notModelled('ipvsadm', request.failure) : `${request.failure}\n`);
    return request.status;
  }
  const { ipvs } = process.namespaces.net.netfilter;
  const format: Format = { shown: request.shown, lookup };
  switch (request.command) {
    case 'h':
      yield* process.write(1, VERSION + USAGE);
      return 0;
    case 'v':
      yield* process.write(1, VERSION);
      return 0;
    case 'L':
      return yield* list(process, ipvs, request, format);
    case 'S':
      for (const service of sortServices(ipvs.services)) yield* print(process, ruleLines(service, format));
      return 0;
    case 'R':
      return restoring ? 255 : yield* restore(process);
    default: {
      const problem = change(ipvs, request);
      if (problem) yield* process.write(2, `${problem}\n`);
      return problem ? 255 : 0;
    }
  }
}

function* print(process: Process, lines: readonly string[]): Blocking<void> {
  yield* process.write(1, lines.map((line) => `${line}\n`).join(''));
}

function* list(process: Process, ipvs: Ipvs, { service: key, shown }: Request, format: Format): Blocking<number> {
  const { timeouts, connections } = ipvs;
  if (shown.has('connection')) {
    const lines = connections.list().map((connection) => connectionLine(connection, process.host.now, format));
    yield* process.write(1, CONNECTION_TITLE);
    yield* print(process, lines);
  } else if (key) {
    const service = ipvs.find(key);
    if (!service) {
      yield* process.write(2, 'No such service\n');
      return 1;
    }
    yield* print(process, [...titleLines(format), ...serviceLines(service, format)]);
  } else if (shown.has('timeout')) {
    yield* print(process, [`Timeout (tcp tcpfin udp): ${timeouts.ES} ${timeouts.FW} ${timeouts.UDP}`]);
  } else if (!shown.has('daemon')) {
    yield* process.write(1, HEADER);
    yield* print(process, titleLines(format));
    const services = shown.has('nosort') ? ipvs.services : sortServices(ipvs.services);
    for (const service of services) yield* print(process, serviceLines(service, format));
  }
  return 0;
}

const DESTINATION_WORDS: Partial<Record<Errno, string>> = {
  ESRCH: 'Service not defined',
  EEXIST: 'Destination already exists',
  ENOENT: 'No such destination',
};

/** Carries a change out; the problem in libipvs's words. */
function change(ipvs: Ipvs, request: Request): string | undefined {
  const { service, settings, server, serverSettings, command } = request;
  const key = service as ServiceKey;
  const { address, port } = server ?? { address: 0, port: 0 };
  const words = (errno: Errno | undefined, table: Partial<Record<Errno, string>>) => errno && (table[errno] ?? strerror(errno));
  const serviceWords = { EEXIST: 'Service already exists', ESRCH: 'No such service' };
  switch (command) {
    case 'A':
      return words(ipvs.addService(key, settings), serviceWords);
    case 'E':
      return words(ipvs.editService(key, settings), serviceWords);
    case 'D':
      return words(ipvs.deleteService(key), serviceWords);
    case 'C':
      ipvs.flush();
      return undefined;
    case 'a':
      return words(ipvs.addDestination(key, address, port, serverSettings), DESTINATION_WORDS);
    case 'e':
      return words(ipvs.editDestination(key, address, port, serverSettings), DESTINATION_WORDS);
    case 'd':
      return words(ipvs.deleteDestination(key, address, port), DESTINATION_WORDS);
    case 'Z': {
      const found = service && ipvs.find(service);
      if (service && !found) return 'No such service';
      ipvs.zero(found);
      return undefined;
    }
    default: {
      const [tcp = 0, fin = 0, udp = 0] = request.timeouts;
      // 0 leaves a timeout as it is.
      ipvs.timeouts.ES = tcp || ipvs.timeouts.ES;
      ipvs.timeouts.FW = fin || ipvs.timeouts.FW;
      ipvs.timeouts.UDP = udp || ipvs.timeouts.UDP;
      return undefined;
    }
  }
}

/** `-R`: the lines of `-S`, each a call. */
function* restore(process: Process): Blocking<number> {
  const input = new Input(process, 0);
  let status = 0;
  for (;;) {
    const line = yield* input.line();
    if (line === undefined) return status;
    const words = line
      .replace(/#.*/, '')
      .split(/\s+/)
      .filter((word) => word !== '');
    if (words.length > 0) status = yield* call(process, words, true);
    yield* process.spend(20);
  }
}
