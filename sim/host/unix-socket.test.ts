import { describe, expect, test } from 'vitest';
import { decode, encode } from '../base/bytes.ts';
import { testMachine } from '../cli/harness.ts';
import { OpenUnixSocket, findUnixSocket, openUnixSocket } from './unix-socket.ts';
import { UnixSocket } from '../kernel/socket/unix.ts';

/** A process, and a stream server that listens at a path. */
function server() {
  const { init: process } = testMachine([]);
  const listener = openUnixSocket(process, 'stream');
  expect(listener.bind(process, '/run/server.sock')).toBeUndefined();
  expect(listener.listen(0)).toBeUndefined();
  return { process, listener: listener.hold() };
}

describe('Unix sockets', () => {
  test('a client is connected before the server accepts it, and what it writes waits there', () => {
    const { process, listener } = server();
    const client = new UnixSocket(process.namespaces.net, 'stream');
    expect(client.connect(listener.socket)).toBeUndefined();
    expect(client.send(encode('early'))).toBe(5);
    const accepted = listener.socket.accept();
    if (typeof accepted === 'string') throw new Error(accepted);
    expect(accepted.name).toBe('/run/server.sock');
    expect(decode(accepted.receive(100) as Uint8Array)).toBe('early');
    expect(accepted.receive(100)).toBe('EAGAIN');
    client.close();
    expect(accepted.receive(100)).toEqual(new Uint8Array(0));
    expect(accepted.send(encode('x'))).toBe('EPIPE');
  });

  test('the path stays when the server has gone, and refuses', () => {
    const { process, listener } = server();
    expect(openUnixSocket(process, 'stream').bind(process, '/run/server.sock')).toBe('EADDRINUSE');
    listener.release();
    expect(findUnixSocket(process, '/run/server.sock', 'stream')).toBe('ECONNREFUSED');
    expect(findUnixSocket(process, '/run/other.sock', 'stream')).toBe('ENOENT');
  });

  test('as many may wait to be accepted as the backlog says, and one more', () => {
    const { process, listener } = server();
    const another = () => new UnixSocket(process.namespaces.net, 'stream').connect(listener.socket);
    expect([another(), another()]).toEqual([undefined, 'EAGAIN']);
  });

  test('datagrams keep their borders; an abstract name is gone with its socket', () => {
    const { init: process } = testMachine([]);
    const receiver = new OpenUnixSocket(process, new UnixSocket(process.namespaces.net, 'dgram')).hold();
    expect(receiver.bind(process, '@news')).toBeUndefined();
    const sender = openUnixSocket(process, 'dgram');
    expect(sender.sendTo(process, encode('one'), '@news')).toBe(3);
    expect(sender.sendTo(process, encode('two'), '@news')).toBe(3);
    expect(decode(receiver.read(2) as Uint8Array)).toBe('on');
    expect(decode(receiver.read(99) as Uint8Array)).toBe('two');
    receiver.release();
    expect(sender.sendTo(process, encode('three'), '@news')).toBe('ECONNREFUSED');
  });

  test('who closes with something unread resets the other', () => {
    const { net } = testMachine([]).init.namespaces;
    const [a, b] = UnixSocket.pair(net, 'stream');
    a.send(encode('unread'));
    b.close();
    expect(a.receive(10)).toBe('ECONNRESET');
    expect(a.receive(10)).toEqual(new Uint8Array(0));
  });
});
