import type { Generation } from '../../kernel/netfilter/groups.ts';
import type { TraceMessage } from '../../kernel/netfilter/packet-trace.ts';
import type { NetNamespace } from '../../kernel/netns.ts';
import type { Process } from '../process.ts';
import { OpenNetlinkSocket } from '../netlink/socket.ts';
import { type KnownRuleset, rulesetOf } from './ruleset.ts';
import { type RulesetEvent, rulesetEvents } from './ruleset-events.ts';

/** What nfnetlink's groups for nf_tables say. */
export type NftNotification =
  | { kind: 'change'; event: RulesetEvent }
  | { kind: 'generation'; generation: Generation }
  | { kind: 'trace'; message: TraceMessage };

/**
 * A socket that has joined NFNLGRP_NFTRACE, NFNLGRP_NFTABLES or both. What a transaction has changed is found by comparing the rules
 * with what they were, so that nobody need note changes while nobody listens.
 */
export class OpenNftMonitor extends OpenNetlinkSocket<NftNotification> {
  readonly #stops: (() => void)[] = [];
  #known: KnownRuleset;

  constructor(process: Process, net: NetNamespace, groups: { trace: boolean; ruleset: boolean }) {
    super(process);
    this.#known = groups.ruleset ? rulesetOf(net) : new Map();
    if (groups.trace) this.#stops.push(net.netfilter.groups.trace.listen((message) => this.arrive({ kind: 'trace', message })));
    if (groups.ruleset) this.#stops.push(net.netfilter.groups.ruleset.listen((generation) => this.#changed(net, generation)));
  }

  #changed(net: NetNamespace, generation: Generation): void {
    const now = rulesetOf(net);
    for (const event of rulesetEvents(this.#known, now, net.kernel.events.now)) this.arrive({ kind: 'change', event });
    this.#known = now;
    this.arrive({ kind: 'generation', generation });
  }

  protected override close(): void {
    for (const stop of this.#stops) stop();
  }
}
