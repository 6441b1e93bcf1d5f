import { lex, TemplateError, type Token } from './lexer.ts';

/** A node of a parsed template. `at` is where messages point to, `text` how they quote it. */
export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'action'; pipe: Pipe }
  | { kind: 'if' | 'with' | 'range'; pipe: Pipe; body: Node[]; otherwise: Node[] }
  | { kind: 'template'; name: string; pipe: Pipe | undefined; at: number; text: string }
  | { kind: 'break' | 'continue' };

export interface Pipe {
  at: number;
  text: string;
  /** `$k, $v :=` */
  variables: string[];
  assigns: boolean;
  commands: Command[];
}

export interface Command {
  at: number;
  text: string;
  args: Operand[];
}

export type Operand = { at: number; text: string } & (
  | { kind: 'dot' }
  | { kind: 'nil' }
  | { kind: 'field'; names: string[] }
  | { kind: 'variable'; name: string; names: string[] }
  | { kind: 'identifier'; name: string }
  | { kind: 'literal'; value: string | number | boolean }
  | { kind: 'pipe'; pipe: Pipe }
  | { kind: 'chain'; of: Operand; names: string[] }
);

export interface Template {
  nodes: Node[];
  defined: Map<string, Node[]>;
}

/** Parses a template (text/template/parse). @param functions the names that may be called */
export function parseTemplate(source: string, functions: ReadonlySet<string>): Template | TemplateError {
  const tokens = lex(source);
  if (tokens instanceof TemplateError) return tokens;
  return new Parser(tokens, functions).template();
}

/** Carries an error out of the recursion; never leaves this file. */
class Stop {
  readonly error: TemplateError;
  constructor(error: TemplateError) {
    this.error = error;
  }
}

class Parser {
  readonly #tokens: Token[];
  readonly #functions: ReadonlySet<string>;
  readonly #defined = new Map<string, Node[]>();
  #variables: string[] = ['$'];
  #loops = 0;
  #next = 0;

  constructor(tokens: Token[], functions: ReadonlySet<string>) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  template(): Template | TemplateError {
    try {
      const { nodes, ended } = this.#list();
      if (ended !== 'EOF') this.#fail(`unexpected {{${ended}}}`);
      return { nodes, defined: this.#defined };
    } catch (stop) {
      if (stop instanceof Stop) return stop.error;
      throw stop;
    }
  }

  #fail(message: string): never {
    throw new Stop(new TemplateError(message, this.#tokens[Math.max(0, this.#next - 1)]?.at ?? 0));
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token;
  }

  #take(): Token {
    const token = this.#peek();
    if (token.kind !== 'end') this.#next++;
    return token;
  }

  #takeNonSpace(): Token {
    this.#skipSpace();
    return this.#take();
  }

  #skipSpace(): void {
    while (this.#peek().kind === 'space') this.#next++;
  }

  /** Nodes up to `{{end}}`, `{{else}}` or the end of the template. */
  #list(): { nodes: Node[]; ended: string } {
    const nodes: Node[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === 'end') return { nodes, ended: 'EOF' };
      if (token.kind === 'text') {
        nodes.push({ kind: 'text', text: token.text });
        continue;
      }
      this.#skipSpace();
      const word = this.#peek();
      if (word.kind === 'identifier' && (word.text === 'end' || word.text === 'else')) {
        this.#take();
        return { nodes, ended: word.text };
      }
      const node = this.#action(word, token.at);
      if (node) nodes.push(node);
    }
  }

  #action(word: Token, left: number): Node | undefined {
    if (word.kind === 'identifier') {
      if (word.text === 'if' || word.text === 'with' || word.text === 'range') {
        this.#take();
        return this.#control(word.text);
      }
      if (word.text === 'define' || word.text === 'block') return this.#define(word.text);
      if (word.text === 'template') return this.#invoke(left);
      if (word.text === 'break' || word.text === 'continue') {
        this.#take();
        if (this.#loops === 0) this.#fail(`{{${word.text}}} outside {{range}}`);
        this.#right(word.text);
        return { kind: word.text };
      }
    }
    const pipe = this.#pipeline('command', 'right');
    return { kind: 'action', pipe };
  }

  #right(context: string): void {
    const token = this.#takeNonSpace();
    if (token.kind !== 'right') this.#unexpected(token, context);
  }

  #control(kind: 'if' | 'with' | 'range'): Node {
    const scope = this.#variables.length;
    const pipe = this.#pipeline(kind, 'right');
    if (kind === 'range') this.#loops++;
    const { nodes: body, ended } = this.#list();
    if (kind === 'range') this.#loops--;
    let otherwise: Node[] = [];
    if (ended === 'EOF') this.#fail('unexpected EOF');
    if (ended === 'else') {
      this.#skipSpace();
      const word = this.#peek();
      if (kind !== 'range' && word.kind === 'identifier' && word.text === kind) {
        // {{else if}} shares the {{end}}.
        this.#take();
        otherwise = [this.#control(kind)];
        this.#variables.length = scope;
        return { kind, pipe, body, otherwise };
      }
      this.#right('else');
      const rest = this.#list();
      if (rest.ended !== 'end') this.#fail(rest.ended === 'EOF' ? 'unexpected EOF' : 'expected end; found {{else}}');
      otherwise = rest.nodes;
    }
    this.#right('end');
    this.#variables.length = scope;
    return { kind, pipe, body, otherwise };
  }

  #define(word: string): Node | undefined {
    this.#take();
    const at = this.#peek().at;
    const name = this.#name(`${word} clause`);
    let pipe: Pipe | undefined;
    if (word === 'define') this.#right('define clause');
    else pipe = this.#pipeline('block clause', 'right');
    const outer = this.#variables;
    this.#variables = ['$'];
    const { nodes, ended } = this.#list();
    this.#variables = outer;
    if (ended !== 'end') this.#fail(ended === 'EOF' ? 'unexpected EOF' : `unexpected {{${ended}}} in ${word} clause`);
    this.#right('end');
    this.#defined.set(name, nodes);
    return word === 'block' ? { kind: 'template', name, pipe, at, text: '' } : undefined;
  }

  #invoke(left: number): Node {
    this.#take();
    this.#skipSpace();
    const at = this.#peek().at;
    const name = this.#name('template clause');
    this.#skipSpace();
    let pipe: Pipe | undefined;
    if (this.#peek().kind === 'right') this.#take();
    else pipe = this.#pipeline('template clause', 'right');
    return {
      kind: 'template',
      name,
      pipe,
      at: Math.max(at, left),
      text: `{{template ${JSON.stringify(name)}${pipe ? ` ${pipe.text}` : ''}}}`,
    };
  }

  #name(context: string): string {
    const token = this.#takeNonSpace();
    if (token.kind !== 'string') this.#unexpected(token, context);
    return unquote(token.text) ?? '';
  }

  #pipeline(context: string, end: 'right' | 'close'): Pipe {
    this.#skipSpace();
    const pipe: Pipe = { at: this.#peek().at, text: '', variables: [], assigns: false, commands: [] };
    this.#declarations(pipe, context);
    for (;;) {
      const token = this.#takeNonSpace();
      if (token.kind === end) {
        if (pipe.commands.length === 0) this.#fail(`missing value for ${context}`);
        pipe.commands.slice(1).forEach((command, i) => {
          const [first] = command.args;
          if (first && ['literal', 'dot', 'nil'].includes(first.kind)) this.#fail(`non executable command in pipeline stage ${i + 2}`);
        });
        const declared = pipe.variables.length > 0 ? `${pipe.variables.join(', ')} ${pipe.assigns ? '=' : ':='} ` : '';
        pipe.text = declared + pipe.commands.map((command) => command.text).join(' | ');
        return pipe;
      }
      if (!STARTS.has(token.kind)) this.#unexpected(token, context);
      this.#next--;
      pipe.commands.push(this.#command());
    }
  }

  /** `$x :=`, `$x =` and, in a range, `$k, $v :=`. */
  #declarations(pipe: Pipe, context: string): void {
    const start = this.#next;
    const names: string[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#peek().kind !== 'variable') break;
      names.push(this.#take().text);
      this.#skipSpace();
      const sign = this.#peek();
      if (sign.kind === 'comma' && context === 'range' && names.length === 1) {
        this.#take();
        continue;
      }
      if (sign.kind === 'comma') {
        this.#take();
        this.#fail(`too many declarations in ${context}`);
      }
      if (sign.kind !== 'declare' && sign.kind !== 'assign') break;
      this.#take();
      this.#skipSpace();
      pipe.variables = names;
      pipe.assigns = sign.kind === 'assign';
      if (sign.kind === 'declare') this.#variables.push(...names);
      return;
    }
    this.#next = start;
  }

  #command(): Command {
    this.#skipSpace();
    const command: Command = { at: this.#peek().at, text: '', args: [] };
    for (;;) {
      this.#skipSpace();
      const operand = this.#operand();
      if (operand) command.args.push(operand);
      const token = this.#take();
      if (token.kind === 'space') continue;
      if (token.kind === 'right' || token.kind === 'close') this.#next--;
      else if (token.kind !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    if (command.args.length === 0) this.#fail('empty command');
    command.text = command.args.map((arg) => (arg.kind === 'pipe' ? `(${arg.text})` : arg.text)).join(' ');
    return command;
  }

  #operand(): Operand | undefined {
    const node = this.#term();
    if (!node || this.#peek().kind !== 'field') return node;
    const { at } = this.#peek();
    const names: string[] = [];
    let text = '';
    while (this.#peek().kind === 'field') {
      const token = this.#take();
      names.push(token.text.slice(1));
      text += token.text;
    }
    if (node.kind === 'field') return { ...node, at, names: [...node.names, ...names], text: node.text + text };
    if (node.kind === 'variable') return { ...node, at, names, text: node.text + text };
    if (node.kind === 'literal' || node.kind === 'nil' || node.kind === 'dot')
      this.#fail(`unexpected . after term ${JSON.stringify(node.text)}`);
    return { kind: 'chain', of: node, names, at, text: `${node.kind === 'pipe' ? `(${node.text})` : node.text}${text}` };
  }

  #term(): Operand | undefined {
    const token = this.#take();
    const { at, text } = token;
    switch (token.kind) {
      case 'dot':
        return { kind: 'dot', at, text };
      case 'field':
        return { kind: 'field', names: [text.slice(1)], at, text };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${JSON.stringify(text)}`);
        return { kind: 'variable', name: text, names: [], at, text };
      case 'identifier':
        if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', at, text };
        if (text === 'nil') return { kind: 'nil', at, text };
        if (!this.#functions.has(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
        return { kind: 'identifier', name: text, at, text };
      case 'string':
        return { kind: 'literal', value: unquote(text) ?? this.#fail(`invalid syntax: ${text}`), at, text };
      case 'number':
        return { kind: 'literal', value: number(text) ?? this.#fail(`bad number syntax: ${JSON.stringify(text)}`), at, text };
      case 'char':
        return { kind: 'literal', value: (unquote(`"${text.slice(1, -1)}"`) ?? '').codePointAt(0) ?? 0, at, text };
      case 'open': {
        const pipe = this.#pipeline('parenthesized pipeline', 'close');
        return { kind: 'pipe', pipe, at: pipe.at, text: pipe.text };
      }
      default:
        this.#next--;
        return undefined;
    }
  }

  #unexpected(token: Token, context: string): never {
    if (token.kind === 'end') this.#fail('unexpected EOF');
    const shown =
      token.text.length > 10 && token.kind !== 'string' ? `${JSON.stringify(token.text.slice(0, 10))}...` : JSON.stringify(token.text);
    this.#fail(`unexpected ${token.kind === 'identifier' && KEYWORDS.has(token.text) ? `<${token.text}>` : shown} in ${context}`);
  }
}

const STARTS = new Set<Token['kind']>(['dot', 'field', 'variable', 'identifier', 'string', 'number', 'char', 'open']);
const KEYWORDS = new Set(['if', 'else', 'end', 'range', 'with', 'define', 'template', 'block', 'break', 'continue']);

function number(text: string): number | undefined {
  const clean = text.replaceAll('_', '');
  const negative = clean.startsWith('-');
  const value = Number(clean.replace(/^[+-]/, '').replace(/^0(\d+)$/, '0o$1'));
  return Number.isNaN(value) ? undefined : negative ? -value : value;
}

/** The text of a Go string literal. */
function unquote(literal: string): string | undefined {
  if (literal.startsWith('`')) return literal.slice(1, -1).replaceAll('\r', '');
  const simple: Record<string, string> = {
    n: '\n',
    t: '\t',
    r: '\r',
    a: '\x07',
    b: '\b',
    f: '\f',
    v: '\v',
    '\\': '\\',
    '"': '"',
    "'": "'",
  };
  let valid = true;
  const text = literal
    .slice(1, -1)
    .replaceAll(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/g, (_all, sequence: string) => {
      if (/^[xuU]./.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence.slice(1), 16));
      if (/^[0-7]{3}$/.test(sequence)) return String.fromCodePoint(Number.parseInt(sequence, 8));
      if (!(sequence in simple)) valid = false;
      return simple[sequence] ?? '';
    });
  return valid ? text : undefined;
}
