import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { resolveName } from '../name-resolution.ts';
import { appletProgram, ShowUsage, type Speech } from './failure.ts';

/** busybox's hostid. */
export const hostid = appletProgram('hostid', runHostid);

function* runHostid(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  if (args.length > 0) throw new ShowUsage();
  speech.print(`${(yield* hostIdentifier(process)).toString(16).padStart(8, '0')}\n`);
  return 0;
}

/** What glibc takes for the machine's number where nobody has set one: the address of its name, with its halves exchanged (gethostid(3)). */
export function* hostIdentifier(process: Process): Blocking<number> {
  const found = yield* resolveName(process, process.namespaces.uts.hostname, 4);
  const address = typeof found === 'string' ? undefined : found.addresses.find((each) => typeof each === 'number');
  if (address === undefined) return 0;
  const [a = 0, b = 0, c = 0, d = 0] = [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff);
  return ((b << 24) | (a << 16) | (d << 8) | c) >>> 0;
}
