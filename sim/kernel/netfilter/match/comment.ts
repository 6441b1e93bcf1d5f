import { quote } from '../options.ts';
import type { MatchExtension } from './match.ts';

/** The comment match: always true (net/netfilter/xt_comment.c). */
export const comment: MatchExtension<string> = {
  name: 'comment',
  options: [{ name: 'comment', mandatory: true }],
  parse: (given) => given.value('comment') as string,
  save: (text) => ` --comment ${quote(text)}`,
  list: (text) => ` /* ${text} */`,
  matches: () => true,
};
