import { parseMac } from '../base/address.ts';
import { EventQueue } from '../base/events.ts';
import { SECOND } from '../base/time.ts';
import { Trace } from '../base/trace.ts';
import { openRtNetlink } from '../host/netlink/open.ts';
import { transmit } from '../kernel/dev/queue.ts';
import { Kernel, WorldIds } from '../kernel/kernel.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { Skb } from '../kernel/skb.ts';
import { ETHERNET_HEADER } from '../wire/ethernet.ts';
import { HostConsole } from '../world/console.ts';
import { debianHost } from '../world/debian.ts';
import { hereMac, thereMac } from './layers.ts';
import { type Answer, type Patience, play, type Request, type Sent } from './play.ts';
import type { Script } from './script.ts';

/** Virtual time is exact; the kernel's timers go by ticks of 4 ms. */
const PATIENCE: Patience = { soon: 100_000, part: 0, early: 15_000, late: 15_000 };
const COMMAND_LIMIT = 60 * SECOND;

/** Plays a script on a simulated machine. Returns what went wrong first, or `undefined`. */
export function playSimulated(script: Script, say?: (text: string) => void): string | undefined {
  return playOn(new SimulatedMachine(script.cables, say), script);
}

/** The same on a machine whose inside is of interest, too. */
export function playOn(machine: SimulatedMachine, script: Script): string | undefined {
  const playing = play(script, PATIENCE);
  let next = playing.next();
  while (!next.done) next = playing.next(machine.answer(next.value));
  return next.value;
}

export class SimulatedMachine {
  readonly #events = new EventQueue();
  readonly kernel = new Kernel('host1', this.#events, new Trace(this.#events, 1024), 'packets', new WorldIds());
  readonly #console: HostConsole;
  readonly #peers = new Map<string, NetNamespace>();
  readonly #say: (text: string) => void;
  readonly #sent: (Sent & { time: number })[] = [];

  constructor(cables: readonly string[], say: (text: string) => void = () => {}) {
    this.#say = say;
    const host = debianHost(this.kernel);
    const { init } = this.kernel;
    init.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
    const netlink = openRtNetlink(init);
    netlink.setLink(1, { up: true });
    for (const [n, name] of cables.entries()) {
      const peer = this.kernel.newNamespace();
      peer.sysctl.set('net/ipv6/conf/default/disable_ipv6', '1');
      this.#peers.set(name, peer);
      const far = { name: 'far', address: parseMac(thereMac(n)) as number, netns: peer };
      netlink.newLink({ kind: 'veth', name, address: parseMac(hereMac(n)) as number, peer: far });
      netlink.setLink(netlink.link(name)?.ifindex as number, { up: true });
      const there = openRtNetlink(peer);
      there.setLink(there.link('far')?.ifindex as number, { up: true });
      peer.taps.push((_, skb, outgoing) => {
        if (!outgoing) this.#sent.push({ device: name, frame: skb.bytes.slice(skb.mac, skb.end), time: this.#events.now });
      });
    }
    this.#console = new HostConsole(host);
    this.#events.runUntil(SECOND);
    this.#sent.length = 0;
  }

  answer(request: Request): Answer {
    switch (request.do) {
      case 'run':
        return { output: this.#run(request.command), time: this.#events.now };
      case 'inject':
        this.#inject(request.device, request.frame);
        return { time: this.#events.now };
      case 'say':
        this.#say(request.text);
        return { time: this.#events.now };
      case 'wait':
        this.#events.runUntil(this.#events.now + request.during);
        return { time: this.#events.now };
      case 'next': {
        const deadline = this.#events.now + request.during;
        while (this.#sent.length === 0 && (this.#events.nextDue ?? Number.POSITIVE_INFINITY) <= deadline) this.#events.step();
        const sent = this.#sent.shift();
        if (!sent) this.#events.runUntil(deadline);
        return { sent, time: sent?.time ?? this.#events.now };
      }
    }
  }

  #run(command: string): string {
    let output = '';
    const run = this.#console.run(command, (text) => {
      output += text;
    });
    const deadline = this.#events.now + COMMAND_LIMIT;
    while (!run.done && this.#events.now < deadline && this.#events.step());
    return run.done ? output : `${output}\n(it did not end)`;
  }

  #inject(name: string, frame: Uint8Array): void {
    const device = this.#peers.get(name)?.deviceByName('far');
    if (!device) throw new Error(`no cable is named ${name}`);
    const skb = Skb.allocate(frame.length, this.kernel.ids.nextPacket());
    skb.bytes.set(frame, skb.data);
    skb.mac = skb.data;
    skb.network = skb.data + ETHERNET_HEADER;
    transmit(device, skb);
  }
}
