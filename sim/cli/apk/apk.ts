import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';

/** Alpine's package manager: there are no packages to install here. */
export const apk: Command = { name: 'apk', paths: [], run: runApk };

function* runApk(process: Process): Blocking<number> {
  const [word] = process.argv.slice(1).filter((argument) => !argument.startsWith('-'));
  yield* process.write(2, notModelled('apk', word === undefined ? 'managing packages' : `'apk ${word}'`));
  return 1;
}
