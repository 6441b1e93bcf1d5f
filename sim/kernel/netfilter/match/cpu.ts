import { isProblem, not, numberOf } from '../options.ts';
import type { MatchExtension } from './match.ts';

/** The cpu match: which processor handles the packet (net/netfilter/xt_cpu.c). These machines have one, number 0. */
export const cpu: MatchExtension<{ cpu: number; inverted: boolean }> = {
  name: 'cpu',
  options: [{ name: 'cpu', mandatory: true, invert: true }],
  parse(given) {
    const number = numberOf('cpu', given, 'cpu', 0xffff_ffff);
    return isProblem(number) ? number : { cpu: number, inverted: given.find('cpu')?.inverted ?? false };
  },
  save: ({ cpu: number, inverted }) => `${not(inverted)} --cpu ${number}`,
  list: ({ cpu: number, inverted }) => ` cpu${not(inverted)} ${number}`,
  matches: ({ cpu: number, inverted }) => (number === 0) !== inverted,
};
