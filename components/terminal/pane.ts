import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import type { Stream } from '../session/client.ts';
import { pageSession } from '../session/page.ts';
import { currentTheme, onThemeChange } from './theme.ts';

/** A shell on a terminal, in an element of the page. Loaded on first use: xterm is larger than everything else together. */
export class Pane {
  readonly #host: string;
  readonly #xterm: Terminal;
  readonly #fit = new FitAddon();
  readonly #resize: ResizeObserver;
  readonly #unsubscribe: () => void;
  #stream: Stream<'terminal'> | undefined;
  #escapedAt = 0;
  /** The shell has ended, by `exit` or with the world. */
  onEnd: (why: 'exit' | 'reset') => void = () => {};

  constructor(element: HTMLElement, host: string) {
    this.#host = host;
    this.#xterm = new Terminal({
      fontFamily: getComputedStyle(element).getPropertyValue('--nd-mono') || 'monospace',
      fontSize: innerWidth < 480 ? 12 : 13.5,
      lineHeight: 1.25,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      screenReaderMode: true,
      scrollback: 5000,
      theme: currentTheme(),
    });
    this.#xterm.loadAddon(this.#fit);
    this.#xterm.open(element);
    this.#xterm.textarea?.setAttribute('aria-label', `Terminal on ${host}. Escape, then Tab, leaves it.`);
    this.#xterm.attachCustomKeyEventHandler((event) => this.#key(event));
    this.#xterm.onData((text) => this.#stream?.send({ bytes: new TextEncoder().encode(text) }));
    this.#xterm.onBinary((text) => this.#stream?.send({ bytes: Uint8Array.from(text, (c) => c.charCodeAt(0)) }));
    this.#xterm.onResize((size) => this.#stream?.send({ columns: size.cols, rows: size.rows }));
    this.#resize = new ResizeObserver(() => this.#refit());
    this.#resize.observe(element);
    this.#unsubscribe = onThemeChange(() => {
      this.#xterm.options.theme = currentTheme();
    });
    this.#refit();
    this.#attach();
  }

  /** Its shell is gone; what it said last can still be read. */
  get ended(): boolean {
    return this.#stream === undefined;
  }

  focus(): void {
    this.#xterm.focus();
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#unsubscribe();
    this.#stream?.cancel();
    this.#xterm.dispose();
  }

  #attach(): void {
    const { cols, rows } = this.#xterm;
    const stream = pageSession().terminal(this.#host, cols, rows, (bytes) => this.#xterm.write(bytes));
    this.#stream = stream;
    stream.ended.then(
      () => this.#end('exit', 'The shell has ended.'),
      (error: Error) => this.#end('reset', error.name === 'WorldClosed' ? 'The page’s world was reset.' : error.message),
    );
  }

  #end(why: 'exit' | 'reset', text: string): void {
    this.#stream = undefined;
    this.#xterm.write(`\r\n\x1b[2m${text}\x1b[0m\r\n`);
    this.onEnd(why);
  }

  #refit(): void {
    if (this.#xterm.element?.offsetParent) this.#fit.fit();
  }

  /**
   * Keys that are not the shell's. Tab is, so the way out is Escape, then Tab (or Shift-Tab): Escape still reaches the shell, and
   * a Tab within two seconds moves the focus on instead. Ctrl-V pastes, and Ctrl-C copies while text is selected.
   */
  #key(event: KeyboardEvent): boolean {
    if (event.type !== 'keydown') return true;
    if (event.ctrlKey && event.key === 'v') return false;
    if (event.ctrlKey && event.key === 'c' && this.#xterm.hasSelection()) return false;
    if (event.key === 'Tab' && this.#escapedAt > 0 && event.timeStamp - this.#escapedAt < 2000) {
      this.#escapedAt = 0;
      return false;
    }
    if (event.key !== 'Shift') this.#escapedAt = event.key === 'Escape' ? event.timeStamp : 0;
    return true;
  }
}
