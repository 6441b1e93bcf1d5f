import { parseSignal } from '../../../host/signal.ts';
import { checkUser } from '../container/exec.ts';
import type { Healthcheck, ImageConfig } from '../images/image.ts';
import { invalid, Refusal } from '../refusal.ts';
import { type Instruction, wordsOf } from './dockerfile.ts';
import { expand, splitWords } from './expand.ts';
import { goDuration, parseGoDuration } from './go-duration.ts';

/** What the instructions of a stage have said so far. */
export interface BuildSettings {
  config: ImageConfig;
  /** `ARG`s that are declared, with their values. */
  args: ReadonlyMap<string, string | undefined>;
  /** Whether a CMD was among them: a later ENTRYPOINT takes an inherited one away. */
  cmdSet: boolean;
}

/** The shell of instructions that aren't in JSON form. */
export function shellOf(config: ImageConfig): readonly string[] {
  return config.shell ?? ['/bin/sh', '-c'];
}

/** Values for `$NAME`: the image's environment before arguments of the build. */
export function valuesOf({ config, args }: BuildSettings): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of args) if (value !== undefined) values.set(name, value);
  for (const setting of config.env ?? []) {
    const equals = setting.indexOf('=');
    values.set(setting.slice(0, equals), setting.slice(equals + 1));
  }
  return values;
}

/** A list of words as Go's %q prints it. */
function quoted(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(' ')}]`;
}

function set<K extends keyof ImageConfig>(settings: BuildSettings, key: K, value: ImageConfig[K] | undefined): void {
  const { [key]: _gone, ...rest } = settings.config;
  settings.config = value === undefined ? (rest as ImageConfig) : { ...settings.config, [key]: value };
}

/**
 * Carries out an instruction that only changes the configuration (builder/dockerfile/dispatchers.go).
 *
 * @returns what the history says of it
 */
export function applyMetadata(instruction: Instruction, settings: BuildSettings): string | Refusal {
  const { name, rest } = instruction;
  const values = valuesOf(settings);
  switch (name) {
    case 'CMD': {
      const words = commandLine(instruction, settings);
      set(settings, 'cmd', words);
      settings.cmdSet = words.length > 0;
      return `CMD ${quoted(words)}`;
    }
    case 'ENTRYPOINT': {
      const words = commandLine(instruction, settings);
      set(settings, 'entrypoint', words.length > 0 ? words : undefined);
      if (!settings.cmdSet) set(settings, 'cmd', undefined);
      return `ENTRYPOINT ${quoted(words)}`;
    }
    case 'ENV':
      return env(instruction, settings, values);
    case 'LABEL':
      return label(instruction, settings, values);
    case 'EXPOSE':
      return expose(instruction, settings, values);
    case 'HEALTHCHECK':
      return healthcheck(instruction, settings);
    case 'MAINTAINER':
      return `MAINTAINER ${rest}`;
    case 'ONBUILD':
      set(settings, 'onBuild', [...(settings.config.onBuild ?? []), rest]);
      return `ONBUILD ${rest}`;
    case 'SHELL':
      set(settings, 'shell', instruction.json);
      return `SHELL [${instruction.json?.join(' ') ?? ''}]`;
    case 'STOPSIGNAL': {
      const signal = expand(rest, values);
      if (!parseSignal(signal)) return invalid(`invalid signal: ${signal}`);
      set(settings, 'stopSignal', signal);
      return `STOPSIGNAL ${signal}`;
    }
    case 'USER': {
      const user = expand(rest, values);
      const refusal = checkUser(user);
      if (refusal) return refusal;
      set(settings, 'user', user);
      return `USER ${user}`;
    }
    case 'VOLUME': {
      const volumes = wordsOf(instruction).map((word) => expand(word, values));
      set(settings, 'volumes', [...new Set([...(settings.config.volumes ?? []), ...volumes])]);
      return `VOLUME [${volumes.join(' ')}]`;
    }
    case 'WORKDIR':
      set(settings, 'workingDir', absolute(settings.config.workingDir, expand(rest, values)));
      return `WORKDIR ${settings.config.workingDir ?? ''}`;
    default:
      return invalid(`${name} changes more than the configuration`);
  }
}

/** A path from a working directory, without `.` and `..`. */
export function absolute(workingDir: string | undefined, path: string): string {
  const parts: string[] = [];
  for (const part of `${path.startsWith('/') ? '' : (workingDir ?? '')}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The JSON form as it is, anything else as the shell's argument. */
export function commandLine({ json, rest }: Instruction, { config }: BuildSettings): readonly string[] {
  return json ?? [...shellOf(config), rest];
}

/** `NAME=value …`, or the old `NAME value`. */
function pairs({ name, rest }: Instruction, values: ReadonlyMap<string, string>): [string, string][] | Refusal {
  const [first = ''] = rest.split(/\s/, 1);
  if (!first.includes('=')) return [[first, expand(rest.slice(first.length).trim(), values)]];
  const found: [string, string][] = [];
  for (const word of splitWords(rest, values)) {
    const equals = word.indexOf('=');
    if (equals < 0)
      return invalid(`failed to parse Dockerfile: Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    if (equals === 0) return invalid(`${name} names can not be blank`);
    found.push([word.slice(0, equals), word.slice(equals + 1)]);
  }
  return found;
}

function env(instruction: Instruction, settings: BuildSettings, values: ReadonlyMap<string, string>): string | Refusal {
  const found = pairs(instruction, values);
  if (found instanceof Refusal) return found;
  const all = [...(settings.config.env ?? [])];
  for (const [name, value] of found) {
    const at = all.findIndex((setting) => setting.startsWith(`${name}=`));
    if (at >= 0) all[at] = `${name}=${value}`;
    else all.push(`${name}=${value}`);
  }
  set(settings, 'env', all);
  return `ENV ${found.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}

function label(instruction: Instruction, settings: BuildSettings, values: ReadonlyMap<string, string>): string | Refusal {
  const found = pairs(instruction, values);
  if (found instanceof Refusal) return found;
  set(settings, 'labels', { ...settings.config.labels, ...Object.fromEntries(found) });
  return `LABEL ${found.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}

function expose(instruction: Instruction, settings: BuildSettings, values: ReadonlyMap<string, string>): string | Refusal {
  const written = wordsOf(instruction).flatMap((word) => splitWords(word, values));
  const ports: string[] = [];
  for (const text of written) {
    const [range = '', protocol = 'tcp'] = text.split('/');
    const [from = '', to = from] = range.split('-');
    if (![from, to].every((port) => /^\d+$/.test(port) && Number(port) <= 65_535)) return invalid(`Invalid containerPort: ${range}`);
    if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) return invalid(`Invalid proto: ${protocol}`);
    for (let port = Number(from); port <= Number(to); port++) ports.push(`${port}/${protocol.toLowerCase()}`);
  }
  set(settings, 'exposedPorts', [...new Set([...(settings.config.exposedPorts ?? []), ...ports])]);
  return `EXPOSE ${[...written].sort().join(' ')}`;
}

const DURATIONS = [
  ['interval', 'Interval'],
  ['timeout', 'Timeout'],
  ['start-period', 'StartPeriod'],
  ['start-interval', 'StartInterval'],
] as const;

function healthcheck(instruction: Instruction, settings: BuildSettings): string | Refusal {
  const [type = ''] = instruction.rest.split(/\s/, 1);
  const check: Healthcheck = {};
  if (type.toUpperCase() === 'NONE') check.Test = ['NONE'];
  else {
    const command = instruction.rest.slice(type.length).trim();
    const words = command.startsWith('[') ? (JSON.parse(command) as string[]) : undefined;
    check.Test = words ? ['CMD', ...words] : ['CMD-SHELL', command];
    for (const [flag, key] of DURATIONS) {
      const text = instruction.flags.get(flag);
      if (text === undefined) continue;
      const value = parseGoDuration(text);
      if (typeof value !== 'number') return invalid(value.error);
      if (value < 1e6 && value !== 0) return invalid(`Interval ${JSON.stringify(flag)} cannot be less than 1ms`);
      check[key] = value;
    }
    const retries = instruction.flags.get('retries');
    if (retries !== undefined) {
      if (!/^\d+$/.test(retries)) return invalid(`--retries must be at least 0 (not ${retries})`);
      check.Retries = Number(retries);
    }
  }
  set(settings, 'healthcheck', check);
  const durations = DURATIONS.map(([, key]) => goDuration(check[key] ?? 0)).join(' ');
  return `HEALTHCHECK &{[${check.Test.join(' ')}] ${durations} ${check.Retries ?? 0}}`;
}
