import { describe, expect, it } from 'vitest';
import { SECOND } from '../../base/time.ts';
import * as tcp from '../../wire/tcp.ts';
import { PRIORITY } from '../../kernel/netfilter/hooks.ts';
import { STATUS } from '../../kernel/netfilter/conntrack/connection.ts';
import { address, cable, datagram, describe as describePacket, echo, segment, send, testKernel } from '../../kernel/netfilter/testbed.ts';
import { iptables } from './iptables.ts';

const { SYN, ACK, FIN, RST } = tcp.TCP_FLAG;

/** a 10.0.1.2 — router — b 10.0.2.2; the test speaks for the hosts. */
function observed() {
  const kernel = testKernel();
  const [a, router, b] = [kernel.newNamespace(), kernel.newNamespace(), kernel.newNamespace()];
  cable(a, 'eth0', router, 'left');
  cable(router, 'right', b, 'eth0');
  address(a, 'eth0', '10.0.1.2', 16);
  address(b, 'eth0', '10.0.2.2', 16);
  address(router, 'left', '10.0.1.1');
  address(router, 'right', '10.0.2.1');
  router.sysctl.set('net/ipv4/ip_forward', '1');
  for (const side of ['left', 'right']) router.sysctl.set(`net/ipv4/conf/${side}/proxy_arp`, '1');
  // What reaches the hosts is written down and goes no further.
  const heard: Record<'a' | 'b', string[]> = { a: [], b: [] };
  for (const [name, net] of [
    ['a', a],
    ['b', b],
  ] as const) {
    net.netfilter.hooks.register(4, 'PREROUTING', PRIORITY.first, (skb) => {
      heard[name].push(describePacket(skb.bytes.slice(skb.network, skb.end)));
      return 'drop';
    });
  }
  expect(iptables(router, '-A FORWARD -m conntrack --ctstate INVALID -j DROP')).toBeUndefined();
  const run = (seconds = 0.1) => kernel.events.runUntil(kernel.events.now + seconds * SECOND);
  const table = router.netfilter.conntrack.table;
  const left = () => table.list().map((c) => Math.round((c.expires - kernel.events.now) / SECOND));
  // What each side has sent so far, as if the other had received it.
  const next = { a: 1000, b: 5000 };
  const says = (who: 'a' | 'b', flags: number, { off = 0, data = 0, window = 1000 } = {}) => {
    const [from, to, net] = who === 'a' ? (['10.0.1.2', '10.0.2.2', a] as const) : (['10.0.2.2', '10.0.1.2', b] as const);
    const ports = who === 'a' ? { sourcePort: 4000, destinationPort: 80 } : { sourcePort: 80, destinationPort: 4000 };
    const acknowledgement = flags & ACK ? next[who === 'a' ? 'b' : 'a'] : 0;
    send(net, 6, segment(from, to, { ...ports, flags, sequence: next[who] + off, acknowledgement, window }, data), to);
    if (off === 0) next[who] += data + (flags & (SYN | FIN) ? 1 : 0);
    run();
  };
  const connect = () => {
    says('a', SYN);
    says('b', SYN | ACK);
    says('a', ACK);
  };
  return { kernel, a, b, router, run, table, says, connect, left, heard };
}

describe('a TCP connection', () => {
  it('goes through its states, with their times to live', () => {
    const { table, says, left } = observed();
    const seen: [string, number, boolean][] = [];
    for (const [who, flags] of [
      ['a', SYN],
      ['b', SYN | ACK],
      ['a', ACK],
      ['a', FIN | ACK],
      ['b', ACK],
      ['b', FIN | ACK],
      ['a', ACK],
    ] as const) {
      says(who, flags);
      const [connection] = table.list();
      seen.push([connection?.tcpState ?? '', left()[0] ?? 0, connection?.has(STATUS.ASSURED) ?? false]);
    }
    expect(seen).toEqual([
      ['SYN_SENT', 120, false],
      ['SYN_RECV', 60, false],
      ['ESTABLISHED', 432_000, true],
      ['FIN_WAIT', 120, true],
      ['CLOSE_WAIT', 60, true],
      ['LAST_ACK', 30, true],
      ['TIME_WAIT', 120, true],
    ]);
  });

  it('is forgotten when it is refused, and closed when it is reset', () => {
    const { table, says, left } = observed();
    says('a', SYN);
    says('b', RST | ACK);
    expect(table.list()).toHaveLength(0);
    says('a', SYN);
    says('b', SYN | ACK);
    says('a', ACK);
    says('b', RST | ACK);
    expect(table.list()[0]?.tcpState).toBe('CLOSE');
    expect(left()).toEqual([10]);
  });

  it('cannot begin with an answer: such segments are INVALID', () => {
    const { heard, says, table } = observed();
    says('a', SYN | ACK);
    says('a', SYN | FIN);
    expect(table.list()).toHaveLength(0);
    expect(heard.b).toEqual([]);
    says('a', SYN);
    expect(heard.b).toEqual(['10.0.1.2:4000 > 10.0.2.2:80']);
  });

  it('is picked up in the middle, unless nf_conntrack_tcp_loose says no', () => {
    const { table, says, router, left } = observed();
    says('a', ACK);
    expect(table.list()[0]?.tcpState).toBe('ESTABLISHED');
    expect(left()).toEqual([300]);
    table.remove(table.list()[0] as never);
    router.sysctl.set('net/netfilter/nf_conntrack_tcp_loose', '0');
    says('a', ACK);
    expect(table.list()).toHaveLength(0);
  });
});

describe('the windows of a TCP connection', () => {
  it('a segment that nobody can have asked for is INVALID; data that is not acknowledged yet makes the entry live 300 s', () => {
    const { says, connect, heard, left } = observed();
    connect();
    expect(left()).toEqual([432_000]);
    const before = heard.b.length;
    says('a', ACK, { off: 5000, data: 10 });
    expect(heard.b).toHaveLength(before);
    says('a', ACK, { data: 10 });
    expect(heard.b).toHaveLength(before + 1);
    expect(left()).toEqual([300]);
    says('b', ACK);
    expect(left()).toEqual([432_000]);
  });

  it('unless nf_conntrack_tcp_be_liberal says that it is fine', () => {
    const { says, connect, heard, router } = observed();
    router.sysctl.set('net/netfilter/nf_conntrack_tcp_be_liberal', '1');
    connect();
    const before = heard.b.length;
    says('a', ACK, { off: 5000, data: 10 });
    expect(heard.b).toHaveLength(before + 1);
  });

  it('a RST with a number from the past is INVALID, one from the future leaves the connection to be asked for', () => {
    const { says, connect, heard, table, left } = observed();
    connect();
    says('b', ACK, { data: 100 });
    says('a', ACK);
    const before = heard.a.length;
    says('b', RST, { off: -50 });
    expect(heard.a).toHaveLength(before);
    says('b', RST, { off: 20 });
    expect(heard.a).toHaveLength(before + 1);
    expect(table.list()[0]?.tcpState).toBe('ESTABLISHED');
    expect(left()).toEqual([10]);
    says('b', RST);
    expect(table.list()[0]?.tcpState).toBe('CLOSE');
  });

  it('an old RST passes where nf_conntrack_tcp_ignore_invalid_rst says so', () => {
    const { says, connect, heard, router } = observed();
    router.sysctl.set('net/netfilter/nf_conntrack_tcp_ignore_invalid_rst', '1');
    connect();
    says('b', ACK, { data: 100 });
    says('a', ACK);
    const before = heard.a.length;
    says('b', RST, { off: -50 });
    expect(heard.a).toHaveLength(before + 1);
  });

  it('the same acknowledgement over and over, or a closed window: the entry waits 300 s only', () => {
    const { says, connect, left } = observed();
    connect();
    for (let i = 0; i < 4; i++) says('b', ACK);
    expect(left()).toEqual([300]);
    says('a', ACK, { window: 0 });
    expect(left()).toEqual([300]);
    says('a', ACK, { window: 900 });
    expect(left()).toEqual([432_000]);
  });

  it('what is wrong stands in the log of the kernel, if nf_conntrack_log_invalid asks for it', () => {
    const { says, connect, router, kernel } = observed();
    router.sysctl.set('net/netfilter/nf_conntrack_log_invalid', '6');
    router.netfilter.conntrack.settings.nf_log_all_netns = 1;
    connect();
    says('a', ACK, { off: 5000, data: 10 });
    says('a', SYN | FIN, { off: 1 });
    expect(kernel.log.lines().map(({ text }) => text.replace(/ MACSRC.*/, ''))).toEqual([
      'nf_ct_proto_6: SEQ is over upper bound 2002 (over the window of the receiver) IN=left OUT=',
      'nf_ct_proto_6: invalid tcp flag combination IN=left OUT=',
    ]);
  });
});

describe('a UDP conversation', () => {
  it('lives half a minute, and as a stream two', () => {
    const { a, b, run, table, left } = observed();
    const ask = () => send(a, 17, datagram('10.0.1.2', '10.0.2.2', 4000, 53), '10.0.2.2');
    const answer = () => send(b, 17, datagram('10.0.2.2', '10.0.1.2', 53, 4000), '10.0.1.2');
    ask();
    run();
    expect([left()[0], table.list()[0]?.has(STATUS.SEEN_REPLY)]).toEqual([30, false]);
    answer();
    run(3);
    ask();
    run();
    expect([left()[0], table.list()[0]?.has(STATUS.ASSURED)]).toEqual([120, true]);
    run(121);
    expect(table.count).toBe(0);
  });
});

describe('the table', () => {
  it('gives up unanswered connections when it is full, and nothing else', () => {
    const { kernel, a, router, run, table, heard } = observed();
    kernel.init.sysctl.set('net/netfilter/nf_conntrack_max', '2');
    for (const port of [1, 2, 3]) send(a, 17, datagram('10.0.1.2', '10.0.2.2', 4000, port), '10.0.2.2');
    run();
    expect(table.list().map((c) => c.original.destinationPort)).toEqual([2, 3]);
    for (const connection of table.list()) connection.status |= STATUS.ASSURED;
    send(a, 17, datagram('10.0.1.2', '10.0.2.2', 4000, 4), '10.0.2.2');
    run();
    expect(heard.b).toHaveLength(3);
    expect(kernel.log.lines().at(-1)?.text).toBe('nf_conntrack: nf_conntrack: table full, dropping packet');
    expect(router.sysctl.get('net/netfilter/nf_conntrack_count')).toBe('2');
  });

  it('takes no notice of what NOTRACK says to leave alone', () => {
    const { a, run, router, table } = observed();
    expect(iptables(router, '-t raw -A PREROUTING -p icmp -j CT --notrack')).toBeUndefined();
    expect(iptables(router, '-A FORWARD -m conntrack --ctstate UNTRACKED')).toBeUndefined();
    send(a, 1, echo(1), '10.0.2.2');
    run();
    expect(table.list()).toHaveLength(0);
    expect(router.netfilter.table(4, 'filter')?.chain('FORWARD')?.rules[1]?.packets).toBe(1);
  });

  it('keeps marks for the packets that follow', () => {
    const { a, run, router } = observed();
    for (const rule of [
      '-t mangle -A PREROUTING -j CONNMARK --restore-mark',
      '-t mangle -A PREROUTING -m mark ! --mark 0 -j ACCEPT',
      '-t mangle -A PREROUTING -j MARK --set-mark 7',
      '-t mangle -A PREROUTING -j CONNMARK --save-mark',
    ])
      expect(iptables(router, rule)).toBeUndefined();
    for (let i = 0; i < 3; i++) send(a, 1, echo(1, i), '10.0.2.2');
    run();
    expect(
      router.netfilter
        .table(4, 'mangle')
        ?.chain('PREROUTING')
        ?.rules.map((rule) => rule.packets),
    ).toEqual([3, 2, 1, 1]);
  });

  it('fragments are put together before it looks at them', () => {
    const { a, run, table, heard } = observed();
    send(a, 17, datagram('10.0.1.2', '10.0.2.2', 4000, 53, 3000), '10.0.2.2');
    run();
    expect(table.list()).toHaveLength(1);
    // On the way out it is cut up again.
    expect(heard.b).toHaveLength(3);
  });
});
