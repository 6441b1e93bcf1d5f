import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPTURED_NAMES, type CapturedName, captured } from '../wire/captured.ts';
import { dissect, type Layer } from './frame.ts';

fc.configureGlobal({ seed: 20260101, numRuns: 2000 });

/** `Ethernet IPv4 ICMP[IPv4 UDP]`, tunnelled layers with a `+` for each level. */
function outline(layers: readonly Layer[]): string {
  return layers
    .map(
      (layer) =>
        `${'+'.repeat(layer.level)}${layer.protocol}${layer.quote ? `[${outline(layer.quote)}]` : ''}${layer.malformed ? '!' : ''}`,
    )
    .join(' ');
}

function layer(name: CapturedName, protocol: string): Layer {
  const found = dissect(captured(name)).find((each) => each.protocol === protocol);
  if (!found) throw new Error(`no ${protocol}`);
  return found;
}

const fields = (l: Layer): Record<string, string> => Object.fromEntries(l.fields.map((field) => [field.name, field.value]));

describe('the layers of real frames', () => {
  it.each<[CapturedName, string]>([
    ['arpRequest', 'Ethernet ARP'],
    ['echoRequest', 'Ethernet IPv4 ICMP data'],
    ['echoRequest6', 'Ethernet IPv6 ICMPv6 data'],
    ['mldReport', 'Ethernet IPv6 IPv6 extension ICMPv6'],
    ['neighbourSolicitation', 'Ethernet IPv6 ICMPv6'],
    ['portUnreachable', 'Ethernet IPv4 ICMP[IPv4 UDP data]'],
    ['timeExceeded6', 'Ethernet IPv6 ICMPv6[IPv6 ICMPv6 data]'],
    ['tcpSyn', 'Ethernet IPv4 TCP'],
    ['httpRequest', 'Ethernet IPv4 TCP HTTP'],
    ['dnsQuery', 'Ethernet IPv4 UDP DNS'],
    ['firstFragment', 'Ethernet IPv4 ICMP data'],
    ['lastFragment', 'Ethernet IPv4 data'],
    ['lastFragment6', 'Ethernet IPv6 IPv6 fragment data'],
    ['vxlanEcho', 'Ethernet IPv4 UDP VXLAN +Ethernet +IPv4 +ICMP +data'],
    ['vxlanUnreachable', 'Ethernet IPv4 ICMP[IPv4 UDP VXLAN +Ethernet +IPv6 +IPv6 extension +ICMPv6]'],
    ['igmpReport', 'Ethernet IPv4 IGMP'],
    ['stp', 'Ethernet LLC STP'],
  ])('%s: %s', (name, expected) => {
    expect(outline(dissect(captured(name)))).toBe(expected);
  });

  it('have no malformed one among them, and cover their frames to the last byte', () => {
    for (const name of CAPTURED_NAMES) {
      const layers = dissect(captured(name));
      expect(outline(layers), name).not.toContain('!');
      const last = layers.at(-1) as Layer;
      const end = (last.quote?.at(-1) ?? last).offset + (last.quote?.at(-1) ?? last).length;
      expect(end, name).toBe(captured(name).length);
    }
  });

  it('say what every field holds and where it stands', () => {
    expect(layer('arpReply', 'ARP').fields.slice(4)).toEqual([
      { name: 'operation', value: '2 (reply)', offset: 20, length: 2 },
      { name: 'sender MAC', value: '02:00:00:00:01:01', offset: 22, length: 6 },
      { name: 'sender address', value: '10.0.1.1', offset: 28, length: 4 },
      { name: 'target MAC', value: '02:00:00:00:01:02', offset: 32, length: 6 },
      { name: 'target address', value: '10.0.1.2', offset: 38, length: 4 },
    ]);
    expect(fields(layer('firstFragment', 'IPv4'))).toMatchObject({
      flags: 'more fragments',
      'fragment offset': '0',
      TTL: '64',
      protocol: '1 (ICMP)',
      checksum: '0xc754 (correct)',
    });
    expect(fields(layer('fragmentationNeeded', 'ICMP'))).toMatchObject({ type: '3 (fragmentation needed)', MTU: '100' });
    expect(fields(layer('neighbourAdvertisement', 'ICMPv6'))).toMatchObject({
      flags: 'router, solicited, override',
      'target link layer': '02:00:00:00:01:01',
    });
    expect(fields(layer('httpRequest', 'HTTP'))).toMatchObject({ request: 'GET /f.txt HTTP/1.1', Host: '10.0.2.2:8080' });
    expect(fields(layer('dnsQuery', 'DNS'))).toMatchObject({
      flags: 'query, recursion desired',
      question: 'A web.default.svc.cluster.local.',
      additional: 'EDNS, UDP size 1232',
    });
    expect(layer('tcpSyn', 'TCP').fields.filter((field) => field.name === 'option')).toEqual([
      { name: 'option', value: 'maximum segment size 1360', offset: 54, length: 4 },
      { name: 'option', value: 'selective acknowledgement permitted', offset: 58, length: 2 },
      { name: 'option', value: 'timestamps 2331439235, echo 0', offset: 60, length: 10 },
      { name: 'option', value: 'no operation', offset: 70, length: 1 },
      { name: 'option', value: 'window scale 10 (times 1024)', offset: 71, length: 3 },
    ]);
  });
});

describe('a broken frame', () => {
  it('is taken apart as far as it goes, and marked where it breaks', () => {
    const cut = dissect(captured('tcpSyn').slice(0, 50));
    expect(outline(cut)).toBe('Ethernet IPv4! TCP!');
    expect(cut[2]?.malformed).toBe('checksum is cut off');
    expect(cut[2]?.fields.at(-1)).toMatchObject({ name: 'window', value: '65280' });
  });

  it('with a wrong checksum is marked, and shown all the same', () => {
    const frame = captured('udp');
    frame[43] = 0;
    const layers = dissect(frame);
    expect(outline(layers)).toBe('Ethernet IPv4 UDP! data');
    expect(fields(layers[2] as Layer).checksum).toBe('0xee17 (wrong)');
  });

  it('a quote is allowed to end early', () => {
    const frame = captured('portUnreachable');
    const cut = frame.slice(0, frame.length - 5); // into the quoted UDP header
    const quote = dissect(cut)[2]?.quote;
    expect(outline(quote as Layer[])).toBe('IPv4 UDP');
    expect(quote?.[1]?.fields.map((field) => field.name)).toEqual(['source port', 'destination port', 'length']);
  });

  it('of tunnels in tunnels comes to an end', () => {
    const header = '4500 0400 0000 0000 4004 0000 0a000001 0a000002'.replaceAll(' ', '');
    const bytes = Uint8Array.from((header.repeat(51).match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)));
    const layers = dissect(bytes, 'ip');
    expect(layers.length).toBeLessThanOrEqual(64);
    expect(layers.at(-1)?.level).toBeGreaterThan(40);
  });
});
