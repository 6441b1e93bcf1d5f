import { type Command as Parsed, rulesOf } from '../../host/iptables/command.ts';
import { changesAnything, execute, zeroChain } from '../../host/iptables/execute.ts';
import { type Failure, failure, isFailure, NO_CHAIN } from '../../host/iptables/failure.ts';
import { describeRule, listTable } from '../../host/iptables/list.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { parseCommand } from '../../host/iptables/parse.ts';
import { incompatible, strangersNote } from '../../host/iptables/strangers.ts';
import { listRules, tableOrEmpty } from '../../host/iptables/save.ts';
import type { Process, Program } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import type { TableName } from '../../kernel/netfilter/tables/table.ts';
import { fileLookup } from '../tool/lookup.ts';
import { showInformation } from './information.ts';
import { notPermitted, report } from './report.ts';
import { writeLines } from '../tool/write-lines.ts';

/** iptables(8) and ip6tables(8). */
export function iptablesProgram(family: 4 | 6): Program {
  const program = family === 4 ? 'iptables' : 'ip6tables';
  return function* (process: Process): Blocking<number> {
    const { net } = process.namespaces;
    const lookup = fileLookup(process);
    const command = parseCommand(process.argv.slice(1), { family, lookup, setFamily: (name) => net.netfilter.sets.family(name) });
    if (isFailure(command)) return yield* report(process, program, command);
    if ('ignored' in command) return 0;
    if ('show' in command) return yield* showInformation(process, program, family, command);
    for (const warning of command.warnings) yield* process.write(2, `${warning}\n`);
    if (!process.capable('NET_ADMIN')) return yield* notPermitted(process, program);
    const failed = yield* perform(process, command, lookup);
    return failed ? yield* report(process, program, failed) : 0;
  };
}

/** Carries a command out and prints what it prints. */
function* perform(process: Process, command: Parsed, lookup: Lookup): Blocking<Failure | undefined> {
  const { net } = process.namespaces;
  if (command.verbose > 0) yield* announce(process, command, lookup);
  if (command.name !== 'list' && command.name !== 'list-rules') {
    const changes = changesAnything(net, command);
    const failed = execute(net, command);
    if (!failed && changes) net.netfilter.committed({ pid: process.pid, name: process.name });
    return failed;
  }
  return yield* printList(process, command, lookup);
}

/** `-L` and `-S`; with `-Z` the counters are set to zero once they are printed. */
export function* printList(process: Process, command: Parsed, lookup: Lookup): Blocking<Failure | undefined> {
  const { net } = process.namespaces;
  const table = tableOrEmpty(net, command.family, command.table as TableName);
  const only = command.chain === undefined ? undefined : table.chain(command.chain);
  if (command.chain !== undefined && !only) return failure('refused', NO_CHAIN);
  const unreadable = incompatible(net, command.family, table.name);
  if (unreadable) return unreadable;
  if (!only) yield* process.write(1, strangersNote(net, command.family, table.name));
  const verbose = command.verbose > 0;
  const settings = {
    family: command.family,
    verbose,
    numeric: command.numeric,
    exact: command.exact,
    lineNumbers: command.lineNumbers,
    lookup,
  };
  const lines =
    command.name === 'list' ? listTable(table, only, command.number, settings) : listRules(table, only, command.number, verbose);
  yield* writeLines(process, lines);
  if (!command.zeroAfterwards) return undefined;
  for (const chain of only ? [only] : table.chains()) {
    if (verbose) yield* process.write(1, `Zeroing chain \`${chain.name}'\n`);
    zeroChain(chain);
  }
  return undefined;
}

/** What `-v` adds to commands that change something. */
export function* announce(process: Process, command: Parsed, lookup: Lookup): Blocking<void> {
  const table = tableOrEmpty(process.namespaces.net, command.family, command.table as TableName);
  const chains = command.chain === undefined ? table.chains() : [table.chain(command.chain)].filter((chain) => chain !== undefined);
  switch (command.name) {
    case 'append':
    case 'insert':
    case 'replace':
    case 'delete':
    case 'check':
      yield* writeLines(
        process,
        rulesOf(command.rule).map((rule) => describeRule(rule, command.family, lookup)),
      );
      return;
    case 'flush':
      yield* writeLines(
        process,
        chains.map(({ name }) => `Flushing chain \`${name}'\n`),
      );
      return;
    case 'zero':
      yield* writeLines(
        process,
        chains.map(({ name }) => `Zeroing chain \`${name}'\n`),
      );
      return;
    case 'delete-chain':
      yield* writeLines(
        process,
        chains.filter(({ hook }) => hook === undefined).map(({ name }) => `Deleting chain \`${name}'\n`),
      );
      return;
    default:
  }
}
