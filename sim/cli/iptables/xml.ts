import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import type { Command } from '../command.ts';
import { getopt, hasOption, isFailure } from '../getopt.ts';

const OPTIONS = [
  { name: 'combine', short: 'c', long: 'combine' },
  { name: 'verbose', short: 'v', long: 'verbose' },
  { name: 'help', short: 'h', long: 'help' },
] as const;

const HELP = `Usage: iptables-xml [-c] [-v] [-h]
          [--combine ]
	   [ --verbose ]
	   [ --help ]
`;

/** A word of a line, and whether it stood in quotes. */
interface Word {
  text: string;
  quoted: boolean;
}

interface Chain {
  name: string;
  policy: string;
  packets: string;
  bytes: string;
  opened: boolean;
}

/** iptables-xml(1): what iptables-save wrote, as XML (iptables/iptables-xml.c). It understands nothing of it. */
export const iptablesXml: Command = {
  name: 'iptables-xml',
  paths: ['/usr/bin/iptables-xml'],
  *run(process: Process): Blocking<number> {
    const parsed = getopt(OPTIONS, process.argv.slice(1));
    if (isFailure(parsed)) {
      // It goes on, with what came before.
      yield* process.write(2, `iptables-xml: ${parsed.error}\n`);
      return yield* convert(process, 0, false, false);
    }
    if (hasOption(parsed, 'help')) {
      yield* process.write(2, HELP);
      return 0;
    }
    const [file, extra] = parsed.operands;
    if (extra !== undefined) {
      yield* process.write(2, 'Unknown arguments found on commandline');
      return 1;
    }
    const fd = file === undefined ? 0 : process.open(file);
    if (typeof fd === 'string') {
      yield* process.write(2, `Can't open ${file}: ${strerror(fd)}`);
      return 1;
    }
    return yield* convert(process, fd, hasOption(parsed, 'combine'), hasOption(parsed, 'verbose'));
  },
};

function* convert(process: Process, fd: number, combine: boolean, verbose: boolean): Blocking<number> {
  const input = new Input(process, fd);
  const writer = new Writer(combine);
  if (verbose) yield* process.write(2, 'xptables-xml\n');
  yield* process.write(1, '<iptables-rules version="1.0">\n');
  for (let number = 1; ; number++) {
    const line = yield* input.line();
    if (line === undefined) {
      if (!writer.inTable) break;
      yield* process.write(2, `iptables-xml: COMMIT expected at line ${number}\n`);
      return 1;
    }
    if (verbose && line !== '' && !line.startsWith('#')) yield* process.write(1, `<!-- line ${number} ${commented(line)} -->\n`);
    const failed = writer.line(line);
    const text = writer.take();
    if (text !== '') yield* process.write(1, text);
    if (failed !== undefined) {
      yield* process.write(2, `iptables-xml: line ${number} failed${failed}\n`);
      return 1;
    }
    yield* process.spend(5);
  }
  yield* process.write(1, '</iptables-rules>\n');
  return 0;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const encoded = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] as string);

/** Two hyphens would end a comment. */
function commented(text: string): string {
  let hyphens = 0;
  return text.replace(/-/g, () => (++hyphens % 2 === 0 ? ' *-' : '*-'));
}

/** As iptables-restore splits a line; what stood in quotes is shown in quotes. */
function split(text: string): Word[] {
  const words: Word[] = [];
  for (const [, quoted, plain] of text.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s"]+)/g)) {
    words.push(
      quoted === undefined ? { text: plain as string, quoted: false } : { text: `"${quoted.replace(/\\(.)/g, '$1')}"`, quoted: true },
    );
  }
  return words;
}

const isTarget = ({ text, quoted }: Word): boolean => !quoted && (text === '-j' || text === '-g');

class Writer {
  readonly #combine: boolean;
  #out = '';
  #table: string | undefined;
  #chains = new Map<string, Chain>();
  #open: string | undefined;
  /** The conditions of the rule that is still open. */
  #conditions: string | undefined;

  constructor(combine: boolean) {
    this.#combine = combine;
  }

  get inTable(): boolean {
    return this.#table !== undefined;
  }

  take(): string {
    const text = this.#out;
    this.#out = '';
    return text;
  }

  /** @returns what the complaint ends with */
  line(text: string): string | undefined {
    if (text === '') return undefined;
    if (text.startsWith('#')) {
      this.#out += `<!-- ${commented(text)} -->\n`;
      return undefined;
    }
    if (this.#table === undefined) {
      if (!text.startsWith('*')) return '';
      this.#table = text.slice(1).trim();
      this.#out += `  <table name="${encoded(this.#table)}" >\n`;
      return undefined;
    }
    if (text === 'COMMIT') {
      this.#finish();
      return undefined;
    }
    if (text.startsWith(':')) {
      const [name = '', policy = '-', counters = ''] = text.slice(1).split(/[ \t]+/);
      const [, packets = '0', bytes = '0'] = /^\[(\d+):(\d+)\]/.exec(counters) ?? [];
      this.#chains.set(name, { name, policy, packets, bytes, opened: false });
      return undefined;
    }
    return this.#rule(text);
  }

  #finish(): void {
    this.#closeChain();
    for (const chain of this.#chains.values()) if (!chain.opened) this.#out += `    <chain ${attributes(chain)}/>\n`;
    this.#out += '  </table>\n';
    this.#table = undefined;
    this.#chains.clear();
  }

  #rule(text: string): string | undefined {
    const counters = /^\[(\d+):(\d+)\]\s*/.exec(text);
    const [command, name, ...words] = split(counters ? text.slice(counters[0].length) : text);
    if (command?.text !== '-A' || !name) return ' - no chain found';
    if (this.#open !== name.text) this.#openChain(name.text);
    const target = words.findIndex(isTarget);
    const conditions = target < 0 ? words : words.slice(0, target);
    const actions = target < 0 ? [] : words.slice(target);
    const said = conditions.map((word) => word.text).join(' ');
    if (this.#combine && said !== '' && said === this.#conditions) this.#out += '<!-- Combine action from next rule -->\n';
    else {
      this.#closeRule();
      this.#out += `      <rule ${counters ? `packet-count="${counters[1]}" byte-count="${counters[2]}" ` : ''}>\n`;
      if (said !== '') this.#out += `       <conditions>\n${this.#parts(conditions)}       </conditions>\n`;
      this.#out += '       <actions>\n';
      this.#conditions = said;
    }
    this.#out += this.#parts(actions);
    return undefined;
  }

  #openChain(name: string): void {
    this.#closeChain();
    const chain = this.#chains.get(name);
    this.#open = name;
    if (!chain) return;
    chain.opened = true;
    this.#out += `    <chain ${attributes(chain)}>\n`;
  }

  #closeChain(): void {
    if (this.#open === undefined) return;
    this.#closeRule();
    if (this.#chains.has(this.#open)) this.#out += '    </chain>\n';
    this.#open = undefined;
  }

  #closeRule(): void {
    if (this.#conditions === undefined) return;
    this.#out += '       </actions>\n\n      </rule>\n\n';
    this.#conditions = undefined;
  }

  /** Each `-m` and `-j` is an element, each option one in it (do_rule_part). */
  #parts(words: readonly Word[]): string {
    const elements: { tag: string; options: { tag: string; inverted: boolean; data: string[] }[] }[] = [];
    let inverted = false;
    let out = '';
    for (let i = 0; i < words.length; i++) {
      const word = words[i] as Word;
      const next = words[i + 1];
      if (!word.quoted && word.text === '!' && next?.text.startsWith('-')) inverted = true;
      else if (!word.quoted && (isTarget(word) || word.text === '-m')) {
        if (!next) break;
        i++;
        if (isTarget(word) && i === words.length - 1 && this.#chains.has(next.text)) {
          const tag = word.text === '-g' ? 'goto' : 'call';
          out = `        <${tag} >\n          <${next.text} />\n        </${tag}>\n`;
        } else elements.push({ tag: next.text, options: [] });
      } else if (!word.quoted && word.text.startsWith('-') && word.text.length > 1) {
        if (elements.length === 0) elements.push({ tag: 'match', options: [] });
        elements.at(-1)?.options.push({ tag: word.text.replace(/^-+/, ''), inverted, data: [] });
        inverted = false;
      } else elements.at(-1)?.options.at(-1)?.data.push(encoded(word.text));
    }
    return elements.map(element).join('') + out;
  }
}

function attributes({ name, policy, packets, bytes }: Chain): string {
  const shown = policy === '-' ? '' : ` policy="${encoded(policy)}"`;
  return `name="${encoded(name)}"${shown} packet-count="${packets}" byte-count="${bytes}" `;
}

function element({ tag, options }: { tag: string; options: { tag: string; inverted: boolean; data: string[] }[] }): string {
  if (options.length === 0) return `        <${tag}  />\n`;
  const lines = options.map(({ tag: name, inverted, data }) => {
    const open = `<${name} ${inverted ? ' invert="1"' : ''}`;
    return `          ${data.length === 0 ? `${open} />` : `${open}>${data.join(' ')}</${name}>`}\n`;
  });
  return `        <${tag} >\n${lines.join('')}        </${tag}>\n`;
}
