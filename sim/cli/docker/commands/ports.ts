import { parseIP } from '../../../base/address.ts';

/** A published port as the API wants it. */
interface Binding {
  HostIp: string;
  HostPort: string;
}

export interface ParsedPorts {
  /** `80/tcp` */
  exposed: string[];
  bindings: Record<string, Binding[]>;
}

/** Parses `-p` and `--expose` (docker/go-connections, nat.ParsePortSpecs). */
export function parsePorts(published: readonly string[], exposed: readonly string[]): ParsedPorts | { error: string } {
  const parsed: ParsedPorts = { exposed: [], bindings: {} };
  for (const text of published) {
    const spec = standardNotation(text);
    const problem = typeof spec === 'string' ? addPublished(parsed, spec) : spec.error;
    if (problem) return { error: problem };
  }
  for (const spec of exposed) {
    if (spec.includes(':')) return { error: `invalid port format for --expose: ${spec}` };
    const [range = '', protocol = 'tcp'] = spec.split('/');
    const ports = portRange(range);
    if (!ports) return { error: `invalid range format for --expose: ${spec}, error: ${rangeProblem(range)}` };
    for (let port = ports[0]; port <= ports[1]; port++) expose(parsed, `${port}/${protocol}`);
  }
  return parsed;
}

/** `published=8080,target=80,protocol=tcp` in the short form. */
function standardNotation(text: string): string | { error: string } {
  if (!text.includes('=')) return text;
  const fields = new Map([['protocol', 'tcp']]);
  for (const field of text.split(',')) {
    const equals = field.indexOf('=');
    if (equals <= 0) return { error: `invalid publish opts format (should be name=value but got '${field}')` };
    fields.set(field.slice(0, equals), field.slice(equals + 1));
  }
  return `${fields.get('published') ?? ''}:${fields.get('target') ?? ''}/${fields.get('protocol')}`;
}

/** What strconv says about the first bad number of a range. */
function rangeProblem(range: string): string {
  if (range === '') return 'empty string specified for ports';
  const bad = range.split('-').find((number) => !/^\d+$/.test(number) || Number(number) > 65_535);
  if (bad === undefined) return `Invalid range specified for the Port: ${range}`;
  return `strconv.ParseUint: parsing ${JSON.stringify(bad)}: ${/^\d+$/.test(bad) ? 'value out of range' : 'invalid syntax'}`;
}

function expose(parsed: ParsedPorts, port: string): void {
  if (!parsed.exposed.includes(port)) parsed.exposed.push(port);
}

/** `[HOST-IP:][HOST-PORT:]CONTAINER-PORT[/PROTOCOL]`, each port maybe a range. */
function addPublished(parsed: ParsedPorts, spec: string): string | undefined {
  const [address, written] = spec.split('/');
  const protocol = written || 'tcp';
  const [ip, hostText, containerText] = splitParts(address ?? '');
  const host = ip.replace(/^\[(.*)\]$/, '$1');
  if (host === ip && ip.includes(':')) return `Invalid ip address ${ip}: address ${ip}:: too many colons in address`;
  if (host !== '' && parseIP(host) === undefined) return `Invalid ip address: ${host}`;
  if (containerText === '') return `No port specified: ${address}<empty>`;
  const inside = portRange(containerText);
  if (!inside) return `Invalid containerPort: ${containerText}`;
  const outside = hostText === '' ? undefined : portRange(hostText);
  if (hostText !== '' && !outside) return `Invalid hostPort: ${hostText}`;
  if (outside && outside[1] - outside[0] !== inside[1] - inside[0] && inside[0] !== inside[1]) {
    return `Invalid ranges specified for container and host Ports: ${containerText} and ${hostText}`;
  }
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) return `Invalid proto: ${protocol.toLowerCase()}`;
  for (let port = inside[0]; port <= inside[1]; port++) {
    const name = `${port}/${protocol.toLowerCase()}`;
    expose(parsed, name);
    const shared = outside && inside[0] === inside[1] && outside[0] !== outside[1];
    const hostPort = !outside ? '' : shared ? `${outside[0]}-${outside[1]}` : String(outside[0] + port - inside[0]);
    parsed.bindings[name] = [...(parsed.bindings[name] ?? []), { HostIp: host, HostPort: hostPort }];
  }
  return undefined;
}

function splitParts(text: string): [string, string, string] {
  const parts = text.split(':');
  if (parts.length === 1) return ['', '', text];
  if (parts.length === 2) return ['', parts[0] as string, parts[1] as string];
  return [parts.slice(0, -2).join(':'), parts.at(-2) as string, parts.at(-1) as string];
}

function portRange(text: string): [number, number] | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  return from > 65_535 || to > 65_535 || to < from ? undefined : [from, to];
}
