import type { NetNamespace } from '../../kernel/netns.ts';
import { type Lookup, NO_NAMES } from '../iptables/lookup.ts';
import { parseCommands } from './parse-command.ts';
import { type Include, Parser, type Variables } from './parser.ts';
import { type Complaint, complaintText, Rejected, type Source } from './source.ts';
import type { Command } from './syntax.ts';
import { commit, Transaction } from './transaction.ts';

const NO_INCLUDE: Include = () => undefined;

/** Reads a text of rules. @returns the commands, or what is wrong with them */
export function parse(
  source: Source,
  lookup: Lookup,
  variables: Variables = new Map(),
  include: Include = NO_INCLUDE,
): Command[] | readonly Complaint[] {
  try {
    return parseCommands(new Parser(source, lookup, variables, include));
  } catch (error) {
    if (error instanceof Rejected) return error.complaints;
    throw error;
  }
}

export function areComplaints(result: Command[] | readonly Complaint[] | Transaction): result is readonly Complaint[] {
  return Array.isArray(result) && result.length > 0 && 'message' in (result[0] as object);
}

/**
 * Carries out a text of nft for an engine, without a process: `nft(net, 'add table ip kube-proxy')`. All of it or nothing.
 *
 * @returns what nft would have said, if anything was wrong
 */
export function nft(net: NetNamespace, text: string): string | undefined {
  const commands = parse({ name: undefined, text }, NO_NAMES);
  const result = areComplaints(commands) ? commands : commit(net, commands as Command[], NO_NAMES);
  if (areComplaints(result)) return result.map(complaintText).join('');
  if (result instanceof Transaction) net.netfilter.committed({ pid: 1, name: 'nft' });
  return undefined;
}
