import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { call } from './call.ts';
import { Failure } from './failure.ts';
import { serve } from './listen.ts';
import { readOptions, type Settings } from './options.ts';
import { callUnix, serveUnix, type UnixSettings } from './unix.ts';
import { HELP } from './usage.ts';

/** OpenBSD netcat as Debian has it. */
export const nc: Command = { name: 'nc', paths: ['/usr/bin/nc', '/usr/bin/nc.openbsd', '/usr/bin/netcat'], run: runNc };

function* runNc(process: Process): Blocking<number> {
  const settings = readOptions(process.argv.slice(1));
  if (settings === 'help') {
    yield* process.write(2, HELP);
    return 0;
  }
  const result = settings instanceof Failure ? settings : yield* run(process, settings);
  if (!(result instanceof Failure)) return result;
  yield* process.write(2, result.text);
  return 1;
}

function* run(process: Process, settings: Settings): Blocking<number | Failure> {
  const { operands, listen } = settings;
  const [first = '', ...others] = operands;
  if (settings.dccp) return 1;
  if (settings.unix) {
    const unix: UnixSettings = { ...settings, datagrams: settings.udp };
    return yield* listen ? serveUnix(process, unix, first) : callUnix(process, unix, first);
  }
  if (!listen) return yield* call(process, settings, first, others);
  if (settings.localPort !== undefined) return yield* serve(process, settings, operands[0] ?? settings.source, settings.localPort);
  return yield* serve(process, settings, operands.length > 1 ? first : undefined, operands.at(-1) as string);
}
