import { JsonParser, JsonSyntaxError } from './json-parser.ts';
import type { Token } from './lexer.ts';
import { CompileError } from './syntax.ts';

/** The text of a string token, its escapes resolved as in JSON. */
export function stringText(token: Token): string {
  if (!token.text.includes('\\') && !/[\x00-\x1f]/.test(token.text)) return token.text;
  const parser = new JsonParser();
  try {
    parser.feed(`"${token.text.replace(/[\x00-\x1f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`);
    const value = parser.next();
    if (typeof value === 'string') return value;
  } catch (thrown) {
    if (!(thrown instanceof JsonSyntaxError)) throw thrown;
  }
  throw new CompileError(`Invalid escape at line 1, column ${token.text.length} (while parsing '"${token.text}"')`, token);
}
