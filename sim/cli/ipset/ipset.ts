import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type Command, notModelled } from '../command.ts';
import { fileLookup } from '../tool/lookup.ts';
import { typeHelp } from './help.ts';
import { ALIASES, perform, type Session } from './perform.ts';
import { failed, isRefusal, type Refusal, usageError } from './refusal.ts';
import { restore } from './restore.ts';
import { SUPPORTED, USAGE } from './usage.ts';
import { VERSION } from './version.ts';
import { parseWords } from './words.ts';

/** ipset(8). */
export const ipset: Command = { name: 'ipset', paths: ['/usr/sbin/ipset'], run: runIpset };

function* runIpset(process: Process): Blocking<number> {
  const request = parseWords(process.argv.slice(1));
  if (isRefusal(request)) return yield* refuse(process, request, request.quiet);
  const { command, words, quiet } = request;
  if (command === 'version') {
    yield* process.write(1, `ipset v${VERSION}, protocol version: 7\n`);
    return 0;
  }
  if (command === 'help') return yield* help(process, words[0]);
  if (!process.capable('NET_ADMIN')) {
    return yield* refuse(process, failed('Kernel error received: Operation not permitted'), quiet);
  }
  const session: Session = { sets: process.namespaces.net.netfilter.sets, lookup: fileLookup(process) };
  if (command === 'restore') {
    const wrong = yield* restore(process, session, request);
    return wrong ? yield* refuse(process, wrong, quiet) : 0;
  }
  const result = yield* perform(process, session, request);
  if (result === false) return 1;
  return result ? yield* refuse(process, result, quiet) : 0;
}

function* help(process: Process, typeName: string | undefined): Blocking<number> {
  if (typeName === undefined) {
    yield* process.write(1, USAGE + SUPPORTED);
    return 0;
  }
  const text = typeHelp(ALIASES[typeName] ?? typeName);
  if (text !== undefined) {
    yield* process.write(1, USAGE + text);
    return 0;
  }
  const status = yield* refuse(process, usageError(`Unknown settype: \`${typeName}'`), false);
  yield* process.write(1, USAGE);
  return status;
}

function* refuse(process: Process, { problem, kind }: Refusal, quiet: boolean): Blocking<number> {
  if (kind === 'unmodelled') yield* process.write(2, notModelled('ipset', problem));
  else if (!quiet)
    yield* process.write(2, `ipset v${VERSION}: ${problem}\n${kind === 'usage' ? "Try `ipset help' for more information.\n" : ''}`);
  return kind === 'failed' ? 1 : 2;
}
