import { type Command, forEachNode, parseProgram } from './parse.ts';
import type { Shell } from './shell.ts';

/** More substitutions than this in one line are a loop that the name check didn't see. */
const MAX_SUBSTITUTIONS = 200;

/** Replaces aliases at command position. A name isn't replaced again within its own text; a text that ends in a blank makes the next word eligible. */
export function expandAliases(shell: Shell, source: string): string {
  let text = source;
  const expanded: { from: number; to: number; names: Set<string> }[] = [];
  for (let i = 0; i < MAX_SUBSTITUTIONS; i++) {
    const found = firstAlias(shell, text, expanded);
    if (!found) return text;
    const { position, name, value } = found;
    const grown = value.length - name.length;
    for (const region of expanded) {
      if (region.to > position) {
        region.to += grown;
        if (region.from > position) region.from += grown;
      }
    }
    const around = expanded.filter((region) => region.from <= position && position <= region.to);
    const names = new Set([name, ...around.flatMap((region) => [...region.names])]);
    expanded.push({ from: position, to: position + value.length, names });
    text = text.slice(0, position) + value + text.slice(position + name.length);
  }
  return text;
}

function firstAlias(
  shell: Shell,
  text: string,
  expanded: readonly { from: number; to: number; names: Set<string> }[],
): { position: number; name: string; value: string } | undefined {
  let found: { position: number; name: string; value: string } | undefined;
  const consider = (word: { text: string; pos: number } | undefined): void => {
    if (!word || found) return;
    const value = shell.aliases.get(word.text);
    if (value === undefined) return;
    if (
      expanded.some((region) => region.from <= word.pos && word.pos < Math.max(region.to, region.from + 1) && region.names.has(word.text))
    )
      return;
    found = { position: word.pos, name: word.text, value };
  };
  forEachNode(parseProgram(text).unit.script, (node) => {
    if (found || node.type !== 'Command') return;
    const command = node as Command;
    consider(command.name);
    if (!command.name) return;
    for (const region of expanded) {
      if (region.to < command.name.end || region.to > command.end || !/[ \t]$/.test(text.slice(region.from, region.to))) continue;
      const next = command.args.find((word) => word.pos >= region.to);
      if (next?.type === 'Word') consider(next);
    }
  });
  return found;
}
