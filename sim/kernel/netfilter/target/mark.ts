import { type Given, hex, markText, markValue, problem, type Problem, unsigned } from '../options.ts';
import type { TargetExtension } from './target.ts';

/** `(old & ~mask) ^ value`. */
export interface MarkChange {
  value: number;
  mask: number;
}

const NAMES = ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'];

export const MARK_OPTIONS = NAMES.map((name) => ({ name, excludes: NAMES.filter((other) => other !== name) }));

/** Reads the five ways of saying how a mark changes. */
export function parseMarkChange(extension: string, given: Given): MarkChange | Problem | undefined {
  const option = given.options.find((candidate) => NAMES.includes(candidate.name));
  if (!option) return undefined;
  const text = option.values[0] as string;
  const bad = problem(`${extension}: bad integer value for option "--${option.name}", or out of range.\n`);
  if (option.name === 'set-xmark' || option.name === 'set-mark') {
    const mark = markValue(text);
    if (!mark) return bad;
    // --set-mark takes away only what it sets anew and what the mask covers.
    return option.name === 'set-mark' ? { value: mark.value, mask: (mark.value | mark.mask) >>> 0 } : mark;
  }
  const value = unsigned(text);
  if (value === undefined) return bad;
  if (option.name === 'and-mark') return { value: 0, mask: ~value >>> 0 };
  if (option.name === 'or-mark') return { value, mask: value };
  return { value, mask: 0 };
}

export function changedMark(old: number, { value, mask }: MarkChange): number {
  return ((old & ~mask) ^ value) >>> 0;
}

/** ` MARK and 0x…` and so on. */
export function markChangeText(name: string, { value, mask }: MarkChange): string {
  if (value === 0) return ` ${name} and ${hex(~mask)}`;
  if (value === mask) return ` ${name} or ${hex(value)}`;
  if (mask === 0) return ` ${name} xor ${hex(value)}`;
  if (mask >>> 0 === 0xffff_ffff) return ` ${name} set ${hex(value)}`;
  return ` ${name} xset ${markText(value, mask)}`;
}

/** MARK: changes the packet's mark (net/netfilter/xt_mark.c). */
export const mark: TargetExtension<MarkChange> = {
  name: 'MARK',
  options: MARK_OPTIONS,
  parse: (given) => parseMarkChange('MARK', given) ?? problem('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required'),
  save: ({ value, mask }) => ` --set-xmark ${hex(value)}/${hex(mask)}`,
  list: (change) => markChangeText('MARK', change),
  evaluate(change, skb) {
    skb.mark = changedMark(skb.mark, change);
    return 'continue';
  },
};
