import type {
  AndOr,
  ArrayValue,
  Command,
  CommandNode,
  CompoundCommand,
  CompoundList,
  HereDoc,
  PipelineNode,
  Redirection,
  Statement,
  TestExpression,
  Unit,
} from './parse.ts';

export type Subshell = Extract<CommandNode, { type: 'Subshell' }>;

/**
 * Commands as text in bash's own layout: what `jobs` and `type` show (print_cmd.c). Words stay as written.
 */
export function commandText(unit: Unit, node: PipelineNode | AndOr | CompoundList): string {
  return new Printer(unit.source).node(node, 0);
}

/** `declare -f name`: the function as bash prints it, without a newline at the end. */
export function functionText(unit: Unit, name: string, body: CommandNode): string {
  const printer = new Printer(unit.source);
  const inner = body.type === 'BraceGroup' ? printer.functionBody(body.body, 0) : `{ \n    ${printer.node(body, 1)}\n}`;
  if (body.type === 'Redirected' && body.command.type === 'BraceGroup') {
    return `${name} () \n${printer.functionBody(body.command.body, 0)}${printer.redirections(body.redirects)}`;
  }
  return `${name} () \n${inner}`;
}

function indent(depth: number): string {
  return '    '.repeat(depth);
}

class Printer {
  readonly #source: string;
  #hereDocs: HereDoc[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  functionBody(list: CompoundList, depth: number): string {
    return `${indent(depth)}{ \n${this.#lines(list, depth + 1)}\n${indent(depth)}}`;
  }

  node(node: PipelineNode | AndOr | CompoundList, depth: number): string {
    switch (node.type) {
      case 'CompoundList':
        return this.#inline(node, depth);
      case 'AndOr':
        return node.commands.map((c, i) => (i === 0 ? '' : ` ${node.operators[i - 1]} `) + this.node(c, depth)).join('');
      case 'Pipeline': {
        const prefix = node.prefixes.map((p) => (p.type === 'Time' ? (p.posix ? 'time -p ' : 'time ') : '! ')).join('');
        return (
          prefix +
          node.commands
            .map((c, i) => (i === 0 ? '' : ` ${node.operators[i - 1] === '|&' ? '2>&1 |' : '|'} `) + this.node(c, depth))
            .join('')
        );
      }
      case 'Command':
        return this.#simple(node);
      case 'Redirected':
        return this.#compound(node.command, depth) + this.redirections(node.redirects);
      case 'Function': {
        if (node.body.type === 'CompoundList') return node.name.text;
        const body =
          node.body.type === 'BraceGroup'
            ? this.functionBody(node.body.body, depth)
            : `${indent(depth)}{ \n${indent(depth + 1)}${this.node(node.body, depth + 1)}\n${indent(depth)}}`;
        return `function ${node.name.text} () \n${body}`;
      }
      case 'Coproc':
        return this.#source.slice(node.pos, node.end);
      default:
        return this.#compound(node, depth);
    }
  }

  #simple(node: Command): string {
    const words: string[] = [];
    for (const part of node.prefix) if (part.type === 'Assignment') words.push(this.#assignment(part));
    if (node.name) words.push(node.name.text);
    for (const part of node.suffix) {
      if (part.type === 'Word') words.push(part.text);
      else if (part.type === 'Assignment') words.push(this.#assignment(part));
    }
    return words.join(' ') + this.redirections(node.redirects, words.length > 0);
  }

  #assignment(node: { text: string; value: { type: string } }): string {
    if (node.value.type !== 'ArrayValue') return node.text;
    const array = node.value as ArrayValue;
    return `${node.text.slice(0, node.text.indexOf('('))}(${array.elements.map((word) => word.text).join(' ')})`;
  }

  redirections(redirections: readonly Redirection[], space = true): string {
    let text = '';
    for (const redirection of redirections) {
      const separator = space || text !== '' ? ' ' : '';
      text += separator + this.#redirection(redirection);
    }
    return text;
  }

  #redirection(redirection: Redirection): string {
    const { descriptor, operator } = redirection;
    const fd = !descriptor ? '' : descriptor.type === 'FileDescriptor' ? String(descriptor.value) : `{${descriptor.name}}`;
    if (redirection.type === 'HereDoc') {
      this.#hereDocs.push(redirection);
      return `${fd}${operator}${redirection.delimiter?.text ?? ''}`;
    }
    const target = redirection.target?.text ?? '';
    if (operator === '>&' || operator === '<&') {
      const from = fd === '' && /^[\d-]/.test(target) ? (operator === '>&' ? '1' : '0') : fd;
      return `${from}${operator}${target}`;
    }
    if (operator === '&>' || operator === '&>>') return `${operator} ${target}`;
    return `${fd === (operator.startsWith('<') ? '0' : '1') ? '' : fd}${operator} ${target}`;
  }

  /** Bodies of here-documents whose line ends here. */
  #bodies(): string {
    const texts = this.#hereDocs.map((doc) => `\n${doc.body.text}${doc.delimiter?.value ?? ''}`);
    this.#hereDocs = [];
    return texts.join('');
  }

  /** Statements on lines of their own, indented. */
  #lines(list: CompoundList, depth: number): string {
    const lines: string[] = [];
    for (const [i, statement] of list.commands.entries()) {
      const isLast = i === list.commands.length - 1;
      const text = indent(depth) + this.node(statement.command, depth);
      const bodies = this.#bodies();
      const end = statement.background ? ' &' : isLast || bodies !== '' ? '' : ';';
      lines.push(text + end + bodies + (bodies !== '' && !isLast ? '\n' : ''));
    }
    return lines.join('\n');
  }

  #inline(list: { commands: readonly Statement[] }, depth: number): string {
    let text = '';
    for (const [i, statement] of list.commands.entries()) {
      const isLast = i === list.commands.length - 1;
      text += this.node(statement.command, depth) + this.#bodies();
      text += statement.background ? (isLast ? ' &' : ' & ') : isLast ? '' : '; ';
    }
    return text;
  }

  /** The body of `if`, `while`…: on lines of their own, ended by a semicolon. */
  #body(list: CompoundList, depth: number): string {
    const text = this.#lines(list, depth + 1);
    return `\n${text}${list.commands.at(-1)?.background ? '' : ';'}\n${indent(depth)}`;
  }

  #compound(node: CompoundCommand, depth: number): string {
    switch (node.type) {
      case 'Subshell':
        return `( ${this.#lines(node.body, depth).trimStart()} )`;
      case 'BraceGroup':
        return `{ \n${this.#lines(node.body, depth + 1)}\n${indent(depth)}}`;
      case 'While':
        return `${node.kind} ${this.#inline(node.clause, depth)}; do${this.#body(node.body, depth)}done`;
      case 'For':
      case 'Select': {
        const words = node.wordlist ? ` in ${node.wordlist.map((word) => word.text).join(' ')}` : ' in "$@"';
        return `${node.type === 'For' ? 'for' : 'select'} ${node.name.text}${words};\n${indent(depth)}do${this.#body(node.body, depth)}done`;
      }
      case 'ArithmeticFor': {
        const part = (p: { pos: number; end: number } | undefined): string => (p ? this.#source.slice(p.pos, p.end) : '1');
        return `for ((${part(node.initialize)}; ${part(node.test)}; ${part(node.update)}))\n${indent(depth)}do${this.#body(node.body, depth)}done`;
      }
      case 'If': {
        let text = `if ${this.#inline(node.clause, depth)}; then${this.#body(node.then, depth)}`;
        const { elif } = node;
        let level = depth;
        for (const branch of elif) {
          text += `else\n${indent(level + 1)}if ${this.#inline(branch.clause, level + 1)}; then${this.#body(branch.then, level + 1)}`;
          level++;
        }
        if (node.else) text += `else${this.#body(node.else, level)}`;
        for (; level > depth; level--) text += `fi;\n${indent(level - 1)}`;
        return `${text}fi`;
      }
      case 'Case': {
        const items = node.items.map((item) => {
          const patterns = item.pattern.map((word) => word.text).join(' | ');
          const body = item.body.commands.length > 0 ? `${this.#lines(item.body, depth + 2)}\n` : '\n';
          return `\n${indent(depth + 1)}${patterns})\n${body}${indent(depth + 1)}${item.terminator ?? ';;'}`;
        });
        return `case ${node.word.text} in ${items.join('')}\n${indent(depth)}esac`;
      }
      case 'TestCommand':
        return `[[ ${this.#test(node.expression)} ]]`;
      case 'ArithmeticCommand':
        return `((${node.body}))`;
    }
  }

  #test(expression: TestExpression): string {
    switch (expression.type) {
      case 'TestUnary':
        return `${expression.operator} ${expression.operand.text}`;
      case 'TestBinary':
        return `${expression.left.text} ${expression.operator} ${expression.right.text}`;
      case 'TestLogical':
        return expression.operands.map((operand) => this.#test(operand)).join(` ${expression.operator} `);
      case 'TestNot':
        return `! ${this.#test(expression.operand)}`;
      case 'TestGroup':
        return `( ${this.#test(expression.expression)} )`;
    }
  }
}
