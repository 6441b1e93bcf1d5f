import { EPOCH_SECONDS, MILLISECOND, SECOND } from '../../base/time.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import { type OpenPacketSocket, openPacketSocket } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import { type CapturedFrame, isBare } from '../../kernel/socket/packet.ts';
import { LINKTYPE } from '../../wire/pcap.ts';
import type { PacketFilter } from './filter/compile.ts';
import type { CapturedPacket, PacketSource, SourceEvent } from './packet-source.ts';
import { cook } from '../../kernel/socket/cooked.ts';

export interface LiveOptions {
  /** `any` for all devices. */
  device: string;
  promiscuous: boolean;
  snapshotLength: number;
  direction: 'in' | 'out' | 'inout';
  /** How long frames may wait in the kernel: as libpcap asks for, less when somebody is watching. */
  hold: 'second' | 'tenth' | 'none';
}

const HOLD = { second: SECOND, tenth: 100 * MILLISECOND, none: 0 } as const;

/** Frames of a device, or of all, through a packet socket. */
export class LiveCapture implements PacketSource {
  readonly linkType: number;
  readonly snapshotLength: number;
  readonly live = true;
  readonly #socket: OpenPacketSocket;
  readonly #direction: LiveOptions['direction'];
  #filter: PacketFilter | undefined;

  constructor(socket: OpenPacketSocket, linkType: number, options: LiveOptions) {
    this.#socket = socket;
    this.linkType = linkType;
    this.snapshotLength = options.snapshotLength;
    this.#direction = options.direction;
  }

  get filter(): PacketFilter | undefined {
    return this.#filter;
  }

  /** Puts the filter into the kernel. */
  set filter(filter: PacketFilter | undefined) {
    this.#filter = filter;
    if (!filter) return;
    const cooked = this.linkType === LINKTYPE.LinuxSll2;
    this.#socket.filter = (data, device, packetType) => {
      const { ifindex } = device;
      const bytes = cooked ? cook({ data, device, packetType }) : data;
      return filter(bytes, { length: bytes.length, outgoing: packetType === 'outgoing', ifindex });
    };
  }

  *next(until?: number): Blocking<CapturedPacket | SourceEvent> {
    for (;;) {
      const frame = this.#socket.receive();
      if (frame !== 'EAGAIN') {
        if (this.#wanted(frame)) return this.#packet(frame);
        continue;
      }
      if (this.#socket.gone) return { error: 'The interface disappeared' };
      const wake = yield until === undefined ? { on: [this.#socket.readable] } : { on: [this.#socket.readable], until };
      if (wake === 'signal') return 'signal';
      if (wake === 'timeout') return 'tick';
    }
  }

  /** On loopback every frame comes by twice, and libpcap leaves out its sending. */
  #wanted({ packetType, device }: CapturedFrame): boolean {
    if (packetType === 'outgoing') return device.type !== 'loopback' && this.#direction !== 'in';
    return this.#direction !== 'out';
  }

  #packet(frame: CapturedFrame): CapturedPacket {
    const time = EPOCH_SECONDS * SECOND + frame.time;
    if (this.linkType !== LINKTYPE.LinuxSll2) return { time, nanoseconds: 0, bytes: frame.data, length: frame.length };
    const bytes = cook(frame);
    const length = bytes.length + frame.length - frame.data.length;
    return { time, nanoseconds: 0, bytes: bytes.subarray(0, this.snapshotLength), length };
  }

  statistics(): { received: number; dropped: number } {
    return this.#socket.statistics;
  }
}

/** Opens a capture; an error is in libpcap's words. */
export function openLive(process: Process, options: LiveOptions): LiveCapture | { error: string } {
  const { device, promiscuous, snapshotLength, hold } = options;
  const { net } = process.namespaces;
  const link = device === 'any' ? undefined : net.deviceByName(device);
  if (device !== 'any' && !link) return { error: `${device}: No such device exists\n(No such device exists)` };
  const socket = openPacketSocket(process);
  if (typeof socket === 'string') {
    const hint = 'Attempt to create packet socket failed - CAP_NET_RAW may be required';
    return { error: `${device}: You don't have permission to perform this capture on that device\n(${hint})` };
  }
  process.install(socket);
  const capture = { promiscuous, snapshotLength, blockTimeout: HOLD[hold] };
  const failed = socket.capture(link ? { ...capture, device } : capture);
  if (failed) return { error: `${device}: That device is not up` };
  const linkType = device === 'any' ? LINKTYPE.LinuxSll2 : link && isBare(link) ? LINKTYPE.Raw : LINKTYPE.Ethernet;
  return new LiveCapture(socket, linkType, options);
}

/** A device as -D lists it. */
export interface CaptureDevice {
  name: string;
  text: string;
}

const UP = 0x1;
const LOOPBACK = 0x8;
const RUNNING = 0x40;

/** Devices that can be captured on, those first that a capture is likely wanted of (pcap_findalldevs). */
export function captureDevices(process: Process): CaptureDevice[] {
  const links = openRtNetlink(process.namespaces.net).links();
  const devices = links.map(({ name, flags, operstate, ifindex }) => {
    const [up, running, loopback] = [(flags & UP) !== 0, (flags & RUNNING) !== 0, (flags & LOOPBACK) !== 0];
    const connected = loopback ? undefined : running && operstate !== 'DOWN' && operstate !== 'LOWERLAYERDOWN';
    const words = [up ? 'Up' : '', running ? 'Running' : '', loopback ? 'Loopback' : ''].filter((word) => word !== '');
    const connection = connected === undefined ? [] : [connected ? 'Connected' : 'Disconnected'];
    return {
      name,
      order: ifindex,
      merit: (running ? 0 : 8) + (up ? 0 : 4) + (connected === false ? 2 : 0) + (loopback ? 1 : 0),
      text: ` [${[words.join(', ') || 'none', ...connection].join(', ')}]`,
    };
  });
  const pseudo = PSEUDO_DEVICES.map((device, i) => ({ ...device, order: 1_000_000 + i }));
  return [...devices, ...pseudo].sort((a, b) => a.merit - b.merit || a.order - b.order);
}

/** What isn't a network device: `any`, and what Debian's libpcap can read besides. */
const PSEUDO_DEVICES = [
  { name: 'any', merit: 0.5, text: ' (Pseudo-device that captures on all interfaces) [Up, Running]' },
  { name: 'bluetooth-monitor', merit: 12, text: ' (Bluetooth Linux Monitor) [Wireless]' },
  { name: 'nflog', merit: 12, text: ' (Linux netfilter log (NFLOG) interface) [none]' },
  { name: 'nfqueue', merit: 12, text: ' (Linux netfilter queue (NFQUEUE) interface) [none]' },
  { name: 'dbus-system', merit: 12, text: ' (D-Bus system bus) [none]' },
  { name: 'dbus-session', merit: 12, text: ' (D-Bus session bus) [none]' },
];

/** Devices of the list that aren't simulated. */
export const UNMODELLED_DEVICES: ReadonlySet<string> = new Set(
  PSEUDO_DEVICES.slice(1)
    .map((device) => device.name)
    .filter((name) => name !== 'nflog'),
);
