import { strerror } from '../../base/errno.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Chain } from '../../kernel/netfilter/tables/chain.ts';
import type { Rule } from '../../kernel/netfilter/tables/rule.ts';
import { saveRule } from '../../kernel/netfilter/tables/save.ts';
import { type Table, type TableName, TABLES } from '../../kernel/netfilter/tables/table.ts';
import { validate } from '../../kernel/netfilter/tables/validate.ts';
import { type Command, rulesOf } from './command.ts';
import { BAD_RULE, CHAIN_EXISTS, type Failure, failure, NO_CHAIN, NOT_BUILT_IN } from './failure.ts';

/** What a transaction keeps back until its end. */
export interface Transaction {
  /** Jumps to chains that are not there yet. */
  unresolved: Rule[];
  /** Rules that must be looked at in their places, with the chain and line that brought them. */
  added: Map<Rule, { chain: string; line: number; verb: string }>;
  line: number;
}

/**
 * Carries out one command that changes something. Listing is not its business.
 * @param transaction makes checks that need the whole table wait for the end
 */
export function execute(net: NetNamespace, command: Command, transaction?: Transaction): Failure | undefined {
  const undo = transaction || !canBeRefused(command) ? undefined : net.netfilter.snapshot(command.family, command.table as TableName);
  const failed = change(net, command, transaction);
  if (failed) undo?.();
  net.netfilter.rulesChanged(command.family);
  return failed;
}

/**
 * Whether a command leaves anything to be done, so that there will be a transaction: nothing is sent for rules and chains that aren't
 * there. To be asked before it is carried out.
 */
export function changesAnything(net: NetNamespace, command: Command): boolean {
  const { table, chain } = find(net, command);
  switch (command.name) {
    case 'check':
    case 'list':
    case 'list-rules':
      return false;
    case 'flush':
      return (command.chain === undefined ? (table?.chains() ?? []) : chain ? [chain] : []).some(({ rules }) => rules.length > 0);
    case 'zero':
      return command.chain === undefined ? (table?.chains().some(({ active }) => active) ?? false) : chain !== undefined;
    case 'delete-chain':
      return chain !== undefined || (command.chain === undefined && (table?.chains().some(isIdle) ?? false));
    default:
      return true;
  }
}

/** What `-X` takes away: chains that say nothing. */
function isIdle(chain: Chain): boolean {
  return chain.active && chain.rules.length === 0 && (chain.hook === undefined || chain.policy === 'ACCEPT');
}

/** Whether the kernel may say no when the command has begun to change things. */
function canBeRefused({ name, rule }: Command): boolean {
  return (name === 'append' || name === 'insert' || name === 'replace') && rulesOf(rule).some(needsValidation);
}

function change(net: NetNamespace, command: Command, transaction: Transaction | undefined): Failure | undefined {
  switch (command.name) {
    case 'append':
    case 'insert':
      return add(net, command, transaction);
    case 'replace':
      return replace(net, command, transaction);
    case 'delete':
    case 'check':
      return deleteMatching(net, command);
    case 'delete-number': {
      const { table, chain } = find(net, command);
      if (!table || !chain) return failure('refused', NO_CHAIN);
      if (command.number > chain.rules.length) return failure('refused', 'Index of deletion too big.');
      table.remove(chain, command.number - 1);
      return undefined;
    }
    case 'flush':
      return flush(net, command);
    case 'zero':
      return zero(net, command);
    case 'new-chain': {
      // A chain without a name isn't made, and nobody says so.
      if (command.chain === '') return undefined;
      const made = net.netfilter.makeTable(command.family, command.table as TableName).newChain(command.chain as string);
      if (typeof made === 'string') return failure('refused', CHAIN_EXISTS);
      made.exclusive = true;
      return undefined;
    }
    case 'delete-chain':
      return deleteChain(net, command);
    case 'rename-chain': {
      const { table, chain } = find(net, command);
      if (table?.chain(command.newName)) return failure('refused', 'File exists.');
      if (!table || !chain) return failure('refused', NO_CHAIN);
      if (chain.hook !== undefined) return failure('unmodelled', 'renaming a built-in chain');
      table.renameChain(chain, command.newName);
      return undefined;
    }
    case 'policy':
      return setPolicy(net, command);
    default:
      return undefined;
  }
}

/** The table and chain that a command names; what nobody has used yet is not there. */
function find(net: NetNamespace, command: Command): { table: Table | undefined; chain: Chain | undefined } {
  const table = net.netfilter.table(command.family, command.table as TableName);
  const chain = command.chain === undefined ? undefined : table?.chain(command.chain);
  return { table, chain: chain?.active ? chain : undefined };
}

/** As `find`, but a built-in chain comes to life. */
function findOrMake(net: NetNamespace, command: Command): { table: Table; chain: Chain } | Failure {
  const name = command.table as TableName;
  if (isBuiltIn(name, command.chain)) {
    const table = net.netfilter.makeTable(command.family, name);
    const chain = table.chain(command.chain as string) as Chain;
    net.netfilter.activate(table, chain);
    return { table, chain };
  }
  const { table, chain } = find(net, command);
  return table && chain ? { table, chain } : failure('refused', NO_CHAIN);
}

function isBuiltIn(table: TableName, chain: string | undefined): boolean {
  return chain !== undefined && (TABLES[table].hooks as readonly string[]).includes(chain);
}

const VERBS = { append: 'RULE_APPEND', insert: 'RULE_INSERT', replace: 'RULE_REPLACE' } as const;

/** What the kernel says to a command of nf_tables that it refuses. */
export function kernelRefusal(verb: string, errno: string, chain: string): Failure {
  const text = errno === 'EOPNOTSUPP' ? 'Operation not supported' : strerror(errno as 'EINVAL');
  return failure('kernel', `${verb} failed (${text}): rule in chain ${chain}`);
}

function add(net: NetNamespace, command: Command, transaction: Transaction | undefined): Failure | undefined {
  const missing = missingChain(net, command);
  if (missing && !transaction) return missing;
  const found = findOrMake(net, command);
  if ('message' in found) return found;
  const { table, chain } = found;
  const append = command.name === 'append';
  if (!append && command.number - 1 > chain.rules.length) return failure('refused', 'Index of insertion too big.');
  const added = rulesOf(command.rule);
  const verb = VERBS[append ? 'append' : 'insert'];
  for (const rule of added) {
    rule.inserted = !append;
    // Each is inserted at the same place, so the last address comes first.
    table.insert(chain, rule, append ? chain.rules.length : command.number - 1);
    note(rule, chain, verb, transaction);
  }
  if (transaction) return undefined;
  const invalid = added.some(needsValidation) ? validate(table) : undefined;
  return invalid && kernelRefusal(verb, invalid.errno, chain.name);
}

function note(rule: Rule, chain: Chain, verb: string, transaction: Transaction | undefined): void {
  if (!transaction) return;
  transaction.added.set(rule, { chain: chain.name, line: transaction.line, verb });
  if (rule.action.kind === 'chain' && !rule.action.chain) transaction.unresolved.push(rule);
}

/** Plain rules with verdicts fit anywhere. */
function needsValidation({ action, matches }: Rule): boolean {
  if (action.kind === 'chain') return true;
  if (action.kind === 'extension' && action.target.extension.check) return true;
  return matches.some((match) => match.extension.check !== undefined);
}

function missingChain(net: NetNamespace, command: Command): Failure | undefined {
  const { action } = command.rule;
  if (action.kind !== 'chain') return undefined;
  const name = command.table as TableName;
  if (isBuiltIn(name, action.name)) return undefined;
  const there = net.netfilter.table(command.family, name)?.chain(action.name);
  return there ? undefined : failure('parameter', `Chain '${action.name}' does not exist`);
}

function replace(net: NetNamespace, command: Command, transaction: Transaction | undefined): Failure | undefined {
  const missing = missingChain(net, command);
  if (missing && !transaction) return missing;
  const { table, chain } = find(net, command);
  if (!table || !chain) return failure('refused', NO_CHAIN);
  if (!chain.rules[command.number - 1]) return failure('refused', 'Index of replacement too big.');
  const [rule] = rulesOf(command.rule) as [Rule];
  // It takes over the number of the one whose place it takes.
  rule.handle = chain.rules[command.number - 1]?.handle ?? 0;
  table.remove(chain, command.number - 1);
  table.insert(chain, rule, command.number - 1);
  note(rule, chain, VERBS.replace, transaction);
  const invalid = transaction ? undefined : validate(table);
  return invalid && kernelRefusal(VERBS.replace, invalid.errno, chain.name);
}

/** Finds the first rule that says the same, and takes it out unless it is only checked for. */
function deleteMatching(net: NetNamespace, command: Command): Failure | undefined {
  const missing = missingChain(net, command);
  if (missing) return missing;
  const { table, chain } = find(net, command);
  if (!table || !chain) return failure('refused', BAD_RULE);
  for (const rule of rulesOf(command.rule)) {
    const at = findRule(chain, rule);
    if (at < 0) return failure('refused', BAD_RULE);
    if (command.name === 'delete') table.remove(chain, at);
  }
  return undefined;
}

/** Where a rule stands that is written the same, or -1. */
export function findRule(chain: Chain, wanted: Rule): number {
  const text = saveRule(wanted);
  return chain.rules.findIndex(
    (rule) =>
      rule.source === wanted.source &&
      rule.destination === wanted.destination &&
      rule.protocol === wanted.protocol &&
      rule.input === wanted.input &&
      rule.output === wanted.output &&
      saveRule(rule) === text,
  );
}

function flush(net: NetNamespace, command: Command): Failure | undefined {
  if (command.chain === undefined) {
    const table = net.netfilter.table(command.family, command.table as TableName);
    for (const chain of table?.chains() ?? []) table?.flush(chain);
    return undefined;
  }
  const found = findOrMake(net, command);
  if ('message' in found) return found;
  found.table.flush(found.chain);
  return undefined;
}

function zero(net: NetNamespace, command: Command): Failure | undefined {
  if (command.chain === undefined) {
    for (const chain of net.netfilter.table(command.family, command.table as TableName)?.chains() ?? []) zeroChain(chain);
    return undefined;
  }
  const { chain } = find(net, command);
  if (!chain) return isBuiltIn(command.table as TableName, command.chain) ? undefined : failure('refused', NO_CHAIN);
  if (command.number === 0) {
    zeroChain(chain);
    return undefined;
  }
  const rule = chain.rules[command.number - 1];
  if (!rule) return failure('refused', BAD_RULE);
  rule.packets = 0;
  rule.bytes = 0;
  return undefined;
}

/** Sets a chain's counters and those of its rules to zero. */
export function zeroChain(chain: Chain): void {
  chain.zeroed++;
  chain.packets = 0;
  chain.bytes = 0;
  for (const rule of chain.rules) {
    rule.packets = 0;
    rule.bytes = 0;
  }
}

function deleteChain(net: NetNamespace, command: Command): Failure | undefined {
  const { table, chain } = find(net, command);
  const busy = (name: string) => failure('kernel', `CHAIN_DEL failed (Device or resource busy): chain ${name}`);
  if (command.chain !== undefined) {
    if (!table || !chain) return failure('refused', NO_CHAIN);
    if (chain.rules.length > 0) return busy(chain.name);
    if (chain.hook !== undefined) net.netfilter.deactivate(table, chain);
    else if (table.deleteChain(chain)) return busy(chain.name);
    return undefined;
  }
  const user = table?.chains().filter((one) => one.hook === undefined) ?? [];
  const blocked = user.find((one) => one.references > 0 || one.rules.length > 0);
  if (blocked) return busy(blocked.name);
  for (const one of user) table?.deleteChain(one);
  // Built-in chains that say nothing go as well; nobody sees the difference.
  for (const one of table?.builtin() ?? []) {
    if (one.rules.length === 0 && one.policy === 'ACCEPT') net.netfilter.deactivate(table as Table, one);
  }
  return undefined;
}

function setPolicy(net: NetNamespace, command: Command): Failure | undefined {
  if (command.policy !== 'ACCEPT' && command.policy !== 'DROP') {
    return failure(
      'refused',
      isBuiltIn(command.table as TableName, command.chain) ? "Bad policy name. Run `dmesg' for more information." : NOT_BUILT_IN,
    );
  }
  const found = findOrMake(net, command);
  if ('message' in found || found.chain.hook === undefined) return failure('refused', NOT_BUILT_IN);
  found.chain.policyGiven = true;
  found.chain.policy = command.policy;
  const { counters } = command.rule;
  if (counters) Object.assign(found.chain, counters);
  return undefined;
}
