import { fieldKind, fieldValue } from './layers.ts';
import { ABSENT } from './options.ts';
import { buildFrame, describeFrame, type Layer, readFrame } from './packet.ts';
import type { Script, Step } from './script.ts';

/** What a script asks of the machine under test, simulated or real. Times in microseconds. */
export type Request =
  | { do: 'run'; command: string }
  | { do: 'inject'; device: string; frame: Uint8Array }
  | { do: 'wait'; during: number }
  | { do: 'say'; text: string }
  /** The next frame that the machine sends, or none within `during`. */
  | { do: 'next'; during: number };

export interface Sent {
  device: string;
  frame: Uint8Array;
}

export interface Answer {
  /** When it was done, or when the frame went out. */
  time: number;
  output?: string;
  sent?: Sent | undefined;
}

/** How exact a machine's clock is. */
export interface Patience {
  /** How long `<` without a time waits. */
  soon: number;
  /** How much too early and too late a timed packet may be: a part of the time, and at least so many microseconds. */
  part: number;
  early: number;
  late: number;
}

/** How long something more may come out at the end, in microseconds. */
const LEFTOVERS = 100_000;

/** Why a script failed. */
class Failure extends Error {}

/** Plays a script. Returns what went wrong first, with its line, or `undefined`. */
export function* play(script: Script, patience: Patience): Generator<Request, string | undefined, Answer> {
  const player = new Player(script, patience);
  for (const step of script.steps) {
    try {
      yield* player.step(step);
    } catch (error) {
      if (error instanceof Failure) return `line ${step.line}: ${error.message}`;
      throw error;
    }
  }
  const left = yield* player.next(LEFTOVERS);
  return left ? `at the end: ${left.device} < ${describeFrame(left.frame)}` : undefined;
}

class Player {
  readonly #script: Script;
  readonly #patience: Patience;
  readonly #variables = new Map<string, bigint>();
  readonly #ignored: Layer[][] = [];
  /** When the line before happened. */
  #last = 0;

  constructor(script: Script, patience: Patience) {
    this.#script = script;
    this.#patience = patience;
  }

  *step(step: Step): Generator<Request, void, Answer> {
    switch (step.kind) {
      case 'command': {
        const { output = '', time } = yield { do: 'run', command: step.command };
        this.#last = time;
        const printed = output.replace(/\s+$/, '').split(/[ \t]*\n/);
        const wanted = step.output ?? [''];
        if (printed.join('\n') !== wanted.join('\n')) throw new Failure(`$ ${step.command}\nprinted\n${printed.join('\n')}`);
        return;
      }
      case 'inject': {
        if (step.after !== undefined) yield { do: 'wait', during: step.after };
        const frame = buildFrame(
          step.packet.map((layer) => this.#filled(layer)),
          this.#script.cables.indexOf(step.device),
        );
        this.#last = (yield { do: 'inject', device: step.device, frame }).time;
        return;
      }
      case 'wait':
        this.#last = (yield { do: 'wait', during: step.during }).time;
        return;
      case 'nothing': {
        const sent = yield* this.next(step.during);
        if (sent) throw new Failure(`not nothing, but ${sent.device} < ${describeFrame(sent.frame)}`);
        this.#last += step.during;
        return;
      }
      case 'show':
        return yield* this.#show(step.during);
      case 'ignore':
        this.#ignored.push(step.packet);
        return;
      case 'expect':
        yield* this.#expect(step);
    }
  }

  *#show(during: number): Generator<Request, void, Answer> {
    const began = this.#last;
    for (;;) {
      const sent = yield* this.next(Math.max(0, began + during - this.#last));
      if (!sent) break;
      const milliseconds = ((this.#last - began) / 1000).toFixed(1);
      yield { do: 'say', text: `+${milliseconds}ms ${sent.device} < ${describeFrame(sent.frame)}` };
    }
    this.#last = began + during;
  }

  *#expect({ device, packet, after }: Extract<Step, { kind: 'expect' }>): Generator<Request, void, Answer> {
    const { soon, part, early, late } = this.#patience;
    const before = this.#last;
    const sent = yield* this.next((after ?? 0) * (1 + part) + (after === undefined ? soon : late));
    if (!sent) throw new Failure('nothing was sent');
    if (device !== undefined && sent.device !== device) throw new Failure(`sent on ${sent.device}: ${describeFrame(sent.frame)}`);
    const wrong = this.#compare(packet, sent.frame);
    if (wrong !== undefined) throw new Failure(`${wrong}:\n${describeFrame(sent.frame)}`);
    const took = this.#last - before;
    if (after !== undefined && (took < after * (1 - part) - early || took > after * (1 + part) + late))
      throw new Failure(`it came after ${took / 1000} ms`);
  }

  /** The next frame that counts. */
  *next(during: number): Generator<Request, Sent | undefined, Answer> {
    for (;;) {
      const { sent, time } = yield { do: 'next', during };
      if (!sent) return undefined;
      if (this.#ignored.some((packet) => this.#compare(packet, sent.frame) === undefined)) continue;
      this.#last = time;
      return sent;
    }
  }

  /** A layer to send: variables become numbers. */
  #filled(layer: Layer): Layer {
    const fields = Object.entries(layer.fields).map(([name, text]) => [name, text.startsWith('$') ? String(this.#value(text)) : text]);
    return { ...layer, fields: Object.fromEntries(fields) };
  }

  /** `$name`, `$name+3`, `$name-1`. */
  #value(text: string): bigint {
    const [, name = '', offset = '0'] = /^\$(\w+)([+-]\d+)?$/.exec(text) ?? [];
    const value = this.#variables.get(name);
    if (value === undefined) throw new Failure(`nothing is known as $${name}`);
    return (value + BigInt(offset)) & 0xffff_ffffn;
  }

  /** What differs, or `undefined`. Layers may be left out at both ends, but not in between. */
  #compare(packet: readonly Layer[], frame: Uint8Array): string | undefined {
    const { layers, faults } = readFrame(frame);
    if (faults.length > 0) return faults.join(', ');
    let at = layers.findIndex((layer) => layer.name === packet[0]?.name);
    if (at < 0) return `no ${packet[0]?.name}`;
    for (const wanted of packet) {
      const layer = layers[at++];
      if (layer?.name !== wanted.name) return `not ${wanted.name}, but ${layer?.name ?? 'nothing more'}`;
      if (wanted.data && wanted.data.join() !== layer.data?.join()) return 'other data';
      for (const [field, text] of Object.entries(wanted.fields)) {
        const wrong = this.#compareField(wanted.name, field, text, layer.fields[field]);
        if (wrong !== undefined) return wrong;
      }
    }
    return undefined;
  }

  #compareField(layer: string, field: string, text: string, found: string | undefined): string | undefined {
    if (text === ABSENT) return found === undefined ? undefined : `${layer} ${field}=${found} instead of none`;
    if (found === undefined) return `no ${layer} ${field}`;
    const kind = fieldKind(layer, field);
    const value = fieldValue(found, kind);
    if (/^\$\w+$/.test(text) && !this.#variables.has(text.slice(1))) {
      this.#variables.set(text.slice(1), value);
      return undefined;
    }
    const wanted = text.startsWith('$') ? this.#value(text) : fieldValue(text, kind);
    return wanted === value ? undefined : `${layer} ${field}=${found} instead of ${text}`;
  }
}
