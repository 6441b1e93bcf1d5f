import { SECOND, type Micros } from '../../../base/time.ts';
import { type Extensions, NO_SKBINFO, type Parts, type Stored } from './element.ts';
import type { SetError, SetOptions, SetType } from './types.ts';

/** Elements whose comment takes `struct ip_set_comment_rcu` besides its text. */
const COMMENT_HEAD = 16;

/** What a test found: in the set, in it as an exception, or not at all. */
export interface Found {
  element: Stored;
  nomatch: boolean;
}

/** An element's neighbours in a list:set, by name. */
export interface Reference {
  name: string;
  before: boolean;
}

/** One set (struct ip_set): its name, how it was made, and what all types do alike. */
export abstract class IpSet {
  name: string;
  readonly type: SetType;
  readonly options: SetOptions;
  readonly #clock: { readonly now: Micros };

  constructor(name: string, type: SetType, options: SetOptions, clock: { readonly now: Micros }) {
    this.name = name;
    this.type = type;
    this.options = options;
    this.#clock = clock;
  }

  protected get now(): Micros {
    return this.#clock.now;
  }

  /** Adds one element, or with `exist` changes what stands beside it. */
  abstract add(parts: Parts, extensions: Extensions, exist: boolean): SetError | undefined;
  abstract remove(parts: Parts): SetError | undefined;
  abstract test(parts: Parts): Found | undefined;
  abstract flush(): void;
  /** Live elements in the order of a listing. */
  abstract list(): Stored[];
  /** What follows `Header:` and the type in a saved set, with a space between the words. */
  abstract header(): string;
  /** Bytes that the kernel would use. */
  abstract memory(): number;

  /** What the set wasn't made for can't be given to an element (ip_set_get_extensions). */
  refuses({ timeout, packets, bytes, comment, skbinfo }: Extensions): SetError | undefined {
    if (timeout !== undefined && this.options.timeout === undefined) return 'TIMEOUT';
    if ((packets !== undefined || bytes !== undefined) && !this.options.counters) return 'COUNTER';
    if (comment !== undefined && !this.options.comment) return 'COMMENT';
    if (skbinfo !== undefined && !this.options.skbinfo) return 'SKBINFO';
    return undefined;
  }

  protected alive(element: Stored): boolean {
    return element.expires > this.now;
  }

  protected make(parts: Parts, words: readonly number[], extensions: Extensions): Stored {
    const element: Stored = {
      parts,
      words,
      hash: 0,
      nomatch: false,
      expires: Number.POSITIVE_INFINITY,
      packets: 0,
      bytes: 0,
      comment: '',
      skbinfo: NO_SKBINFO,
    };
    this.change(element, extensions);
    return element;
  }

  /** Sets what stands beside an element; counters that aren't given stay. */
  protected change(element: Stored, { timeout, packets, bytes, comment, nomatch, skbinfo }: Extensions): void {
    const seconds = timeout ?? this.options.timeout;
    element.expires = seconds === undefined || seconds === 0 ? Number.POSITIVE_INFINITY : this.now + seconds * SECOND;
    if (this.options.counters) {
      element.packets = packets ?? element.packets;
      element.bytes = bytes ?? element.bytes;
    }
    element.comment = comment ?? '';
    element.nomatch = nomatch ?? false;
    element.skbinfo = skbinfo ?? NO_SKBINFO;
  }

  /** Whole seconds that an element has left, at least one; 0 is for ever. */
  secondsLeft(element: Stored): number {
    return element.expires === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.floor((element.expires - this.now) / SECOND));
  }

  /** Bytes of one element with its extensions. */
  protected elementSize(plain: number): number {
    const { counters, timeout, comment, skbinfo } = this.options;
    if (!counters && timeout === undefined && !comment && !skbinfo) return plain;
    return Math.ceil(plain / 8) * 8 + (counters ? 16 : 0) + (timeout === undefined ? 0 : 8) + (comment ? 8 : 0) + (skbinfo ? 16 : 0);
  }

  protected commentMemory(elements: Iterable<Stored>): number {
    if (!this.options.comment) return 0;
    let bytes = 0;
    for (const { comment } of elements) if (comment !== '') bytes += COMMENT_HEAD + comment.length + 1;
    return bytes;
  }

  /** The end of a header that all types have alike. */
  protected extensionHeader(): string {
    const { timeout, counters, comment, skbinfo } = this.options;
    const words = `${counters ? ' counters' : ''}${comment ? ' comment' : ''}${skbinfo ? ' skbinfo' : ''}`;
    return `${timeout === undefined ? '' : ` timeout ${timeout}`}${words}`;
  }
}
