import type { Shown } from '../../host/iptables/command.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { extensionHelp } from './extension-help.ts';
import { VERSION } from './report.ts';
import { usage } from './usage.ts';

/** `-V` and `-h`, of iptables and of its translators. */
export function* showInformation(process: Process, program: string, family: 4 | 6, shown: Shown): Blocking<number> {
  const version = `${program} ${VERSION}`;
  if (shown.show === 'version') yield* process.write(1, `${version}\n`);
  else yield* process.write(1, usage(program, version) + extensionHelp(shown.topics, family));
  return 0;
}
