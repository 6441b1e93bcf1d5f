import { EPOCH_SECONDS, SECOND } from '../../base/time.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { byteString } from '../tool/byte-string.ts';
import { GlibcRandom } from './random.ts';
import { Record, splitterOf } from './record.ts';
import { type RecordMode, recordMode } from './record-reader.ts';
import { Streams } from './streams.ts';
import { type AwkArray, fromInput, numberText, textOf, UNSET, type Value } from './values.ts';

/** A global variable. Those that mean something to awk itself do something when they are set. */
export interface Variable {
  value: Value;
}

/** A local variable or parameter: a value, an array, or nothing yet. */
export type Slot = Value | AwkArray | undefined;

/** The records of the main input; `undefined` is the end. */
export interface MainInput {
  next(): Blocking<string | undefined>;
}

/** Loop turns and calls between two moments of virtual time spent. */
const STEPS_PER_TICK = 1_000;
const TICK_COST = 200;

/** Everything a running program shares: the record, the variables, the streams. */
export class Runtime {
  readonly process: Process;
  readonly streams: Streams;
  readonly record: Record;
  readonly variables = new Map<string, Variable>();
  readonly arrays = new Map<string, AwkArray>();
  readonly random: GlibcRandom;
  /** What `srand()` returns next time. */
  lastSeed: Value;
  nr = 0;
  fnr = 0;
  convfmt = '%.6g';
  ofmt = '%.6g';
  ofs = ' ';
  ors = '\n';
  subsep = '\x1c';
  mode: RecordMode = { kind: 'text', separator: '\n' };
  /** Locals of the function being run. */
  frame: Slot[] = [];
  depth = 0;
  returned: Value = UNSET;
  exitStatus = 0;
  /** Set by the interpreter, which goes through ARGV. */
  mainInput: MainInput | undefined;
  #steps = 0;

  constructor(process: Process) {
    this.process = process;
    this.streams = new Streams(process);
    this.record = new Record((value) => textOf(value, this.convfmt));
    const seed = process.host.random('awk').uint32() >>> 1;
    this.random = new GlibcRandom(seed);
    this.lastSeed = seed;
    this.#specials();
  }

  /** Counts work; true when it is time to let virtual time pass and output flow. */
  get tick(): boolean {
    return ++this.#steps >= STEPS_PER_TICK;
  }

  *pause(): Blocking<void> {
    this.#steps = 0;
    yield* this.process.spend(TICK_COST);
    if (this.streams.due) yield* this.streams.flushDue();
  }

  variable(name: string): Variable {
    let variable = this.variables.get(name);
    if (!variable) {
      variable = { value: UNSET };
      this.variables.set(name, variable);
    }
    return variable;
  }

  array(name: string): AwkArray {
    let array = this.arrays.get(name);
    if (!array) {
      array = new Map();
      this.arrays.set(name, array);
    }
    return array;
  }

  text(value: Value): string {
    return textOf(value, this.convfmt);
  }

  /** The text of an array subscript: whole numbers plainly, other numbers by CONVFMT. */
  key(value: Value): string {
    return typeof value === 'string' ? value : typeof value === 'number' ? numberText(value, this.convfmt) : value.text;
  }

  /** Seconds since 1970 on this machine. */
  get seconds(): number {
    return EPOCH_SECONDS + Math.floor(this.process.host.now / SECOND);
  }

  /** The text of a value given on the command line or by the environment. */
  fromOutside(text: string): Value {
    return fromInput(byteString(text));
  }

  #specials(): void {
    const special = (name: string, value: Value, changed: (text: string, value: Value) => void) => {
      let current = value;
      this.variables.set(name, {
        get value() {
          return current;
        },
        set value(next: Value) {
          current = next;
          changed(self.text(next), next);
        },
      });
    };
    const self = this;
    special('FS', ' ', (text) => {
      this.record.freeze();
      this.record.splitter = splitterOf(text);
    });
    special('RS', '\n', (text) => {
      this.mode = recordMode(text);
    });
    special('OFS', ' ', (text) => {
      this.ofs = text;
      this.record.separator = text;
    });
    special('ORS', '\n', (text) => {
      this.ors = text;
    });
    special('SUBSEP', '\x1c', (text) => {
      this.subsep = text;
    });
    special('CONVFMT', '%.6g', (text) => {
      this.convfmt = text;
    });
    special('OFMT', '%.6g', (text) => {
      this.ofmt = text;
    });
    this.#counters();
    this.variable('RSTART').value = 0;
    this.variable('RLENGTH').value = -1;
    this.variable('FILENAME').value = '';
  }

  #counters(): void {
    const self = this;
    this.variables.set('NR', {
      get value() {
        return self.nr;
      },
      set value(value: Value) {
        self.nr = numberOfValue(value);
      },
    });
    this.variables.set('FNR', {
      get value() {
        return self.fnr;
      },
      set value(value: Value) {
        self.fnr = numberOfValue(value);
      },
    });
    this.variables.set('NF', {
      get value() {
        return self.record.count;
      },
      set value(value: Value) {
        self.record.count = Math.trunc(numberOfValue(value));
      },
    });
  }
}

function numberOfValue(value: Value): number {
  return typeof value === 'number' ? value : typeof value === 'string' ? Number.parseFloat(value) || 0 : value.number;
}
