import { expect, test } from 'vitest';
import { layOut, type Row } from './ss-table.ts';

const listener = (protocol: string, state: string, received: number, sent: number, port: string): Row => ({
  protocol,
  state,
  received,
  sent,
  local: { address: '0.0.0.0', port },
  peer: { address: '0.0.0.0', port: '*' },
  users: '',
  details: '',
});
const UDP = listener('udp', 'UNCONN', 0, 0, '5353');
const TCP = listener('tcp', 'LISTEN', 0, 1, '80');
const EVERYTHING = { header: true, protocol: true, state: true, queues: true, processes: true };

/** With ends of lines made visible, as they were recorded: on a terminal the last column is filled up as well. */
const seen = (text: string): string => `\n${text.replaceAll('\n', '$\n')}`;

test('in a pipe columns are as narrow as can be', () => {
  expect(seen(layOut([TCP], { ...EVERYTHING, protocol: false, processes: false }))).toBe(`
State  Recv-Q Send-Q Local Address:Port Peer Address:Port$
LISTEN 0      1            0.0.0.0:80        0.0.0.0:*$
`);
});

test('on a terminal they share its width', () => {
  expect(seen(layOut([UDP, TCP], EVERYTHING, 90))).toBe(`
Netid   State    Recv-Q   Send-Q     Local Address:Port     Peer Address:Port   Process   $
udp     UNCONN   0        0                0.0.0.0:5353          0.0.0.0:*                $
tcp     LISTEN   0        1                0.0.0.0:80            0.0.0.0:*                $
`);
  expect(seen(layOut([TCP], { ...EVERYTHING, protocol: false, processes: false }, 100))).toBe(`
State        Recv-Q       Send-Q             Local Address:Port             Peer Address:Port       $
LISTEN       0            1                        0.0.0.0:80                    0.0.0.0:*          $
`);
});

test('a terminal too narrow for all of them gets them on several lines, each filled', () => {
  expect(seen(layOut([UDP, TCP], EVERYTHING, 40))).toBe(`
Netid    State     Recv-Q     Send-Q     Local Address:Port   Peer Address:Port Process                                 $
udp      UNCONN    0          0                0.0.0.0:5353        0.0.0.0:*                                            $
tcp      LISTEN    0          1                0.0.0.0:80          0.0.0.0:*                                            $
`);
});

test('details on a line of their own take no room', () => {
  const row = { ...TCP, details: '\n\t bbr cwnd:10' };
  expect(seen(layOut([row], { ...EVERYTHING, protocol: false, processes: false }, 80))).toBe(`
State     Recv-Q    Send-Q       Local Address:Port        Peer Address:Port    $
LISTEN    0         1                  0.0.0.0:80               0.0.0.0:*       $
\t bbr cwnd:10$
`);
});
