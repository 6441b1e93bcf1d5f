import type { Skb } from '../../skb.ts';
import { Tracked } from './connection.ts';

/**
 * Makes a packet that answers another (an ICMP error, a reset) related to that one's connection, in the other direction
 * (nf_conntrack_attach). Without it, errors about packets of a connection that never got confirmed would be strangers.
 */
export function attach(answer: Skb, cause: Skb): void {
  const tracked = cause.conntrack;
  if (!(tracked instanceof Tracked) || !tracked.connection) return;
  answer.conntrack = tracked.connection.tracked('RELATED', !tracked.reply);
}
