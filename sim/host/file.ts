import type { Errno } from '../base/errno.ts';
import type { Micros } from '../base/time.ts';
import { WaitQueue } from './wait.ts';

/** What an open file can do right now (poll(2)). */
export interface Poll {
  in: boolean;
  out: boolean;
  /** The other end is gone. */
  hup: boolean;
}

/**
 * An open file description: what file descriptors point to (open(2)). Reading and writing never block here; they return
 * `EAGAIN` and the process waits on `readable` or `writable`.
 */
export abstract class OpenFile {
  readonly readable: WaitQueue = new WaitQueue();
  readonly writable = new WaitQueue();
  /** What a write takes the process. */
  readonly writeCost: Micros = 0;
  /** How many descriptors refer to it; `release` closes it at zero. */
  references = 0;

  /** Up to `max` bytes; an empty array is the end of the file. */
  abstract read(max: number): Uint8Array | Errno;

  /** How many bytes were taken (at least one unless `bytes` is empty). */
  abstract write(bytes: Uint8Array): number | Errno;

  abstract poll(): Poll;

  /** Called when the last descriptor is gone. */
  protected abstract close(): void;

  /** Moves the file offset (lseek with SEEK_SET); pipes, terminals and sockets can't. */
  seek(_offset: number): Errno | undefined {
    return 'ESPIPE';
  }

  /** What `/proc/PID/fd/N` links to: `/tmp/x`, `pipe:[7]`, `socket:[9]`, `/dev/pts/0`. */
  abstract get description(): string;

  hold(): this {
    this.references++;
    return this;
  }

  release(): void {
    if (--this.references === 0) this.close();
  }
}
