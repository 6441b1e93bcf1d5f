import { describe, expect, test } from 'vitest';
import { type TraceEvent, TraceKind } from '../../sim/index.ts';
import { momentsOf, wayOf } from './frames.ts';
import { layOut } from './layout.ts';
import { sampleNetwork } from './sample-network.ts';

const topology = sampleNetwork({ hosts: 1, bridges: 1, containers: [[0], [0], [0]] });
const devices = topology.hosts.flatMap((host) =>
  host.namespaces.flatMap((namespace) => namespace.devices.map((device) => ({ device, owner: namespace.name }))),
);
const uidOf = (name: string, owner: string): number =>
  devices.find((each) => each.device.name === name && each.owner.startsWith(owner))?.device.uid as number;
const eth0 = (container: number): number => uidOf('eth0', `container-with-a-long-name-${container}`);
const port = (container: number): number => uidOf(`veth${container}a0bc9`, 'host1');

/** Who has 172.17.0.3? Tell 172.17.0.2. */
const QUESTION = Uint8Array.from(
  Buffer.from('ffffffffffff0242ac11000208060001080006040001' + '0242ac110002ac110002' + '000000000000ac110003', 'hex'),
);
/** A router solicitation from fe80::1, as a kernel sends it by itself. */
const SOLICITATION = Uint8Array.from(
  Buffer.from(
    `333300000002${'0242ac110002'}86dd6000000000083aff${'fe80000000000000'}0000000000000001${'ff02000000000000'}00000000000000028500${'7d36'}00000000`,
    'hex',
  ),
);

let sequence = 0;
function sent(device: number, packet: number, time: number, frame = QUESTION): TraceEvent {
  return { sequence: sequence++, time, kind: TraceKind.Transmit, device, netns: 1, packet, value: 0, text: '', frame };
}

describe('reading frames from the trace', () => {
  test('copies of one frame that leave together are one moment', () => {
    const moments = momentsOf([sent(eth0(0), 7, 10), sent(port(1), 7, 25), sent(port(2), 7, 25), sent(eth0(1), 8, 40)], topology);
    expect(moments.map((moment) => moment.length)).toEqual([1, 2, 1]);
  });

  test('a frame says where it goes and what it asks', () => {
    const hop = momentsOf([sent(eth0(0), 7, 10)], topology)[0]?.[0];
    expect(hop?.protocol).toBe('ARP');
    expect(hop?.text).toMatch(/^eth0 of container-with-a-long-name-0 → veth0a0bc9 of host1: who has 172\.17\.0\.3\?/);
  });

  test('what kernels send by themselves is told apart', () => {
    const [question, solicitation] = momentsOf([sent(eth0(0), 7, 10), sent(eth0(0), 8, 20, SOLICITATION)], topology).map(([hop]) => hop);
    expect(question).not.toHaveProperty('housekeeping');
    expect(solicitation).toMatchObject({ protocol: 'ICMPv6', housekeeping: true });
  });

  test('a device without a cable moves nothing', () => {
    expect(momentsOf([sent(uidOf('lo', 'host1'), 7, 10)], topology)).toEqual([]);
  });
});

describe('the way through the drawing', () => {
  const figure = layOut(topology, 1200);
  const middle = (uid: number): number => {
    const chip = figure.chips.find((each) => each.uid === uid);
    return (chip?.x ?? 0) + (chip?.width ?? 0) / 2;
  };

  test('into a bridge: down the cable, through the host’s end, to the bar', () => {
    const way = wayOf(figure, { packet: 7, from: eth0(0) }, new Map());
    const bar = figure.bars[0];
    expect(way.at(-1)?.[1]).toBe(bar?.y);
  });

  test('out of it: along the bar from where it came in, and up the other cable', () => {
    const way = wayOf(figure, { packet: 7, from: port(1) }, new Map([[7, port(0)]]));
    expect(way[0]?.[0]).toBeCloseTo(middle(port(0)));
    expect(way.at(-1)?.[0]).toBeCloseTo(middle(eth0(1)));
  });
});
