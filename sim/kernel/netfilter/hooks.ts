import { TraceKind } from '../../base/trace.ts';
import type { NetDevice } from '../dev/device.ts';
import { type DropReason, drop } from '../drop.ts';
import type { NetNamespace } from '../netns.ts';
import type { Skb } from '../skb.ts';

/** The five places where packets of a family can be looked at (include/uapi/linux/netfilter.h). */
export const HOOK = { PREROUTING: 0, INPUT: 1, FORWARD: 2, OUTPUT: 3, POSTROUTING: 4 } as const;
export type HookName = keyof typeof HOOK;

const HOOK_NAMES = Object.keys(HOOK) as HookName[];

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
  /** The one of them that the trace names: its `uid`, 0 if there is none. */
  device: number;
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

/** What stands at one hook of one family. */
interface Place {
  readonly hook: HookName;
  readonly priorities: number[];
  functions: HookFunction[];
  /** The number of the hook's name in the trace, once it was there. */
  textIndex: number;
}

/** By `placeOf`: IPv4's hooks, then IPv6's. */
const noPlaces = (): Place[] => [...HOOK_NAMES, ...HOOK_NAMES].map((hook) => ({ hook, priorities: [], functions: [], textIndex: 0 }));

/** Compares rather than looks up: it is asked for every packet at every hook. */
function placeOf(family: Family, hook: HookName): number {
  const first = family === 4 ? 0 : 5;
  if (hook === 'PREROUTING') return first;
  if (hook === 'FORWARD') return first + 2;
  if (hook === 'POSTROUTING') return first + 4;
  return hook === 'INPUT' ? first + 1 : first + 3;
}

/** The hooks of one namespace (net/netfilter/core.c): functions by family and hook, in ascending priority. */
export class Hooks {
  readonly #net: NetNamespace;
  #places: Place[] | undefined;
  #count = 0;
  /** States to reuse: one for each packet that is inside a hook, since a hook function may send a packet itself. */
  readonly #states: HookState[] = [];
  #depth = 0;

  constructor(net: NetNamespace) {
    this.#net = net;
  }

  /** @param priority one of `PRIORITY`; of functions of equal priority the newest runs first (nf_hook_entries_grow) */
  register(family: Family, hook: HookName, priority: number, run: HookFunction): void {
    this.#places ??= noPlaces();
    const place = this.#places[placeOf(family, hook)] as Place;
    const behind = place.priorities.findIndex((other) => other >= priority);
    const at = behind < 0 ? place.priorities.length : behind;
    place.priorities.splice(at, 0, priority);
    // A new array: the old one may be being run through.
    place.functions = place.functions.toSpliced(at, 0, run);
    this.#count++;
  }

  /** Takes a function away from all hooks of a family. */
  unregister(run: HookFunction, family: Family): void {
    for (const hook of HOOK_NAMES) {
      const place = this.#places?.[placeOf(family, hook)];
      for (let at = place?.functions.indexOf(run) ?? -1; place && at >= 0; at = place.functions.indexOf(run)) {
        place.priorities.splice(at, 1);
        place.functions = place.functions.toSpliced(at, 1);
        this.#count--;
      }
    }
  }

  /** Whether anything looks at packets at all. */
  get active(): boolean {
    return this.#count > 0;
  }

  /** Runs a hook's functions (nf_hook_slow). Returns false when the packet must not go on; then it has been ended. */
  run(family: Family, hook: HookName, skb: Skb, input: NetDevice | undefined, output: NetDevice | undefined): boolean {
    const place = this.#places?.[placeOf(family, hook)];
    if (place === undefined || place.functions.length === 0) return true;
    const { functions } = place;
    const net = this.#net;
    const { trace } = net.kernel;
    const state = this.#enter(family, hook, input, output);
    if (trace.enabled) {
      if (place.textIndex === 0) place.textIndex = trace.textIndex(hook);
      trace.emitText(TraceKind.Hook, state.device, net.uid, skb.packet, family, place.textIndex);
    }
    let accepted = true;
    for (let i = 0; i < functions.length; i++) {
      const verdict = (functions[i] as HookFunction)(skb, state);
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
        device: 0,
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
    state.device = (output ?? input)?.uid ?? 0;
    state.reason = 'NETFILTER_DROP';
    return state;
  }
}
