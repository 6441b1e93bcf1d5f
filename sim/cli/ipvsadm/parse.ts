import { type IP, parseIPv4, parseIPv6 } from '../../base/address.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { type DestinationSettings, familyOf, type ServiceKey, type ServiceSettings } from '../../kernel/netfilter/ipvs/service.ts';
import { isScheduler } from '../../kernel/netfilter/ipvs/schedulers.ts';
import { ALLOWED, COMMANDS, type Kind, KINDS, OPTIONS, type OptionSpec } from './options.ts';

const MAX_TIMEOUT = 31 * 86_400;
const PERSISTENCE = 360;
const TCP = 6;
const UDP = 17;
const ALL_BITS = { 4: 0xffff_ffff, 6: 128 } as const;

/** One call, understood. */
export interface Request {
  /** A letter of `COMMANDS`, `h` or `v`. */
  command: string;
  service: ServiceKey | undefined;
  settings: ServiceSettings;
  server: { address: IP; port: number } | undefined;
  serverSettings: DestinationSettings;
  /** Options without a value that were given. */
  shown: ReadonlySet<Kind>;
  timeouts: readonly number[];
}

/** Why not, and the exit status. */
export interface Failure {
  failure: string;
  status: number;
  unmodelled?: true;
}

const fail = (failure: string, status = 2): Failure => ({ failure, status });
const unmodelled = (what: string): Failure => ({ failure: what, status: 2, unmodelled: true });
const TRY = fail("Try `ipvsadm -h' or 'ipvsadm --help' for more information.", 255);

export function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null && 'failure' in value;
}

interface Given {
  spec: OptionSpec;
  value: string | undefined;
}

/** Splits arguments into options as popt(3) does; what is left over are the operands. */
function split(args: readonly string[]): { given: Given[]; operands: string[]; wrong: string | undefined } {
  const given: Given[] = [];
  const operands: string[] = [];
  const words = [...args];
  const take = (spec: OptionSpec, attached: string | undefined): boolean => {
    let value = attached;
    if (spec.argument && value === undefined) {
      if (spec.argument === 'required' || (words[0] !== undefined && !words[0].startsWith('-'))) value = words.shift();
      if (spec.argument === 'required' && value === undefined) return false;
    }
    given.push({ spec, value });
    return true;
  };
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word.startsWith('--')) {
      const [name, ...rest] = word.slice(2).split('=');
      const spec = OPTIONS.find(({ long }) => long === name);
      if (!spec) return { given, operands, wrong: `${word}: unknown option` };
      if (!take(spec, rest.length > 0 ? rest.join('=') : undefined)) return { given, operands, wrong: `${word}: missing argument` };
    } else if (word.startsWith('-') && word.length > 1) {
      for (let i = 1; i < word.length; i++) {
        const spec = OPTIONS.find(({ letter }) => letter === word?.[i]);
        if (!spec) return { given, operands, wrong: `-${word[i]}: unknown option` };
        const attached = spec.argument && i + 1 < word.length ? word.slice(i + 1) : undefined;
        if (!take(spec, attached)) return { given, operands, wrong: `-${word[i]}: missing argument` };
        if (attached !== undefined) break;
      }
    } else operands.push(word);
  }
  return { given, operands, wrong: undefined };
}

/** Reads the arguments of ipvsadm(8); there is at least one. */
export function parseRequest(args: readonly string[], lookup: Lookup): Request | Failure {
  const { given, operands, wrong } = split(args);
  const [first, ...rest] = given;
  if (!first) return TRY;
  const command = first.spec.letter === 'l' ? 'L' : first.spec.letter;
  if (first.spec.unmodelled) return unmodelled(`--${first.spec.long}`);
  if (command !== 'h' && command !== 'v' && !COMMANDS[command]) return TRY;
  const request: Request = {
    command,
    service: undefined,
    settings: { scheduler: 'wlc', persistence: undefined, netmask: 0xffff_ffff, onePacket: false },
    server: undefined,
    serverSettings: { weight: 1, forwarding: 'route', upperThreshold: 0, lowerThreshold: 0 },
    shown: new Set(),
    timeouts: [],
  };
  if (command === 'h' || command === 'v') return request;
  const seen = new Set<Kind>();
  for (const option of rest) {
    const { spec } = option;
    if (spec.unmodelled) return unmodelled(`option '--${spec.long}'`);
    if (COMMANDS[spec.letter] || spec.letter === 'h' || spec.letter === 'v') return fail(`invalid option \`-${spec.letter}'`);
    if (spec.kind && seen.has(spec.kind)) return fail(`multiple '${spec.kind}' options specified`);
    if (spec.kind) seen.add(spec.kind);
    const failed = setOption(request, option, lookup);
    if (failed) return failed;
  }
  if (wrong) return fail(wrong, 255);
  return finish({ ...request, shown: seen }, operands);
}

function setOption(request: Request, { spec, value = '' }: Given, lookup: Lookup): Failure | undefined {
  const { settings, serverSettings } = request;
  const number = (max: number) => (/^\d+$/.test(value) && Number(value) <= max ? Number(value) : undefined);
  switch (spec.letter) {
    case 't':
    case 'u': {
      const protocol = spec.letter === 't' ? TCP : UDP;
      const end = parseEnd(value, protocol, lookup);
      if (!end) return fail('illegal virtual server address[:port] specified');
      request.service = { protocol, address: end.address, port: end.port ?? 0 };
      if (settings.netmask === ALL_BITS[4]) settings.netmask = ALL_BITS[familyOf(request.service)];
      return undefined;
    }
    case 'f': {
      const mark = number(0xffff_ffff);
      if (!mark) return fail(`invalid fwmark value \`${value}' specified`);
      request.service = { mark };
      return undefined;
    }
    case '6': {
      const { service } = request;
      if (!service || !('mark' in service)) return fail('-6 used before -f');
      service.family = 6;
      settings.netmask = ALL_BITS[6];
      return undefined;
    }
    case 's':
      if (!isScheduler(value)) return fail('Scheduler or persistence engine not found', 255);
      settings.scheduler = value;
      return undefined;
    case 'p': {
      const seconds = value === '' ? PERSISTENCE : number(MAX_TIMEOUT);
      if (!seconds) return fail(`invalid timeout value \`${value}' specified`);
      settings.persistence = seconds;
      return undefined;
    }
    case 'M': {
      if (request.service && familyOf(request.service) === 6) {
        const length = number(128);
        if (!length) return fail('illegal ipv6 netmask specified');
        settings.netmask = length;
        return undefined;
      }
      const mask = parseIPv4(value);
      if (mask === undefined) return fail('illegal virtual server persistent mask specified');
      settings.netmask = mask;
      return undefined;
    }
    case 'r': {
      const { service } = request;
      const end = parseEnd(value, service && 'protocol' in service ? service.protocol : TCP, lookup);
      if (!end) return fail('illegal real server address[:port] specified');
      request.server = { address: end.address, port: end.port ?? (service && 'port' in service ? service.port : 0) };
      return undefined;
    }
    case 'm':
    case 'g':
    case 'i':
      serverSettings.forwarding = ({ m: 'masq', g: 'route', i: 'tunnel' } as const)[spec.letter];
      return undefined;
    case 'w':
    case 'x':
    case 'y': {
      const limit = number(spec.letter === 'w' ? 65_535 : 0x7fff_ffff);
      const name = ({ w: 'weight', x: 'upperThreshold', y: 'lowerThreshold' } as const)[spec.letter];
      if (limit === undefined)
        return fail(`illegal ${({ w: 'weight', x: 'u_threshold', y: 'l_threshold' } as const)[spec.letter]} specified`);
      serverSettings[name] = limit;
      return undefined;
    }
    case 'o':
      settings.onePacket = true;
      return undefined;
    default:
      return undefined;
  }
}

/** `ADDRESS[:PORT]`, either by name too; an address of IPv6 stands in brackets. */
function parseEnd(text: string, protocol: number, lookup: Lookup): { address: IP; port: number | undefined } | undefined {
  if (/^\d*$/.test(text)) return undefined;
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(text);
  const colon = bracketed?.[2] === '' ? -1 : text.lastIndexOf(':');
  const host = colon < 0 ? text : text.slice(0, colon);
  const address = bracketed ? parseIPv6(bracketed[1] as string) : (parseIPv4(host) ?? lookup.host(host, 4)[0]);
  if (address === undefined) return undefined;
  if (colon < 0) return { address, port: undefined };
  const name = text.slice(colon + 1);
  const port = /^\d+$/.test(name) ? Number(name) : lookup.port(name, protocol === TCP ? 'tcp' : 'udp');
  return port === undefined || port > 65_535 ? undefined : { address, port };
}

/** What must and mustn't go together. */
function finish(request: Request, operands: readonly string[]): Request | Failure {
  const { command, settings, service, shown } = request;
  let timeouts: number[] = [];
  if (command === 'set') {
    if (operands.length < 3) return fail('--set option requires 3 timeout values');
    const bad = operands.slice(0, 3).find((text) => !/^\d+$/.test(text) || Number(text) > MAX_TIMEOUT);
    if (bad !== undefined) return fail(`invalid timeout value \`${bad}' specified`);
    timeouts = operands.slice(0, 3).map(Number);
  }
  const extra = operands[timeouts.length];
  if (extra !== undefined) return fail(`unexpected argument ${extra}`);
  const misfit = check(command, shown);
  if (misfit) return misfit;
  if (command === 'A' || command === 'E') {
    if (service && 'port' in service && service.port === 0 && settings.persistence === undefined)
      return fail('Zero port specified for non-persistent service');
    if (settings.onePacket && service && 'protocol' in service && service.protocol !== UDP)
      return fail('One-Packet Scheduling is only for UDP virtual services');
  }
  const setsServer = command === 'a' || command === 'e';
  if (setsServer && request.server && request.serverSettings.forwarding === 'tunnel' && typeof request.server.address !== 'number')
    return unmodelled('tunnels of IPv6');
  // Only NAT can change the port.
  if (setsServer && request.server && request.serverSettings.forwarding !== 'masq' && service && 'port' in service)
    request.server.port = service.port;
  return { ...request, timeouts };
}

function check(command: string, shown: ReadonlySet<Kind>): Failure | undefined {
  const allowed = ALLOWED[command] ?? {};
  const name = COMMANDS[command];
  let exclusive: Kind | undefined;
  for (const kind of KINDS) {
    if (!shown.has(kind)) {
      if (allowed[kind] === '+') return fail(`You need to supply the '${kind}' option for the '${name}' command`);
      continue;
    }
    if (allowed[kind] === undefined) return fail(`Illegal '${kind}' option with the '${name}' command`);
    if (allowed[kind] !== '1') continue;
    if (exclusive) return fail(`The option '${kind}' conflicts with the '${exclusive}' option in the '${name}' command`);
    exclusive = kind;
  }
  const special = shown.has('connection') || shown.has('timeout') || shown.has('daemon');
  const columns = ['stats', 'persistent-conn', 'rate', 'thresholds'] as const;
  return special && columns.some((kind) => shown.has(kind)) ? fail('options conflicts in the list command') : undefined;
}
