import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import { OpenNflog } from '../../host/nflog.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { LINKTYPE } from '../../wire/pcap.ts';
import type { PacketFilter } from './filter/compile.ts';
import type { CapturedPacket, PacketSource, SourceEvent } from './packet-source.ts';

/** Whether a device's name means netfilter's log groups: `nflog`, `nflog:5`, `nflog:1,2` (pcap-netfilter-linux.c). */
export function isNflog(device: string): boolean {
  return device === 'nflog' || device.startsWith('nflog:');
}

/** Groups that one capture may read. */
const MOST_GROUPS = 32;

/** The groups of a name, or what libpcap says of it. */
function groupsOf(device: string): number[] | string {
  const text = device.slice('nflog:'.length);
  if (text === '') return [0];
  const groups: number[] = [];
  for (const word of text.replace(/,$/, '').split(',')) {
    if (!/^\d+$/.test(word)) return `Can't get netfilter group(s) index from ${device}`;
    if (Number(word) > 65_535) return `Netfilter group range from 0 to 65535 (got ${Number(word)})`;
    if (groups.length >= MOST_GROUPS) return `Maximum 32 netfilter groups! dev: ${device}`;
    groups.push(Number(word));
  }
  return groups;
}

/** Packets of log groups, with what netfilter says of them or, as raw IPv4, without. */
export class NflogCapture implements PacketSource {
  linkType: number = LINKTYPE.Nflog;
  readonly snapshotLength: number;
  readonly live = true;
  filter: PacketFilter | undefined;
  readonly #process: Process;
  readonly #socket: OpenNflog;
  #received = 0;

  constructor(process: Process, socket: OpenNflog, snapshotLength: number) {
    this.#process = process;
    this.#socket = socket;
    this.snapshotLength = snapshotLength;
  }

  *next(until?: number): Blocking<CapturedPacket | SourceEvent> {
    for (;;) {
      for (let message = this.#socket.next(); message; message = this.#socket.next()) {
        const whole = this.linkType === LINKTYPE.Nflog ? message.bytes : message.payload;
        const { length } = whole;
        if (this.filter && !this.filter(whole, { length, outgoing: false, ifindex: 0 })) continue;
        this.#received++;
        // The time is that of reading, whatever the message says.
        const time = EPOCH_SECONDS * SECOND + this.#process.host.now;
        return { time, nanoseconds: 0, bytes: whole.subarray(0, this.snapshotLength), length };
      }
      const wake = yield until === undefined ? { on: [this.#socket.readable] } : { on: [this.#socket.readable], until };
      if (wake === 'signal') return 'signal';
      if (wake === 'timeout') return 'tick';
    }
  }

  statistics(): { received: number; dropped: number } {
    return { received: this.#received, dropped: 0 };
  }
}

/** Opens log groups; an error is in libpcap's words. */
export function openNflog(process: Process, device: string, snapshotLength: number): NflogCapture | { error: string } {
  const groups = groupsOf(device);
  if (typeof groups === 'string') return { error: `${device}: ${groups}` };
  const { logs } = process.namespaces.net.netfilter.groups;
  if (!process.capable('NET_ADMIN') || groups.some((group) => logs.has(group))) {
    const hint = "Can't listen on group index failed - CAP_NET_ADMIN may be required";
    return { error: `${device}: You don't have permission to perform this capture on that device\n(${hint})` };
  }
  const socket = new OpenNflog(process, groups);
  process.install(socket);
  return new NflogCapture(process, socket, snapshotLength);
}
