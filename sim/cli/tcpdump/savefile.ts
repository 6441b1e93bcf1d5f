import { concat } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { PCAP_HEADER, PCAP_RECORD_HEADER } from '../../wire/pcap.ts';
import type { PacketFilter } from './filter/compile.ts';
import type { CapturedPacket, PacketSource, SourceEvent } from './packet-source.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MAGIC_PCAPNG = 0x0a0d0d0a;

/** A capture file read packet by packet, so that a pipe's packets show as they come (pcap-savefile(5)). */
export class SaveFile implements PacketSource {
  readonly linkType: number;
  readonly snapshotLength: number;
  readonly live = false;
  filter: PacketFilter | undefined;
  readonly #bytes: ByteReader;
  readonly #little: boolean;
  readonly #nano: boolean;

  constructor(bytes: ByteReader, header: DataView, little: boolean, nano: boolean) {
    this.#bytes = bytes;
    this.#little = little;
    this.#nano = nano;
    this.snapshotLength = header.getUint32(16, little);
    this.linkType = header.getUint32(20, little) & 0xffff;
  }

  *next(): Blocking<CapturedPacket | SourceEvent> {
    for (;;) {
      const head = yield* this.#bytes.take(PCAP_RECORD_HEADER);
      if (head === undefined) return 'signal';
      if (head.length === 0) return 'end';
      if (head.length < PCAP_RECORD_HEADER) return cut(`${PCAP_RECORD_HEADER} header`, head.length);
      const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
      const captured = view.getUint32(8, this.#little);
      if (captured > MAX_RECORD) return { error: `invalid packet capture length ${captured}, bigger than maximum of ${MAX_RECORD}` };
      const bytes = yield* this.#bytes.take(captured);
      if (bytes === undefined) return 'signal';
      if (bytes.length < captured) return cut(`${captured} captured`, bytes.length);
      const fraction = view.getUint32(4, this.#little);
      const packet = {
        time: view.getUint32(0, this.#little) * 1_000_000 + (this.#nano ? Math.floor(fraction / 1000) : fraction),
        nanoseconds: this.#nano ? fraction % 1000 : 0,
        bytes,
        length: view.getUint32(12, this.#little),
      };
      if (!this.filter || this.filter(bytes, { length: packet.length, outgoing: false, ifindex: 0 })) return packet;
    }
  }

  statistics(): { received: number; dropped: number } {
    return { received: 0, dropped: 0 };
  }
}

const MAX_RECORD = 262_144;

function cut(what: string, got: number): { error: string } {
  return { error: `truncated dump file; tried to read ${what} bytes, only got ${got}` };
}

/** Opens a file, or standard input for `-`; an error is in libpcap's words. */
export function* openSaveFile(process: Process, path: string): Blocking<SaveFile | { error: string } | { unmodelled: string }> {
  const fd = path === '-' ? 0 : process.open(path);
  if (typeof fd === 'string') return { error: `${path}: ${strerror(fd)}` };
  const bytes = new ByteReader(process, fd);
  const start = (yield* bytes.take(4)) ?? new Uint8Array(0);
  if (bytes.error) return { error: `error reading dump file: ${strerror(bytes.error)}` };
  if (start.length < 4) return cut('4 file header', start.length);
  const magic = new DataView(start.buffer, start.byteOffset, 4);
  if (magic.getUint32(0) === MAGIC_PCAPNG) return { unmodelled: 'the pcapng file format' };
  const little = [MAGIC_MICROSECONDS, MAGIC_NANOSECONDS].includes(magic.getUint32(0, true));
  const number = magic.getUint32(0, little);
  if (number !== MAGIC_MICROSECONDS && number !== MAGIC_NANOSECONDS) return { error: 'unknown file format' };
  const rest = (yield* bytes.take(PCAP_HEADER - 4)) ?? new Uint8Array(0);
  if (rest.length < PCAP_HEADER - 4) return cut(`${PCAP_HEADER} file header`, rest.length + 4);
  const header = concat([start, rest]);
  return new SaveFile(bytes, new DataView(header.buffer, header.byteOffset), little, number === MAGIC_NANOSECONDS);
}

/** A descriptor read in pieces of wanted lengths. */
class ByteReader {
  readonly #process: Process;
  readonly #fd: number;
  #held: Uint8Array = new Uint8Array(0);
  #ended = false;
  error: Parameters<typeof strerror>[0] | undefined;

  constructor(process: Process, fd: number) {
    this.#process = process;
    this.#fd = fd;
  }

  /** That many bytes, fewer at the end; `undefined` when a signal came. */
  *take(length: number): Blocking<Uint8Array | undefined> {
    const parts = [this.#held];
    let have = this.#held.length;
    while (have < length && !this.#ended) {
      const more = yield* this.#process.read(this.#fd);
      if (more === 'EINTR') return undefined;
      if (typeof more === 'string') this.error = more;
      if (typeof more === 'string' || more.length === 0) this.#ended = true;
      else {
        parts.push(more);
        have += more.length;
      }
    }
    const all = concat(parts);
    this.#held = all.slice(length);
    return all.slice(0, length);
  }
}
