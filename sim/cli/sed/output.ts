import type { Blocking } from '../../host/wait.ts';
import type { TextOutput } from '../text-stream.ts';

/** A file that sed writes. A last line without its newline gets it as soon as something follows. */
export class SedOutput {
  readonly #output: TextOutput;
  /** What the line written last still lacks. */
  #missing = '';

  constructor(output: TextOutput) {
    this.#output = output;
  }

  get fd(): number {
    return this.#output.fd;
  }

  /** A line; its delimiter is left out when the input line had none. */
  line(text: string, delimiter: string, terminated: boolean): void {
    this.completeLine();
    this.#output.write(terminated ? text + delimiter : text);
    this.#missing = terminated ? '' : delimiter;
  }

  /** Text that brings its own newlines. */
  text(text: string): void {
    if (text === '') return;
    this.completeLine();
    this.#output.write(text);
  }

  /** Ends the line that has no newline yet. */
  completeLine(): void {
    if (this.#missing !== '') this.#output.write(this.#missing);
    this.#missing = '';
  }

  get full(): boolean {
    return this.#output.full;
  }

  get interactive(): boolean {
    return this.#output.interactive;
  }

  *flush(): Blocking<void> {
    yield* this.#output.flush();
  }
}
