import type { Failure } from '../../host/iptables/failure.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { notModelled } from '../command.ts';

/** The version of iptables that all of this looks like. */
export const VERSION = 'v1.8.13 (nf_tables)';

const STATUS: Record<Failure['kind'], number> = {
  parameter: 2,
  argument: 2,
  table: 3,
  incompatible: 1,
  refused: 1,
  kernel: 4,
  unmodelled: 2,
};

/** Says what went wrong as iptables does. Returns the exit status. */
export function* report(process: Process, program: string, { kind, message, warnings = [] }: Failure): Blocking<number> {
  for (const warning of warnings) yield* process.write(2, `${warning}\n`);
  yield* process.write(2, textOf(program, kind, message));
  return STATUS[kind];
}

function textOf(program: string, kind: Failure['kind'], message: string): string {
  switch (kind) {
    case 'parameter':
      return `${program} ${VERSION}: ${message}\n${hint(program)}`;
    case 'argument':
      return `${message === '' ? '' : `${message}\n`}${hint(program)}`;
    case 'table':
    case 'incompatible':
      return `${program} ${VERSION}: ${message}\n`;
    case 'refused':
      return `${program}: ${message}\n`;
    case 'kernel':
      return `${program} ${VERSION}:  ${message}\n`;
    case 'unmodelled':
      return notModelled(program, message);
  }
}

function hint(program: string): string {
  return `Try \`${program} -h' or '${program} --help' for more information.\n`;
}

/** As `report`, for a line of iptables-restore. */
export function* reportLine(process: Process, program: string, { kind, message, line }: Failure & { line: number }): Blocking<number> {
  yield* process.write(2, lineText(program, kind, message, line));
  return STATUS[kind];
}

function lineText(program: string, kind: Failure['kind'], message: string, line: number): string {
  const where = `Error occurred at line: ${line}\n`;
  switch (kind) {
    case 'parameter':
      return `${program} ${VERSION}: ${message}\n${where}${hint(program)}`;
    case 'argument':
      return `${message}\n${where}${hint(program)}`;
    case 'table':
    case 'incompatible':
      return `${program} ${VERSION}: ${message}\n`;
    case 'refused':
      if (message.startsWith('COMMIT expected')) return `${program}: ${message}\n`;
      return `${program}: line ${line} failed${message === '' ? '' : `: ${message}`}\n`;
    case 'kernel':
      return `${program} ${VERSION}: \nline ${line}: ${message}\n`;
    case 'unmodelled':
      return `${notModelled(program, message)}${where}`;
  }
}

/** What every command says to those who may not change the network. */
export function* notPermitted(process: Process, program: string): Blocking<number> {
  yield* process.write(2, `${program} ${VERSION}: Could not fetch rule set generation id: Permission denied (you must be root)\n`);
  return 4;
}
