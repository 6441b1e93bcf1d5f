import { type Errno, strerror } from '../../base/errno.ts';
import { momentOf, strftime } from '../../base/calendar.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { pcapHeader, pcapRecord } from '../../wire/pcap.ts';
import type { CapturedPacket } from './packet-source.ts';
import { BufferedOutput } from './output.ts';

export interface DumpSettings {
  path: string;
  linkType: number;
  snapshotLength: number;
  /** -U. */
  packetBuffered: boolean;
  /** -C, -G, -W. */
  rotateBytes: number | undefined;
  rotateSeconds: number | undefined;
  rotateFiles: number | undefined;
}

/** The file or files that -w writes. With -C or -G the next one begins when a packet finds the last one full or old. */
export class DumpFile {
  readonly #process: Process;
  readonly #settings: DumpSettings;
  #output: BufferedOutput | undefined;
  #fd = 1;
  #written = 0;
  #opened = 0;
  #number = 0;

  constructor(process: Process, settings: DumpSettings) {
    this.#process = process;
    this.#settings = settings;
  }

  /** Opens the first file and writes its header. @returns what went wrong, in tcpdump's words */
  *open(): Blocking<string | undefined> {
    const { path, linkType, snapshotLength, packetBuffered } = this.#settings;
    if (path === '-') this.#fd = 1;
    else {
      const opened = this.#process.open(this.#fileName(), { write: true, create: true, truncate: true });
      if (opened === 'ENOENT') return "Couldn't change ownership of savefile";
      if (typeof opened === 'string') return `${this.#fileName()}: ${strerror(opened)}`;
      this.#fd = opened;
    }
    this.#opened = this.#process.host.now;
    this.#output = new BufferedOutput(this.#process, this.#fd);
    const header = pcapHeader(linkType, snapshotLength);
    this.#written = header.length;
    const failed = yield* this.#output.write(header);
    return failed ? strerror(failed) : packetBuffered ? this.#failure(yield* this.#output.flush()) : undefined;
  }

  *write(packet: CapturedPacket): Blocking<string | 'last' | undefined> {
    const rotated = yield* this.#rotate();
    if (rotated !== undefined) return rotated;
    const record = pcapRecord(packet, this.#settings.snapshotLength);
    this.#written += record.length;
    const failed = yield* (this.#output as BufferedOutput).write(record);
    if (failed) return strerror(failed);
    return this.#settings.packetBuffered ? this.#failure(yield* (this.#output as BufferedOutput).flush()) : undefined;
  }

  *close(): Blocking<void> {
    yield* this.#output?.flush() ?? none();
    if (this.#fd !== 1) this.#process.close(this.#fd);
  }

  #failure(errno: Errno | undefined): string | undefined {
    return errno && strerror(errno);
  }

  /** @returns `last` when -G and -W allow no further file */
  *#rotate(): Blocking<string | 'last' | undefined> {
    const { rotateBytes, rotateSeconds, rotateFiles } = this.#settings;
    const old = rotateSeconds && this.#process.host.now - this.#opened >= rotateSeconds * SECOND;
    const full = rotateBytes !== undefined && this.#written > rotateBytes;
    if (!old && !full) return undefined;
    this.#number++;
    if (rotateFiles !== undefined && this.#number >= rotateFiles) {
      if (old && rotateBytes === undefined) return 'last';
      this.#number = 0;
    }
    yield* this.close();
    return yield* this.open();
  }

  /** The name with the time filled in (-G), and a number at its end (-C). */
  #fileName(): string {
    const { path, rotateBytes, rotateSeconds, rotateFiles } = this.#settings;
    const timed = rotateSeconds ? strftime(path, momentOf(this.#process.host.now)) : path;
    if (rotateBytes === undefined || (this.#number === 0 && rotateFiles === undefined)) return timed;
    const digits = rotateFiles === undefined ? 0 : String(rotateFiles - 1).length;
    return `${timed}${String(this.#number).padStart(digits, '0')}`;
  }
}

function* none(): Blocking<undefined> {}
