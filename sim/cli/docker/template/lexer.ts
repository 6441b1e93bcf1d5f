/** A token of an action, or a stretch of text between actions. */
export interface Token {
  kind:
    | 'text'
    | 'left'
    | 'right'
    | 'field'
    | 'variable'
    | 'identifier'
    | 'string'
    | 'number'
    | 'char'
    | 'pipe'
    | 'open'
    | 'close'
    | 'assign'
    | 'declare'
    | 'comma'
    | 'space'
    | 'dot'
    | 'end';
  text: string;
  /** Offset in the template. */
  at: number;
}

/** Why a template can't be parsed; the caller puts `template: :LINE: ` in front. */
export class TemplateError {
  readonly message: string;
  readonly at: number;
  constructor(message: string, at: number) {
    this.message = message;
    this.at = at;
  }
}

/** Splits a template into tokens (text/template/parse/lex.go): `{{-` and `-}}` trim the text beside them, comments vanish. */
export function lex(source: string): Token[] | TemplateError {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open < 0 ? source.length : open);
    const trimBefore = open >= 0 && source.startsWith('- ', open + 2);
    if (trimNext) text = text.replace(/^[ \t\r\n]+/, '');
    if (trimBefore) text = text.replace(/[ \t\r\n]+$/, '');
    if (text !== '') tokens.push({ kind: 'text', text, at });
    trimNext = false;
    if (open < 0) break;
    const inside = open + (trimBefore ? 4 : 2);
    if (source.startsWith('/*', inside)) {
      const comment = /^\/\*[\s\S]*?\*\/( -)?\}\}/.exec(source.slice(inside));
      if (!comment)
        return new TemplateError(source.indexOf('*/', inside) < 0 ? 'unclosed comment' : 'comment ends before closing delimiter', open);
      trimNext = comment[1] !== undefined;
      at = inside + comment[0].length;
      continue;
    }
    tokens.push({ kind: 'left', text: '{{', at: open });
    const end = lexAction(source, inside, tokens);
    if (end instanceof TemplateError) return end;
    at = end.at;
    trimNext = end.trim;
  }
  tokens.push({ kind: 'end', text: 'EOF', at: source.length });
  return tokens;
}

const PATTERNS: readonly [Token['kind'], RegExp][] = [
  ['space', /^[ \t\r\n]+/],
  ['declare', /^:=/],
  ['assign', /^=/],
  ['pipe', /^\|/],
  ['open', /^\(/],
  ['close', /^\)/],
  ['comma', /^,/],
  ['string', /^`[^`]*`/],
  ['char', /^'(?:[^'\\\n]|\\.)+'/],
  ['number', /^[+-]?(?:0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/],
  ['field', /^\.[\p{L}_][\p{L}\p{N}_]*/u],
  ['dot', /^\./],
  ['variable', /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?/u],
  ['identifier', /^[\p{L}_][\p{L}\p{N}_]*/u],
];

function lexAction(source: string, from: number, tokens: Token[]): { at: number; trim: boolean } | TemplateError {
  let at = from;
  let depth = 0;
  for (;;) {
    const trimming = /^[ \t\r\n]+-\}\}/.exec(source.slice(at, at + 64));
    if (trimming || source.startsWith('}}', at)) {
      if (depth > 0) return new TemplateError('unclosed left paren', at);
      tokens.push({ kind: 'right', text: '}}', at });
      return { at: at + (trimming ? trimming[0].length : 2), trim: trimming !== null };
    }
    if (at >= source.length || (source[at] === '\n' && !source.includes('}}', at))) return new TemplateError('unclosed action', from);
    const rest = source.slice(at);
    if (rest.startsWith('"')) {
      const quoted = /^"(?:[^"\\\n]|\\.)*"/.exec(rest);
      if (!quoted) return new TemplateError('unterminated quoted string', at);
      tokens.push({ kind: 'string', text: quoted[0], at });
      at += quoted[0].length;
      continue;
    }
    if (rest.startsWith('`') && !rest.includes('`', 1)) return new TemplateError('unterminated raw quoted string', at);
    const found = PATTERNS.map(([kind, pattern]) => ({ kind, text: pattern.exec(rest)?.[0] })).find(({ text }) => text !== undefined);
    if (!found?.text) return new TemplateError(badCharacter(rest), at);
    const following = source[at + found.text.length] ?? '';
    if (
      ['field', 'variable', 'identifier'].includes(found.kind) &&
      !/^[\s.,|:)(=]|^$/.test(following) &&
      !source.startsWith('}}', at + found.text.length)
    ) {
      return new TemplateError(`bad character ${unicodeName(following)}`, at);
    }
    if (found.kind === 'open') depth++;
    if (found.kind === 'close' && --depth < 0) return new TemplateError('unexpected right paren', at);
    tokens.push({ kind: found.kind, text: found.text, at });
    at += found.text.length;
  }
}

function badCharacter(rest: string): string {
  const character = rest[0] ?? '';
  // Printable ASCII becomes a token of its own that no command can begin with.
  if (character > ' ' && character < '\x7f' && character !== '}' && character !== '{')
    return `unexpected ${JSON.stringify(character)} in command`;
  return `unrecognized character in action: ${unicodeName(character)}`;
}

function unicodeName(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')} '${character}'`;
}
