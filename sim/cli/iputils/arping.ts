import { formatIPv4, formatMac, type IPv4, MAC_BROADCAST, type Mac } from '../../base/address.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { type Micros, SECOND } from '../../base/time.ts';
import { openDatagramSocket } from '../../host/inet-socket.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { LinkInfo } from '../../host/netlink/messages.ts';
import type { Process } from '../../host/process.ts';
import { type OpenPacketSocket, openPacketSocket, waitReadable } from '../../host/socket.ts';
import type { Blocking } from '../../host/wait.ts';
import type { NetDevice } from '../../kernel/dev/device.ts';
import type { CapturedFrame } from '../../kernel/socket/packet.ts';
import { ARP_LENGTH, ARP_OPERATION, emitArp, parseArp } from '../../wire/arp.ts';
import { emitEthernet, ETHERNET_HEADER, ETHERTYPE, etherType } from '../../wire/ethernet.ts';
import { isWireError } from '../../wire/wire-error.ts';
import type { Command } from '../command.ts';
import { resolutionErrorText, resolveName } from '../name-resolution.ts';
import { type ArpingSettings, readArping } from './arping-options.ts';

/** arping(8) of iputils. */
export const arping: Command = { name: 'arping', paths: ['/usr/bin/arping', '/usr/sbin/arping'], run: runArping };

/** Everything but "no answer" fails with this. */
const TROUBLE = 2;

/** IFF_UP, IFF_LOOPBACK, IFF_NOARP. */
export const [UP, LOOPBACK, NOARP] = [0x1, 0x8, 0x80];

function* runArping(process: Process): Blocking<number> {
  const settings = readArping(process.argv.slice(1));
  if ('status' in settings) {
    yield* process.write(settings.fd, settings.text);
    return settings.status;
  }
  const found = yield* resolveName(process, settings.target);
  const target = typeof found === 'string' ? found : (found.addresses.find((address) => typeof address === 'number') ?? 'EAI_ADDRFAMILY');
  if (typeof target === 'string') {
    yield* process.write(2, `arping: ${settings.target}: ${resolutionErrorText(target)}\n`);
    return TROUBLE;
  }
  const place = prepare(process, settings, target as IPv4);
  if (typeof place === 'string') {
    yield* process.write(2, place);
    return TROUBLE;
  }
  const socket = openPacketSocket(process);
  if (typeof socket === 'string') {
    yield* process.write(2, `arping: socket: ${strerror(socket)}\n`);
    return TROUBLE;
  }
  return yield* new ArpSession(process, settings, target as IPv4, { ...place, socket }).run();
}

/** What differs between the programs that speak ARP: their words, and when they stop. */
export interface Manner {
  /** A MAC address in an answer's line. */
  hardware(mac: Mac): string;
  /** What stands between the parts of an answer's line; busybox writes no blank where a part is missing. */
  answer(from: string, forWhom: string, time: string): string;
  summary(counts: { sent: number; broadcasts: number; received: number; requests: number; receivedBroadcasts: number }): string;
  /** As many answers as questions were asked for end it, without waiting for more. */
  answersEnd: boolean;
}

interface Place {
  link: LinkInfo;
  source: IPv4;
}

/** The device and the source address, or why there is none. */
function prepare(process: Process, settings: ArpingSettings, target: IPv4): Place | string {
  const netlink = openRtNetlink(process.namespaces.net);
  if (!process.capable('NET_RAW')) return `arping: socket: ${strerror('EPERM')}\n`;
  const name = settings.device ?? deviceTowards(process, target);
  if (name === undefined) return 'arping: NETLINK_ROUTE unexpected iov element\n';
  const link = netlink.link(name);
  if (!link) return `arping: Device ${name} not available.\n`;
  if ((link.flags & UP) === 0) return `Interface "${link.name}" is down\n`;
  if ((link.flags & (NOARP | LOOPBACK)) !== 0) return `Interface "${link.name}" is not ARPable\n`;
  const source = settings.source ?? (settings.unsolicited || settings.answer ? target : undefined);
  if (settings.duplicates) return { link, source: settings.source ?? 0 };
  const chosen = sourceAddress(process, link, source, target);
  return typeof chosen === 'number' ? { link, source: chosen } : chosen;
}

function deviceTowards(process: Process, target: IPv4): string | undefined {
  const netlink = openRtNetlink(process.namespaces.net);
  const way = netlink.getRoute({ destination: target });
  return 'errno' in way ? undefined : netlink.link(way.ifindex)?.name;
}

/** Binds a socket to the address asked for, or asks the kernel by connecting one. */
export function sourceAddress(process: Process, link: LinkInfo, wanted: IPv4 | undefined, target: IPv4): IPv4 | string {
  const probe = openDatagramSocket(process).hold();
  probe.options.boundDevice = link.ifindex;
  const step = (what: string, errno: Errno | undefined) => errno && `arping: ${what}: ${strerror(errno)}\n`;
  const failed = wanted === undefined ? step('connect', probe.connect(target, 1025)) : step('bind', probe.bind(wanted, 0));
  const { address } = probe.name;
  probe.release();
  return failed ?? (typeof address === 'number' ? address : 0);
}

/** One run: asking on time, listening, counting. */
export class ArpSession {
  readonly #manner: Manner;
  readonly #process: Process;
  readonly #settings: ArpingSettings;
  readonly #target: IPv4;
  readonly #source: IPv4;
  readonly #link: LinkInfo;
  readonly #socket: OpenPacketSocket;
  /** Who has answered is asked alone from then on. */
  #asked: Mac = MAC_BROADCAST;
  #sent = 0;
  #broadcasts = 0;
  #received = 0;
  #receivedBroadcasts = 0;
  #receivedRequests = 0;
  #last: Micros = 0;
  #over = false;

  constructor(
    process: Process,
    settings: ArpingSettings,
    target: IPv4,
    { link, source, socket: packets }: Place & { socket: OpenPacketSocket },
    manner: Manner = IPUTILS,
  ) {
    this.#manner = manner;
    this.#process = process;
    this.#settings = settings;
    this.#target = target;
    this.#source = source;
    this.#link = link;
    this.#socket = packets;
    process.install(this.#socket);
    const { socket } = this.#socket;
    socket.bind(process.namespaces.net.deviceByIndex(link.ifindex));
    socket.filter = (frame, _device, type) => type !== 'outgoing' && etherType(frame, 0) === ETHERTYPE.ARP;
  }

  *run(): Blocking<number> {
    const { count, timeout, interval, quiet } = this.#settings;
    if (!quiet)
      yield* this.#print(
        `ARPING ${formatIPv4(this.#target)} from ${formatIPv4(this.#source)} ${this.#settings.device ?? this.#link.name}\n`,
      );
    this.#process.onSignal('SIGINT', () => {
      this.#over = true;
    });
    const begun = this.#process.host.now;
    const limit = timeout === undefined ? undefined : begun + timeout * SECOND;
    for (let turn = 0; !this.#over; turn++) {
      if (count !== undefined && turn >= count) break;
      this.#send();
      const next = begun + (turn + 1) * interval * SECOND;
      yield* this.#listen(limit === undefined ? next : Math.min(next, limit));
      // The probe that is due at the last moment still goes out.
      if (limit !== undefined && this.#process.host.now >= limit) {
        if (next <= limit && (count === undefined || turn + 1 < count) && !this.#over) this.#send();
        break;
      }
    }
    return yield* this.#finish();
  }

  *#print(text: string): Blocking<void> {
    yield* this.#process.write(1, text);
  }

  #send(): void {
    const device = this.#process.namespaces.net.deviceByIndex(this.#link.ifindex) as NetDevice | undefined;
    if (!device) return;
    const { answer } = this.#settings;
    const frame = new Uint8Array(ETHERNET_HEADER + ARP_LENGTH);
    emitEthernet(frame, 0, { destination: this.#asked, source: this.#link.address, etherType: ETHERTYPE.ARP });
    emitArp(frame, ETHERNET_HEADER, {
      operation: answer ? ARP_OPERATION.Reply : ARP_OPERATION.Request,
      senderMac: this.#link.address,
      senderAddress: this.#source,
      targetMac: answer ? this.#link.address : this.#asked,
      targetAddress: this.#target,
    });
    if (this.#socket.socket.send(device, frame)) return;
    this.#last = this.#process.host.now;
    this.#sent++;
    if (this.#asked === MAC_BROADCAST) this.#broadcasts++;
  }

  *#listen(until: Micros): Blocking<void> {
    while (!this.#over && this.#process.host.now < until) {
      yield* waitReadable([this.#socket], until);
      for (let frame = this.#socket.receive(); typeof frame !== 'string'; frame = this.#socket.receive()) yield* this.#take(frame);
    }
  }

  /** Someone speaks about the address: an answer to the probe, or, looking for duplicates, anybody else who uses it. */
  *#take(frame: CapturedFrame): Blocking<void> {
    const arp = parseArp(frame.data, ETHERNET_HEADER, frame.data.length);
    if (isWireError(arp) || arp.senderAddress !== this.#target) return;
    const { duplicates, firstOnly, quiet, broadcastOnly, count } = this.#settings;
    const me = this.#link.address;
    if (duplicates) {
      if (arp.senderMac === me || (this.#source !== 0 && this.#source !== arp.targetAddress)) return;
    } else if (arp.targetAddress !== this.#source || arp.targetMac !== me) return;
    const unicast = frame.packetType === 'host';
    const request = arp.operation === ARP_OPERATION.Request;
    if (!quiet) {
      const forWhom = arp.targetAddress === this.#source ? '' : `for ${formatIPv4(arp.targetAddress)} `;
      const forMac = arp.targetMac === me ? '' : `${forWhom === '' ? 'for ' : ''}[${this.#manner.hardware(arp.targetMac)}]`;
      const took = this.#process.host.now - this.#last;
      const time = `${Math.floor(took / 1000)}.${String(took % 1000).padStart(3, '0')}ms`;
      const how = `${unicast ? 'Unicast' : 'Broadcast'} ${request ? 'request' : 'reply'}`;
      const from = `${how} from ${formatIPv4(this.#target)} [${this.#manner.hardware(arp.senderMac)}]`;
      yield* this.#print(`${this.#manner.answer(from, `${forWhom}${forMac}`, time)}\n`);
    }
    this.#received++;
    if (!unicast) this.#receivedBroadcasts++;
    if (request) this.#receivedRequests++;
    if (duplicates || firstOnly || (this.#manner.answersEnd && this.#received === count)) this.#over = true;
    if (!broadcastOnly) this.#asked = arp.senderMac;
  }

  *#finish(): Blocking<number> {
    const { quiet, duplicates, unsolicited, answer } = this.#settings;
    if (!quiet) {
      const [sent, broadcasts, received] = [this.#sent, this.#broadcasts, this.#received];
      const counts = { sent, broadcasts, received, requests: this.#receivedRequests, receivedBroadcasts: this.#receivedBroadcasts };
      yield* this.#print(this.#manner.summary(counts));
    }
    if (duplicates) return this.#received > 0 ? 1 : 0;
    return unsolicited || answer || this.#received > 0 ? 0 : 1;
  }
}

const IPUTILS: Manner = {
  hardware: (mac) => formatMac(mac).toUpperCase(),
  answer: (from, forWhom, time) => `${from} ${forWhom} ${time}`,
  summary({ sent, broadcasts, received, requests, receivedBroadcasts }) {
    const kinds = [requests > 0 ? `${requests} request(s)` : '', receivedBroadcasts > 0 ? `${receivedBroadcasts} broadcast(s)` : ''];
    const told = kinds.filter((text) => text !== '').join(', ');
    return `Sent ${sent} probes (${broadcasts} broadcast(s))\nReceived ${received} response(s)${told === '' ? '' : ` (${told})`}\n`;
  },
  answersEnd: true,
};
