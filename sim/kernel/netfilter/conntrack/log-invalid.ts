import type { Skb } from '../../skb.ts';
import type { HookState } from '../hooks.ts';
import { describePacket, LOG_FLAG } from '../packet-log.ts';
import type { ConntrackSettings } from './settings.ts';

/** A packet, where it is, and the parameters it is judged by. */
export interface Judged {
  readonly skb: Skb;
  readonly state: HookState;
  readonly settings: ConntrackSettings;
}

const NOTICE = 5;
/** `nf_conntrack_log_invalid` for every protocol. */
const ANY_PROTOCOL = 255;
const FLAGS = LOG_FLAG.tcpSequence | LOG_FLAG.tcpOptions | LOG_FLAG.ipOptions | LOG_FLAG.uid | LOG_FLAG.macDecode;

/**
 * A line in the kernel's log for a packet that tracking does not like, if nf_conntrack_log_invalid is its protocol or 255
 * (nf_l4proto_log_invalid); as with LOG, other namespaces than the machine's need nf_log_all_netns.
 */
export function complain({ skb, state, settings }: Judged, reason: string): void {
  const wanted = settings.nf_conntrack_log_invalid;
  if (wanted === 0) return;
  if (wanted !== state.protocol && wanted !== ANY_PROTOCOL) return;
  const { kernel } = state.net;
  if (state.net !== kernel.init && settings.nf_log_all_netns === 0) return;
  kernel.log.write(NOTICE, `nf_ct_proto_${state.protocol}: ${reason} ${describePacket(skb, state, FLAGS)}`);
}
