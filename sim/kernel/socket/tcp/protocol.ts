import { afterReading } from './acknowledge.ts';
import { closeConnection, shutdownSending } from './close.ts';
import { connect } from './connect.ts';
import { receiveSegment } from './input.ts';
import { keepAliveChanged } from './keepalive.ts';
import { stopListening } from './listen.ts';
import { pushPending } from './output.ts';
import type { TcpProtocol } from './socket.ts';
import { probe, retransmitTimeout } from './timeouts.ts';

/** The parts of TCP, for sockets and timers to call. */
export const tcpProtocol: TcpProtocol = {
  connect,
  push: pushPending,
  afterReading,
  shutdownSending,
  close: closeConnection,
  stopListening,
  receive: receiveSegment,
  keepAliveChanged,
  retransmitTimeout,
  probe,
};
