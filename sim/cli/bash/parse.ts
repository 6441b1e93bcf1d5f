import { forEachChild, type HereDoc, parse, type ParsedScript, type ParseError, type SyntaxNode } from 'unbash';

/** The one place that knows the parser package; everything else imports the tree's types from here. */
export type {
  AndOr,
  ArithmeticCommand,
  ArithmeticFor,
  ArrayValue,
  Assignment,
  Case,
  Command,
  CommandArgument,
  CommandNode,
  CompoundCommand,
  CompoundList,
  Coproc,
  For,
  Function as FunctionDefinition,
  HereDoc,
  If,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Redirect,
  Redirected,
  Redirection,
  Select,
  Statement,
  SyntaxNode,
  TestCommand,
  TestExpression,
  While,
  Word,
} from 'unbash';

/** A stretch of source and its tree. Positions in the tree are offsets into `source`; `line` is the number of its first line. */
export interface Unit {
  source: string;
  line: number;
  script: ParsedScript;
}

/** Why a source is not a program: it goes on in the next line, or it never can. */
export interface SyntaxProblem {
  kind: 'incomplete' | 'syntax';
  /** Message lines in bash's words, without `bash: line N: ` in front; `line` is where bash counts it, from 1. */
  messages: string[];
  line: number;
  /** Where in the source. */
  position: number;
  /** bash shows the offending line behind these messages. */
  showLine: boolean;
}

/** Longer lines than this are refused: the tree of a page-long line is fine, that of a giant one stalls the reader's page. */
export const MAX_SOURCE = 4 * 1024 * 1024;

/** Parses a program; `problem` says what is wrong with it, if anything. */
export function parseProgram(source: string, line = 1): { unit: Unit; problem: SyntaxProblem | undefined } {
  const script = parse(source);
  const unit = { source, line, script };
  return { unit, problem: findProblem(unit) };
}

function findProblem(unit: Unit): SyntaxProblem | undefined {
  const errors = unit.script.errors;
  if (errors && errors.length > 0) return describe(unit, errors);
  if (endsInBackslash(unit)) return incomplete(unit, ['syntax error: unexpected end of file']);
  const { source } = unit;
  if (source.includes('<<') && openHereDoc(unit.script)) return { ...incomplete(unit, []), position: source.length };
  return undefined;
}

/** Calls back for every node outside of words. */
export function forEachNode(root: SyntaxNode, callback: (node: SyntaxNode) => void): void {
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Word' || node.type === 'HereDocBody') return;
    callback(node);
    forEachChild(node, visit);
  };
  visit(root);
}

/** The first here-document without its closing line. */
export function openHereDoc(script: ParsedScript): HereDoc | undefined {
  let found: HereDoc | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found || node.type === 'Word' || node.type === 'HereDocBody') return;
    if (node.type === 'HereDoc') {
      if (!node.closing) found = node;
      return;
    }
    forEachChild(node, visit);
  };
  visit(script);
  return found;
}

/** A backslash at the very end, not in a comment, joins the next line. */
function endsInBackslash(unit: Unit): boolean {
  const { script } = unit;
  const source = unit.source.replace(/\n$/, '');
  const slashes = /\\+$/.exec(source)?.[0].length ?? 0;
  if (slashes % 2 === 0) return false;
  const lineStart = source.lastIndexOf('\n') + 1;
  const comment = /(?:^|\s)#/.exec(source.slice(lineStart));
  if (!comment) return true;
  const end = script.commands.at(-1)?.end ?? 0;
  return end > lineStart + comment.index + 1;
}

function lineOf(unit: Unit, position: number): number {
  return unit.line + newlines(unit.source, position);
}

/** How many newlines are before a position. */
export function newlines(source: string, position: number): number {
  let count = 0;
  for (let at = source.indexOf('\n'); at >= 0 && at < position; at = source.indexOf('\n', at + 1)) count++;
  return count;
}

function incomplete(unit: Unit, messages: string[]): SyntaxProblem {
  const line = lineOf(unit, unit.source.length) + (unit.source.endsWith('\n') ? 0 : 1);
  return { kind: 'incomplete', messages, line, position: unit.source.length, showLine: false };
}

const CLOSERS: Record<string, string> = {
  'double quote': '"',
  'single quote': "'",
  'ANSI-C quote': "'",
  backtick: '`',
  'command substitution': ')',
  'process substitution': ')',
  'arithmetic expansion': ')',
  'arithmetic command': ')',
  'arithmetic for header': ')',
  'extended glob': ')',
  'parameter expansion': '}',
};

function describe(unit: Unit, errors: readonly ParseError[]): SyntaxProblem {
  const first = errors.find((error) => error.message.startsWith('unterminated')) ?? (errors[0] as ParseError);
  const open = /^unterminated (.*)$/.exec(first.message)?.[1];
  if (open !== undefined) {
    const closer = CLOSERS[open] ?? open;
    const problem = incomplete(unit, [`unexpected EOF while looking for matching \`${closer}'`]);
    const from = lineOf(unit, first.pos);
    const arithmetic = unit.source.startsWith('$((', first.pos);
    return closer === ')' && open === 'command substitution' && !arithmetic
      ? problem
      : { ...problem, line: closer === '}' && /\$\{\s*$/.test(unit.source) ? problem.line : from };
  }
  // An empty group or subshell is reported at its opener: what counts is what stands behind that.
  const rest = unit.source.slice(first.pos + (EMPTY_GROUP.test(first.message) ? 1 : 0));
  const atEnd = /^\s*(?:#[^\n]*)?\s*$/.test(rest);
  if (atEnd && !first.message.startsWith('unexpected token') && !/target$/.test(first.message) && !isTest(unit, errors)) {
    const ends = missingEnd(unit, errors);
    return incomplete(unit, [`syntax error: unexpected end of file${ends}`]);
  }
  if (/]]|test operator/.test(first.message) || isTest(unit, errors)) return testProblem(unit, first);
  const token = /^unexpected token '(.*)'$/s.exec(first.message)?.[1] ?? tokenAt(unit.source, first);
  return {
    kind: 'syntax',
    messages: [`syntax error near unexpected token \`${token}'`],
    line: lineOf(unit, first.pos),
    position: first.pos,
    showLine: true,
  };
}

function isTest(unit: Unit, errors: readonly ParseError[]): boolean {
  return errors.some((error) => error.message.includes("to close '[['")) && !/\[\[[^\n]*(?:&&|\|\|)\s*$/.test(unit.source);
}

/** Inside `[[ ]]` bash explains itself in two lines. */
function testProblem(unit: Unit, first: ParseError): SyntaxProblem {
  const token = tokenAt(unit.source, first);
  const before = /(\S+)\s*$/.exec(unit.source.slice(0, first.pos))?.[1] ?? '[[';
  const near = token === 'newline' ? before : token;
  const messages: string[] = [];
  if (/unary/.test(first.message)) messages.push(`unexpected argument \`${token}' to conditional unary operator`);
  else if (/^(?:=|==|!=|=~|<|>|-[a-z]{2})$/.test(before)) messages.push(`unexpected argument \`${token}' to conditional binary operator`);
  else if (before !== '&&' && before !== '||') messages.push(`unexpected token \`${token}', conditional binary operator expected`);
  messages.push(`syntax error near \`${near}'`);
  return { kind: 'syntax', messages, line: lineOf(unit, first.pos), position: first.pos, showLine: true };
}

const EMPTY_GROUP = /^expected command in (?:brace group|subshell)/;
const OPERATOR = /^(?:;;&|;;|;&|&>>|&>|&&|\|\||\|&|<<<|<<-|<<|>>|<&|>&|<>|>\||[;&|()<>])/;

/** The token that bash would name: what stands at the error, or after it. */
function tokenAt(source: string, error: ParseError): string {
  let at = error.pos;
  if (EMPTY_GROUP.test(error.message)) at += 1;
  while (source[at] === ' ' || source[at] === '\t') at++;
  if (at >= source.length || source[at] === '\n') return 'newline';
  const rest = source.slice(at, at + 300);
  return OPERATOR.exec(rest)?.[0] ?? /^[^\s;&|()<>]+/.exec(rest)?.[0] ?? (rest[0] as string);
}

const OPENERS: Record<string, string> = { 'brace group': '{', subshell: '(', fi: 'if', esac: 'case' };

/** `` from `if' command on line 1``: the construct that was left open. */
function missingEnd(unit: Unit, errors: readonly ParseError[]): string {
  for (const error of errors) {
    const match = /^expected '(.+)' to close (?:'(.+)'|(.+))$/.exec(error.message);
    if (!match) continue;
    const opener = match[2] ?? OPENERS[match[3] ?? ''] ?? match[3] ?? '';
    const line = unit.line + openerLine(unit.source, opener);
    return ` from \`${opener}' command on line ${line}`;
  }
  return '';
}

/** Lines before the last place where the opener stands as a word. */
function openerLine(source: string, opener: string): number {
  const escaped = opener.replace(/[{([]/g, '\\$&');
  let last = 0;
  for (const match of source.matchAll(new RegExp(`(?:^|[\\s;&|(])${escaped}(?=\\s|$|\\()`, 'g'))) last = match.index + match[0].length - 1;
  return newlines(source, last);
}

/**
 * The end of the command substitution (or process substitution) that begins at `at`, behind its closing parenthesis;
 * `undefined` when it isn't closed. Only needed where counting parentheses isn't enough (`case`, here-documents).
 */
export function substitutionEnd(source: string, at: number): number | undefined {
  const script = parse(source.slice(at));
  const command = script.commands[0]?.command;
  let node: SyntaxNode | undefined = command;
  while (node && node.type !== 'Command') {
    if (node.type === 'AndOr' || node.type === 'Pipeline') node = node.commands[0];
    else return undefined;
  }
  const part = node?.name?.parts?.[0];
  if (part?.type !== 'CommandExpansion' && part?.type !== 'ProcessSubstitution') return undefined;
  return script.errors?.some((error) => error.pos === 0 && error.message.startsWith('unterminated')) ? undefined : at + part.end;
}
