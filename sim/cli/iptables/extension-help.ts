import type { HelpTopics } from '../../host/iptables/command.ts';
import { EARLY_MATCH_HELP } from './match-help-a-h.ts';
import { LATE_MATCH_HELP } from './match-help-i-z.ts';
import { TARGET_HELP } from './target-help.ts';

const STANDARD = 'standard match options:\n(If target is DROP, ACCEPT, RETURN or nothing)\n';

/** What follows the general help: the target that was named, then the matches (print_extension_helps of xshared.c). */
export function extensionHelp({ target, matches }: HelpTopics, family: 4 | 6): string {
  let text = '';
  if (target !== undefined) text += section(target.standard ? STANDARD : find(TARGET_HELP, target.name, family));
  for (const name of matches) text += section(find(EARLY_MATCH_HELP, name, family) ?? find(LATE_MATCH_HELP, name, family));
  return text;
}

const section = (text: string | undefined): string => (text === undefined ? '' : `\n${text}`);

function find(texts: Readonly<Record<string, string>>, name: string, family: 4 | 6): string | undefined {
  const text = texts[name] ?? texts[`${family}${name}`];
  return text === undefined ? undefined : `${text}\n`;
}
