import type { NetNamespace } from '../../kernel/netns.ts';
import { changesAnything, execute } from './execute.ts';
import { type Failure, isFailure } from './failure.ts';
import { NO_NAMES } from './lookup.ts';
import { parseCommand } from './parse.ts';
import { splitWords } from './words.ts';

export { type Failure, isFailure } from './failure.ts';
export { restore, type Restored, type RestoreSettings } from './restore.ts';
export { save } from './save.ts';

/**
 * Runs one call of iptables for an engine, without a process: `iptables(net, '-t nat -A POSTROUTING -j MASQUERADE')`. Numbers instead
 * of names, as engines have them.
 *
 * @param args words, or a text that is split as lines of iptables-restore are
 * @returns what the command would have failed with; listing commands do nothing
 */
export function iptables(net: NetNamespace, args: string | readonly string[], family: 4 | 6 = 4): Failure | undefined {
  return perform(net, args, family, true);
}

/** As `iptables`, as a part of somebody else's transaction. */
export function iptablesWithin(net: NetNamespace, args: readonly string[], family: 4 | 6): Failure | undefined {
  return perform(net, args, family, false);
}

function perform(net: NetNamespace, args: string | readonly string[], family: 4 | 6, commits: boolean): Failure | undefined {
  const words = typeof args === 'string' ? splitWords(args) : args;
  const command = parseCommand(words, { family, lookup: NO_NAMES, setFamily: (name) => net.netfilter.sets.family(name) });
  if (isFailure(command)) return command;
  if (!('name' in command)) return undefined;
  const changes = commits && changesAnything(net, command);
  const failed = execute(net, command);
  if (!failed && changes) net.netfilter.committed({ pid: 1, name: family === 4 ? 'iptables' : 'ip6tables' });
  return failed;
}

/** Whether a rule is there (`-C`): `hasRule(net, 'nat', 'POSTROUTING -j MASQUERADE')`. */
export function hasRule(net: NetNamespace, table: string, rule: string, family: 4 | 6 = 4): boolean {
  return iptables(net, ['-t', table, '-C', ...splitWords(rule)], family) === undefined;
}

/** Appends a rule unless it is there. */
export function ensureAppended(net: NetNamespace, table: string, rule: string, family: 4 | 6 = 4): Failure | undefined {
  return hasRule(net, table, rule, family) ? undefined : iptables(net, ['-t', table, '-A', ...splitWords(rule)], family);
}

/** Puts a rule at the head of its chain unless it is there. */
export function ensureInserted(net: NetNamespace, table: string, rule: string, family: 4 | 6 = 4): Failure | undefined {
  return hasRule(net, table, rule, family) ? undefined : iptables(net, ['-t', table, '-I', ...splitWords(rule)], family);
}

/** Takes a rule out if it is there. */
export function ensureDeleted(net: NetNamespace, table: string, rule: string, family: 4 | 6 = 4): Failure | undefined {
  return hasRule(net, table, rule, family) ? iptables(net, ['-t', table, '-D', ...splitWords(rule)], family) : undefined;
}
