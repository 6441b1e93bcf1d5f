import { describe, expect, it } from 'vitest';
import { parseIPv4, parseIPv6, parsePrefix, type IP, type Prefix } from '../base/address.ts';
import { publicKeyOf } from '../base/crypto/x25519.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace, TraceKind } from '../base/trace.ts';
import type { Wireguard } from '../kernel/dev/wireguard/wireguard.ts';
import type { Peer } from '../kernel/dev/wireguard/peer.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { UdpSocket } from '../kernel/socket/udp.ts';
import * as udp from '../wire/udp.ts';
import { openRtNetlink } from './netlink/open.ts';

const ip = (text: string) => (parseIPv4(text) ?? parseIPv6(text)) as IP;
const KEYS = { a: new Uint8Array(32).fill(7), b: new Uint8Array(32).fill(9), c: new Uint8Array(32).fill(11) };
const SECRET = 'a secret that nobody on the way may read';

interface Side {
  net: NetNamespace;
  wg: Wireguard;
}

/** Two hosts on a cable, 192.0.2.1 and .2, with tunnels 10.0.0.1 and .2 between them; what crosses the cable is listened to. */
class Tunnel {
  readonly kernel: Kernel;
  readonly a: Side;
  readonly b: Side;
  /** The UDP payloads on the cable and who sent them, oldest first. */
  readonly wire: { from: 'a' | 'b'; payload: Uint8Array }[] = [];

  constructor() {
    const events = new EventQueue();
    this.kernel = new Kernel('host1', events, new Trace(events), 'test', new WorldIds());
    const [one, two] = [this.kernel.newNamespace(), this.kernel.newNamespace()];
    for (const net of [one, two]) net.sysctl.set('net/ipv6/conf/default/accept_dad', '0');
    openRtNetlink(one).newLink({ kind: 'veth', name: 'eth0', peer: { name: 'eth0', netns: two } });
    this.a = this.#side(one, '192.0.2.1/24', '10.0.0.1/24', KEYS.a, 1001);
    this.b = this.#side(two, '192.0.2.2/24', '10.0.0.2/24', KEYS.b, 1002);
    const peer = this.join(this.a, KEYS.b, ['10.0.0.2/32']);
    peer.endpoint = { address: ip('192.0.2.2'), port: 1002 };
    this.join(this.b, KEYS.a, ['10.0.0.1/32']);
    for (const [from, side] of [
      ['a', this.a],
      ['b', this.b],
    ] as const) {
      side.net.taps.push((device, skb, outgoing) => {
        if (!outgoing || device.name !== 'eth0' || skb.protocol !== 0x0800 || skb.bytes[skb.network + 9] !== 17) return;
        this.wire.push({ from, payload: skb.bytes.slice(skb.network + 20 + udp.UDP_HEADER, skb.end) });
      });
    }
  }

  #side(net: NetNamespace, outer: string, inner: string, key: Uint8Array, port: number): Side {
    const netlink = openRtNetlink(net);
    netlink.newLink({ kind: 'wireguard', name: 'wg0' });
    const wg = net.deviceByName('wg0') as Wireguard;
    wg.setPrivateKey(key);
    wg.setPort(port);
    for (const [name, address] of [
      ['lo', undefined],
      ['eth0', outer],
      ['wg0', inner],
    ] as const) {
      const ifindex = netlink.link(name)?.ifindex as number;
      if (address) netlink.newAddress({ ifindex, prefix: parsePrefix(address) as Prefix }, 'add');
      expect(netlink.setLink(ifindex, { up: true })).toBeUndefined();
    }
    return { net, wg };
  }

  join({ wg }: Side, privateKey: Uint8Array, allowed: string[]): Peer {
    const peer = wg.addPeer(publicKeyOf(privateKey)) as Peer;
    for (const prefix of allowed) wg.allowedIps.insert(parsePrefix(prefix) as Prefix, peer);
    return peer;
  }

  run(seconds: number): void {
    this.kernel.events.runUntil(this.kernel.events.now + seconds * SECOND);
  }

  /** The messages since the last look: who sent them, their type, and how long they are. */
  get sent(): string[] {
    return this.wire.splice(0).map(({ from, payload }) => `${from} ${payload[0]} ${payload.length}`);
  }

  listen({ net }: Side, port: number): UdpSocket {
    const socket = new UdpSocket(net, 4);
    socket.bind(0, port);
    return socket;
  }

  /** Sends a datagram through the tunnel. */
  say({ net }: Side, to: string, text = SECRET) {
    const socket = new UdpSocket(net, 4);
    const failed = socket.send(new TextEncoder().encode(text), ip(to), 5000);
    this.run(0.01);
    return failed;
  }

  heard(socket: UdpSocket): string[] {
    const all: string[] = [];
    for (;;) {
      const got = socket.receive();
      if (typeof got === 'string') return all;
      all.push(new TextDecoder().decode(got.data));
    }
  }
}

const only = (side: Side) => [...side.wg.peers.values()][0] as Peer;

describe('WireGuard', () => {
  it('shakes hands with messages of 148 and 92 bytes, then carries packets that nobody on the way can read', () => {
    const t = new Tunnel();
    const socket = t.listen(t.b, 5000);
    expect(t.say(t.a, '10.0.0.2')).toBeUndefined();
    expect(t.heard(socket)).toEqual([SECRET]);
    // 20 + 8 + 40 bytes of packet are padded to 80, with 16 of header and 16 of tag.
    const bytes = t.wire.map(({ payload }) => new TextDecoder('latin1').decode(payload)).join('');
    expect(bytes).not.toContain('secret');
    expect(t.sent).toEqual(['a 1 148', 'b 2 92', 'a 4 112']);
    expect([only(t.a).txBytes, only(t.a).rxBytes, only(t.b).rxBytes]).toEqual([148 + 112, 92, 148 + 112]);
    expect(only(t.b).endpoint).toEqual({ address: ip('192.0.2.1'), port: 1001 });
  });

  it('keeps a packet on its journey through the tunnel', () => {
    const t = new Tunnel();
    t.listen(t.b, 5000);
    t.say(t.a, '10.0.0.2');
    const events = t.kernel.trace.events();
    const texts = events.filter((event) => event.kind === TraceKind.Rewrite);
    const packet = texts.find((event) => event.text.includes('out of a packet'))?.packet;
    expect(texts.filter((event) => event.packet === packet).map((event) => event.text)).toEqual([
      'wireguard: sealed, 68 bytes as 112',
      'wireguard: into 192.0.2.1 > 192.0.2.2 port 1002',
      'wireguard: out of a packet from 192.0.2.1',
    ]);
    const story = events.filter((event) => event.packet === packet).map((event) => event.kind);
    expect(story.filter((kind) => kind === TraceKind.Transmit)).toHaveLength(2);
    expect(story).toContain(TraceKind.Deliver);
  });

  it('answers nobody whose key is not a peer, or who has another preshared key', () => {
    const t = new Tunnel();
    const socket = t.listen(t.b, 5000);
    t.a.wg.setPrivateKey(KEYS.c);
    t.say(t.a, '10.0.0.2');
    expect(t.sent).toEqual(['a 1 148']);
    expect(t.b.net.dropCounts.get('WIREGUARD_HANDSHAKE')).toBe(1);
    t.a.wg.setPrivateKey(KEYS.a);
    only(t.b).presharedKey = new Uint8Array(32).fill(3);
    t.run(6);
    expect(t.sent).toEqual(['a 1 148', 'b 2 92']);
    expect(t.a.net.dropCounts.get('WIREGUARD_HANDSHAKE')).toBe(1);
    only(t.a).presharedKey = new Uint8Array(32).fill(3);
    t.run(6);
    expect(t.heard(socket)).toEqual([SECRET]);
  });

  it('tells the sender at once when no peer has the address, or nobody knows where the peer is', () => {
    const t = new Tunnel();
    expect(t.say(t.a, '10.0.0.3')).toBe('ENOKEY');
    expect(t.say(t.b, '10.0.0.1')).toBe('EDESTADDRREQ');
    const counts = (side: Side) => Object.fromEntries(side.net.dropCounts);
    expect(counts(t.a)).toMatchObject({ WIREGUARD_NO_PEER: 1 });
    expect(counts(t.b)).toMatchObject({ WIREGUARD_NO_ENDPOINT: 1 });
    expect(t.a.wg.stats).toMatchObject({ txErrors: 1, txPackets: 0 });
    const socket = new UdpSocket(t.a.net, 4);
    socket.options.receiveErrors = true;
    socket.connect(ip('10.0.0.9'), 5000);
    socket.send(new Uint8Array(1));
    t.run(0.01);
    expect(socket.takeError()).toBe('EHOSTUNREACH');
    expect(t.sent).toEqual([]);
  });

  it('drops what a peer sends from an address that is not its own, and what comes twice', () => {
    const t = new Tunnel();
    const socket = t.listen(t.b, 5000);
    t.say(t.a, '10.0.0.2', 'one');
    const last = t.wire.at(-1)?.payload as Uint8Array;
    const again = new UdpSocket(t.a.net, 4);
    again.send(last, ip('192.0.2.2'), 1002);
    t.run(0.01);
    const changed = last.slice();
    changed[8] = 9;
    again.send(changed, ip('192.0.2.2'), 1002);
    t.run(0.01);
    t.b.wg.allowedIps.removeAll(only(t.b));
    t.say(t.a, '10.0.0.2', 'two');
    expect(t.heard(socket)).toEqual(['one']);
    expect(Object.fromEntries(t.b.net.dropCounts)).toMatchObject({ WIREGUARD_REPLAY: 1, WIREGUARD_SEAL: 1, WIREGUARD_SOURCE: 1 });
    expect(t.b.wg.stats.rxErrors).toBe(1);
  });

  it('chooses the peer with the longest prefix, and moves a prefix to whoever gets it last', () => {
    const t = new Tunnel();
    const other = t.join(t.a, KEYS.c, ['10.0.0.0/16', '0.0.0.0/0']);
    const { allowedIps } = t.a.wg;
    expect(allowedIps.lookup(ip('10.0.0.2'))).toBe(only(t.a));
    expect(allowedIps.lookup(ip('10.0.0.3'))).toBe(other);
    expect(allowedIps.lookup(ip('fd00::1'))).toBeUndefined();
    allowedIps.insert(parsePrefix('10.0.0.2/32') as Prefix, other);
    expect(allowedIps.lookup(ip('10.0.0.2'))).toBe(other);
    expect(only(t.a).allowedIps).toEqual([]);
    t.a.wg.removePeer(other.publicKey);
    expect(allowedIps.lookup(ip('10.0.0.2'))).toBeUndefined();
  });

  it('begins a handshake again every five seconds and some, for a minute and a half, then gives up', () => {
    const t = new Tunnel();
    t.b.net.setDown(t.b.wg);
    t.say(t.a, '10.0.0.2');
    t.run(4.9);
    expect(t.sent).toEqual(['a 1 148']);
    t.run(0.5);
    expect(t.sent).toEqual(['a 1 148']);
    t.run(200);
    expect(t.sent).toHaveLength(18);
    expect(t.a.net.dropCounts.get('WIREGUARD_NO_HANDSHAKE')).toBe(1);
  });

  it('answers with a keepalive after ten seconds when there is nothing else to say', () => {
    const t = new Tunnel();
    t.listen(t.b, 5000);
    t.say(t.a, '10.0.0.2');
    expect(t.sent).toHaveLength(3);
    t.run(9.9);
    expect(t.sent).toEqual([]);
    t.run(0.2);
    expect(t.sent).toEqual(['b 4 32']);
    // What was sent has been answered, so the initiator does not ask whether the other is still there.
    t.run(30);
    expect(t.sent).toEqual([]);
  });

  it('begins anew when what it sends is not answered for fifteen seconds', () => {
    const t = new Tunnel();
    t.listen(t.b, 5000);
    t.say(t.a, '10.0.0.2');
    t.b.net.setDown(t.b.wg);
    t.run(14.9);
    expect(t.sent).toHaveLength(3);
    t.run(0.6);
    expect(t.sent).toEqual(['a 1 148']);
  });

  it('renews keys that are two minutes old, and sends nothing with those of three', () => {
    const t = new Tunnel();
    const socket = t.listen(t.b, 5000);
    t.say(t.a, '10.0.0.2');
    t.run(115);
    expect(t.sent).toEqual(['a 1 148', 'b 2 92', 'a 4 112', 'b 4 32']);
    t.run(10);
    t.say(t.a, '10.0.0.2');
    expect(t.sent).toEqual(['a 4 112', 'a 1 148', 'b 2 92', 'a 4 32']);
    t.run(181);
    t.wire.length = 0;
    t.say(t.a, '10.0.0.2');
    expect(t.sent).toEqual(['a 1 148', 'b 2 92', 'a 4 112']);
    expect(t.heard(socket)).toHaveLength(3);
  });

  it('keeps a way open through firewalls with a persistent keepalive', () => {
    const t = new Tunnel();
    only(t.a).persistentKeepalive = 25;
    only(t.a).sendKeepalive();
    t.run(1);
    expect(t.sent).toEqual(['a 1 148', 'b 2 92', 'a 4 32']);
    t.run(50);
    expect(t.sent).toEqual(['a 4 32', 'a 4 32']);
  });

  it('follows a peer that moves to another address', () => {
    const t = new Tunnel();
    const socket = t.listen(t.a, 5000);
    t.say(t.a, '10.0.0.2');
    const netlink = openRtNetlink(t.a.net);
    const ifindex = netlink.link('eth0')?.ifindex as number;
    netlink.newAddress({ ifindex, prefix: parsePrefix('192.0.2.77/24') as Prefix }, 'add');
    netlink.delAddress({ ifindex, prefix: parsePrefix('192.0.2.1/24') as Prefix });
    netlink.newAddress({ ifindex, prefix: parsePrefix('192.0.2.77/24') as Prefix }, 'add');
    t.say(t.a, '10.0.0.2');
    expect(only(t.b).endpoint?.address).toBe(ip('192.0.2.77'));
    t.say(t.b, '10.0.0.1', 'found you');
    expect(t.heard(socket)).toEqual(['found you']);
  });

  it('carries IPv6 and fits large packets into its MTU of 1420', () => {
    const t = new Tunnel();
    for (const [side, address] of [
      [t.a, 'fd00::1/64'],
      [t.b, 'fd00::2/64'],
    ] as const) {
      const netlink = openRtNetlink(side.net);
      netlink.newAddress({ ifindex: side.wg.ifindex, prefix: parsePrefix(address) as Prefix }, 'add');
      side.wg.allowedIps.insert(parsePrefix('fd00::/64') as Prefix, only(side));
    }
    const socket = new UdpSocket(t.b.net, 6);
    socket.bind(0n, 5000);
    const sender = new UdpSocket(t.a.net, 6);
    expect(sender.send(new Uint8Array(1420 - 48), ip('fd00::2'), 5000)).toBeUndefined();
    t.run(0.01);
    expect(t.sent.at(-1)).toBe('a 4 1452');
    expect(socket.receive()).toMatchObject({ source: ip('fd00::1') });
    // Nothing but the packets themselves: a tunnel has no link-local address and asks for no neighbour.
    expect(t.a.wg.ipv6.addresses.map((known) => known.address)).toEqual([ip('fd00::1')]);
  });

  it('keeps sending where it was made when the device moves to another namespace', () => {
    const t = new Tunnel();
    const inside = t.kernel.newNamespace();
    t.a.net.move(t.a.wg, inside);
    const netlink = openRtNetlink(inside);
    const { ifindex } = t.a.wg;
    netlink.newAddress({ ifindex, prefix: parsePrefix('10.0.0.1/24') as Prefix }, 'add');
    netlink.setLink(ifindex, { up: true });
    const socket = t.listen(t.b, 5000);
    t.say({ net: inside, wg: t.a.wg }, '10.0.0.2', 'from inside');
    expect(t.heard(socket)).toEqual(['from inside']);
    expect(t.sent).toEqual(['a 1 148', 'b 2 92', 'a 4 80']);
  });
});
