import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import { address, cable, datagram, defaultRoute, Ear, echo, ip, segment, send, testKernel } from '../../kernel/netfilter/testbed.ts';
import { pseudoHeaderIPv4 } from '../../wire/checksum.ts';
import * as wire from '../../wire/ipv4.ts';
import * as tcp from '../../wire/tcp.ts';
import { PRIORITY } from '../../kernel/netfilter/hooks.ts';
import { iptables } from './iptables.ts';

const { SYN } = tcp.TCP_FLAG;

/** client 10.1.0.2 — router — server 10.2.0.2; a watcher 10.3.0.2 on a third cable. Only the router has rules. */
function routed() {
  const kernel = testKernel();
  const [client, router, server, watcher] = [kernel.newNamespace(), kernel.init, kernel.newNamespace(), kernel.newNamespace()];
  for (const [i, net] of [client, server, watcher].entries()) {
    cable(net, 'eth0', router, `port${i + 1}`);
    address(net, 'eth0', `10.${i + 1}.0.2`);
    address(router, `port${i + 1}`, `10.${i + 1}.0.1`);
    defaultRoute(net, 'eth0', `10.${i + 1}.0.1`);
  }
  router.sysctl.set('net/ipv4/ip_forward', '1');
  // The server has nothing to offer; that it says so is not what is looked at.
  router.netfilter.hooks.register(4, 'PREROUTING', PRIORITY.first, (skb, { input }) =>
    input?.name === 'port2' && wire.protocol(skb.bytes, skb.network) !== 17 ? 'drop' : 'accept',
  );
  const run = (seconds = 0.1) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);
  const rule = (text: string) => expect(iptables(router, text)).toBeUndefined();
  const ask = (payload: Uint8Array, protocol = 17) => {
    send(client, protocol, payload, '10.2.0.2');
    run();
  };
  const udp = (size = 4, port = 53) => ask(datagram('10.1.0.2', '10.2.0.2', 4000, port, size));
  const counted = (chain = 'FORWARD', table: 'filter' | 'mangle' | 'raw' = 'filter') =>
    router.netfilter
      .table(4, table)
      ?.chain(chain)
      ?.rules.map(({ packets }) => packets);
  return { kernel, client, router, server, watcher, run, rule, ask, udp, counted };
}

/** A datagram that says something. */
function saying(text: string): Uint8Array {
  const bytes = datagram('10.1.0.2', '10.2.0.2', 4000, 53, text.length);
  [...text].forEach((c, i) => {
    bytes[8 + i] = c.charCodeAt(0);
  });
  return bytes;
}

describe('matches on what a packet holds', () => {
  it('string: bytes anywhere behind an offset, whatever the case if it is told so', () => {
    const { rule, ask, counted } = routed();
    rule('-A FORWARD -m string --string hello --algo bm');
    rule('-A FORWARD -m string --string hello --algo kmp --icase');
    rule('-A FORWARD -m string --hex-string |48656c|lo --algo bm');
    rule('-A FORWARD -m string ! --string hello --algo bm');
    rule('-A FORWARD -m string --string hello --algo bm --from 29');
    rule('-A FORWARD -m string --string hello --algo bm --to 27');
    ask(saying('hello you'));
    ask(saying('Hello you'));
    // IP's header takes 20 bytes and UDP's 8, so the text stands at 28.
    expect(counted()).toEqual([1, 2, 1, 1, 0, 0]);
  });

  it('u32: arithmetic on four bytes at a time, following headers with @', () => {
    const { rule, ask, udp, counted } = routed();
    rule('-A FORWARD -m u32 --u32 6&0xFF=17');
    rule('-A FORWARD -m u32 --u32 0>>22&0x3C@0>>16=4000:4001&&0>>22&0x3C@0&0xFFFF=53');
    rule('-A FORWARD -m u32 ! --u32 6&0xFF=1,6');
    rule('-A FORWARD -m u32 --u32 100=0');
    udp();
    ask(echo(7), 1);
    expect(counted()).toEqual([1, 1, 1, 0]);
  });

  it('tcpmss and ecn read the options and flags of TCP', () => {
    const { rule, ask, counted } = routed();
    rule('-A FORWARD -p tcp -m tcpmss --mss 1400:1500');
    rule('-A FORWARD -p tcp -m tcpmss ! --mss 536');
    rule('-A FORWARD -p tcp -m ecn --ecn-tcp-ece ! --ecn-tcp-cwr');
    rule('-A FORWARD -m ecn --ecn-ip-ect 0');
    ask(segment('10.1.0.2', '10.2.0.2', { sourcePort: 1, destinationPort: 2, flags: SYN | tcp.TCP_FLAG.ECE }), 6);
    // There is no option, so the first rule has nothing to look at, and the second finds that it isn't 536.
    expect(counted()).toEqual([0, 1, 1, 1]);
  });
});

describe('matches that count', () => {
  it('quota: bytes, until they are spent', () => {
    const { rule, udp, counted } = routed();
    rule('-A FORWARD -m quota --quota 70 -j ACCEPT');
    rule('-A FORWARD -j DROP');
    for (let i = 0; i < 4; i++) udp();
    expect(counted()).toEqual([2, 2]);
  });

  it('connlimit: the connections of an address, or of its network', () => {
    const { rule, ask, counted, run } = routed();
    rule('-A FORWARD -p tcp --syn -m connlimit --connlimit-above 2 -j DROP');
    rule('-A FORWARD -p tcp --syn -m connlimit --connlimit-upto 1 --connlimit-mask 0');
    const open = (sourcePort: number) => ask(segment('10.1.0.2', '10.2.0.2', { sourcePort, destinationPort: 80 }), 6);
    for (const port of [4001, 4002, 4003, 4004]) open(port);
    expect(counted()).toEqual([2, 1]);
    // What nobody answered is forgotten after two minutes, and counts no longer.
    run(130);
    open(4005);
    expect(counted()).toEqual([2, 2]);
  });

  it('connbytes: how much a connection has carried, for which it turns accounting on', () => {
    const { rule, udp, counted, router } = routed();
    expect(router.sysctl.get('net/netfilter/nf_conntrack_acct')).toBe('0');
    rule('-A FORWARD -m connbytes --connbytes 3 --connbytes-dir original --connbytes-mode packets');
    rule('-A FORWARD -m connbytes --connbytes :64 --connbytes-dir both --connbytes-mode bytes');
    rule('-A FORWARD -m connbytes ! --connbytes 33:100 --connbytes-dir original --connbytes-mode avgpkt');
    expect(router.sysctl.get('net/netfilter/nf_conntrack_acct')).toBe('1');
    for (let i = 0; i < 4; i++) udp();
    expect(counted()).toEqual([2, 2, 4]);
  });
});

describe('matches on where and when', () => {
  it('time: the hours and days at which the clock of the machine stands', () => {
    const { rule, udp, counted } = routed();
    // One day of the week is right, and one half of the day.
    for (const day of ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']) rule(`-A FORWARD -m time --weekdays ${day}`);
    rule('-A FORWARD -m time --timestart 00:00 --timestop 11:59:59');
    rule('-A FORWARD -m time --timestart 12:00 --timestop 23:59:59');
    rule('-A FORWARD -m time --datestop 2001-01-01');
    udp();
    const counts = counted() as number[];
    expect(counts.slice(0, 7).reduce((a, b) => a + b)).toBe(1);
    expect((counts[7] as number) + (counts[8] as number)).toBe(1);
    expect(counts[9]).toBe(0);
  });

  it('rpfilter: only what comes by the way that an answer would take', () => {
    const { rule, client, watcher, run, counted } = routed();
    rule('-t raw -A PREROUTING -m rpfilter -j ACCEPT');
    rule('-t raw -A PREROUTING -m rpfilter --loose');
    rule('-t raw -A PREROUTING -j DROP');
    send(client, 17, datagram('10.1.0.2', '10.2.0.2', 1, 2), '10.2.0.2');
    const spare = {
      peer: 0x0a01004d,
      length: 32,
      broadcast: undefined,
      scope: 0,
      label: undefined,
      noprefixroute: true,
      protocol: undefined,
    };
    watcher.ipv4.addAddress(watcher.loopback, { ...spare, local: 0x0a01004d, validLifetime: undefined, preferredLifetime: undefined });
    send(watcher, 17, datagram('10.1.0.77', '10.2.0.2', 1, 2), '10.2.0.2', '10.1.0.77');
    run();
    expect(counted('PREROUTING', 'raw')).toEqual([1, 1, 1]);
  });
});

describe('targets that change a packet', () => {
  it('DSCP and TOS: the field, with a checksum that is right', () => {
    const { rule, udp, server, counted } = routed();
    const heard = new Ear(server, 17);
    rule('-t mangle -A PREROUTING -j DSCP --set-dscp-class EF');
    rule('-t mangle -A FORWARD -m dscp --dscp 46');
    rule('-t mangle -A POSTROUTING -j TOS --or-tos 0x04');
    udp();
    expect(counted('FORWARD', 'mangle')).toEqual([1]);
    expect(heard.heard).toEqual(['10.1.0.2:4000 > 10.2.0.2:53']);
    expect(wire.tos(heard.packets[0] as Uint8Array, 0)).toBe(0xbc);
  });

  it('TCPOPTSTRIP and ECN: options become NOPs and flags go, with a checksum that is right', () => {
    const { rule, ask, server } = routed();
    const heard = new Ear(server, 6);
    rule('-t mangle -A FORWARD -p tcp -j TCPOPTSTRIP --strip-options mss');
    rule('-t mangle -A FORWARD -p tcp -j ECN --ecn-tcp-remove');
    const bytes = new Uint8Array(24);
    bytes.set(segment('10.1.0.2', '10.2.0.2', { sourcePort: 1, destinationPort: 2, flags: SYN | tcp.TCP_FLAG.ECE | tcp.TCP_FLAG.CWR }));
    tcp.setHeaderLengthAndFlags(bytes, 0, 24, tcp.flags(bytes, 0));
    bytes.set([2, 4, 5, 180], 20);
    tcp.fillChecksum(bytes, 0, 24, pseudoHeaderIPv4(ip('10.1.0.2'), ip('10.2.0.2'), 6, 24));
    ask(bytes, 6);
    expect(heard.heard).toEqual(['10.1.0.2:1 > 10.2.0.2:2']);
    const packet = heard.packets[0] as Uint8Array;
    expect([...packet.slice(40, 44)]).toEqual([1, 1, 1, 1]);
    expect(tcp.flags(packet, 20)).toBe(SYN);
  });

  it('TEE: a copy goes to somebody else', () => {
    const { rule, udp, server, watcher } = routed();
    const [there, copy] = [new Ear(server, 17), new Ear(watcher, 17)];
    watcher.sysctl.set('net/ipv4/ip_forward', '0');
    address(watcher, 'eth0', '10.2.0.2', 32);
    rule('-t mangle -A PREROUTING -i port1 -j TEE --gateway 10.3.0.2');
    udp();
    expect(there.heard).toEqual(['10.1.0.2:4000 > 10.2.0.2:53']);
    expect(copy.heard).toEqual(there.heard);
  });

  it('NFQUEUE: without a listener the packet is lost, unless the rule says to go on', () => {
    const { rule, udp, server } = routed();
    const heard = new Ear(server, 17);
    rule('-A FORWARD -p udp --dport 53 -j NFQUEUE --queue-num 1');
    rule('-A FORWARD -p udp --dport 54 -j NFQUEUE --queue-num 1 --queue-bypass');
    udp(4, 53);
    udp(4, 54);
    expect(heard.heard).toEqual(['10.1.0.2:4000 > 10.2.0.2:54']);
  });
});

describe('zones', () => {
  it('the same addresses are two connections in two zones', () => {
    const { rule, udp, router, run, server } = routed();
    rule('-A FORWARD -m conntrack --ctstate NEW');
    rule('-t raw -A PREROUTING -i port1 -p udp --dport 53 -j CT --zone 1');
    udp();
    expect(iptables(router, '-t raw -R PREROUTING 1 -i port1 -j CT --zone-orig 2')).toBeUndefined();
    udp();
    const zones = () => router.netfilter.conntrack.table.list().map(({ original, replyDirection }) => [original.zone, replyDirection.zone]);
    expect(zones()).toEqual([
      [1, 1],
      [2, 0],
    ]);
    // An answer comes without a zone: it belongs to the connection whose answers have none.
    send(server, 17, datagram('10.2.0.2', '10.1.0.2', 53, 4000), '10.1.0.2');
    run();
    const replied = router.netfilter.conntrack.table.list().filter((connection) => (connection.status & 2) !== 0);
    expect(replied.map(({ original }) => original.zone)).toEqual([2]);
  });
});
