import { describe, expect, it } from 'vitest';
import { run } from '../harness.ts';
import { runMerged, shellMachine } from './test-programs.ts';

function bash(script: string): { output: string; status: number } {
  return runMerged(shellMachine(), ['bash', '-c', script], 5);
}

describe('limits', () => {
  it('ends endless recursion with a message, and goes on with the next line', () => {
    const { output } = bash('f() { f; }\nf\necho alive');
    expect(output).toBe('bash: line 1: f: maximum function nesting level exceeded (400)\nalive\n');
    expect(bash('f() { { { ( : ); if f; then :; fi; }; }; }\nf\necho alive').output).toContain('alive');
    expect(bash('f() { eval f; }\nf\necho alive').output).toMatch(/exceeded \(\d+\)\nalive\n$/);
  });

  it('allows the recursion that scripts need', () => {
    expect(bash('sum() { if (($1 == 0)); then r=0; else sum $(($1 - 1)); ((r += $1)); fi; }; sum 300; echo $r').output).toBe('45150\n');
  });

  it('refuses braces that would fill the memory', () => {
    expect(bash('echo {1..100000000}; echo same\necho next').output).toBe(
      'bash: line 1: {1..100000000}: brace expansion makes too many words for this simulation (see sim/FIDELITY.md)\nnext\n',
    );
    expect(bash('echo {1..1000}{1..1000}\necho next').output).toContain('next');
  });

  it("says what bash says when the process table is full, and the fork bomb's machine lives", () => {
    const host = shellMachine();
    const { output } = runMerged(host, ['bash', '-c', 'for i in {1..1100}; do sleep 20 & done 2>&1 | head -2']);
    expect(output).toBe(
      'bash: line 1: fork: retry: Resource temporarily unavailable\nbash: line 1: fork: Resource temporarily unavailable\n',
    );
    expect(run(host, '/usr/bin/bash', ['-c', 'echo fine']).stdout).toBe('fine\n');
  });

  it('lets time pass in every loop', () => {
    for (const script of [
      'while :; do :; done',
      'until false; do true; done',
      'for ((;;)); do x=1; done',
      'while true; do continue; done',
      'f() { while :; do return; done; }; while :; do f; done',
      'while [[ a ]]; do ((1)); done',
    ]) {
      const host = shellMachine();
      const child = host.init.spawn('/usr/bin/bash', { argv: ['bash', '-c', script], fds: new Map() });
      expect(host.events.runUntil(host.now + 1e6, 400_000), script).toBe(true);
      if (typeof child === 'string') throw new Error(child);
      child.signal('SIGINT');
      host.events.runUntil(host.now + 1e6);
      expect(child.state, script).toBe('zombie');
    }
  });

  it('takes a line of a megabyte', () => {
    expect(bash(`echo ${'a'.repeat(1_000_000)} | wc -c`).output).toBe('1000001\n');
    expect(bash(`x='${'a b '.repeat(250_000)}'; echo \${#x}`).output).toBe('1000000\n');
    expect(bash(`echo "${'a'.repeat(1_000_000)}`).status).toBe(2);
  });

  it('reads an unclosed quote over many lines in reasonable time', () => {
    const script = `echo start\necho "${'line\n'.repeat(20_000)}`;
    expect(bash(script).output).toBe('start\nbash: -c: line 2: unexpected EOF while looking for matching `"\'\n');
  });

  it('gives binary text back as it is', () => {
    expect(bash("x=$'\\xff\\xfe'; printf '%s' \"$x\" | wc -c; echo ${#x}; [[ $x == ?? ]] && echo two").output).toBe('2\n2\ntwo\n');
    expect(run(shellMachine(), '/usr/bin/bash', [], { stdin: Uint8Array.of(0xff, 0xfe, 10, 0, 10) }).status).toBe(127);
  });

  it('matches patterns that would make a backtracking matcher run for ever', () => {
    expect(bash(`x=${'a'.repeat(2_000)}; [[ $x == *a*a*a*a*a*a*a*a*a*b ]] || echo no; echo \${x##*(a)}end`).output).toBe('no\nend\n');
  });
});

describe('streaming', () => {
  it('ends a pipeline early', () => {
    expect(bash('yes | head -2; yes | while read x; do echo $x; break; done').output).toBe('y\ny\ny\n');
    expect(bash('(while :; do echo tick; sleep 1; done) | head -2; echo ${PIPESTATUS[@]}').output).toBe('tick\ntick\n141 0\n');
  });
});
