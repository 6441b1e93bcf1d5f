import { PORTS_HELP, TYPE_HELP } from './type-help.ts';

/** What `ipset help TYPE` adds to the general help; `undefined` for a type that the tool doesn't know. */
export function typeHelp(type: string): string | undefined {
  const help = TYPE_HELP[type];
  if (!help) return undefined;
  let text = `\n${type} type specific options:\n\n`;
  for (const command of ['create', 'add', 'del', 'test'] as const) {
    text += `${command.padEnd(6)} SETNAME ${type} ${help[command]}\n`;
    for (const option of help[`${command}Options`]) text += `               ${option}\n`;
  }
  return `${text}\n${help.note.replace('%PORTS%', PORTS_HELP)}\n\nType ${type} ${help.family}\n`;
}
