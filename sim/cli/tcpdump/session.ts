import { type Errno, strerror } from '../../base/errno.ts';
import { SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { DumpFile } from './dump-file.ts';
import type { NameService } from './name-service.ts';
import type { Settings } from './options.ts';
import { BufferedOutput } from './output.ts';
import { type CapturedPacket, linkTypeText, type PacketSource } from './packet-source.ts';
import { printPacket } from './printers/packet.ts';
import type { TcpConversations } from './printers/printout.ts';
import { Timestamps } from './timestamp.ts';

/** Why the loop over packets ended. */
type End = 'count' | 'end' | 'interrupted' | { failed: string } | { broken: Errno };

/** How often -v with -w tells how many packets there are: just after the kernel has handed over a second's. */
const TELL_EVERY = SECOND + 10;

/** From the banner to the closing counts. */
export class CaptureSession {
  readonly #process: Process;
  readonly #program: string;
  readonly #settings: Settings;
  readonly #source: PacketSource;
  readonly #names: NameService;
  readonly #stdout: BufferedOutput;
  readonly #times: Timestamps;
  readonly #conversations: TcpConversations = new Map();
  #dump: DumpFile | undefined;
  #captured = 0;
  #interrupted = false;
  /** Packets that the last `Got N` told of. */
  #told: number | undefined;

  constructor(process: Process, program: string, settings: Settings, source: PacketSource, names: NameService) {
    this.#process = process;
    this.#program = program;
    this.#settings = settings;
    this.#source = source;
    this.#names = names;
    this.#stdout = new BufferedOutput(process, 1, settings.lineBuffered);
    this.#times = new Timestamps(settings.time, settings.nanoseconds);
  }

  /** @param device what the banner says it listens on */
  *run(device: string): Blocking<number> {
    const stop = (): void => {
      this.#interrupted = true;
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGPIPE'] as const) this.#process.onSignal(signal, stop);
    if (this.#process.dispositions.get('SIGHUP') !== 'ignore') this.#process.onSignal('SIGHUP', stop);
    const refused = yield* this.#openDump();
    if (refused !== undefined) {
      yield* this.#complain(refused);
      return 1;
    }
    if (this.#source.live) yield* this.#banner(device);
    const end = yield* this.#loop();
    return yield* this.#finish(end);
  }

  *#openDump(): Blocking<string | undefined> {
    const { writeFile: path, packetBuffered, rotateBytes, rotateSeconds, rotateFiles } = this.#settings;
    if (path === undefined) return undefined;
    const { linkType, snapshotLength } = this.#source;
    const settings = { path, linkType, snapshotLength, packetBuffered, rotateBytes, rotateSeconds, rotateFiles };
    this.#dump = new DumpFile(this.#process, settings);
    return yield* this.#dump.open();
  }

  *#banner(device: string): Blocking<void> {
    const { print, writeFile } = this.#settings;
    const quiet = print.verbose === 0 && writeFile === undefined;
    const hint = quiet ? 'verbose output suppressed, use -v[v]... for full protocol decode\n' : '';
    const { linkType, snapshotLength } = this.#source;
    const text = `listening on ${device}, link-type ${linkTypeText(linkType)}, snapshot length ${snapshotLength} bytes`;
    yield* this.#process.write(2, `${this.#program}: ${hint}${text}\n`);
  }

  *#loop(): Blocking<End> {
    const { count, print, writeFile, alsoPrint } = this.#settings;
    const tells = print.verbose > 0 && writeFile !== undefined && this.#source.live && !alsoPrint;
    let tick = tells ? this.#process.host.now + TELL_EVERY : undefined;
    while (!this.#interrupted) {
      const packet = yield* this.#source.next(tick);
      if (packet === 'signal') continue;
      if (packet === 'end') return 'end';
      if (packet === 'tick') {
        yield* this.#tell();
        tick = this.#process.host.now + TELL_EVERY;
        continue;
      }
      if ('error' in packet) return { failed: packet.error };
      this.#captured++;
      const ended = yield* this.#handle(packet);
      if (ended) return ended;
      if (count !== undefined && this.#captured >= count) return 'count';
      // A long file must leave time for others, and for Ctrl-C.
      if (this.#captured % 64 === 0) yield* this.#process.spend(64);
    }
    return 'interrupted';
  }

  /** With -v and -w: how many packets there are, once a second. */
  *#tell(): Blocking<void> {
    if (this.#told === this.#captured) return;
    this.#told = this.#captured;
    yield* this.#process.write(2, `Got ${this.#captured}\r`);
  }

  *#handle(packet: CapturedPacket): Blocking<End | undefined> {
    const { alsoPrint, countOnly } = this.#settings;
    if (this.#dump) {
      const failed = yield* this.#dump.write(packet);
      if (failed === 'last') {
        yield* this.#process.write(2, `Maximum file limit reached: ${this.#settings.rotateFiles}\n`);
        return 'end';
      }
      if (failed !== undefined) return { failed };
    }
    if (countOnly || (this.#dump && !alsoPrint)) return undefined;
    const { numbered, print, dump } = this.#settings;
    const context = { options: print, dump, names: this.#names, conversations: this.#conversations };
    const number = numbered ? `${String(this.#captured).padStart(5)}  ` : '';
    const parts = printPacket({ ...packet, linkType: this.#source.linkType }, context, () => number + this.#times.text(packet));
    const text = yield* this.#names.text(parts);
    const broken = yield* this.#stdout.write(`${text}\n`);
    return broken && broken !== 'EINTR' ? { broken } : undefined;
  }

  *#finish(end: End): Blocking<number> {
    if (typeof end === 'object' && 'broken' in end) {
      yield* this.#complain(`Unable to write output: ${strerror(end.broken)}`);
      return 1;
    }
    // With -w what --print has printed stays in stdio's buffer until the program exits.
    if (this.#settings.writeFile === undefined) {
      if (end === 'interrupted') yield* this.#stdout.write('\n');
      yield* this.#stdout.flush();
    }
    const failed = typeof end === 'object' ? end.failed : undefined;
    if (failed !== undefined) yield* this.#complain(`pcap_loop: ${failed}`);
    if (this.#source.live) yield* this.#counts();
    else if (this.#settings.countOnly) yield* this.#process.write(1, `${packets(this.#captured)}\n`);
    yield* this.#dump?.close() ?? nothing();
    yield* this.#stdout.flush();
    return failed === undefined ? 0 : 1;
  }

  *#counts(): Blocking<void> {
    const { received, dropped } = this.#source.statistics();
    const lines = [
      `${packets(this.#captured)} captured`,
      `${packets(received)} received by filter`,
      `${packets(dropped)} dropped by kernel`,
    ];
    yield* this.#process.write(2, `${lines.join('\n')}\n`);
  }

  *#complain(text: string): Blocking<void> {
    yield* this.#process.write(2, `${this.#program}: ${text}\n`);
  }
}

function packets(count: number): string {
  return `${count} packet${count === 1 ? '' : 's'}`;
}

function* nothing(): Blocking<void> {}
