import { type Journey, journeyOf, type TraceEvent } from '../../sim/index.ts';

/** Packets whose events are kept for readers who want to follow one. */
const MOST = 400;

/** What happened to the latest packets. */
export class Packets {
  readonly #events = new Map<number, TraceEvent[]>();

  add(events: readonly TraceEvent[]): void {
    for (const event of events) {
      if (event.packet === 0) continue;
      const own = this.#events.get(event.packet);
      if (own) own.push(event);
      else this.#events.set(event.packet, [event]);
    }
    for (const oldest of this.#events.keys()) {
      if (this.#events.size <= MOST) break;
      this.#events.delete(oldest);
    }
  }

  /** @param peerOf the device at the other end of a device's cable */
  journey(packet: number, peerOf: (device: number) => number | undefined): Journey | undefined {
    const events = this.#events.get(packet);
    return events && journeyOf(events, packet, peerOf);
  }

  clear(): void {
    this.#events.clear();
  }
}
