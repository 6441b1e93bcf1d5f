import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';

/** The web server of the nginx image; no host has it installed. It needs TCP sockets, which the kernel doesn't have yet. */
export const nginxCommand: Command = { name: 'nginx', paths: [], run: nginx };

function* nginx(process: Process): Blocking<number> {
  yield* process.write(2, notModelled('nginx', 'serving over TCP'));
  return 1;
}
