import type { Timer } from '../base/events.ts';
import { EPOCH_SECONDS, MILLISECOND, SECOND } from '../base/time.ts';
import { HOOK } from '../kernel/netfilter/hooks.ts';
import type { LoggedPacket, LogReader } from '../kernel/netfilter/groups.ts';
import type { NetNamespace } from '../kernel/netns.ts';
import { isBare } from '../kernel/socket/packet.ts';
import { emitNflog, type NflogMessage } from '../wire/nflog.ts';
import { ARPHRD } from '../wire/sll2.ts';
import { OpenNetlinkSocket } from './netlink/socket.ts';
import type { Process } from './process.ts';

/** A logged packet: the message, and where in it the packet itself begins. */
export interface LoggedMessage {
  bytes: Uint8Array;
  payload: Uint8Array;
}

/** Messages that may wait before the kernel hands them over, and how long (NFULNL_QTHRESH_DEFAULT, NFULNL_TIMEOUT_DEFAULT). */
const THRESHOLD = 100;
const FLUSH_HUNDREDTHS = 100;

/** A socket that reads log groups of nfnetlink_log, as NFLOG and `log group` fill them (net/netfilter/nfnetlink_log.c). */
export class OpenNflog extends OpenNetlinkSocket<LoggedMessage> {
  readonly #net: NetNamespace;
  readonly #groups: readonly number[];

  constructor(process: Process, groups: readonly number[]) {
    super(process);
    this.#net = process.namespaces.net;
    this.#groups = groups;
    for (const group of groups) this.#net.netfilter.groups.logs.set(group, this.#reader(group, process.pid));
  }

  #reader(group: number, port: number): LogReader {
    const { events } = this.#net.kernel;
    let queue: LoggedMessage[] = [];
    let timer: Timer | undefined;
    const flush = () => {
      events.cancel(timer);
      timer = undefined;
      this.arrive(...queue);
      queue = [];
    };
    return {
      port,
      get waiting() {
        return queue.length;
      },
      copyMode: 2,
      copyRange: 65_531,
      flushTimeout: FLUSH_HUNDREDTHS,
      log(packet) {
        queue.push(messageOf(packet, group, this.copyRange));
        if (queue.length >= THRESHOLD) flush();
        else timer ??= events.at(events.now + FLUSH_HUNDREDTHS * 10 * MILLISECOND, 'nflog', flush);
      },
    };
  }

  protected override close(): void {
    for (const group of this.#groups) this.#net.netfilter.groups.logs.delete(group);
  }
}

const FAMILIES: Record<number, number> = { 4: 2, 6: 10 };

function messageOf({ skb, state, prefix, size }: LoggedPacket, group: number, range: number): LoggedMessage {
  const { bytes, network, end, mark, socket } = skb;
  const length = Math.min(end - network, range, size ?? range);
  const payload = bytes.slice(network, network + length);
  const { now } = state.net.kernel.events;
  const came = state.hook === 'PREROUTING' || state.hook === 'INPUT' || state.hook === 'FORWARD';
  const message: NflogMessage = {
    family: FAMILIES[state.family] ?? 7,
    group,
    protocol: state.family === 6 ? 0x86dd : 0x0800,
    hook: HOOK[state.hook],
    prefix,
    input: state.input?.ifindex ?? 0,
    output: state.output?.ifindex ?? 0,
    mark,
    link: linkOf(skb, state),
    received: came ? { seconds: EPOCH_SECONDS + Math.floor(now / SECOND), micros: now % SECOND } : undefined,
    owner: socket === undefined ? undefined : { uid: 0, gid: 0 },
    payload,
  };
  return { bytes: emitNflog(message), payload };
}

function linkOf({ bytes, mac, network }: LoggedPacket['skb'], { input }: LoggedPacket['state']): NflogMessage['link'] {
  if (!input || isBare(input)) return undefined;
  // Loopback has a header of zeros.
  if (input.type === 'loopback')
    return { header: Uint8Array.from({ length: 14 }, (_, i) => (i === 12 ? 8 : 0)), type: ARPHRD.Loopback, source: new Uint8Array(6) };
  if (mac === 0 || network <= mac) return undefined;
  return { header: bytes.slice(mac, network), type: ARPHRD.Ether, source: bytes.slice(mac + 6, mac + 12) };
}
