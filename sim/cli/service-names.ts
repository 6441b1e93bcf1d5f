import { decode } from '../base/bytes.ts';
import type { Process } from '../host/process.ts';
import type { Blocking } from '../host/wait.ts';

/** The name of a port, by /etc/services (getservbyport(3)). */
export type ServiceNames = (port: number, protocol: string) => string | undefined;

/** Reads /etc/services (services(5)). */
export function* serviceNames(process: Process): Blocking<ServiceNames> {
  const names = new Map<string, string>();
  const bytes = yield* process.readFile('/etc/services');
  for (const line of typeof bytes === 'string' ? [] : decode(bytes).split('\n')) {
    const [name = '', key = ''] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (/^[0-9]+\/\w+$/.test(key) && !names.has(key)) names.set(key, name);
  }
  return (port, protocol) => names.get(`${port}/${protocol}`);
}

/** The port of a service by its name or an alias, of one protocol or of any (getservbyname(3)). */
export function* servicePort(process: Process, protocol?: 'tcp' | 'udp'): Blocking<(name: string) => number | undefined> {
  const ports = new Map<string, number>();
  const bytes = yield* process.readFile('/etc/services');
  for (const line of typeof bytes === 'string' ? [] : decode(bytes).split('\n')) {
    const [name = '', key = '', ...aliases] = line.replace(/#.*/, '').trim().split(/\s+/);
    const port = Number(key.split('/')[0]);
    if (protocol !== undefined && !key.endsWith(`/${protocol}`)) continue;
    if (key !== '' && Number.isInteger(port)) for (const each of [name, ...aliases]) if (!ports.has(each)) ports.set(each, port);
  }
  return (name) => ports.get(name);
}
