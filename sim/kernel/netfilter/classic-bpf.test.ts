import { describe, expect, it } from 'vitest';
import { checkProgram, type Instruction, runProgram } from './classic-bpf.ts';

const program = (text: string): Instruction[] =>
  text.split(',').map((line) => {
    const [code = 0, yes = 0, no = 0, k = 0] = line.split(' ').map(Number);
    return { code, yes, no, k };
  });

/** An IPv4 header of 20 bytes with TCP behind it, to port 80. */
const packet = Uint8Array.of(0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x9c, 0x40, 0, 80);
const run = (text: string): number => runProgram(program(text), packet, 0, packet.length);

describe('classic BPF', () => {
  it('finds the port behind a header of any length', () => {
    // ldb [9]; jeq #6; ldxb 4*([0]&0xf); ldh [x + 2]; jeq #80; ret #1; ret #0
    const web = '48 0 0 9,21 0 4 6,177 0 0 0,72 0 0 2,21 0 1 80,6 0 0 1,6 0 0 0';
    expect(checkProgram(program(web))).toBe(true);
    expect(run(web)).toBe(1);
    expect(run(web.replace('21 0 1 80', '21 0 1 81'))).toBe(0);
  });

  it('reads nothing beyond the packet', () => {
    expect(run('32 0 0 22,6 0 0 1')).toBe(0);
    expect(run('128 0 0 0,22 0 0 0')).toBe(packet.length);
  });

  it('is refused with an end out of reach or without a result', () => {
    expect(checkProgram(program('21 0 5 6,6 0 0 1'))).toBe(false);
    expect(checkProgram(program('48 0 0 9'))).toBe(false);
    expect(checkProgram(program('300 0 0 1'))).toBe(false);
    expect(checkProgram(program('52 0 0 0,6 0 0 1'))).toBe(false);
  });

  it('calculates in 32 bits', () => {
    expect(run('0 0 0 4294967295,4 0 0 2,22 0 0 0')).toBe(1);
    expect(run('0 0 0 7,2 0 0 3,0 0 0 5,97 0 0 3,28 0 0 0,22 0 0 0')).toBe(4294967294);
  });
});
