import { decode } from '../../../base/bytes.ts';
import { parseGoDuration } from '../../../engines/docker/build/go-duration.ts';
import type { CreateRequest } from '../../../engines/docker/container/create.ts';
import type { PortBinding } from '../../../engines/docker/container/settings.ts';
import type { Healthcheck } from '../../../engines/docker/images/image.ts';
import type { Blocking } from '../../../host/wait.ts';
import type { Invocation } from '../command.ts';
import type { FlagValues } from '../flags.ts';
import { networkRequest } from './network-options.ts';
import { mountsOf } from './mount-flags.ts';
import { parsePorts } from './ports.ts';

/** What is wrong with the options, as text after `docker: `. */
export class OptionProblem {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** The body of POST /containers/create from the flags of `docker run` or `docker create` (cli/command/container/opts.go). */
export function* createRequest({ process, flags, operands }: Invocation): Blocking<CreateRequest | OptionProblem> {
  const [image = '', ...command] = operands;
  const environment = yield* environmentOf(process, flags);
  if (environment instanceof OptionProblem) return environment;
  const ports = parsePorts(flags.all('publish'), flags.all('expose'));
  if ('error' in ports) return new OptionProblem(ports.error);
  const networks = networkRequest(flags);
  if (typeof networks === 'string') return new OptionProblem(networks);
  const restart = restartPolicy(flags);
  if (restart instanceof OptionProblem) return restart;
  const health = healthcheckOf(flags);
  if (health instanceof OptionProblem) return health;
  const pid = flags.last('pid') ?? '';
  if (!/^(|host|container:.+)$/.test(pid)) return new OptionProblem('--pid: invalid PID mode');
  const detached = flags.on('detach');
  const entrypoint = flags.last('entrypoint');
  const timeout = flags.last('stop-timeout');
  return {
    Hostname: flags.last('hostname') ?? '',
    Domainname: flags.last('domainname') ?? '',
    User: flags.last('user') ?? '',
    AttachStdin: !detached && flags.on('interactive'),
    AttachStdout: !detached,
    AttachStderr: !detached,
    ExposedPorts: Object.fromEntries(ports.exposed.map((port) => [port, {}])),
    Tty: flags.on('tty'),
    OpenStdin: flags.on('interactive'),
    StdinOnce: !detached && flags.on('interactive'),
    Env: environment,
    Cmd: command.length > 0 ? command : null,
    Image: image,
    WorkingDir: flags.last('workdir') ?? '',
    Entrypoint: entrypoint === undefined ? null : [entrypoint],
    MacAddress: flags.last('mac-address') ?? '',
    Labels: Object.fromEntries(flags.all('label').map(keyValue)),
    StopSignal: flags.last('stop-signal') ?? '',
    ...(timeout === undefined ? {} : { StopTimeout: Number(timeout) }),
    ...(health ? { Healthcheck: health } : {}),
    HostConfig: {
      Binds: flags.given('volume') ? flags.all('volume').map((bind) => absoluteSource(bind, process.cwd)) : null,
      ...mountsOf(flags),
      ReadonlyRootfs: flags.on('read-only'),
      NetworkMode: networks.mode,
      PortBindings: ports.bindings as Record<string, PortBinding[]>,
      RestartPolicy: restart,
      AutoRemove: flags.on('rm'),
      CapAdd: capabilities(flags.all('cap-add')),
      CapDrop: capabilities(flags.all('cap-drop')),
      Dns: [...flags.all('dns')],
      DnsOptions: [...flags.all('dns-option'), ...flags.all('dns-opt')],
      DnsSearch: [...flags.all('dns-search')],
      ExtraHosts: flags.given('add-host') ? flags.all('add-host').map((text) => text.replace(/[:=]/, ':')) : null,
      Links: networks.links,
      Privileged: flags.on('privileged'),
      PublishAllPorts: flags.on('publish-all'),
      PidMode: pid,
      ...(flags.given('init') ? { Init: flags.on('init') } : {}),
      Sysctls: Object.fromEntries(flags.all('sysctl').map(keyValue)),
    },
    NetworkingConfig: { EndpointsConfig: networks.endpoints },
  };
}

/** The `--health-*` flags and `--no-healthcheck` (cli/command/container/opts.go). */
function healthcheckOf(flags: FlagValues): Healthcheck | undefined | OptionProblem {
  const command = flags.last('health-cmd') ?? '';
  const retries = Number(flags.last('health-retries') ?? 0);
  const durations = { Interval: 'interval', Timeout: 'timeout', StartPeriod: 'start-period', StartInterval: 'start-interval' } as const;
  const nanoseconds = (name: string): number => Number(parseGoDuration(flags.last(`health-${name}`) ?? '0'));
  const some = command !== '' || retries !== 0 || Object.values(durations).some((name) => nanoseconds(name) !== 0);
  if (flags.on('no-healthcheck'))
    return some ? new OptionProblem('--no-healthcheck conflicts with --health-* options') : { Test: ['NONE'] };
  if (!some) return undefined;
  const negative = Object.values(durations).find((name) => nanoseconds(name) < 0) ?? (retries < 0 ? 'retries' : undefined);
  if (negative) return new OptionProblem(`--health-${negative} cannot be negative`);
  const check: Healthcheck = command === '' ? {} : { Test: ['CMD-SHELL', command] };
  for (const [key, name] of Object.entries(durations))
    if (nanoseconds(name) !== 0) check[key as keyof typeof durations] = nanoseconds(name);
  return retries === 0 ? check : { ...check, Retries: retries };
}

function keyValue(text: string): [string, string] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** `--env-file` first, then `-e`; a name alone takes the client's own value, or says nothing. */
function* environmentOf(process: Invocation['process'], flags: FlagValues): Blocking<string[] | OptionProblem> {
  const settings: string[] = [];
  for (const path of flags.all('env-file')) {
    const bytes = yield* process.readFile(path);
    if (typeof bytes === 'string') return new OptionProblem(`open ${path}: no such file or directory`);
    const lines = decode(bytes)
      .split('\n')
      .map((line) => line.trimStart());
    settings.push(...lines.filter((line) => line !== '' && !line.startsWith('#')));
  }
  settings.push(...flags.all('env'));
  return settings.flatMap((setting) => {
    if (setting.includes('=')) return [setting];
    const value = process.env.get(setting);
    return value === undefined ? [] : [`${setting}=${value}`];
  });
}

/** `./x:/y` is relative to the working directory of the client. */
function absoluteSource(bind: string, cwd: string): string {
  const colon = bind.indexOf(':');
  const source = bind.slice(0, Math.max(0, colon));
  if (!/^\.{1,2}(\/|$)/.test(source) && !source.startsWith('~')) return bind;
  const parts: string[] = [];
  for (const part of `${cwd}/${source}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}${bind.slice(colon)}`;
}

function capabilities(names: readonly string[]): string[] | null {
  if (names.length === 0) return null;
  return names.map((name) => {
    const upper = name.toUpperCase();
    return upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  });
}

function restartPolicy(flags: FlagValues): { Name: string; MaximumRetryCount: number } | OptionProblem {
  const text = flags.last('restart') ?? 'no';
  if (flags.on('rm') && text !== 'no' && text !== '')
    return new OptionProblem('conflicting options: cannot specify both --restart and --rm');
  return parseRestart(text);
}

/** `always`, `on-failure:3`. */
export function parseRestart(text: string): { Name: string; MaximumRetryCount: number } | OptionProblem {
  const [name = '', count, ...more] = text.split(':');
  if (more.length > 0) return new OptionProblem('invalid restart policy format: maximum retry count must be an integer');
  if (count !== undefined && !/^-?\d+$/.test(count))
    return new OptionProblem('invalid restart policy format: maximum retry count must be an integer');
  return { Name: name === '' ? 'no' : name, MaximumRetryCount: Number(count ?? 0) };
}
