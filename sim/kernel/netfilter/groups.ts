import type { Skb } from '../skb.ts';
import type { Sysctl } from '../sysctl.ts';
import type { HookState } from './hooks.ts';
import type { TraceMessage } from './packet-trace.ts';

/** Those who have joined a multicast group. Nobody has most of the time, so tellers look at `heard` before they make a message. */
export class Group<Message> {
  readonly #listeners = new Set<(message: Message) => void>();
  heard = false;

  /** @returns what ends it */
  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    this.heard = true;
    return () => {
      this.#listeners.delete(listener);
      this.heard = this.#listeners.size > 0;
    };
  }

  /** Every listener reads what it needs at once: what the message names goes on changing. */
  tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** Who has changed the rules (NFTA_GEN_PROC_PID, NFTA_GEN_PROC_NAME) and the number that the rules have since. */
export interface Generation {
  number: number;
  pid: number;
  name: string;
}

/** A packet for a log group, while it is still where the rule found it. */
export interface LoggedPacket {
  skb: Skb;
  state: HookState;
  prefix: string;
  /** Bytes of it that the rule lets through; `undefined` for as many as the reader wants. */
  size: number | undefined;
}

/** What reads one group of nfnetlink_log(struct nfulnl_instance). */
export interface LogReader {
  /** The port number of its socket, which is the process's. */
  readonly port: number;
  /** Messages that wait to be handed over. */
  readonly waiting: number;
  /** 0: nothing of the packet, 1: its metadata, 2: its bytes too. */
  readonly copyMode: number;
  readonly copyRange: number;
  /** Hundredths of a second that messages may wait. */
  readonly flushTimeout: number;
  log(packet: LoggedPacket): void;
}

/** What can log for which family of packets (`NONE` besides), by the number of the family (net/netfilter/nf_log.c). */
export const LOGGERS: readonly string[] = [
  '',
  '',
  'nf_log_ipv4',
  'nf_log_arp',
  '',
  'nf_log_netdev',
  '',
  'nf_log_bridge',
  '',
  '',
  'nf_log_ipv6',
];
export const GROUP_LOGGER = 'nfnetlink_log';

/** What netfilter says to programs in one namespace (nfnetlink): multicast groups, and the readers of log groups. */
export class NetfilterGroups {
  /** NFNLGRP_NFTRACE. */
  readonly trace = new Group<TraceMessage>();
  /** NFNLGRP_NFTABLES, told at the end of each transaction. What it changed, the listener finds out. */
  readonly ruleset = new Group<Generation>();
  /** What logs for each family where a rule does not say. */
  readonly loggers: string[] = LOGGERS.map((name) => name || 'NONE');
  /** By group number; each group has one reader. */
  readonly logs = new Map<number, LogReader>();

  /** Hands a packet to whoever reads a log group; nobody may (nfulnl_log_packet). */
  log(group: number, packet: LoggedPacket): void {
    if (this.logs.size > 0) this.logs.get(group)?.log(packet);
  }

  /** The files of /proc/sys/net/netfilter/nf_log, a family's number each (nf_log_proc_dostring). */
  sysctls(): ReadonlyMap<string, Sysctl> {
    return new Map(LOGGERS.map((own, family) => [String(family), this.#logger(own, family)]));
  }

  #logger(own: string, family: number): Sysctl {
    return {
      get: () => this.loggers[family] as string,
      set: (name) => {
        if (name !== 'NONE' && name !== GROUP_LOGGER && (name !== own || own === '')) return 'ENOENT';
        this.loggers[family] = name;
        return undefined;
      },
    };
  }
}
