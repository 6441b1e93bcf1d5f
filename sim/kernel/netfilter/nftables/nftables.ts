import { ETHERTYPE, ETHERNET_HEADER, etherType } from '../../../wire/ethernet.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import type { BridgeHookName } from '../../bridge/netfilter.ts';
import type { NetDevice } from '../../dev/device.ts';
import { drop } from '../../drop.ts';
import type { NetNamespace } from '../../netns.ts';
import type { Skb } from '../../skb.ts';
import type { Family, HookFunction, HookState } from '../hooks.ts';
import type { NftChain } from './chain.ts';
import { evaluateChain } from './evaluate.ts';
import { type NftFamily, NftTable, PACKETS_OF } from './table.ts';

/** What the tables of nf_tables need from the rest of netfilter. */
export interface HookPlaces {
  register(family: Family, chain: NftChain, run: HookFunction): void;
  unregister(family: Family, chain: NftChain, run: HookFunction): void;
  /** Rules have changed: tracking may be needed, or no more. */
  changed(): void;
}

/** The tables that nft makes in one namespace (net/netfilter/nf_tables_api.c). Those of iptables are `Netfilter.tables`. */
export class Nftables {
  readonly net: NetNamespace;
  readonly #places: HookPlaces;
  readonly tables = new Map<string, NftTable>();
  /** Base chains that are at their hooks. */
  readonly #active = new Set<NftChain>();
  #bridged: NftChain[] = [];
  /** Tables that look at connections, by the packets they see. */
  readonly tracking = new Set<Family>();

  constructor(net: NetNamespace, places: HookPlaces) {
    this.net = net;
    this.#places = places;
  }

  table(family: NftFamily, name: string): NftTable | undefined {
    return this.tables.get(`${family} ${name}`);
  }

  /** By family in the order of their numbers, then by age. */
  list(): NftTable[] {
    return [...this.tables.values()];
  }

  makeTable(family: NftFamily, name: string): NftTable {
    const table = new NftTable(family, name, this.net.netfilter.takeTableHandle());
    this.tables.set(`${family} ${name}`, table);
    return table;
  }

  /**
   * To be called when tables, chains or rules have changed: base chains go to their hooks or leave them, texts for the trace are
   * made anew, and tracking begins or ends.
   */
  commit(): void {
    const wanted = new Set<NftChain>();
    this.tracking.clear();
    for (const table of this.tables.values()) {
      for (const chain of table.chains.values()) {
        if (chain.base && !table.dormant) wanted.add(chain);
        chain.changed();
        if (chain.base?.type !== 'nat' && !chain.rules.some((rule) => rule.usesConntrack)) continue;
        for (const family of PACKETS_OF[table.family]) this.tracking.add(family);
      }
    }
    for (const chain of this.#active) if (!wanted.has(chain)) this.#leave(chain);
    for (const chain of wanted) if (!this.#active.has(chain)) this.#enter(chain);
    this.#places.changed();
  }

  #enter(chain: NftChain): void {
    this.#active.add(chain);
    chain.run = (skb, state) => evaluateChain(chain, skb, state);
    for (const family of PACKETS_OF[chain.table.family]) this.#places.register(family, chain, chain.run);
    if (chain.table.family === 'bridge') this.#bridge([...this.#bridged, chain]);
  }

  #leave(chain: NftChain): void {
    this.#active.delete(chain);
    for (const family of PACKETS_OF[chain.table.family]) this.#places.unregister(family, chain, chain.run as HookFunction);
    if (chain.table.family === 'bridge') this.#bridge(this.#bridged.filter((other) => other !== chain));
  }

  #bridge(chains: NftChain[]): void {
    const { bridgeHooks } = this.net;
    this.#bridged = chains.sort((a, b) => (a.base?.priority ?? 0) - (b.base?.priority ?? 0));
    const at = bridgeHooks.indexOf(this.#bridgeHook);
    if (at < 0 && chains.length > 0) bridgeHooks.unshift(this.#bridgeHook);
    else if (at >= 0 && chains.length === 0) bridgeHooks.splice(at, 1);
  }

  /** Takes frames through the chains of the bridge family. */
  readonly #bridgeHook = (
    hook: BridgeHookName,
    _bridge: Bridge,
    skb: Skb,
    input: NetDevice | undefined,
    output: NetDevice | undefined,
  ): boolean => {
    const { net } = this;
    const type = etherType(skb.bytes, skb.mac);
    const state: HookState = {
      hook,
      // Frames of other protocols are of no family that expressions ask for.
      family: (type === ETHERTYPE.IPv4 ? 4 : type === ETHERTYPE.IPv6 ? 6 : 0) as Family,
      net,
      input,
      output,
      device: (output ?? input)?.uid ?? 0,
      protocol: 0,
      transport: 0,
      fragmentOffset: 0,
      reason: 'NETFILTER_DROP',
    };
    skb.network = skb.mac + ETHERNET_HEADER;
    for (const chain of this.#bridged) {
      if (chain.base?.hook !== hook) continue;
      if (evaluateChain(chain, skb, state) === 'accept') continue;
      drop(net, skb, state.reason);
      return true;
    }
    return false;
  };
}
