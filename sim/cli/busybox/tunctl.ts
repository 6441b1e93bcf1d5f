import { strerror } from '../../base/errno.ts';
import { TunFile } from '../../host/filesystems/tun.ts';
import type { Process } from '../../host/process.ts';
import { appletProgram, Die, letters, options, ShowUsage, type Speech } from './failure.ts';

/** busybox's tunctl (networking/tunctl.c): makes TAP devices that stay, or lets them go. */
export const tunctl = appletProgram('tunctl', runTunctl);

function runTunctl(process: Process, args: readonly string[], speech: Speech): number {
  const { options: given, operands } = options(letters('f:t:d:'), args);
  const value = (name: string) => given.findLast((option) => option.name === name)?.value;
  const [made, gone] = [value('t'), value('d')];
  if (operands.length > 0 || (made !== undefined && gone !== undefined)) throw new ShowUsage();
  const path = value('f') ?? '/dev/net/tun';
  if (!process.capable('NET_ADMIN')) throw new Die(`TUNSETIFF: ${strerror('EPERM')}`);
  const fd = process.open(path, { read: true, write: true });
  if (typeof fd === 'string') throw new Die(`can't open '${path}': ${strerror(fd)}`);
  const file = process.fds.get(fd);
  const device =
    file instanceof TunFile ? file.setInterface({ name: gone ?? made ?? 'tap%d', mode: 'tap', packetInformation: false }) : 'ENOTTY';
  if (typeof device !== 'string') device.persistent = gone === undefined;
  process.close(fd);
  if (typeof device === 'string') throw new Die(`TUNSETIFF: ${strerror(device)}`);
  speech.print(gone === undefined ? `${device.name}\n` : `Set '${gone}' nonpersistent\n`);
  return 0;
}
