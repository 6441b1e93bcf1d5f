import type { IP } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import { TraceKind } from '../../base/trace.ts';
import { bridgeNetfilter } from './bridge.ts';
import type { NetDevice } from '../dev/device.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';
import { integer, type Sysctl } from '../sysctl.ts';
import { Conntrack } from './conntrack/conntrack.ts';
import { conntrackSysctls } from './conntrack/settings.ts';
import { type Family, type HookFunction, type HookName, Hooks, type HookState, PRIORITY } from './hooks.ts';
import { Nat } from './nat/nat.ts';
import { Ipvs } from './ipvs/ipvs.ts';
import { vsSysctls } from './ipvs/settings.ts';
import { IpSets } from './ipset/sets.ts';
import { NetfilterGroups } from './groups.ts';
import type { Match } from './match/match.ts';
import { Nftables } from './nftables/nftables.ts';
import type { Chain } from './tables/chain.ts';
import { evaluate } from './tables/evaluate.ts';
import type { Rule } from './tables/rule.ts';
import { priorityOf, Table, type TableName, TABLE_NAMES } from './tables/table.ts';

/** The parameters of br_netfilter (/proc/sys/net/bridge). */
const bridgeDefaults = () => ({
  'bridge-nf-call-arptables': 1,
  'bridge-nf-call-ip6tables': 1,
  'bridge-nf-call-iptables': 1,
  'bridge-nf-filter-pppoe-tagged': 0,
  'bridge-nf-filter-vlan-tagged': 0,
  'bridge-nf-pass-vlan-input-dev': 0,
});

/**
 * Netfilter of one namespace: hooks, tables, connection tracking and NAT. All of it is made on first use, and tracking has hooks
 * only while a rule needs it, so a namespace without rules pays nothing.
 */
export class Netfilter {
  readonly net: NetNamespace;
  readonly hooks: Hooks;
  readonly bridgeSettings = bridgeDefaults();
  readonly #tables = new Map<string, Table>();
  /** Who hears of packets and of rules. */
  #groups: NetfilterGroups | undefined;
  /** How often rules have been changed. */
  generation = 1;
  #conntrack: Conntrack | undefined;
  #nat: Nat | undefined;
  #nftables: Nftables | undefined;
  /** The number of the newest table. */
  lastTableHandle = 0;
  readonly #tracking = new Set<Family>();
  #sysctls: Map<string, Sysctl> | undefined;
  #bridged = false;
  #random: Random | undefined;
  #sets: IpSets | undefined;
  #ipvs: Ipvs | undefined;

  constructor(net: NetNamespace) {
    this.net = net;
    this.hooks = new Hooks(net);
  }

  /** Whether anything looks at packets at all; the fast path asks before it prepares anything. */
  get active(): boolean {
    return this.hooks.active;
  }

  /** Passes a packet through a hook. Returns false when it must not go on; then it has been ended. */
  pass(family: Family, hook: HookName, skb: Skb, input: NetDevice | undefined, output: NetDevice | undefined): boolean {
    if (!this.hooks.active) return true;
    // A bridge took it through PREROUTING already (ip_sabotage_in).
    if (hook === 'PREROUTING' && skb.bridged !== undefined) return true;
    return this.hooks.run(family, hook, skb, input, output);
  }

  /** Whom netfilter tells things. */
  get groups(): NetfilterGroups {
    this.#groups ??= new NetfilterGroups();
    return this.#groups;
  }

  /** Connection tracking, made when first asked for. */
  get conntrack(): Conntrack {
    this.#conntrack ??= new Conntrack(this.net);
    return this.#conntrack;
  }

  /** What rules that leave something to chance draw from. */
  get random(): Random {
    this.#random ??= this.net.kernel.random(`netfilter/${this.net.uid}`);
    return this.#random;
  }

  /** The namespace's ipsets. */
  get sets(): IpSets {
    this.#sets ??= new IpSets(this.net);
    return this.#sets;
  }

  /** Whether the load balancer has been used. */
  get balances(): boolean {
    return this.#ipvs !== undefined;
  }

  /** The load balancer. */
  get ipvs(): Ipvs {
    this.#ipvs ??= new Ipvs(this.net);
    return this.#ipvs;
  }

  get nat(): Nat {
    this.#nat ??= new Nat(this.net);
    return this.#nat;
  }

  /** The matches of one kind in all rules. */
  *matchesOf(extension: string): Generator<Match> {
    for (const rule of this.rules()) for (const match of rule.matches) if (match.extension.name === extension) yield match;
  }

  /** Every rule of some families. */
  *rules(families: readonly Family[] = [4, 6]): Generator<Rule> {
    for (const family of families) for (const table of this.tables(family)) for (const chain of table.chains()) yield* chain.rules;
  }

  /** A number for a table that comes to be now. */
  takeTableHandle(): number {
    return ++this.lastTableHandle;
  }

  /** The tables of nft, made when first asked for. */
  get nftables(): Nftables {
    this.#nftables ??= new Nftables(this.net, {
      register: (family, chain, run) => {
        const { type, hook, priority } = chain.base as NonNullable<typeof chain.base>;
        if (type === 'nat') this.nat.register(family, hook, priority, run);
        else this.hooks.register(family, hook, priority, type === 'route' ? reroutes(run) : run);
        this.#seeBridged();
      },
      unregister: (family, chain, run) => {
        if (chain.base?.type === 'nat') this.nat.unregister(family, run);
        else this.hooks.unregister(run, family);
      },
      changed: () => {
        this.rulesChanged(4);
        this.rulesChanged(6);
      },
    });
    return this.#nftables;
  }

  /** Whether nft has made any table. */
  get hasNftables(): boolean {
    return (this.#nftables?.tables.size ?? 0) > 0;
  }

  table(family: Family, name: TableName): Table | undefined {
    return this.#tables.get(`${family}${name}`);
  }

  /** A family's tables, those whose chains are gone too, in the order in which they are listed. */
  tables(family: Family): Table[] {
    return TABLE_NAMES.map((name) => this.table(family, name)).filter((table) => table?.exists === true) as Table[];
  }

  /** A family's tables, those whose chains are all gone too. */
  tablesMade(family: Family): Table[] {
    return TABLE_NAMES.map((name) => this.table(family, name)).filter((table) => table !== undefined);
  }

  /** Makes a table, emptied before, a new one: numbers begin again (as iptables-restore deletes and adds it). */
  renewTable(table: Table): void {
    table.renew(this.takeTableHandle());
  }

  /** A table, made when it is first used; its built-in chains come to life one by one. */
  makeTable(family: Family, name: TableName): Table {
    let table = this.table(family, name);
    if (!table) {
      table = new Table(name, family);
      table.handle = this.takeTableHandle();
      this.#tables.set(`${family}${name}`, table);
    }
    return table;
  }

  /** Puts a built-in chain at its hook. */
  activate(table: Table, chain: Chain): void {
    if (chain.active) return;
    chain.active = true;
    chain.handle = table.takeHandle();
    if (table.name === 'nat') {
      // The first chain brings the translation at all four hooks (nf_nat_register_fn).
      for (const each of table.builtin()) this.#register(table, each);
    } else this.#register(table, chain);
    this.#seeBridged();
  }

  /** From the first base chain on, bridged packets pass the hooks too. */
  #seeBridged(): void {
    if (this.#bridged) return;
    this.#bridged = true;
    this.net.bridgeHooks.push(bridgeNetfilter);
  }

  /** Takes a built-in chain from its hook. */
  deactivate(table: Table, chain: Chain): void {
    if (!chain.active || chain.hook === undefined) return;
    chain.active = false;
    Object.assign(chain, { policy: 'ACCEPT', policyGiven: false, packets: 0, bytes: 0 });
    if (table.name !== 'nat') this.#unregister(table, chain);
    else if (!table.builtin().some((each) => each.active)) for (const each of table.builtin()) this.#unregister(table, each);
  }

  #register(table: Table, chain: Chain): void {
    if (table.hookFunctions.has(chain)) return;
    const hook = chain.hook as HookName;
    let run: HookFunction = (skb, state) => evaluate(chain, skb, state);
    if (table.name === 'nat') {
      run = (skb, state) => (chain.active ? evaluate(chain, skb, state) : 'accept');
      table.hookFunctions.set(chain, run);
      this.nat.register(table.family, hook, priorityOf(table.name, hook), run);
      return;
    }
    if (table.name === 'mangle' && hook === 'OUTPUT') run = reroutes(run);
    table.hookFunctions.set(chain, run);
    this.hooks.register(table.family, hook, priorityOf(table.name, hook), run);
  }

  #unregister(table: Table, chain: Chain): void {
    const run = table.hookFunctions.get(chain);
    if (run && table.name === 'nat') this.nat.unregister(table.family, run);
    else if (run) this.hooks.unregister(run, table.family);
    table.hookFunctions.delete(chain);
  }

  /** Remembers a table, or that there is none; calling the result brings that back. */
  snapshot(family: Family, name: TableName): () => void {
    const table = this.table(family, name);
    if (!table) return () => this.#forget(family, name);
    const active = new Set(table.builtin().filter((chain) => chain.active));
    const restore = table.snapshot();
    return () => {
      for (const chain of table.builtin()) {
        if (active.has(chain)) this.activate(table, chain);
        else this.deactivate(table, chain);
      }
      restore();
    };
  }

  /** To be called at the end of each transaction that has changed rules, those of iptables and those of nft. */
  committed(by: { pid: number; name: string }): void {
    this.generation++;
    if (this.#groups?.ruleset.heard) this.#groups.ruleset.tell({ number: this.generation, pid: by.pid, name: by.name });
  }

  /** Takes a table away with all its rules. */
  removeTable(family: Family, name: TableName): void {
    this.#forget(family, name);
    this.rulesChanged(family);
  }

  #forget(family: Family, name: TableName): void {
    const table = this.table(family, name);
    for (const chain of table?.builtin() ?? []) this.deactivate(table as Table, chain);
    this.#tables.delete(`${family}${name}`);
  }

  /** To be called after a table's rules changed: tracking starts with the first rule that needs it and stops with the last. */
  rulesChanged(family: Family): void {
    const tables = this.tables(family);
    const needed = tables.some((table) => table.conntrackRules > 0) || this.#nftables?.tracking.has(family) === true;
    for (const table of tables) {
      if (table.accounting) this.conntrack.settings.nf_conntrack_acct = 1;
      table.accounting = false;
    }
    if (needed === this.#tracking.has(family)) return;
    const { conntrack, hooks } = this;
    if (needed) {
      this.#tracking.add(family);
      for (const hook of ['PREROUTING', 'OUTPUT'] as const) {
        if (family === 4) hooks.register(family, hook, PRIORITY.defragment, conntrack.defragment);
        hooks.register(family, hook, PRIORITY.conntrack, conntrack.track);
      }
      for (const hook of ['INPUT', 'POSTROUTING'] as const) hooks.register(family, hook, PRIORITY.confirm, conntrack.confirm);
    } else {
      this.#tracking.delete(family);
      if (family === 4) hooks.unregister(conntrack.defragment, family);
      hooks.unregister(conntrack.track, family);
      hooks.unregister(conntrack.confirm, family);
    }
  }

  /** What a device's end means for addresses that were taken from it (masq_device_event). */
  deviceDown(device: NetDevice): void {
    if (this.#conntrack && this.#conntrack.table.size > 0) this.#conntrack.forgetMasqueraded(device);
  }

  /** What the loss of an address means for connections that hide behind it (masq_inet_event). */
  addressRemoved(device: NetDevice, address: IP): void {
    if (this.#conntrack && this.#conntrack.table.size > 0) this.#conntrack.forgetMasqueraded(device, address);
  }

  /** The files of /proc/sys/net/netfilter, /proc/sys/net/ipv4/vs and /proc/sys/net/bridge. */
  sysctls(directory: string): ReadonlyMap<string, Sysctl> | undefined {
    if (directory === 'netfilter') {
      const machine = this.net.initial ? undefined : this.net.kernel.init.netfilter.conntrack.settings;
      this.#sysctls ??= conntrackSysctls(this.conntrack.settings, () => this.conntrack.table.count, machine);
      return this.#sysctls;
    }
    if (directory === 'netfilter/nf_log') return this.groups.sysctls();
    if (directory === 'vs') return vsSysctls(this.ipvs.settings);
    if (directory !== 'bridge') return undefined;
    const names = Object.keys(this.bridgeSettings) as (keyof typeof this.bridgeSettings)[];
    return new Map(names.map((name) => [name, integer(this.bridgeSettings, name, { min: 0 })]));
  }

  /** Leaves a rewrite in the trace. */
  traceRewrite(skb: Skb, { device }: HookState, text: string): void {
    const { trace } = this.net.kernel;
    if (trace.enabled) trace.emit(TraceKind.Rewrite, device, this.net.uid, skb.packet, 0, text);
  }
}

/** mangle's OUTPUT: a new mark or TOS may mean another route (ipt_mangle_out, ip_route_me_harder). */
function reroutes(run: HookFunction): HookFunction {
  return (skb, state) => {
    const { mark } = skb;
    const tos = skb.bytes[skb.network + 1];
    const verdict = run(skb, state);
    if (verdict === 'accept' && (skb.mark !== mark || skb.bytes[skb.network + 1] !== tos)) skb.route = undefined;
    return verdict;
  };
}
