import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import * as wire from '../../wire/ipv4.ts';
import * as tcp from '../../wire/tcp.ts';
import {
  address,
  cable,
  datagram,
  Ear,
  echo,
  eventsOf,
  segment,
  send,
  testKernel,
  TraceKind,
  traced,
} from '../../kernel/netfilter/testbed.ts';
import { iptables, restore, save } from './iptables.ts';

/** Two hosts on a cable: cli 10.0.0.2 and srv 10.0.0.1; srv is the machine itself. */
function pairOfHosts() {
  const kernel = testKernel();
  const [srv, cli] = [kernel.init, kernel.newNamespace()];
  cable(srv, 'v0', cli, 'eth0');
  address(srv, 'v0', '10.0.0.1');
  address(cli, 'eth0', '10.0.0.2');
  for (const net of [srv, cli]) net.setUp(net.loopback);
  const run = (seconds = 0.1) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);
  const rule = (text: string) => expect(iptables(srv, text)).toBeUndefined();
  return { kernel, srv, cli, run, rule };
}

const syn = (port: number) => segment('10.0.0.2', '10.0.0.1', { sourcePort: 4000, destinationPort: port });

describe('chains', () => {
  it('jump, return and go: where a packet ends, and what counts', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-N WEB');
    rule('-N LOGGED');
    rule('-A INPUT -p udp -j WEB');
    rule('-A INPUT -p udp -g LOGGED');
    rule('-A INPUT -j DROP');
    rule('-A WEB -p udp --dport 80 -j ACCEPT');
    rule('-A WEB -p udp --dport 81 -j RETURN');
    rule('-A WEB -p udp --dport 81 -j DROP');
    rule('-A LOGGED -p udp --dport 82');
    for (const port of [80, 81, 82]) send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, port), '10.0.0.1');
    run();
    // Going to LOGGED leads back to nowhere: after it comes the policy, not INPUT's third rule.
    expect(save(srv, { counters: true })).toBe(`*filter
:INPUT ACCEPT [2:64]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:LOGGED - [0:0]
:WEB - [0:0]
[3:96] -A INPUT -p udp -j WEB
[2:64] -A INPUT -p udp -g LOGGED
[0:0] -A INPUT -j DROP
[1:32] -A LOGGED -p udp -m udp --dport 82
[1:32] -A WEB -p udp -m udp --dport 80 -j ACCEPT
[1:32] -A WEB -p udp -m udp --dport 81 -j RETURN
[0:0] -A WEB -p udp -m udp --dport 81 -j DROP
COMMIT
`);
  });

  it('every rule leaves its outcome in the trace, with what did not fit', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -s 192.0.2.1 -j ACCEPT');
    rule('-A INPUT -p tcp -j ACCEPT');
    rule('-A INPUT -p udp -m udp --dport 99 -j ACCEPT');
    rule('-A INPUT -p udp -m comment --comment "no more" -j DROP');
    send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, 53), '10.0.0.1');
    run();
    expect(eventsOf(srv, TraceKind.Rule).map(({ value, text }) => [value, text])).toEqual([
      [
        1,
        [
          'filter INPUT 1: -s 192.0.2.1/32 -j ACCEPT (no match: source)',
          'filter INPUT 2: -p tcp -j ACCEPT (no match: protocol)',
          'filter INPUT 3: -p udp -m udp --dport 99 -j ACCEPT (no match: udp)',
          'filter INPUT 4: -p udp -m comment --comment "no more" -j DROP',
        ].join('\n'),
      ],
    ]);
    expect(traced(srv, TraceKind.Drop).at(-1)).toBe('NETFILTER_DROP');
  });

  it('a long chain is told in stretches, each rule once', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    for (let port = 1; port <= 40; port++) rule(`-A INPUT -p udp -m udp ! --dport 53 -m comment --comment ${port} -j DROP`);
    send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, 53), '10.0.0.1');
    run();
    const lines = traced(srv, TraceKind.Rule).flatMap((text) => text.split('\n'));
    expect(lines).toEqual(
      Array.from(
        { length: 40 },
        (_, i) => `filter INPUT ${i + 1}: -p udp -m udp ! --dport 53 -m comment --comment ${i + 1} -j DROP (no match: udp)`,
      ),
    );
  });

  it('packets of different flows are each told what became of them', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p udp -m udp --dport 53 -j DROP');
    rule('-A INPUT -s 10.0.0.2 -j DROP');
    for (const port of [53, 54, 53, 54]) send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, port), '10.0.0.1');
    run();
    const first = 'filter INPUT 1: -p udp -m udp --dport 53 -j DROP';
    const second = `${first} (no match: udp)\nfilter INPUT 2: -s 10.0.0.2/32 -j DROP`;
    expect(traced(srv, TraceKind.Rule)).toEqual([first, second, first, second]);
  });

  it('the policy decides when no rule did', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-P INPUT DROP');
    rule('-A INPUT -p tcp -j ACCEPT');
    send(cli, 1, echo(1), '10.0.0.1');
    run();
    expect(traced(srv, TraceKind.Rule).at(-1)).toBe('filter INPUT policy: -P INPUT DROP');
  });

  it('of many Services a packet meets only its own, and counts as if it had met all', () => {
    const { srv, cli, run } = pairOfHosts();
    const rules = Array.from({ length: 1000 }, (_, i) => `-A SERVICES -d 10.96.${i >> 8}.${i & 255}/32 -p udp -m udp --dport 53 -j DROP`);
    const mine = '-A SERVICES -d 10.0.0.1/32 -p udp -m udp --dport 53';
    const text = [
      '*filter',
      ':SERVICES - [0:0]',
      '-A INPUT -j SERVICES',
      ...rules.slice(0, 500),
      mine,
      ...rules.slice(500),
      `${mine} -j DROP`,
      'COMMIT',
      '',
    ];
    expect(restore(srv, text.join('\n'))).toEqual({ ok: true });
    send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, 53), '10.0.0.1');
    run();
    expect(traced(srv, TraceKind.Rule).join('\n').split('\n')).toEqual([
      'filter INPUT 1: -j SERVICES',
      'filter SERVICES 1-500: (no match: destination)',
      'filter SERVICES 501: -d 10.0.0.1/32 -p udp -m udp --dport 53',
      'filter SERVICES 502-1001: (no match: destination)',
      'filter SERVICES 1002: -d 10.0.0.1/32 -p udp -m udp --dport 53 -j DROP',
    ]);
    expect(
      save(srv, { counters: true })
        .split('\n')
        .filter((line) => line.startsWith('[1:')),
    ).toHaveLength(3);
  });
});

describe('REJECT', () => {
  it('says so by ICMP, or by a reset', () => {
    const { cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p udp -j REJECT --reject-with icmp-admin-prohibited');
    rule('-A INPUT -p tcp -j REJECT --reject-with tcp-reset');
    const told = new Ear(cli, 1);
    const reset = new Ear(cli, 6);
    send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, 53), '10.0.0.1');
    send(cli, 6, syn(80), '10.0.0.1');
    run();
    expect(told.heard).toEqual(['10.0.0.1 > 10.0.0.2 type 3 code 13']);
    expect(reset.heard).toEqual(['10.0.0.1:80 > 10.0.0.2:4000']);
    const packet = reset.packets[0] as Uint8Array;
    expect(tcp.flags(packet, 20)).toBe(tcp.TCP_FLAG.RST | tcp.TCP_FLAG.ACK);
    expect(tcp.acknowledgement(packet, 20)).toBe(2);
    expect(wire.dontFragment(packet, 0)).toBe(true);
  });

  it('refuses what the host itself sends, too', () => {
    const { srv, rule } = pairOfHosts();
    rule('-A OUTPUT -d 10.0.0.2 -j DROP');
    expect(send(srv, 1, echo(1), '10.0.0.2')).toBe('EPERM');
  });
});

describe('LOG', () => {
  it('writes the packet to the kernel log of the machine', () => {
    const { kernel, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p udp -j LOG --log-prefix "dropped: " --log-level info');
    send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, 53), '10.0.0.1');
    run();
    const [line] = kernel.log.lines();
    expect(line?.level).toBe(6);
    expect(line?.text).toMatch(
      /^dropped: IN=v0 OUT= MAC=([0-9a-f]{2}:){13}00 SRC=10\.0\.0\.2 DST=10\.0\.0\.1 LEN=32 TOS=0x00 PREC=0x00 TTL=64 ID=\d+ (DF )?PROTO=UDP SPT=4000 DPT=53 LEN=12 $/,
    );
  });

  it('keeps quiet in other namespaces', () => {
    const { kernel, srv, cli, run } = pairOfHosts();
    expect(iptables(cli, '-A INPUT -j LOG')).toBeUndefined();
    send(srv, 1, echo(1), '10.0.0.2');
    run();
    expect(kernel.log.lines()).toEqual([]);
  });
});

describe('matches with a memory', () => {
  it('limit lets a burst through, then so many in a time', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p icmp -m limit --limit 1/sec --limit-burst 3 -j ACCEPT');
    rule('-A INPUT -p icmp -j DROP');
    for (let i = 0; i < 5; i++) send(cli, 1, echo(1, i), '10.0.0.1');
    run(2.5);
    for (let i = 0; i < 5; i++) send(cli, 1, echo(1, i), '10.0.0.1');
    run();
    expect(
      srv.netfilter
        .table(4, 'filter')
        ?.chain('INPUT')
        ?.rules.map((rule) => rule.packets),
    ).toEqual([5, 5]);
  });

  it('recent remembers who knocked', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p udp --dport 7000 -m recent --name knock --set -j DROP');
    rule('-A INPUT -p udp --dport 22 -m recent --name knock --rcheck --seconds 10 -j ACCEPT');
    rule('-A INPUT -p udp --dport 22 -j DROP');
    const knock = (port: number) => {
      send(cli, 17, datagram('10.0.0.2', '10.0.0.1', 4000, port), '10.0.0.1');
      run();
    };
    knock(22);
    knock(7000);
    knock(22);
    run(11);
    knock(22);
    expect(
      srv.netfilter
        .table(4, 'filter')
        ?.chain('INPUT')
        ?.rules.map((rule) => rule.packets),
    ).toEqual([1, 1, 2]);
  });

  it('statistic nth takes turns', () => {
    const { srv, cli, run, rule } = pairOfHosts();
    rule('-A INPUT -p icmp -m statistic --mode nth --every 3 --packet 0 -j DROP');
    for (let i = 0; i < 6; i++) send(cli, 1, echo(1, i), '10.0.0.1');
    run();
    expect(srv.netfilter.table(4, 'filter')?.chain('INPUT')?.rules[0]?.packets).toBe(2);
  });
});
