import { SECOND } from '../../base/time.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process, Program } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import { formatIP } from '../../base/address.ts';

/** What the containers of docker's own tests can run: the least that shows what a container is. */
export const testApplets: Readonly<Record<string, Program>> = {
  true: succeed,
  false: failing,
  echo,
  cat,
  sleep,
  /** Prints a line, then waits; ends with 5 at SIGTERM and with 7 at SIGINT. */
  polite,
  /** Copies lines from standard input to standard output, in capitals; as a shell would, it lives as long as its input. */
  sh: capitals,
  hostname,
  env,
  addresses,
  pids,
  tty,
  /** `write FILE TEXT` */
  write,
  /** Writes without end. */
  yes,
  exit: exitWith,
  unknown,
};

function* succeed(): Blocking<number> {
  return 0;
}

function* failing(): Blocking<number> {
  return 1;
}

function* unknown(process: Process): Blocking<number> {
  yield* process.write(2, `${process.name}: applet not found\n`);
  return 127;
}

function* exitWith(process: Process): Blocking<number> {
  return Number(process.argv[1]);
}

function* echo(process: Process): Blocking<number> {
  const words = process.argv.slice(1);
  const toError = words[0] === '-2';
  yield* process.write(toError ? 2 : 1, `${words.slice(toError ? 1 : 0).join(' ')}\n`);
  return 0;
}

function* cat(process: Process): Blocking<number> {
  const [path] = process.argv.slice(1);
  if (path !== undefined) {
    const bytes = yield* process.readFile(path);
    if (typeof bytes === 'string') {
      yield* process.write(2, `cat: ${path}: ${bytes}\n`);
      return 1;
    }
    yield* process.write(1, bytes);
    return 0;
  }
  const input = new Input(process, 0);
  for (let chunk = yield* input.chunk(); chunk; chunk = yield* input.chunk()) yield* process.write(1, chunk);
  return 0;
}

function* sleep(process: Process): Blocking<number> {
  yield* process.sleep(Number(process.argv[1]) * SECOND);
  return 0;
}

function* polite(process: Process): Blocking<number> {
  let status: number | undefined;
  process.onSignal('SIGTERM', () => {
    status = 5;
  });
  process.onSignal('SIGINT', () => {
    status = 7;
  });
  yield* process.write(1, 'waiting\n');
  while (status === undefined) yield* process.pause();
  yield* process.write(1, 'goodbye\n');
  return status;
}

function* capitals(process: Process): Blocking<number> {
  const input = new Input(process, 0);
  for (let line = yield* input.line(); line !== undefined; line = yield* input.line()) yield* process.write(1, `${line.toUpperCase()}\n`);
  return 0;
}

function* hostname(process: Process): Blocking<number> {
  yield* process.write(1, `${process.namespaces.uts.hostname}\n`);
  return 0;
}

function* env(process: Process): Blocking<number> {
  yield* process.write(1, [...process.env].map(([name, value]) => `${name}=${value}\n`).join(''));
  return 0;
}

/** `INDEX NAME@LINK MTU ADDRESS/LENGTH…` for each interface, then the routes. */
function* addresses(process: Process): Blocking<number> {
  const netlink = openRtNetlink(process.namespaces.net);
  for (const link of netlink.links()) {
    const own = netlink.addresses(4).filter((address) => address.ifindex === link.ifindex);
    const peer = link.link === undefined ? '' : `@if${link.link}`;
    const text = own.map(({ prefix }) => ` ${formatIP(prefix.address)}/${prefix.length}`).join('');
    yield* process.write(1, `${link.ifindex} ${link.name}${peer} ${link.mtu}${text}\n`);
  }
  for (const route of netlink.routes(4)) {
    if (route.table !== 254 || route.destination.length > 0) continue;
    yield* process.write(1, `default via ${formatIP(route.nexthops[0]?.gateway ?? 0)}\n`);
  }
  return 0;
}

function* pids(process: Process): Blocking<number> {
  const own = [...process.namespaces.pid.processes.values()];
  yield* process.write(1, own.map((one) => `${one.nspid} ${one.argv.join(' ')}\n`).join(''));
  return 0;
}

function* tty(process: Process): Blocking<number> {
  yield* process.write(1, `${process.fds.get(0)?.description ?? 'nothing'}\n`);
  return 0;
}

function* yes(process: Process): Blocking<number> {
  for (;;) {
    yield* process.spend(10);
    yield* process.write(1, 'y\n'.repeat(512));
  }
}

function* write(process: Process): Blocking<number> {
  const [path = '', text = ''] = process.argv.slice(1);
  const fd = process.open(path, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') {
    yield* process.write(2, `write: ${path}: ${fd}\n`);
    return 1;
  }
  const failed = yield* process.write(fd, text);
  if (failed) yield* process.write(2, `write: ${path}: ${failed}\n`);
  return failed ? 1 : 0;
}
