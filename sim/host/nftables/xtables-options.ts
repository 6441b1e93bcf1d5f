import { splitWords } from '../iptables/words.ts';

/** An option of a match or target as it is saved. */
export interface SavedOption {
  name: string;
  values: string[];
  inverted: boolean;
}

/** The options in a text such as ` ! --dport 80 --foo a b`. */
export class SavedOptions {
  readonly all: readonly SavedOption[];

  constructor(all: readonly SavedOption[]) {
    this.all = all;
  }

  get(name: string): SavedOption | undefined {
    return this.all.find((option) => option.name === name);
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  value(name: string): string | undefined {
    return this.get(name)?.values[0];
  }
}

export function optionsOf(saved: string): SavedOptions {
  const options: SavedOption[] = [];
  let inverted = false;
  for (const word of splitWords(saved)) {
    if (word === '!') inverted = true;
    else if (word.startsWith('--')) {
      options.push({ name: word.slice(2), values: [], inverted });
      inverted = false;
    } else options.at(-1)?.values.push(word);
  }
  return new SavedOptions(options);
}

/** Before a value that mustn't be. */
export const not = (option: SavedOption | undefined): string => (option?.inverted ? '!= ' : '');

/** `VALUE[/MASK]` of something. */
export function masked(left: string, option: SavedOption | undefined): string {
  const [value = '0', mask] = (option?.values[0] ?? '').split('/');
  if (mask === undefined) return `${left} ${not(option)}${value}`;
  return `${left} and ${mask} ${option?.inverted ? '!=' : '=='} ${value}`;
}

/** `FROM:TO` as nft has it. */
export const span = (value: string | undefined): string => (value ?? '').replace(':', '-');
