import { compileRegex } from './regex.ts';
import { Fatal } from './fatal.ts';
import { fromInput, type Value } from './values.ts';

/** How texts are cut into fields: FS, or the separator given to `split`. */
export type Splitter = (text: string) => string[];

/** A field more would be an array beyond what the reader's memory should hold. */
const MAX_FIELD = 100_000;

/** FS " " separates at runs of blanks, one character at each occurrence, anything longer is a regular expression, "" every character. */
export function splitterOf(separator: string, isRegex = false): Splitter {
  if (!isRegex && separator === ' ') return splitBlanks;
  if (!isRegex && separator === '') return (text) => (text === '' ? [] : [...text]);
  if (!isRegex && separator.length === 1 && separator !== '\\') return (text) => (text === '' ? [] : text.split(separator));
  const regex = compileRegex(separator);
  if ('error' in regex) throw new Fatal(`regular expression compile failed (${regex.error})\n${separator}`, 'regex');
  return (text) => splitRegex(text, regex);
}

function splitBlanks(text: string): string[] {
  const fields: string[] = [];
  const { length } = text;
  for (let at = 0; at < length; ) {
    let code = text.charCodeAt(at);
    if (code === 32 || (code >= 9 && code <= 13)) {
      at++;
      continue;
    }
    let end = at + 1;
    for (; end < length; end++) {
      code = text.charCodeAt(end);
      if (code === 32 || (code >= 9 && code <= 13)) break;
    }
    fields.push(text.slice(at, end));
    at = end + 1;
  }
  return fields;
}

/** Cuts at every match that isn't empty. */
function splitRegex(text: string, regex: RegExp): string[] {
  if (text === '') return [];
  const fields: string[] = [];
  let start = 0;
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    if (match[0] === '') {
      regex.lastIndex++;
      continue;
    }
    fields.push(text.slice(start, match.index));
    start = match.index + match[0].length;
  }
  fields.push(text.slice(start));
  return fields;
}

/** `$0` and its fields. The record is cut when a field is first asked for, and put together again when one was assigned. */
export class Record {
  #text = '';
  #whole: Value | undefined;
  #fields: (string | Value)[] = [];
  /** Fields that were assigned keep the kind of their value. */
  readonly #assigned = new Map<number, Value>();
  #split = true;
  #joined = true;
  splitter: Splitter = splitBlanks;
  separator = ' ';
  /** Turns a value into text by CONVFMT. */
  readonly #toText: (value: Value) => string;

  constructor(toText: (value: Value) => string) {
    this.#toText = toText;
  }

  set(text: string): void {
    this.#text = text;
    this.#whole = undefined;
    this.#split = false;
    this.#joined = true;
  }

  #ensureSplit(): void {
    this.#fields = this.splitter(this.#text);
    if (this.#assigned.size > 0) this.#assigned.clear();
    this.#split = true;
  }

  /** The fields must be those of the separator in force until now; called before FS changes. */
  freeze(): void {
    if (!this.#split) this.#ensureSplit();
  }

  get text(): string {
    if (!this.#joined) {
      this.#text = this.#fields.map((_, i) => this.fieldText(i + 1)).join(this.separator);
      this.#whole = undefined;
      this.#joined = true;
    }
    return this.#text;
  }

  get count(): number {
    if (!this.#split) this.#ensureSplit();
    return this.#fields.length;
  }

  set count(count: number) {
    this.freeze();
    checkIndex(count);
    if (count < this.#fields.length) for (let i = count + 1; i <= this.#fields.length; i++) this.#assigned.delete(i);
    while (this.#fields.length < count) this.#fields.push('');
    this.#fields.length = count;
    this.#joined = false;
  }

  fieldText(index: number): string {
    if (index === 0) return this.text;
    if (!this.#split) this.#ensureSplit();
    const field = this.#fields[index - 1];
    return field === undefined ? '' : typeof field === 'string' ? field : this.#toText(field);
  }

  field(index: number): Value {
    if (index === 0) {
      const { text } = this;
      this.#whole ??= fromInput(text);
      return this.#whole;
    }
    if (!this.#split) this.#ensureSplit();
    if (this.#assigned.size > 0) {
      const assigned = this.#assigned.get(index);
      if (assigned !== undefined) return assigned;
    }
    const field = this.#fields[index - 1];
    return typeof field === 'string' ? fromInput(field) : (field ?? fromInput(''));
  }

  assign(index: number, value: Value): void {
    if (index === 0) {
      this.set(this.#toText(value));
      return;
    }
    checkIndex(index);
    this.freeze();
    while (this.#fields.length < index) this.#fields.push('');
    this.#fields[index - 1] = this.#toText(value);
    this.#assigned.set(index, value);
    this.#joined = false;
  }
}

export function checkIndex(index: number): void {
  if (index < 0) throw new Fatal(`negative field index $${index}`);
  if (index > MAX_FIELD) throw new Fatal(`maximum field number exceeded (${MAX_FIELD})`);
}
