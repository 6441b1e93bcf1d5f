/** The states of RFC 9293 §3.3.2 under the names that `ss` uses; UNCONN is CLOSED. */
export type TcpState =
  | 'UNCONN'
  | 'LISTEN'
  | 'SYN-SENT'
  | 'SYN-RECV'
  | 'ESTAB'
  | 'FIN-WAIT-1'
  | 'FIN-WAIT-2'
  | 'CLOSE-WAIT'
  | 'LAST-ACK'
  | 'CLOSING'
  | 'TIME-WAIT';

/** States in which both sides know each other's sequence numbers. */
export function synchronised(state: TcpState): boolean {
  return state !== 'UNCONN' && state !== 'LISTEN' && state !== 'SYN-SENT';
}
