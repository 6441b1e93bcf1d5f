import { expandEscapes } from './escapes.ts';

/**
 * What `echo` prints for its arguments: options `-n`, `-e`, `-E` (bundled, only in front), `\c` ends the output.
 *
 * @param escapes whether backslashes mean something without `-e` (the `echo` of dash, or `shopt -s xpg_echo`)
 */
export function formatEcho(args: readonly string[], escapes = false): string {
  let first = 0;
  let newline = true;
  let expand = escapes;
  for (; first < args.length; first++) {
    const arg = args[first] as string;
    if (!/^-[neE]+$/.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter === 'n') newline = false;
      else expand = letter === 'e';
    }
  }
  const text = args.slice(first).join(' ');
  if (!expand) return newline ? `${text}\n` : text;
  const expanded = expandEscapes(text, 'echo');
  return newline && !expanded.stop ? `${expanded.text}\n` : expanded.text;
}
