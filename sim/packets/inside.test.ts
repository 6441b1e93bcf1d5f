import { describe, expect, it } from 'vitest';
import { TraceKind, FRAME_BARE } from '../base/trace.ts';
import { parseScript } from './script.ts';
import { playOn, playSimulated, SimulatedMachine } from './simulated.ts';

/** What a script can't see from a cable's end: the names of drops, and the trace. */

const ADDRESS = '$ ip addr add 10.0.0.1/24 dev eth0; ip neigh add 10.0.0.2 lladdr 02:00:00:00:01:02 dev eth0';

function played(text: string): SimulatedMachine {
  const script = parseScript(`${ADDRESS}\n${text}`);
  const machine = new SimulatedMachine(script.cables);
  expect(playOn(machine, script)).toBeUndefined();
  return machine;
}

const VXLAN = `$ ip link add vx address 02:00:00:00:00:bb type vxlan id 5 local 10.0.0.1 remote 10.0.0.2 dev eth0 dstport 4789
$ ip addr add 10.1.0.1/24 dev vx; ip link set vx up`;
const WHO_HAS = 'arp op=request sha=02:00:00:00:00:aa spa=10.1.0.2 tpa=10.1.0.1';
const IPIP = `$ ip link add tun1 type ipip local 10.0.0.1 remote 10.0.0.2; ip addr add 10.2.0.1/24 dev tun1; ip link set tun1 up`;

describe('tunnels', () => {
  it('VXLAN drops another network, reserved bits and its own MAC, each by name', () => {
    const { kernel } = played(`${VXLAN}
> ip / udp dport=4789 sum=0 / vxlan vni=6 / eth dst=ff:ff:ff:ff:ff:ff src=02:00:00:00:00:aa / ${WHO_HAS}
> ip / udp dport=4789 sum=0 / vxlan vni=5 reserved=1 / eth dst=ff:ff:ff:ff:ff:ff src=02:00:00:00:00:aa / ${WHO_HAS}
> ip / udp dport=4789 sum=0 / vxlan vni=5 flags=9 / eth dst=ff:ff:ff:ff:ff:ff src=02:00:00:00:00:aa / ${WHO_HAS}
> ip / udp dport=4789 sum=0 / vxlan vni=5 / eth dst=ff:ff:ff:ff:ff:ff src=02:00:00:00:00:bb / ${WHO_HAS}
nothing 100ms`);
    expect(Object.fromEntries(kernel.init.dropCounts)).toMatchObject({ VXLAN_VNI_NOT_FOUND: 1, VXLAN_INVALID_HDR: 2, LOCAL_MAC: 1 });
  });

  it('VXLAN keeps the packet on its journey, in and out of the tunnel', () => {
    const { kernel } = played(`${VXLAN}
$ ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:aa dev vx
> ip / udp dport=4789 sum=0 / vxlan vni=5 / eth dst=02:00:00:00:00:bb src=02:00:00:00:00:aa / ip src=10.1.0.2 dst=10.1.0.1 / icmp type=8 id=1 seq=1 / data 4
< ip len=82 / udp / vxlan / eth / ip len=32 / icmp type=0`);
    const events = kernel.trace.events();
    const packet = events.findLast((event) => event.kind === TraceKind.Rewrite && event.text.includes('out of a packet'))?.packet;
    const story = events.filter((event) => event.packet === packet);
    expect(story.map((event) => event.kind)).toEqual(
      expect.arrayContaining([TraceKind.Transmit, TraceKind.Receive, TraceKind.Rewrite, TraceKind.Deliver]),
    );
    expect(story.filter((event) => event.kind === TraceKind.Receive).map((event) => event.frame.length)).toEqual([96, 46]);
  });

  it('IP in IP shows bare packets in the trace, since the device has no link layer', () => {
    const { kernel } = played(`${IPIP}
> ip / ip src=10.2.0.2 dst=10.2.0.1 / icmp type=8 id=1 seq=1
< ip / ip / icmp type=0`);
    const device = kernel.init.deviceByName('tun1')?.uid;
    const received = kernel.trace.events().find((event) => event.kind === TraceKind.Receive && event.device === device);
    expect(received).toMatchObject({ value: FRAME_BARE });
    expect(received?.frame.slice(0, 2)).toEqual(new Uint8Array([0x45, 0]));
  });

  it('tunnels through one another for ever end as on a dead loop, and the kernel says so', () => {
    const { kernel } = played(`$ ip link add loop0 type ipip remote 10.2.0.1; ip addr add 10.3.0.2/24 dev loop0; ip link set loop0 up
$ ip link add loop1 type ipip remote 10.3.0.1; ip addr add 10.2.0.2/24 dev loop1; ip link set loop1 up
$ ping -c 1 -W 0.1 10.3.0.1 | grep -o '100% packet loss'
| 100% packet loss
$ dmesg | tail -1 | grep -o 'Dead loop on virtual device loop., fix it urgently!' | tr 1 0
| Dead loop on virtual device loop0, fix it urgently!`);
    expect(kernel.init.dropCounts.get('RECURSION_LIMIT')).toBe(1);
  });
});

describe('TCP', () => {
  it('an unread buffer closes the window; reading opens it with a segment of its own', () => {
    const segments = Array.from({ length: 60 }, (_, n) => `> ip / tcp dport=80 flags=. seq=${1001 + n * 1460} ack=$s+1 / data 1460`);
    const script = parseScript(`${ADDRESS}
$ nc -l -p 80 > /tmp/got & echo $! > /tmp/pid; sleep 0.1; kill -STOP $(cat /tmp/pid)
> ip / tcp dport=80 flags=S seq=1000 mss=1460
< tcp flags=S. seq=$s ack=1001
> ip / tcp dport=80 flags=. seq=1001 ack=$s+1
${segments.join('\n')}
show 100ms
$ kill -CONT $(cat /tmp/pid); sleep 0.1
show 10ms`);
    const said: string[] = [];
    expect(playSimulated(script, (text) => said.push(text))).toBeUndefined();
    const windows = said.map((line) => Number(/win=(\d+)/.exec(line)?.[1]));
    const closed = windows.indexOf(0);
    // What comes after that is refused with the same words, each.
    expect(windows.slice(closed, -2).every((window) => window === 0)).toBe(true);
    expect(windows.slice(-2)).toEqual([17_520, 49_640]);
  });
});
