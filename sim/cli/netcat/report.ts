import { formatIP, type IP } from '../../base/address.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { nameInformation, resolutionErrorText } from '../name-resolution.ts';
import { serviceNames } from '../service-names.ts';
import type { Settings } from './options.ts';

/** -v: `Listening on 127.0.0.1 80`, with a name unless -n; a name server that fails takes the line's place (report_sock). */
export function* report(process: Process, settings: Settings, what: string, address: IP, port: number): Blocking<void> {
  if (!settings.verbose) return;
  const name = settings.numeric ? undefined : yield* nameInformation(process, address);
  const text =
    name === 'EAI_AGAIN'
      ? `nc: getnameinfo: ${resolutionErrorText('EAI_AGAIN')}\n`
      : `${what} on ${name?.name ?? formatIP(address)} ${port}\n`;
  yield* process.write(2, text);
}

/** `127.0.0.1 port 80`: a name is shown with the address that was tried. */
export function shownHost(host: string, address: IP): string {
  // A zone is shown as it was given.
  return host.replace(/%.*/, '') === formatIP(address) ? host : `${host} (${formatIP(address)})`;
}

export function* announce(process: Process, settings: Settings, host: string, address: IP, port: number): Blocking<void> {
  const protocol = settings.udp ? 'udp' : 'tcp';
  const service = settings.numeric ? undefined : (yield* serviceNames(process))(port, protocol);
  yield* process.write(2, `Connection to ${shownHost(host, address)} ${port} port [${protocol}/${service ?? '*'}] succeeded!\n`);
}
