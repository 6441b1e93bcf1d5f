const WORD = /[\p{L}\p{N}_]/u;

/** The text being edited and the cursor in it, with readline's kill ring. Positions count characters (code points). */
export class Line {
  chars: string[] = [];
  cursor = 0;
  #kills: string[] = [];
  #lastWasKill = false;
  #undo: { chars: string[]; cursor: number }[] = [];

  get text(): string {
    return this.chars.join('');
  }

  get beforeCursor(): string {
    return this.chars.slice(0, this.cursor).join('');
  }

  set(text: string, cursor?: number): void {
    this.chars = [...text];
    this.cursor = cursor ?? this.chars.length;
  }

  /** Called before each key: consecutive kills go together. */
  startKey(kills: boolean): void {
    this.#lastWasKill = this.#lastWasKill && kills;
  }

  #remember(): void {
    this.#undo.push({ chars: [...this.chars], cursor: this.cursor });
    if (this.#undo.length > 200) this.#undo.shift();
  }

  undo(): boolean {
    const before = this.#undo.pop();
    if (!before) return false;
    this.chars = before.chars;
    this.cursor = before.cursor;
    return true;
  }

  insert(text: string): void {
    this.#remember();
    const added = [...text];
    this.chars.splice(this.cursor, 0, ...added);
    this.cursor += added.length;
  }

  /** Replaces what is between two positions. */
  replace(from: number, to: number, text: string): void {
    this.#remember();
    const added = [...text];
    this.chars.splice(from, to - from, ...added);
    this.cursor = from + added.length;
  }

  deleteBack(): boolean {
    if (this.cursor === 0) return false;
    this.#remember();
    this.chars.splice(--this.cursor, 1);
    return true;
  }

  deleteForward(): boolean {
    if (this.cursor >= this.chars.length) return false;
    this.#remember();
    this.chars.splice(this.cursor, 1);
    return true;
  }

  /** Cuts from one position to another into the kill ring. */
  kill(from: number, to: number): void {
    if (from === to) return;
    this.#remember();
    const cut = this.chars.splice(from, to - from).join('');
    const backward = to === this.cursor;
    const last = this.#kills.length - 1;
    if (this.#lastWasKill && last >= 0) this.#kills[last] = backward ? cut + this.#kills[last] : this.#kills[last] + cut;
    else this.#kills.push(cut);
    this.cursor = from;
    this.#lastWasKill = true;
  }

  yank(): void {
    const text = this.#kills.at(-1);
    if (text) this.insert(text);
  }

  /** The start of the word before the cursor (letters and digits), as alt-b goes. */
  wordBack(): number {
    let at = this.cursor;
    while (at > 0 && !WORD.test(this.chars[at - 1] as string)) at--;
    while (at > 0 && WORD.test(this.chars[at - 1] as string)) at--;
    return at;
  }

  wordForward(): number {
    let at = this.cursor;
    while (at < this.chars.length && !WORD.test(this.chars[at] as string)) at++;
    while (at < this.chars.length && WORD.test(this.chars[at] as string)) at++;
    return at;
  }

  /** The start of the blank-separated word before the cursor, as ^W cuts. */
  blankWordBack(): number {
    let at = this.cursor;
    while (at > 0 && /\s/.test(this.chars[at - 1] as string)) at--;
    while (at > 0 && !/\s/.test(this.chars[at - 1] as string)) at--;
    return at;
  }

  /** ^T: swaps the two characters around the cursor. */
  transpose(): boolean {
    if (this.cursor === 0 || this.chars.length < 2) return false;
    this.#remember();
    const at = this.cursor === this.chars.length ? this.cursor - 1 : this.cursor;
    const [a, b] = [this.chars[at - 1] as string, this.chars[at] as string];
    this.chars[at - 1] = b;
    this.chars[at] = a;
    this.cursor = at + 1;
    return true;
  }

  /** Changes the case of the word after the cursor (alt-u, alt-l, alt-c). */
  changeCase(how: 'upper' | 'lower' | 'capital'): void {
    this.#remember();
    const end = this.wordForward();
    let first = true;
    for (let i = this.cursor; i < end; i++) {
      const char = this.chars[i] as string;
      if (!WORD.test(char)) continue;
      this.chars[i] = how === 'upper' || (how === 'capital' && first) ? char.toUpperCase() : char.toLowerCase();
      first = false;
    }
    this.cursor = end;
  }
}
