import type { NetNamespace } from '../../kernel/netns.ts';
import { isTableName, type Table, type TableName } from '../../kernel/netfilter/tables/table.ts';
import { validate } from '../../kernel/netfilter/tables/validate.ts';
import type { Command } from './command.ts';
import { execute, kernelRefusal, type Transaction } from './execute.ts';
import { CHAIN_EXISTS, type Failure, failure, isFailure } from './failure.ts';
import { type Lookup, NO_NAMES } from './lookup.ts';
import { parseCommand } from './parse.ts';
import { splitWords } from './words.ts';

/** How iptables-restore is to go about it. */
export interface RestoreSettings {
  family?: 4 | 6;
  /** Leave what is there (-n). */
  noflush?: boolean;
  /** Set counters as the text says (-c). */
  counters?: boolean;
  /** Only look whether it could be done (-t). */
  test?: boolean;
  /** Take this table alone (-T). */
  table?: string;
  lookup?: Lookup;
  /** The process that it is for. */
  by?: { pid: number; name: string };
  /** Called before a table is emptied. */
  onClear?(table: Table): void;
  /** Called with what the lines would print on standard output (-v, -L and so on). */
  onCommand?(command: Command): void;
  onComment?(text: string): void;
}

/** What came of it. On failure the table of that line is as it was; those committed before stay. */
export type Restored = { ok: true } | ({ ok: false; line: number } & Failure);

/** A line that waits for its COMMIT. */
type Queued = { line: number } & (
  | { kind: 'command'; command: Command }
  | { kind: 'chain'; name: string; policy: string; counters: { packets: number; bytes: number } | undefined }
);

/** Takes the text line by line, for those that must pause in between. */
export class Restorer {
  readonly #net: NetNamespace;
  readonly #settings: RestoreSettings;
  readonly #family: 4 | 6;
  #line = 0;
  #table: TableName | undefined;
  #skipping = false;
  #queue: Queued[] = [];

  constructor(net: NetNamespace, settings: RestoreSettings = {}) {
    this.#net = net;
    this.#settings = settings;
    this.#family = settings.family ?? 4;
  }

  /** @param text one line, without its newline */
  line(text: string): (Failure & { line: number }) | undefined {
    this.#line++;
    const failed = this.#take(text);
    return failed && { line: this.#line, ...failed };
  }

  /** To be called at the end of the text. */
  end(): (Failure & { line: number }) | undefined {
    if (this.#table === undefined && !this.#skipping) return undefined;
    return { line: this.#line + 1, ...failure('refused', `COMMIT expected at line ${this.#line + 1}`) };
  }

  #take(text: string): (Failure & { line?: number }) | undefined {
    if (text === '') return undefined;
    if (text.startsWith('#')) {
      this.#settings.onComment?.(text);
      return undefined;
    }
    if (this.#table === undefined && !this.#skipping) return this.#begin(text);
    if (text === 'COMMIT') {
      if (this.#skipping) {
        this.#skipping = false;
        return undefined;
      }
      const failed = this.#commit();
      this.#table = undefined;
      this.#queue = [];
      return failed;
    }
    if (this.#skipping) return undefined;
    return text.startsWith(':') ? this.#chainLine(text) : this.#commandLine(text);
  }

  #begin(text: string): Failure | undefined {
    if (!text.startsWith('*')) return failure('refused', '');
    const name = text.slice(1).trim().split(/\s/)[0] ?? '';
    if (!isTableName(name)) return failure('parameter', `${this.#program}: line ${this.#line} table name '${name}' invalid`);
    if (this.#settings.table !== undefined && this.#settings.table !== name) {
      this.#skipping = true;
      return undefined;
    }
    this.#table = name;
    return undefined;
  }

  get #program(): string {
    return this.#family === 4 ? 'iptables-restore' : 'ip6tables-restore';
  }

  #chainLine(text: string): Failure | undefined {
    const [name = '', policy, counters] = text.slice(1).split(/[ \t]+/);
    if (name.length >= 29) return failure('parameter', `chain name \`${name}' too long (must be under 29 chars)`);
    if (name === '') return failure('parameter', `${this.#program}: line ${this.#line} chain name invalid`);
    if (policy === undefined || policy === '') return failure('parameter', `${this.#program}: line ${this.#line} policy invalid`);
    let counted: { packets: number; bytes: number } | undefined;
    if (policy !== '-' && counters !== undefined) {
      const match = /^\[(\d+):(\d+)\]/.exec(counters);
      if (!match) return failure('parameter', `invalid policy counters for chain '${name}'`);
      if (this.#settings.counters) counted = { packets: Number(match[1]), bytes: Number(match[2]) };
    }
    this.#queue.push({ kind: 'chain', line: this.#line, name, policy, counters: counted });
    return undefined;
  }

  #commandLine(text: string): Failure | undefined {
    let rest = text;
    let counters: { packets: number; bytes: number } | undefined;
    if (text.startsWith('[')) {
      const match = /^\[(\d+):(\d+)\]/.exec(text);
      if (!match) return failure('parameter', `Bad line ${this.#line}: need ]`);
      rest = text.slice(match[0].length);
      if (this.#settings.counters) counters = { packets: Number(match[1]), bytes: Number(match[2]) };
    }
    const { sets } = this.#net.netfilter;
    const command = parseCommand(splitWords(rest), {
      family: this.#family,
      lookup: this.#settings.lookup ?? NO_NAMES,
      table: this.#table as string,
      setFamily: (name) => sets.family(name),
    });
    if ('ignored' in command || 'show' in command) return undefined;
    if (isFailure(command)) return command;
    if (counters) command.rule.counters ??= counters;
    this.#queue.push({ kind: 'command', line: this.#line, command });
    return undefined;
  }

  #commit(): (Failure & { line?: number }) | undefined {
    // A test reads and understands the lines, no more.
    if (this.#settings.test) return undefined;
    const { netfilter } = this.#net;
    const name = this.#table as TableName;
    const family = this.#family;
    const restore = netfilter.snapshot(family, name);
    const table = netfilter.makeTable(family, name);
    const transaction: Transaction = { unresolved: [], added: new Map(), line: 0 };
    const failed = this.#apply(table, transaction);
    if (failed) restore();
    netfilter.rulesChanged(family);
    if (!failed && !this.#settings.test) netfilter.committed(this.#settings.by ?? { pid: 1, name: this.#program });
    return failed;
  }

  #apply(table: Table, transaction: Transaction): (Failure & { line?: number }) | undefined {
    if (!this.#settings.noflush) {
      this.#settings.onClear?.(table);
      const anew = table.exists;
      clear(this.#net, table);
      if (anew) this.#net.netfilter.renewTable(table);
    }
    const policies = new Map(table.builtin().map((chain) => [chain, chain.policy]));
    for (const queued of this.#queue) {
      transaction.line = queued.line;
      const failed = queued.kind === 'chain' ? applyChain(this.#net, table, queued) : execute(this.#net, queued.command, transaction);
      if (queued.kind === 'command') this.#settings.onCommand?.(queued.command);
      // To clear its counters a chain is written anew, with the policy that it had before all this.
      if (queued.kind === 'command' && queued.command.name === 'zero' && queued.command.number === 0) {
        const { chain: only } = queued.command;
        for (const [chain, policy] of policies) if (only === undefined || chain.name === only) chain.policy = policy;
      }
      // What only shows when everything is put together is blamed on COMMIT.
      if (failed) return failed.kind === 'parameter' ? failed : { ...failed, line: queued.line };
    }
    for (const rule of transaction.unresolved) {
      if (!table.resolve(rule)) return failure('parameter', `Chain '${(rule.action as { name: string }).name}' does not exist`);
    }
    const invalid = validate(table);
    if (!invalid) return undefined;
    const culprit = transaction.added.get(invalid.rule);
    return { ...kernelRefusal(culprit?.verb ?? 'RULE_APPEND', invalid.errno, invalid.chain.name), line: culprit?.line ?? this.#line };
  }
}

/** Empties a table: rules, user chains, policies. */
function clear({ netfilter }: NetNamespace, table: Table): void {
  for (const chain of table.chains()) table.flush(chain);
  for (const chain of table.chains()) {
    if (chain.hook === undefined) table.deleteChain(chain);
    else netfilter.deactivate(table, chain);
  }
}

/** `:CHAIN POLICY`: sets a built-in chain's policy; makes a user chain, or empties it. */
function applyChain(
  net: NetNamespace,
  table: Table,
  queued: { name: string; policy: string; counters: { packets: number; bytes: number } | undefined },
): Failure | undefined {
  const { name, policy, counters } = queued;
  const chain = table.chain(name);
  if (chain?.hook !== undefined) {
    if (policy !== '-' && policy !== 'ACCEPT' && policy !== 'DROP') return failure('refused', 'Bad policy name.');
    net.netfilter.activate(table, chain);
    chain.policyGiven = true;
    if (policy !== '-') chain.policy = policy;
    if (counters) Object.assign(chain, counters);
    return undefined;
  }
  if (chain) {
    table.flush(chain);
    return undefined;
  }
  const made = table.newChain(name);
  if (typeof made === 'string') return failure('refused', CHAIN_EXISTS);
  made.exclusive = true;
  return undefined;
}

/** Carries out a whole text of iptables-restore. */
export function restore(net: NetNamespace, text: string, settings: RestoreSettings = {}): Restored {
  const restorer = new Restorer(net, settings);
  let start = 0;
  while (start < text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const failed = restorer.line(text.slice(start, end));
    if (failed) return { ok: false, ...failed };
    start = end + 1;
  }
  const failed = restorer.end();
  return failed ? { ok: false, ...failed } : { ok: true };
}
