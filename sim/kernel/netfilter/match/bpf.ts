import { checkProgram, type Instruction, runProgram } from '../classic-bpf.ts';
import { problem, type Problem } from '../options.ts';
import type { MatchExtension } from './match.ts';

const MOST_INSTRUCTIONS = 64;

/** `LENGTH,CODE JT JF K,…`, as `tcpdump -ddd` prints it with commas for newlines (libxt_bpf.c `bpf_parse_string`). */
function parse(text: string): Instruction[] | Problem {
  const [head = '', ...lines] = text.split(',');
  const length = /^\s*\d+$/.test(head) && lines.length > 0 ? Number(head) : undefined;
  if (length === undefined) return problem('bpf: error parsing program length');
  if (length === 0) return problem('bpf: illegal zero length program');
  if (length > MOST_INSTRUCTIONS) return problem('bpf: number of instructions exceeds maximum');
  const program: Instruction[] = [];
  if (lines.at(-1) === '') lines.pop();
  for (const line of lines) {
    if (program.length >= length) return problem('bpf: real program length exceeds the encoded length parameter');
    const found = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)/.exec(line);
    if (!found) return problem(`bpf: error at instr ${program.length}`);
    const [code, yes, no, k] = found.slice(1).map(Number) as [number, number, number, number];
    program.push({ code: code & 0xffff, yes: yes & 0xff, no: no & 0xff, k: k >>> 0 });
  }
  return program.length === length ? program : problem('bpf: parsed program length is less than the encoded length parameter');
}

function text(program: readonly Instruction[]): string {
  return program.map(({ code, yes, no, k }) => `${code} ${yes} ${no} ${k}`).join(',');
}

/** The bpf match: a filter of one's own over the packet from its IP header on (net/netfilter/xt_bpf.c). */
export const bpf: MatchExtension<readonly Instruction[]> = {
  name: 'bpf',
  options: [{ name: 'bytecode' }, { name: 'object-pinned', unmodelled: true }],
  parse(given) {
    const program = given.value('bytecode');
    return program === undefined ? problem('bpf: one of --bytecode or --pinned is required') : parse(program);
  },
  check: (program) => (checkProgram(program) ? undefined : 'EINVAL'),
  save: (program) => ` --bytecode "${program.length},${text(program)}"`,
  // The real one ends it with the byte 0.
  list: (program) => `match bpf ${text(program)}\0`,
  matches: (program, { bytes, network, end }) => runProgram(program, bytes, network, end) !== 0,
};
