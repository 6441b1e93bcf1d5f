import { describe, expect, it } from 'vitest';
import { formatIPv4, parseIPv4, parseMac } from '../base/address.ts';
import { FRAME_BARE, TraceKind } from '../base/trace.ts';
import { RawSocket } from '../kernel/socket/raw.ts';
import { emitIcmp, type Icmp, icmpLength } from '../wire/icmp.ts';
import { FrameScript, pattern } from './frame-script.ts';

const ENDS = {
  here: { mac: '52:54:00:00:32:0c', address: '192.168.50.12' },
  there: { mac: '52:54:00:00:32:0b', address: '192.168.50.11' },
};
const ip = (text: string) => parseIPv4(text) as number;

/** The host that a real kernel was when these frames were captured from it, but for its UDP checksums, which a card would have filled in. */
function vxlanHost(data: Record<string, string | number | boolean> = {}): FrameScript {
  const script = new FrameScript(ENDS);
  const { netlink } = script;
  const made = netlink.newLink({
    kind: 'vxlan',
    name: 'vx',
    address: parseMac('02:00:00:00:00:bb') as number,
    data: { id: 5, local: ENDS.here.address, remote: ENDS.there.address, link: 'eth0', port: 4789, ...data },
  });
  expect(made).toBeUndefined();
  netlink.newAddress({ ifindex: script.index('vx'), prefix: { address: ip('10.1.0.2'), length: 24 } }, 'add');
  expect(netlink.setLink(script.index('vx'), { up: true })).toBeUndefined();
  return script;
}

const WHO_HAS = `
  52540000320c 52540000320b 0800
  4500 004e 3c5d 0000 40 11 58da c0a8320b c0a8320c
  a429 12b5 003a 0000 08000000 00000500
  ffffffffffff 0200000000aa 0806
  0001 0800 06 04 0001 0200000000aa 0a010001 000000000000 0a010002`;
const ECHO = `
  52540000320c 52540000320b 0800
  4500 0052 3c5e 0000 40 11 58d5 c0a8320b c0a8320c
  e30a 12b5 003e 0000 08000000 00000500
  0200000000bb 0200000000aa 0800
  4500 0020 748b 4000 40 01 b24d 0a010001 0a010002
  0800 c364 3296 0001 00010203`;

describe('VXLAN', () => {
  it('answers what a real kernel sent, with the frames that a real kernel answered', () => {
    const script = vxlanHost();
    script.inject(WHO_HAS);
    const [isAt] = script.sent;
    expect(isAt).toMatch(
      pattern(`52540000320b 52540000320c 0800
        4500 004e .... 0000 40 11 .... c0a8320c c0a8320b  .... 12b5 003a .... 08000000 00000500
        0200000000aa 0200000000bb 0806 0001 0800 06 04 0002 0200000000bb 0a010002 0200000000aa 0a010001`),
    );
    script.inject(ECHO);
    const [reply] = script.sent;
    expect(reply).toMatch(
      pattern(`52540000320b 52540000320c 0800
        4500 0052 .... 0000 40 11 .... c0a8320c c0a8320b  .... 12b5 003e .... 08000000 00000500
        0200000000aa 0200000000bb 0800 4500 0020 .... 0000 40 01 .... 0a010002 0a010001 0000 cb64 3296 0001 00010203`),
    );
    expect(script.netlink.fdb().filter((entry) => entry.self && entry.destination !== undefined)).toMatchObject([
      { address: parseMac('02:00:00:00:00:aa'), state: 'reachable', destination: ip('192.168.50.11') },
      { address: 0, state: 'permanent', via: script.index('eth0') },
    ]);
    expect(script.netlink.link('vx')?.stats).toMatchObject({ rxPackets: 2, rxBytes: 60, txPackets: 2, txBytes: 60 });
  });

  it('drops another network, reserved bits and its own MAC, each by name', () => {
    const script = vxlanHost();
    script.inject(WHO_HAS.replace('00000500', '00000600'));
    script.inject(WHO_HAS.replace('00000500', '00000501'));
    script.inject(WHO_HAS.replace('08000000', '08000001'));
    script.inject(WHO_HAS.replace('ffffffffffff 0200000000aa', 'ffffffffffff 0200000000bb'));
    expect(script.sent).toEqual([]);
    expect(Object.fromEntries(script.net.dropCounts)).toMatchObject({ VXLAN_VNI_NOT_FOUND: 1, VXLAN_INVALID_HDR: 2, LOCAL_MAC: 1 });
  });

  it('is reached through a UDP socket: while the device is down the port is closed, and the sender hears it', () => {
    const script = vxlanHost();
    script.netlink.setLink(script.index('vx'), { up: false });
    script.inject(WHO_HAS);
    expect(script.sent.map((frame) => frame.slice(46, 48) + frame.slice(68, 72))).toEqual(['010303']); // ICMP, port unreachable
  });

  it('sends a copy to every host behind the all-zero address, and unicast to one', () => {
    const script = vxlanHost();
    const vx = script.index('vx');
    const eth0 = script.index('eth0');
    const other = parseMac('52:54:00:00:32:0d') as number;
    script.netlink.newNeighbour({ ifindex: eth0, address: ip('192.168.50.13'), lladdr: other, state: 'PERMANENT' }, 'add');
    script.netlink.newFdb({ address: 0, ifindex: vx, self: true, destination: ip('192.168.50.13') }, 'append');
    const socket = new RawSocket(script.net, 1);
    const ping = echo();
    socket.send(ping, ip('10.1.0.9'));
    const outer = script.sent.map((frame) => formatIPv4(Number.parseInt(frame.slice(60, 68), 16)));
    expect(outer.sort()).toEqual(['192.168.50.11', '192.168.50.13']);
    script.netlink.newNeighbour({ ifindex: vx, address: ip('10.1.0.3'), lladdr: 0x02_00_00_00_00_cc, state: 'PERMANENT' }, 'add');
    script.netlink.newFdb({ address: 0x02_00_00_00_00_cc, ifindex: vx, self: true, destination: ip('192.168.50.13') }, 'add');
    socket.send(ping, ip('10.1.0.3'));
    expect(script.sent.map((frame) => formatIPv4(Number.parseInt(frame.slice(60, 68), 16)))).toEqual(['192.168.50.13']);
  });

  it('keeps the packet on its journey, in and out of the tunnel', () => {
    const script = vxlanHost();
    script.inject(ECHO);
    const events = script.kernel.trace.events();
    const packet = events.findLast((event) => event.kind === TraceKind.Rewrite && event.text.includes('out of a packet'))?.packet;
    const story = events.filter((event) => event.packet === packet);
    expect(story.map((event) => event.kind)).toEqual(
      expect.arrayContaining([TraceKind.Transmit, TraceKind.Receive, TraceKind.Rewrite, TraceKind.Deliver]),
    );
    expect(story.filter((event) => event.kind === TraceKind.Receive).map((event) => event.frame.length)).toEqual([96, 46]);
  });
});

describe('IP in IP', () => {
  function ipipHost(): FrameScript {
    const script = new FrameScript(ENDS);
    const { netlink } = script;
    expect(
      netlink.newLink({ kind: 'ipip', name: 'ipip1', data: { remote: ENDS.there.address, local: ENDS.here.address } }),
    ).toBeUndefined();
    netlink.newAddress({ ifindex: script.index('ipip1'), prefix: { address: ip('10.2.0.2'), length: 24 } }, 'add');
    netlink.setLink(script.index('ipip1'), { up: true });
    return script;
  }

  const INNER = '4500 0020 748b 4000 40 01 b24b 0a020001 0a020002 0800 c364 3296 0001 00010203';
  const OUTER = '52540000320c 52540000320b 0800 4500 0034 3c5e 4000 40 04 1900 c0a8320b c0a8320c';

  it('unpacks an echo request, and packs the reply with twenty bytes more', () => {
    const script = ipipHost();
    script.inject(OUTER + INNER);
    expect(script.sent).toHaveLength(1);
    expect(script.netlink.link('ipip1')).toMatchObject({
      mtu: 1480,
      type: 'ipip',
      stats: { rxPackets: 1, rxBytes: 32, txPackets: 1, txBytes: 32 },
    });
  });

  it('answers with the inner packet behind an outer header of its own', () => {
    const script = ipipHost();
    script.inject(OUTER + INNER);
    script.sent;
    new RawSocket(script.net, 1).send(echo(), ip('10.2.0.1'));
    expect(script.sent[0]).toMatch(
      pattern(
        '52540000320b 52540000320c 0800 4500 0030 .... 4000 40 04 .... c0a8320c c0a8320b 4500 001c .... 4000 40 01 .... 0a020002 0a020001 .{16}',
      ),
    );
  });

  it('shows bare packets in the trace, where the device has no link layer', () => {
    const script = ipipHost();
    script.inject(OUTER + INNER);
    const device = script.net.deviceByName('ipip1')?.uid;
    const received = script.kernel.trace.events().find((event) => event.kind === TraceKind.Receive && event.device === device);
    expect(received).toMatchObject({ value: FRAME_BARE });
    expect(received?.frame.slice(0, 2)).toEqual(new Uint8Array([0x45, 0]));
  });

  it('without a tunnel for it, the sender hears that nobody listens', () => {
    const script = ipipHost();
    script.netlink.setLink(script.index('ipip1'), { up: false });
    script.inject(OUTER + INNER);
    expect(script.sent.map((frame) => frame.slice(68, 72))).toEqual(['0303']);
  });

  it('through one another for ever ends as on a dead loop, and the kernel says so', () => {
    const script = new FrameScript(ENDS);
    const { netlink } = script;
    for (const [name, own, remote] of [
      ['a', '10.3.0.2', '10.2.0.1'],
      ['b', '10.2.0.2', '10.3.0.1'],
    ] as const) {
      expect(netlink.newLink({ kind: 'ipip', name, data: { remote } })).toBeUndefined();
      netlink.newAddress({ ifindex: script.index(name), prefix: { address: ip(own), length: 24 } }, 'add');
      netlink.setLink(script.index(name), { up: true });
    }
    new RawSocket(script.net, 1).send(echo(), ip('10.3.0.1'));
    expect(script.sent).toEqual([]);
    expect(script.net.dropCounts.get('RECURSION_LIMIT')).toBe(1);
    expect(script.kernel.log.lines().at(-1)?.text).toMatch(/^Dead loop on virtual device [ab], fix it urgently!$/);
  });
});

function echo(): Uint8Array {
  const message: Icmp = { kind: 'echo-request', identifier: 7, sequence: 1, data: new Uint8Array(0) };
  const bytes = new Uint8Array(icmpLength(message));
  emitIcmp(bytes, 0, message);
  return bytes;
}
