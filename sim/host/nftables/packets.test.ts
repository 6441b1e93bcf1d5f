import { describe, expect, it } from 'vitest';
import { datagram, Ear, echo, segment, send, throughRouter, TraceKind, traced } from '../../kernel/netfilter/testbed.ts';
import * as tcp from '../../wire/tcp.ts';
import { iptables } from '../iptables/iptables.ts';
import { nft } from './nftables.ts';

function routed() {
  const network = throughRouter();
  return { ...network, rules: (text: string) => expect(nft(network.router, text)).toBeUndefined() };
}

const PUB = '198.51.100.9';

const syn = (sourcePort: number, destinationPort: number) => segment('10.0.0.2', PUB, { sourcePort, destinationPort });

describe('filtering', () => {
  it('a base chain drops by its policy what no rule accepts', () => {
    const { priv, pub, router, run, rules } = routed();
    rules(`table inet fw {
      chain forward { type filter hook forward priority filter; policy drop;
        tcp dport { 22, 80-90 } accept
      }
    }`);
    const away = new Ear(pub, 6);
    for (const port of [22, 23, 85, 91]) send(priv, 6, syn(5000, port), PUB);
    run();
    expect(away.heard).toEqual([`10.0.0.2:5000 > ${PUB}:22`, `10.0.0.2:5000 > ${PUB}:85`]);
    expect(traced(router, TraceKind.Rule)).toContain(
      'inet fw forward 1: tcp dport { 22, 80-90 } accept (no match: tcp dport { 22, 80-90 })',
    );
    expect(traced(router, TraceKind.Rule)).toContain('inet fw forward policy: policy drop');
  });

  it('accept ends a base chain alone: the next one at the hook may still drop', () => {
    const { priv, pub, run, rules } = routed();
    rules('table ip a { chain f { type filter hook forward priority -5; accept; }; }');
    rules('table ip b { chain f { type filter hook forward priority 5; udp dport 53 drop; }; }');
    const away = new Ear(pub, 17);
    for (const port of [53, 54]) send(priv, 17, datagram('10.0.0.2', PUB, 4000, port), PUB);
    run();
    expect(away.heard).toEqual([`10.0.0.2:4000 > ${PUB}:54`]);
  });

  it('jump comes back, goto does not, return ends a chain', () => {
    const { priv, pub, run, rules } = routed();
    rules(`table ip t {
      chain early { udp dport 1 return; udp dport 2 drop; }
      chain last { udp dport 3 return; drop; }
      chain f { type filter hook forward priority 0; policy accept; jump early; udp dport 4 goto last; udp dport 3 goto last; }
    }`);
    const away = new Ear(pub, 17);
    for (const port of [1, 2, 3, 4]) send(priv, 17, datagram('10.0.0.2', PUB, 4000, port), PUB);
    run();
    expect(away.heard.map((line) => line.split(':').at(-1))).toEqual(['1', '3']);
  });

  it('answers are let back by the state of their connection', () => {
    const { priv, run, rules } = routed();
    rules(`table inet fw {
      chain forward { type filter hook forward priority 0; policy drop;
        ct state vmap { established : accept, related : accept, invalid : drop }
        iifname "v0" oifname "v1" accept
      }
      chain post { type nat hook postrouting priority srcnat; oifname "v1" masquerade; }
    }`);
    const home = new Ear(priv, 1);
    send(priv, 1, echo(7), PUB);
    run();
    expect(home.heard).toEqual([`${PUB} > 10.0.0.2 type 0 code 0`]);
  });

  it('reject answers', () => {
    const { priv, run, rules } = routed();
    rules(`table inet fw { chain f { type filter hook forward priority 0;
      tcp dport 113 reject with tcp reset; udp dport 5 reject; udp dport 6 reject with icmp type admin-prohibited; }; }`);
    const [icmps, segments] = [new Ear(priv, 1), new Ear(priv, 6)];
    send(priv, 6, syn(5000, 113), PUB);
    for (const port of [5, 6]) send(priv, 17, datagram('10.0.0.2', PUB, 4000, port), PUB);
    run();
    expect(icmps.heard).toEqual(['10.0.0.1 > 10.0.0.2 type 3 code 3', '10.0.0.1 > 10.0.0.2 type 3 code 13']);
    expect(segments.heard).toEqual([`${PUB}:113 > 10.0.0.2:5000`]);
    expect((segments.packets[0]?.[33] as number) & tcp.TCP_FLAG.RST).not.toBe(0);
  });

  it('a new mark in an output chain of type route chooses another route', () => {
    const { router, rules } = routed();
    rules('table ip t { chain o { type route hook output priority mangle; udp dport 9 meta mark set 7; }; }');
    send(router, 17, datagram('198.51.100.1', PUB, 1, 9), PUB);
    expect(traced(router, TraceKind.Rule)).toContain('ip t o 1: udp dport 9 meta mark set 0x00000007');
  });
});

describe('sets', () => {
  it('rules add to a set, whose elements go when their time is over', () => {
    const { priv, pub, router, run, rules } = routed();
    rules(`table ip t {
      set seen { type ipv4_addr . inet_service; flags dynamic,timeout; timeout 10s; }
      chain f { type filter hook forward priority 0;
        ip saddr . udp dport @seen drop
        update @seen { ip saddr . udp dport }
      }
    }`);
    const away = new Ear(pub, 17);
    const knock = () => send(priv, 17, datagram('10.0.0.2', PUB, 4000, 9), PUB);
    knock();
    knock();
    run(11);
    knock();
    run();
    expect(away.heard).toHaveLength(2);
    expect(router.netfilter.nftables.table('ip', 't')?.sets.get('seen')?.size).toBe(1);
  });

  it('limits in elements count each address by itself', () => {
    const { priv, pub, run, rules } = routed();
    rules(`table ip t {
      set meter { type ipv4_addr; flags dynamic; size 100; }
      chain f { type filter hook forward priority 0; add @meter { ip daddr limit rate over 1/minute burst 2 packets } drop; }
    }`);
    const away = new Ear(pub, 17);
    for (let i = 0; i < 5; i++) send(priv, 17, datagram('10.0.0.2', PUB, 4000, 9), PUB);
    run();
    expect(away.heard).toHaveLength(2);
  });

  it('prefixes, ranges and concatenations of them are found', () => {
    const { priv, pub, run, rules } = routed();
    rules(`table ip t {
      map to { type ipv4_addr . inet_service : verdict; flags interval; elements = { 198.51.100.0/24 . 10-19 : drop, 198.51.100.9 . 5 : accept } ; }
      set from { type ipv4_addr; flags interval; elements = { 10.0.0.0-10.0.0.1, 10.0.0.4/30 }; }
      chain f { type filter hook forward priority 0; ip saddr @from drop; ip daddr . udp dport vmap @to; udp dport 6 drop; }
    }`);
    const away = new Ear(pub, 17);
    for (const port of [5, 6, 9, 10, 19, 20]) send(priv, 17, datagram('10.0.0.2', PUB, 4000, port), PUB);
    run();
    expect(away.heard.map((line) => line.split(':').at(-1))).toEqual(['5', '9', '20']);
  });
});

describe('NAT', () => {
  it('dnat finds its address and port in a map', () => {
    const { priv, pub, run, rules } = routed();
    rules(`table ip nat {
      chain pre { type nat hook prerouting priority dstnat; dnat to ip daddr . tcp dport map { 203.0.113.1 . 80 : ${PUB} . 8080 }; }
      chain post { type nat hook postrouting priority srcnat; masquerade; }
    }`);
    const away = new Ear(pub, 6);
    send(priv, 6, segment('10.0.0.2', '203.0.113.1', { sourcePort: 5000, destinationPort: 80 }), '203.0.113.1');
    run();
    expect(away.heard).toEqual([`198.51.100.1:5000 > ${PUB}:8080`]);
  });

  it('chains of nft and of iptables share the translation: who decides first has decided', () => {
    const { priv, pub, router, run, rules } = routed();
    expect(iptables(router, '-t nat -A POSTROUTING -o v1 -j SNAT --to-source 198.51.100.77')).toBeUndefined();
    rules(`table ip x { chain early { type nat hook postrouting priority srcnat - 1; udp dport 1 snat to 198.51.100.66; };
      chain late { type nat hook postrouting priority srcnat + 1; udp dport 2 snat to 198.51.100.55; }; }`);
    const away = new Ear(pub, 17);
    for (const port of [1, 2]) send(priv, 17, datagram('10.0.0.2', PUB, 4000, port), PUB);
    run();
    expect(away.heard).toEqual([`198.51.100.66:4000 > ${PUB}:1`, `198.51.100.77:4000 > ${PUB}:2`]);
  });

  it('flushing the rule set takes the tables of iptables too', () => {
    const { router, rules } = routed();
    expect(iptables(router, '-A FORWARD -m conntrack --ctstate NEW -j DROP')).toBeUndefined();
    rules('table ip x { chain f { type filter hook forward priority 0; }; }');
    expect(router.netfilter.active).toBe(true);
    rules('flush ruleset');
    expect(router.netfilter.active).toBe(false);
  });
});

describe('transactions', () => {
  it('a text is carried out whole or not at all', () => {
    const { router, rules } = routed();
    rules('table ip t { set s { type ipv4_addr; }; chain c { counter; }; }');
    const said = nft(router, 'add element ip t s { 1.1.1.1 }\nflush chain ip t c\nadd rule ip t c jump nowhere');
    expect(said).toBe(
      'Error: Could not process rule: No such file or directory\nadd rule ip t c jump nowhere\n                     ^^^^^^^\n',
    );
    const table = router.netfilter.nftables.table('ip', 't');
    expect(table?.sets.get('s')?.size).toBe(0);
    expect(table?.chains.get('c')?.rules).toHaveLength(1);
  });

  it('chains in a circle, and NAT outside of chains for it, are refused', () => {
    const { router, rules } = routed();
    rules('table ip t { chain a {}; chain b { jump a; }; chain f { type filter hook forward priority 0; jump b; }; }');
    expect(nft(router, 'add rule ip t a jump b')).toContain('Could not process rule: Too many links');
    expect(nft(router, 'add rule ip t f masquerade')).toContain('Could not process rule: Operation not supported');
  });

  it('a chain that is called otherwise is so in the trace', () => {
    const { priv, router, run, rules } = routed();
    rules('table ip t { chain f { type filter hook forward priority 0; udp dport 9 counter; }; }');
    for (const name of ['f', 'routed']) {
      if (name !== 'f') rules('rename chain ip t f routed');
      send(priv, 17, datagram('10.0.0.2', PUB, 4000, 9), PUB);
      run();
      expect(traced(router, TraceKind.Rule).at(-1)).toBe(`ip t ${name} 1: udp dport 9 counter`);
    }
  });

  it('a table that is gone leaves no hooks behind', () => {
    const { router, rules } = routed();
    rules('table inet t { chain f { type filter hook forward priority 0; ct state new counter; }; }');
    rules('delete table inet t');
    expect(router.netfilter.active).toBe(false);
  });
});
