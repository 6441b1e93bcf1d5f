import { describe, expect, it } from 'vitest';
import { Trace, type TraceEvent, TraceKind, type TraceKindValue } from '../base/trace.ts';
import { captured } from '../wire/captured.ts';
import { LINKTYPE, type PcapFile, readPcap } from '../wire/pcap.ts';
import { explainDrop, sentenceOf } from './explain.ts';
import { hashEvents, TraceHash } from './hash.ts';
import { journeyOf, journeys, type Step } from './journey.ts';
import { toCookedPcap, toPcap } from './pcap.ts';

/**
 * Two containers on a bridge: c1's eth0 (1) is connected to the port veth1 (2), c2's eth0 (4) to veth2 (3); veth9 (5) leads to a third
 * one's eth0 (6). Namespaces: 10 the host, 11 to 13 the containers.
 */
const PEERS: Record<number, number> = { 1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5 };
const peerOf = (device: number): number | undefined => PEERS[device];

function record(
  write: (
    emit: (time: number, kind: TraceKindValue, device: number, netns: number, packet: number, more?: Partial<TraceEvent>) => void,
  ) => void,
): TraceEvent[] {
  const clock = { now: 0 };
  const trace = new Trace(clock, 1000, 1 << 16);
  write((time, kind, device, netns, packet, more = {}) => {
    clock.now = time;
    trace.emit(kind, device, netns, packet, more.value, more.text, more.frame);
  });
  return trace.events();
}

const frame = captured('arpRequest');
const { Transmit, Receive, Bridge, Deliver, Drop, Hook, Rule } = TraceKind;

/** c1 asks everybody; the bridge floods both other ports; c2 answers to the question, the third drops it. */
const flood = record((emit) => {
  emit(100, Transmit, 1, 11, 7, { frame });
  emit(101, Receive, 2, 10, 7, { frame });
  emit(101, Bridge, 2, 10, 7, { text: 'flood' });
  emit(101, Transmit, 3, 10, 7, { frame });
  emit(101, Transmit, 5, 10, 7, { frame });
  emit(102, Receive, 6, 13, 7, { frame });
  emit(102, Drop, 6, 13, 7, { text: 'ARP_IGNORE', frame });
  emit(103, Receive, 4, 12, 7, { frame });
  emit(103, Deliver, 4, 12, 7, { text: 'arp' });
  emit(103, Transmit, 4, 12, 8, { frame: captured('arpReply') });
});

const short = (step: Step): string => {
  if (step.kind === 'hop') return `${step.time} ${step.device} → ${step.to ? `${step.to.device} at ${step.to.time}` : '?'}`;
  if (step.kind === 'drop') return `${step.time} ${step.device} drop ${step.explanation.reason}`;
  return `${step.time} ${step.device} ${step.kind}${'text' in step ? ` ${step.text}` : ''}`;
};

describe('the journey of a packet', () => {
  it('goes from device to device; a flooded one by several ways at once', () => {
    const journey = journeyOf(flood, 7, peerOf);
    expect(journey.steps.map(short)).toEqual([
      '100 1 → 2 at 101',
      '101 2 bridge flood',
      '101 3 → 4 at 103',
      '101 5 → 6 at 102',
      '102 6 drop ARP_IGNORE',
      '103 4 delivery arp',
    ]);
    expect(journey.ends.map((end) => end.kind)).toEqual(['drop', 'delivery']);
    expect(journey.delivered).toBe(true);
  });

  it('without a plan of the cables takes the first equal frame for the one that was sent', () => {
    const hops = journeyOf(flood, 7).steps.filter((step) => step.kind === 'hop');
    expect(hops.map(short)).toEqual(['100 1 → 2 at 101', '101 3 → 6 at 102', '101 5 → 4 at 103']);
  });

  it('leaves open where a frame that is under way, or went into a bridge, arrives', () => {
    const journey = journeyOf(flood, 8, peerOf);
    expect(journey.steps.map(short)).toEqual(['103 4 → ?']);
    expect([journey.ends, journey.delivered]).toEqual([[], false]);
  });

  it('tells the journeys of a trace apart', () => {
    expect(journeys(flood, peerOf).map((journey) => [journey.packet, journey.steps.length])).toEqual([
      [7, 6],
      [8, 1],
    ]);
  });
});

describe('why a packet ended', () => {
  const events = record((emit) => {
    emit(1, Hook, 2, 10, 7, { text: 'FORWARD', value: 4 });
    emit(1, Rule, 2, 10, 7, { text: 'filter FORWARD 1: -j DOCKER-USER', value: 1 });
    emit(1, Rule, 2, 10, 7, { text: 'filter DOCKER-USER 1: -s 10.0.1.2/32 -j DROP', value: 1 });
    emit(1, Rule, 2, 12, 7, { text: 'filter INPUT 1: -j ACCEPT', value: 1 });
    emit(1, Drop, 2, 10, 7, { text: 'NETFILTER_DROP', frame });
  });

  it('a firewall’s drop names the rule that matched last, of this machine', () => {
    expect(explainDrop(events.at(-1) as TraceEvent, events)).toEqual({
      reason: 'NETFILTER_DROP',
      sentence: 'A firewall rule, or the policy of a chain, dropped it.',
      hook: 'FORWARD',
      rule: 'filter DOCKER-USER 1: -s 10.0.1.2/32 -j DROP',
    });
  });

  it('every other is told by its reason, and an unknown reason is not hidden', () => {
    expect(sentenceOf('OTHERHOST')).toBe('The frame is addressed to the MAC of another machine.');
    expect(sentenceOf('SOMETHING_NEW')).toBe('The packet was dropped: SOMETHING_NEW.');
    expect(sentenceOf('toString')).toBe('The packet was dropped: toString.');
  });
});

describe('the hash of a trace', () => {
  it('is the same for the same events, in this process and for ever', () => {
    expect(hashEvents(flood)).toBe(hashEvents(flood.map((event) => ({ ...event }))));
    expect(hashEvents([])).toBe('8a8e115852e4cd7f');
    expect(hashEvents(flood)).toBe('4038aaa67714feb4');
  });

  it('changes with any change of any event, and with their order', () => {
    const seen = new Set([hashEvents(flood)]);
    const changed = (index: number, change: Partial<TraceEvent>): string =>
      hashEvents(flood.map((event, i) => (i === index ? { ...event, ...change } : event)));
    for (let i = 0; i < flood.length; i++) {
      const event = flood[i] as TraceEvent;
      for (const field of ['sequence', 'time', 'kind', 'device', 'netns', 'packet', 'value'] as const) {
        seen.add(changed(i, { [field]: event[field] + 1 }));
      }
      seen.add(changed(i, { time: event.time + 2 ** 32 }));
      seen.add(changed(i, { text: `${event.text}x` }));
      for (let byte = 0; byte < event.frame.length; byte++) {
        const bytes = event.frame.slice();
        (bytes[byte] as number) ^= 1;
        seen.add(changed(i, { frame: bytes }));
      }
    }
    seen.add(hashEvents([...flood].reverse()));
    const bytes = flood.reduce((total, event) => total + event.frame.length, 0);
    expect(seen.size).toBe(1 + flood.length * 9 + bytes + 1);
  });

  it('can be taken as the events come', () => {
    const hash = new TraceHash();
    for (const event of flood) hash.add(event);
    expect(hash.digest()).toBe(hash.digest());
    expect(hash.digest()).toBe(hashEvents(flood));
  });
});

describe('a capture file of a trace', () => {
  it('holds what passed one device, both ways, at the calendar’s time', () => {
    const file = readPcap(toPcap(flood, 4)) as PcapFile;
    expect(file.linkType).toBe(LINKTYPE.Ethernet);
    expect(file.packets).toEqual([
      { time: 1_767_225_600_000_103, bytes: frame, length: 42 },
      { time: 1_767_225_600_000_103, bytes: captured('arpReply'), length: 42 },
    ]);
  });

  it('of loopback shows each packet once, as libpcap does', () => {
    const loop = record((emit) => {
      emit(5, Transmit, 9, 10, 1, { frame: captured('udp') });
      emit(6, Receive, 9, 10, 1, { frame: captured('udp') });
    });
    expect((readPcap(toPcap(loop, 9)) as PcapFile).packets.map((packet) => packet.time % 1000)).toEqual([6]);
  });

  it('of all devices tells by which one and which way each frame went', () => {
    const device = (uid: number) => ({ ifindex: uid, type: 'ether', linkHeader: 14, address: 0 }) as const;
    const file = readPcap(toCookedPcap(flood, device)) as PcapFile;
    expect(file.linkType).toBe(LINKTYPE.LinuxSll2);
    expect(file.packets.map(({ bytes }) => [bytes[7], bytes[10], bytes.length])).toEqual([
      [1, 4, 48],
      [2, 1, 48],
      [3, 4, 48],
      [5, 4, 48],
      [6, 1, 48],
      [4, 1, 48],
      [4, 4, 48],
    ]);
  });
});
