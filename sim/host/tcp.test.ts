import { describe, expect, it } from 'vitest';
import { parseIPv4 } from '../base/address.ts';
import { decode, encode } from '../base/bytes.ts';
import { SECOND } from '../base/time.ts';
import { TcpSocket } from '../kernel/socket/tcp/socket.ts';
import { PacketScript, THERE } from './packet-script.ts';

const PEER = { mss: 1460 };

/** A listener on port 80 and a peer on port 5000. */
function server(): { script: PacketScript; listener: TcpSocket } {
  const script = new PacketScript();
  const listener = new TcpSocket(script.net, 4);
  expect(listener.bind(0, 80)).toBeUndefined();
  expect(listener.listen(2)).toBeUndefined();
  script.localPort = 80;
  script.remotePort = 5000;
  return { script, listener };
}

/** The same after the handshake. */
function connected(window = 65_535): { script: PacketScript; socket: TcpSocket; listener: TcpSocket } {
  const { script, listener } = server();
  script.inject({ flags: 'S', seq: 0, win: window, options: PEER });
  expect(script.sent).toEqual(['S. seq 0 ack 1 win 64240']);
  script.inject({ flags: '.', seq: 1, ack: 1, win: window });
  const socket = listener.accept();
  if (typeof socket === 'string') throw new Error(socket);
  expect(script.sent).toEqual([]);
  return { script, socket, listener };
}

/** A socket that has sent its SYN to port 80 of the peer. */
function client(): { script: PacketScript; socket: TcpSocket } {
  const script = new PacketScript();
  const socket = new TcpSocket(script.net, 4);
  script.remotePort = 80;
  expect(socket.connect(parseIPv4(THERE) as number, 80)).toBe('EINPROGRESS');
  script.run(1);
  return { script, socket };
}

const text = (bytes: Uint8Array | string): string => (typeof bytes === 'string' ? bytes : decode(bytes));

describe('opening', () => {
  it('a listener answers a SYN and hands the connection over after the third segment', () => {
    const { socket } = connected();
    expect(socket.state).toBe('ESTAB');
    expect(socket.mss).toBe(1460);
  });

  it('a client acknowledges the SYN-ACK at once', () => {
    const { script, socket } = client();
    expect(script.sent).toEqual(['S seq 0 win 64240']);
    script.inject({ flags: 'S.', seq: 0, ack: 1, options: PEER });
    expect(script.sent).toEqual(['. seq 1 ack 1 win 64240']);
    expect(socket.state).toBe('ESTAB');
  });

  it('a closed port answers with a reset', () => {
    const { script } = server();
    script.localPort = 81;
    script.inject({ flags: 'S', seq: 7 });
    expect(script.sent).toEqual([expect.stringMatching(/^R\. seq \d+ ack 8 win 0$/)]);
    script.inject({ flags: '.', seq: 7, ack: 99 });
    expect(script.sent).toEqual(['R seq 99 win 0']);
    script.inject({ flags: 'R', seq: 7 });
    expect(script.sent).toEqual([]);
  });

  it('a reset refuses the client', () => {
    const { script, socket } = client();
    void script.sent;
    script.inject({ flags: 'R.', seq: 0, ack: 1 });
    expect(socket.state).toBe('UNCONN');
    expect(socket.receive(10)).toBe('ECONNREFUSED');
  });

  it('a SYN without an answer is sent again, first evenly and then ever later, until it is given up', () => {
    const { script, socket } = client();
    const began = script.now - 1_000;
    script.run(140_000);
    expect(script.timed(began).map((line) => line.split(' ')[0])).toEqual(
      [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67].map((seconds) => `${seconds * 1000}ms`),
    );
    expect(socket.takeError()).toBe('ETIMEDOUT');
  });

  it('without linear timeouts it is the classic backoff, 127 seconds in all', () => {
    const script = new PacketScript();
    script.net.sysctl.set('net/ipv4/tcp_syn_linear_timeouts', '0');
    const socket = new TcpSocket(script.net, 4);
    const began = script.now;
    socket.connect(parseIPv4(THERE) as number, 80);
    script.run(126_000);
    expect(script.timed(began).map((line) => line.split(' ')[0])).toEqual([0, 1, 3, 7, 15, 31, 63].map((seconds) => `${seconds * 1000}ms`));
    expect(socket.state).toBe('SYN-SENT');
    script.run(1_100);
    expect(socket.takeError()).toBe('ETIMEDOUT');
  });

  it('both sides may open at once', () => {
    const { script, socket } = client();
    void script.sent;
    script.inject({ flags: 'S', seq: 0, options: PEER });
    expect(script.sent).toEqual(['S. seq 0 ack 1 win 64240']);
    script.inject({ flags: '.', seq: 1, ack: 1 });
    expect(socket.state).toBe('ESTAB');
  });

  it('a full queue of finished connections takes no new ones', () => {
    const { script, listener } = server();
    for (const port of [1, 2, 3, 4]) {
      script.remotePort = port;
      script.inject({ flags: 'S', seq: 0, options: PEER });
      void script.sent;
      script.inject({ flags: '.', seq: 1, ack: 1 });
    }
    expect(listener.accepted).toHaveLength(3);
    expect(script.net.dropCounts.get('TCP_LISTEN_OVERFLOW')).toBeGreaterThan(0);
  });
});

describe('data', () => {
  it('the first segments are acknowledged at once, and an answer carries PSH', () => {
    const { script, socket } = connected();
    script.inject({ flags: 'P.', seq: 1, ack: 1, data: 'hello' });
    expect(script.sent).toEqual(['. seq 1 ack 6 win 64235']);
    expect(text(socket.receive(100))).toBe('hello');
    expect(socket.send(encode('world'))).toBe(5);
    script.run(1);
    expect(script.sent).toEqual(['P. seq 1 ack 6 win 64235 "world"']);
  });

  it('an unacknowledged segment is sent again after 200 ms and more, twice as late each time', () => {
    const { script, socket } = connected();
    const began = script.now;
    socket.send(encode('x'));
    script.run(1_500);
    const sent = script.timed(began);
    expect(sent).toHaveLength(4);
    const times = sent.map((line) => Number(line.split('ms')[0]));
    expect(times[1]).toBeGreaterThanOrEqual(200);
    expect(times[1]).toBeLessThan(210);
    expect((times[2] as number) - (times[1] as number)).toBeGreaterThanOrEqual(400);
    expect(new Set(sent.map((line) => line.replace(/^\S+ /, '')))).toEqual(new Set(['P. seq 1 ack 1 win 64240 "x"']));
    script.inject({ flags: '.', seq: 1, ack: 2 });
    script.run(5_000);
    expect(script.sent).toEqual([]);
  });

  it('what comes out of order waits for the gap, and each piece is answered', () => {
    const { script, socket } = connected();
    script.inject({ flags: 'P.', seq: 4, ack: 1, data: 'def' });
    expect(script.sent).toEqual(['. seq 1 ack 1 win 64240']);
    expect(socket.receive(10)).toBe('EAGAIN');
    script.inject({ flags: '.', seq: 1, ack: 1, data: 'abc' });
    expect(script.sent).toEqual(['. seq 1 ack 7 win 64234']);
    expect(text(socket.receive(10))).toBe('abcdef');
  });

  it('three duplicate acknowledgements bring the lost segment back before the timer', () => {
    const { script, socket } = connected();
    socket.send(new Uint8Array(6 * 1460));
    script.run(1);
    expect(script.sent).toHaveLength(6);
    for (let i = 0; i < 3; i++) script.inject({ flags: '.', seq: 1, ack: 1461 });
    expect(script.sent).toEqual([]);
    script.inject({ flags: '.', seq: 1, ack: 1461 });
    expect(script.sent).toEqual([expect.stringContaining('. seq 1461 ack 1')]);
    script.inject({ flags: '.', seq: 1, ack: 6 * 1460 + 1 });
    expect(socket.sending.sent).toEqual([]);
  });

  it('a closed window is probed until it opens', () => {
    const { script, socket } = connected(10);
    socket.send(encode('0123456789abc'));
    script.run(1);
    script.inject({ flags: '.', seq: 1, ack: 1, win: 0 });
    void script.sent;
    script.run(10_000);
    script.inject({ flags: '.', seq: 1, ack: 1, win: 100 });
    script.run(1_000);
    expect(script.sent.some((line) => line.includes('"0123456789abc"'))).toBe(true);
  });

  it('an unread buffer closes the window; reading opens it with a segment of its own', () => {
    const { script, socket } = connected();
    const chunk = 'x'.repeat(1460);
    for (let i = 0; i < 60; i++) script.inject({ flags: '.', seq: 1 + i * 1460, ack: 1, data: chunk });
    const last = script.sent.at(-1) as string;
    expect(last).toMatch(/win 0$/);
    socket.receive(100_000);
    script.run(1);
    expect(script.sent).toEqual([expect.stringMatching(/^\. seq 1 ack \d+ win [1-9]\d+$/)]);
  });
});

describe('closing', () => {
  it('half-close: the other side still sends, and the first to close waits for latecomers', () => {
    const { script, socket } = connected();
    socket.shutdown('write');
    script.run(1);
    expect(script.sent).toEqual(['F. seq 1 ack 1 win 64240']);
    script.inject({ flags: '.', seq: 1, ack: 2 });
    expect(socket.state).toBe('FIN-WAIT-2');
    script.inject({ flags: 'P.', seq: 1, ack: 2, data: 'late' });
    expect(text(socket.receive(10))).toBe('late');
    void script.sent;
    script.inject({ flags: 'F.', seq: 5, ack: 2 });
    expect(script.sent).toEqual([expect.stringMatching(/^\. seq 2 ack 6/)]);
    expect(script.net.sockets.tcp.others.map((each) => each.state)).toEqual(['TIME-WAIT']);
    script.inject({ flags: 'F.', seq: 5, ack: 2 });
    expect(script.sent).toHaveLength(1);
    script.run(61_000);
    expect(script.net.sockets.tcp.others).toEqual([]);
  });

  it('the end of the stream is acknowledged with the own FIN, or after 40 ms', () => {
    const { script, socket } = connected();
    script.inject({ flags: 'F.', seq: 1, ack: 1 });
    expect(socket.state).toBe('CLOSE-WAIT');
    expect(socket.receive(10)).toEqual(new Uint8Array(0));
    expect(script.sent).toEqual([]);
    script.run(40);
    expect(script.sent).toEqual(['. seq 1 ack 2 win 64239']);
    socket.close();
    script.run(1);
    expect(script.sent).toEqual(['F. seq 1 ack 2 win 64239']);
    script.inject({ flags: '.', seq: 2, ack: 2 });
    expect(script.net.sockets.tcp.find(parseIPv4('10.0.0.1') as number, 80, parseIPv4(THERE) as number, 5000)).toBeUndefined();
  });

  it('closing with unread data resets the connection', () => {
    const { script, socket } = connected();
    script.inject({ flags: 'P.', seq: 1, ack: 1, data: 'never read' });
    void script.sent;
    socket.close();
    script.run(1);
    expect(script.sent).toEqual([expect.stringMatching(/^R\. seq 1 ack 11/)]);
  });

  it('a reset in its place ends the connection; one beside it is questioned', () => {
    const { script, socket } = connected();
    script.inject({ flags: 'R', seq: 100 });
    expect(script.sent).toEqual(['. seq 1 ack 1 win 64240']);
    expect(socket.state).toBe('ESTAB');
    script.inject({ flags: 'R', seq: 1 });
    expect(socket.receive(10)).toBe('ECONNRESET');
    expect(socket.receive(10)).toEqual(new Uint8Array(0));
    expect(socket.send(encode('x'))).toBe('EPIPE');
  });

  it('a port stays taken while a connection lingers in TIME-WAIT, unless SO_REUSEADDR is set', () => {
    const { script, socket, listener } = connected();
    socket.close();
    script.inject({ flags: 'F.', seq: 1, ack: 2 });
    listener.close();
    const strict = new TcpSocket(script.net, 4);
    expect(strict.bind(0, 80)).toBe('EADDRINUSE');
    script.kernel.events.runUntil(script.now + 61 * SECOND);
    expect(strict.bind(0, 80)).toBeUndefined();
  });
});
