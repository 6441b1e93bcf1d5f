import { ExpansionError } from './control.ts';
import { expandEscapes, normalize } from './escapes.ts';
import type { Found } from './parameter.ts';
import { declareQuote, wordQuote } from './quote.ts';
import type { Shell } from './shell.ts';
import { attributeLetters, declaration } from './declaration.ts';
import { elements } from './variables.ts';
import type { ParameterPart } from './word.ts';

/** `${x@Q}` and the other transformations. */
export function transform(shell: Shell, letter: string, found: Found, part: ParameterPart): Found {
  const each = (change: (text: string) => string): Found => ({ ...found, items: found.set ? found.items.map(change) : found.items });
  switch (letter) {
    case 'Q':
      return each((text) => (text === '' ? "''" : wordQuote(text)));
    case 'E':
      return each((text) => normalize(expandEscapes(text, 'ansi').text));
    case 'P':
      return each((text) => text);
    case 'U':
      return each((text) => text.toUpperCase());
    case 'u':
      return each((text) => text.slice(0, 1).toUpperCase() + text.slice(1));
    case 'L':
      return each((text) => text.toLowerCase());
    case 'a': {
      const variable = shell.variables.find(found.name);
      const letters = variable ? attributeLetters(variable) : '';
      return { ...found, items: found.list ? found.items.map(() => letters) : [letters] };
    }
    case 'A': {
      if (found.name === '@' || found.name === '*') {
        return { ...found, list: undefined, items: [`set -- ${found.items.map(wordQuote).join(' ')}`] };
      }
      const variable = shell.variables.find(found.name);
      if (!variable || !found.set) return { ...found, items: [''] };
      const letters = attributeLetters(variable);
      if (!variable.isArray && letters === '')
        return { ...found, list: undefined, items: [`${found.name}=${wordQuote(found.items[0] ?? '')}`] };
      if (!variable.isArray)
        return { ...found, list: undefined, items: [`declare -${letters} ${found.name}=${wordQuote(found.items[0] ?? '')}`] };
      return { ...found, list: undefined, items: [declaration(found.name, variable)] };
    }
    case 'K':
    case 'k': {
      const pairs = elements(shell.variables.value(shell.variables.resolveName(found.name)));
      if (!found.list) return each(wordQuote);
      if (letter === 'k') return { ...found, items: pairs.flat() };
      return { ...found, list: undefined, items: [pairs.map(([key, text]) => `${key} ${declareQuote(text)}`).join(' ')] };
    }
    case '':
      return found;
    default:
      throw new ExpansionError(`${part.text}: bad substitution`);
  }
}
