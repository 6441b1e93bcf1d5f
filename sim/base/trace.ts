import type { Micros } from './time.ts';

/**
 * What happened, in fixed-size records: the kernel emits, `sim/trace` reads. Records live in typed rings, so that tracing costs
 * next to nothing and a stretch of them crosses to the page as transferred buffers.
 */
export const TraceKind = {
  /** A frame leaves a device. `device` sends, `frame` is what is on the wire. */
  Transmit: 1,
  /** A frame arrives at a device. */
  Receive: 2,
  /** A packet ends here. `text` is the drop reason. */
  Drop: 3,
  /** A packet passes a netfilter hook. `text` is the hook, `value` its family (4, 6, 7 = bridge). */
  Hook: 4,
  /**
   * Rules were evaluated. `text` has a line for each, `table chain index: rule text`; `value` is 1 when the last one matched. Those
   * before it, and all where it is 0, did not, and say why behind their text; rules that an index passed over are one line, `index` a
   * range, without their texts.
   */
  Rule: 5,
  /** A route was chosen. `text` is the route, `device` the way out. */
  Route: 6,
  /** A bridge decided. `text` is `forward`, `flood`, `local` or `learn`, `device` the port. */
  Bridge: 7,
  /** A neighbour entry changed state. `text` is `ADDRESS STATE`. */
  Neighbour: 8,
  /** A packet was handed to a socket or a protocol of this host. `text` says which. */
  Deliver: 9,
  /** A packet was rewritten (NAT, TTL, a header pushed or pulled). `text` says how. */
  Rewrite: 10,
} as const;
export type TraceKindValue = (typeof TraceKind)[keyof typeof TraceKind];

/** The `value` of Transmit and Receive events whose frame starts with IP at once: the device has no link layer. */
export const FRAME_BARE = 1;

/** One event, decoded. */
export interface TraceEvent {
  sequence: number;
  time: Micros;
  kind: TraceKindValue;
  /** World-wide device number (`NetDevice.uid`), 0 when none is involved. */
  device: number;
  /** World-wide network namespace number (`NetNamespace.uid`). */
  netns: number;
  /** The packet: every copy that a bridge floods keeps the number of the packet it was made from. */
  packet: number;
  value: number;
  text: string;
  /**
   * The frame's bytes from its link-layer header on, or empty; `value` is `FRAME_BARE` for frames of devices that have no link layer. Only
   * Transmit, Receive, Drop and Rewrite carry them.
   */
  frame: Uint8Array;
}

const FIELDS = 8; // kind, device, netns, packet, value, text, frame offset, frame length
/** Bytes up to which a frame is copied word by word. */
const SHORT_FRAME = 256;
const NO_FRAME = new Uint8Array(0);

/** A stretch of trace as it crosses to another thread; `ArrayBuffer`s are transferred. */
export interface TraceChunk {
  first: number;
  times: Float64Array;
  fields: Int32Array;
  frames: Uint8Array;
  /** Texts first used in or before this chunk, from index `textFrom`. */
  textFrom: number;
  texts: string[];
}

/** A ring of the latest `capacity` events and of the latest frame bytes. */
export class Trace {
  readonly capacity: number;
  /** Number of the next event; the ring holds [next - capacity, next). */
  next = 0;
  enabled = true;
  readonly #times: Float64Array;
  readonly #fields: Int32Array;
  readonly #frames: Uint8Array;
  /** The same, and the bytes that the last frame came from, by words of four. */
  readonly #frameWords: Uint32Array;
  #source: Uint8Array = NO_FRAME;
  #sourceWords: Uint32Array = new Uint32Array(0);
  /** Where the next frame goes in the ring. */
  #frameEnd = 0;
  /** How often it has been filled. */
  #laps = 0;
  #lastFrame = 0;
  /** Where the next event goes: `next` modulo the capacity. */
  #slot = 0;
  readonly #texts: string[] = [''];
  readonly #textIndex = new Map<string, number>([['', 0]]);
  readonly #clock: { readonly now: Micros };
  /** The text that each kind of event had last: most repeat themselves. */
  readonly #lastText: string[] = new Array(32).fill('');
  readonly #lastIndex = new Int32Array(32);

  /** @param capacity events kept; @param frameBytes bytes of frames kept */
  constructor(clock: { readonly now: Micros }, capacity = 1 << 16, frameBytes = 1 << 23) {
    this.#clock = clock;
    this.capacity = capacity;
    this.#times = new Float64Array(capacity);
    this.#fields = new Int32Array(capacity * FIELDS);
    this.#frames = new Uint8Array(frameBytes);
    this.#frameWords = new Uint32Array(this.#frames.buffer);
  }

  /** Records one event. `frame` is copied from `start` to `end`. */
  emit(
    kind: TraceKindValue,
    device: number,
    netns: number,
    packet: number,
    value = 0,
    text = '',
    frame: Uint8Array = NO_FRAME,
    start = 0,
    end = frame.length,
  ): void {
    if (!this.enabled) return;
    const offset = end > start ? this.#store(frame, start, end - start) : 0;
    this.#record(kind, device, netns, packet, value, text === '' ? 0 : this.#indexOf(kind, text), offset, end - start);
  }

  /** As `emit`, of a frame without a text. */
  emitFrame(
    kind: TraceKindValue,
    device: number,
    netns: number,
    packet: number,
    value: number,
    frame: Uint8Array,
    start: number,
    end: number,
  ): void {
    if (this.enabled) this.#record(kind, device, netns, packet, value, 0, this.#store(frame, start, end - start), end - start);
  }

  /** Where the frame that was stored last stands, for `emitAgain`: bytes since the start, the unused ends of the ring included. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  /**
   * As `emitFrame`, of a frame that is already there unchanged.
   * @param frame what `lastFrame` was when it was stored
   * @returns false when it has been overwritten since, and nothing was recorded
   */
  emitAgain(kind: TraceKindValue, device: number, netns: number, packet: number, frame: number, length: number): boolean {
    if (!this.enabled) return true;
    const ring = this.#frames.length;
    if (frame < this.#laps * ring + this.#frameEnd - ring) return false;
    this.#record(kind, device, netns, packet, 0, 0, frame % ring, length);
    return true;
  }

  /** The number of a text. Those who emit the same text time and again keep it, for `emitText`. */
  textIndex(text: string): number {
    return text === '' ? 0 : this.#intern(text);
  }

  /** As `emit`, without a frame, of a text whose number is known. */
  emitText(kind: TraceKindValue, device: number, netns: number, packet: number, value: number, textIndex: number): void {
    if (this.enabled) this.#record(kind, device, netns, packet, value, textIndex, 0, 0);
  }

  #record(
    kind: number,
    device: number,
    netns: number,
    packet: number,
    value: number,
    textIndex: number,
    frame: number,
    length: number,
  ): void {
    const slot = this.#slot;
    this.#slot = slot + 1 === this.capacity ? 0 : slot + 1;
    this.next++;
    this.#times[slot] = this.#clock.now;
    const fields = this.#fields;
    const at = slot * FIELDS;
    fields[at] = kind;
    fields[at + 1] = device;
    fields[at + 2] = netns;
    fields[at + 3] = packet;
    fields[at + 4] = value;
    fields[at + 5] = textIndex;
    fields[at + 6] = frame;
    fields[at + 7] = length;
  }

  /** Calls `visit` for each kept event from number `from` on. */
  read(from: number, visit: (event: TraceEvent) => void): void {
    for (let n = Math.max(from, this.next - this.capacity, 0); n < this.next; n++) visit(this.#decode(n));
  }

  /** The kept events from number `from` on, as an array. */
  events(from = 0): TraceEvent[] {
    const events: TraceEvent[] = [];
    this.read(from, (event) => events.push(event));
    return events;
  }

  /** Copies events [from, next) and the texts from `textFrom` on for another thread. */
  chunk(from: number, textFrom: number): TraceChunk {
    const first = Math.max(from, this.next - this.capacity, 0);
    const events = this.next - first;
    const times = new Float64Array(events);
    const fields = new Int32Array(events * FIELDS);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for (let i = 0; i < events; i++) {
      const event = this.#decode(first + i);
      const slot = (first + i) % this.capacity;
      times[i] = event.time;
      fields.set(this.#fields.subarray(slot * FIELDS, slot * FIELDS + FIELDS), i * FIELDS);
      fields[i * FIELDS + 6] = bytes;
      fields[i * FIELDS + 7] = event.frame.length;
      parts.push(event.frame);
      bytes += event.frame.length;
    }
    const frames = new Uint8Array(bytes);
    let offset = 0;
    for (const part of parts) {
      frames.set(part, offset);
      offset += part.length;
    }
    return { first, times, fields, frames, textFrom, texts: this.#texts.slice(textFrom) };
  }

  #decode(n: number): TraceEvent {
    const slot = n % this.capacity;
    const at = slot * FIELDS;
    const f = this.#fields;
    const length = f[at + 7] as number;
    return {
      sequence: n,
      time: this.#times[slot] as number,
      kind: f[at] as TraceKindValue,
      device: f[at + 1] as number,
      netns: f[at + 2] as number,
      packet: f[at + 3] as number,
      value: f[at + 4] as number,
      text: this.#texts[f[at + 5] as number] as string,
      frame: length > 0 ? this.#frameAt(f[at + 6] as number, length) : NO_FRAME,
    };
  }

  #indexOf(kind: number, text: string): number {
    if (this.#lastText[kind] === text) return this.#lastIndex[kind] as number;
    const index = this.#intern(text);
    this.#lastText[kind] = text;
    this.#lastIndex[kind] = index;
    return index;
  }

  #intern(text: string): number {
    let index = this.#textIndex.get(text);
    if (index === undefined) {
      index = this.#texts.length;
      this.#texts.push(text);
      this.#textIndex.set(text, index);
    }
    return index;
  }

  /**
   * Frames never wrap inside the ring: one that doesn't fit before the end starts over. Each stands to words of four bytes as it does in
   * its own array. Returns the offset in the ring.
   */
  #store(frame: Uint8Array, start: number, length: number): number {
    const size = this.#frames.length;
    let offset = this.#frameEnd + ((start - this.#frameEnd) & 3);
    if (offset + length > size) {
      offset = start & 3;
      this.#laps++;
    }
    this.#frameEnd = offset + length;
    this.#lastFrame = this.#laps * size + offset;
    if (length > SHORT_FRAME || (frame.byteOffset & 3) !== 0) this.#frames.set(frame.subarray(start, start + length), offset);
    else this.#copyWords(frame, start, length, offset);
    return offset;
  }

  /** A view of each frame would cost more than copying the words of most. */
  #copyWords(frame: Uint8Array, start: number, length: number, offset: number): void {
    if (this.#source !== frame) {
      this.#source = frame;
      this.#sourceWords = new Uint32Array(frame.buffer, frame.byteOffset, frame.byteLength >>> 2);
    }
    const from = this.#sourceWords;
    const to = this.#frameWords;
    const shift = (offset - start) >> 2;
    const first = (start + 3) >>> 2;
    const last = (start + length) >>> 2;
    for (let word = first; word < last; word++) to[word + shift] = from[word] as number;
    const ring = this.#frames;
    const move = offset - start;
    const head = Math.min(first << 2, start + length);
    for (let at = start; at < head; at++) ring[at + move] = frame[at] as number;
    for (let at = Math.max(last, first) << 2; at < start + length; at++) ring[at + move] = frame[at] as number;
  }

  #frameAt(offset: number, length: number): Uint8Array {
    return this.#frames.slice(offset, offset + length);
  }
}

/** Decodes a transferred chunk; `texts` is the receiver's growing table, extended here. */
export function decodeChunk(chunk: TraceChunk, texts: string[]): TraceEvent[] {
  for (let i = 0; i < chunk.texts.length; i++) texts[chunk.textFrom + i] = chunk.texts[i] as string;
  const events: TraceEvent[] = [];
  for (let i = 0; i < chunk.times.length; i++) {
    const at = i * FIELDS;
    const f = chunk.fields;
    const offset = f[at + 6] as number;
    events.push({
      sequence: chunk.first + i,
      time: chunk.times[i] as number,
      kind: f[at] as TraceKindValue,
      device: f[at + 1] as number,
      netns: f[at + 2] as number,
      packet: f[at + 3] as number,
      value: f[at + 4] as number,
      text: texts[f[at + 5] as number] ?? '',
      frame: chunk.frames.subarray(offset, offset + (f[at + 7] as number)),
    });
  }
  return events;
}
