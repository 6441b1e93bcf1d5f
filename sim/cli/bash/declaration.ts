import { backslashQuote, declareQuote } from './quote.ts';
import { AssociativeArray, elements, type Variable } from './variables.ts';

/** The letters of a variable's attributes, in the order of `declare -p`. */
export function attributeLetters(variable: Variable): string {
  let letters = '';
  if (variable.value instanceof Map) letters += 'a';
  if (variable.value instanceof AssociativeArray) letters += 'A';
  if (variable.integer) letters += 'i';
  if (variable.lower) letters += 'l';
  if (variable.reference) letters += 'n';
  if (variable.readonly) letters += 'r';
  if (variable.upper) letters += 'u';
  if (variable.exported) letters += 'x';
  return letters;
}

/** An array's value as `declare -p` shows it: `([0]="a" [1]="b")`. */
export function arrayText(variable: Variable): string {
  const associative = variable.value instanceof AssociativeArray;
  const pairs = elements(variable.value).map(([key, text]) => {
    const shown = associative && backslashQuote(key) !== key ? declareQuote(key) : key;
    return `[${shown}]=${declareQuote(text)}`;
  });
  if (associative) return pairs.length > 0 ? `(${pairs.join(' ')} )` : '()';
  return `(${pairs.join(' ')})`;
}

/** The line of `declare -p NAME`. */
export function declaration(name: string, variable: Variable): string {
  const letters = attributeLetters(variable);
  const head = `declare -${letters === '' ? '-' : letters} ${name}`;
  if (variable.value === undefined) return head;
  return `${head}=${typeof variable.value === 'string' ? declareQuote(variable.value) : arrayText(variable)}`;
}
