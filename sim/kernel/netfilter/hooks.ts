import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import { type DropReason, drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** The five places where packets of a family can be looked at (include/uapi/linux/netfilter.h). */
export const HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
export type HookName = keyof typeof HOOK;

export type Family = 4 | 6;

/** Who comes first at a hook: ascending (enum nf_ip_hook_priorities). */
export const PRIORITY = {
  first: -(2 ** 31),
  defragment: -400,
  raw: -300,
  conntrack: -200,
  mangle: -150,
  destinationNat: -100,
  filter: 0,
  security: 50,
  sourceNat: 100,
  confirm: 2 ** 31 - 1,
} as const;

/** What a hook function decides. `stolen`: it keeps the packet, or has ended it itself. */
export type Verdict = 'accept' | 'drop' | 'stolen';

/** Where a packet is while hook functions look at it (struct nf_hook_state, struct xt_action_param). */
export interface HookState {
  hook: HookName;
  family: Family;
  net: NetNamespace;
  input: NetDevice | undefined;
  output: NetDevice | undefined;
  /** The protocol above IP, extension headers skipped. `locate` fills in this and the next two. */
  protocol: number;
  /** Where its header starts; meaningless for fragments but the first. */
  transport: number;
  /** Of a fragment, in bytes; 0 for whole packets and first fragments. */
  fragmentOffset: number;
  /** Why it was dropped, if the reason is a better one than NETFILTER_DROP. */
  reason: DropReason;
}

export type HookFunction = (skb: Skb, state: HookState) => Verdict;

interface Registered {
  priority: number;
  run: HookFunction;
}

type Lists = Record<HookName, Registered[]>;

const noLists = (): Lists => ({ PREROUTING: [], INPUT: [], FORWARD: [], OUTPUT: [], POSTROUTING: [] });

/** The hooks of one namespace (net/netfilter/core.c): functions by family and hook, in ascending priority. */
export class Hooks {
  readonly #net: NetNamespace;
  readonly #ipv4 = noLists();
  readonly #ipv6 = noLists();
  #count = 0;
  readonly #textIndexes: Partial<Record<HookName, number>> = {};
  /** States to reuse: one for each packet that is inside a hook, since a hook function may send a packet itself. */
  readonly #states: HookState[] = [];
  #depth = 0;

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  /** @param priority one of `PRIORITY`; functions of equal priority run in the order they came */
  register(family: Family, hook: HookName, priority: number, run: HookFunction): void {
    const lists = family === 4 ? this.#ipv4 : this.#ipv6;
    const list = [...lists[hook], { priority, run }];
    lists[hook] = list.sort((a, b) => a.priority - b.priority);
    this.#count++;
  }

  /** Takes a function away from all hooks of a family. */
  unregister(run: HookFunction, family: Family): void {
    const lists = family === 4 ? this.#ipv4 : this.#ipv6;
    for (const hook of Object.keys(HOOK) as HookName[]) {
      const rest = lists[hook].filter((entry) => entry.run !== run);
      this.#count -= lists[hook].length - rest.length;
      lists[hook] = rest;
    }
  }

  /** Whether anything looks at packets at all. */
  get active(): boolean {
    return this.#count > 0;
  }

  /** Runs a hook's functions (nf_hook_slow). Returns false when the packet must not go on; then it has been ended. */
  run(family: Family, hook: HookName, skb: Skb, input: NetDevice | undefined, output: NetDevice | undefined): boolean {
    const list = (family === 4 ? this.#ipv4 : this.#ipv6)[hook];
    if (list.length === 0) return true;
    const net = this.#net;
    const { trace } = net.kernel;
    if (trace.enabled) {
      this.#textIndexes[hook] ??= trace.textIndex(hook);
      trace.emitText(TraceKind.Hook, (output ?? input)?.uid ?? 0, net.uid, skb.packet, family, this.#textIndexes[hook]);
    }
    const state = this.#enter(family, hook, input, output);
    let accepted = true;
    for (let i = 0; i < list.length; i++) {
      const verdict = (list[i] as Registered).run(skb, state);
      if (verdict === 'accept') continue;
      if (verdict === 'drop') drop(net, skb, state.reason);
      accepted = false;
      break;
    }
    this.#depth--;
    return accepted;
  }

  #enter(family: Family, hook: HookName, input: NetDevice | undefined, output: NetDevice | undefined): HookState {
    const depth = this.#depth++;
    let state = this.#states[depth];
    if (!state) {
      state = {
        hook,
        family,
        net: this.#net,
        input,
        output,
        protocol: 0,
        transport: 0,
        fragmentOffset: 0,
        reason: 'NETFILTER_DROP',
      };
      this.#states[depth] = state;
    }
    state.hook = hook;
    state.family = family;
    state.input = input;
    state.output = output;
    state.reason = 'NETFILTER_DROP';
    return state;
  }
}
