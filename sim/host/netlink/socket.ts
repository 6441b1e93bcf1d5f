import type { Errno } from '../../base/errno.ts';
import { OpenFile, type Poll } from '../file.ts';
import type { Process } from '../process.ts';

/** A netlink(7) socket that only listens: what arrives waits in it, and programs take it message by message rather than as bytes. */
export abstract class OpenNetlinkSocket<Message> extends OpenFile {
  readonly #arrived: Message[] = [];
  readonly #number: number;

  constructor(process: Process) {
    super();
    this.#number = process.host.nextPipeNumber();
  }

  protected arrive(...messages: readonly Message[]): void {
    this.#arrived.push(...messages);
    this.readable.wake();
  }

  /** The oldest message that has not been taken. */
  next(): Message | undefined {
    return this.#arrived.shift();
  }

  override read(_max: number): Uint8Array | Errno {
    return 'EINVAL';
  }

  override write(_bytes: Uint8Array): number | Errno {
    return 'EINVAL';
  }

  override poll(): Poll {
    return { in: this.#arrived.length > 0, out: true, hup: false };
  }

  override get description(): string {
    return `socket:[${this.#number}]`;
  }
}
