import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import { drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** The five places where packets of a family can be looked at (include/uapi/linux/netfilter.h). */
export const HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
export type HookName = keyof typeof HOOK;

/** What a hook function decides. `stolen`: it keeps the packet. */
export type Verdict = 'accept' | 'drop' | 'stolen';

export interface HookState {
  hook: HookName;
  family: 4 | 6;
  net: NetNamespace;
  input: NetDevice | undefined;
  output: NetDevice | undefined;
}

export type HookFunction = (skb: Skb, state: HookState) => Verdict;

interface Registered {
  priority: number;
  run: HookFunction;
}

/** A namespace's hooks (net/netfilter/core.c): functions by family and hook, in ascending priority. */
export class Netfilter {
  readonly #net: NetNamespace;
  readonly #hooks = new Map<string, Registered[]>();

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  /** @param priority NF_IP_PRI_*: -300 raw, -200 conntrack, -150 mangle, -100 DNAT, 0 filter, 50 security, 100 SNAT */
  register(family: 4 | 6, hook: HookName, priority: number, run: HookFunction): void {
    const key = `${family}${hook}`;
    const list = this.#hooks.get(key) ?? [];
    list.push({ priority, run });
    list.sort((a, b) => a.priority - b.priority);
    this.#hooks.set(key, list);
  }

  unregister(run: HookFunction): void {
    for (const [key, list] of this.#hooks) {
      const rest = list.filter((entry) => entry.run !== run);
      if (rest.length > 0) this.#hooks.set(key, rest);
      else this.#hooks.delete(key);
    }
  }

  /** Whether anything looks at packets at all; the fast path asks before it builds a state. */
  get active(): boolean {
    return this.#hooks.size > 0;
  }

  /** Runs a hook's functions (nf_hook_slow). Returns false when the packet must not go on. */
  pass(family: 4 | 6, hook: HookName, skb: Skb, input: NetDevice | undefined, output: NetDevice | undefined): boolean {
    if (this.#hooks.size === 0) return true;
    const list = this.#hooks.get(`${family}${hook}`);
    if (!list) return true;
    const net = this.#net;
    net.kernel.trace.emit(TraceKind.Hook, (output ?? input)?.uid ?? 0, net.uid, skb.packet, family, hook);
    const state: HookState = { hook, family, net, input, output };
    for (const { run } of list) {
      const verdict = run(skb, state);
      if (verdict === 'accept') continue;
      if (verdict === 'drop') drop(net, skb, 'NETFILTER_DROP');
      return false;
    }
    return true;
  }
}
