import { describe, expect, it } from 'vitest';
import { decode } from '../../base/bytes.ts';
import type { Host } from '../../host/host.ts';
import { makePipe } from '../../host/pipe.ts';
import { ShellConsole } from './console.ts';
import { shellMachine } from './test-programs.ts';

/** A console whose output is collected. */
class Cell {
  readonly host: Host;
  readonly console: ShellConsole;
  readonly #reader;
  text = '';

  constructor(options: ConstructorParameters<typeof ShellConsole>[3] = {}) {
    this.host = shellMachine();
    const { reader, writer } = makePipe(this.host.nextPipeNumber());
    this.#reader = reader.hold();
    this.console = new ShellConsole(this.host, writer, writer, options);
  }

  /** Runs a command to its end (a minute at most); gives what was printed and the status. */
  run(command: string): { output: string; status: number | undefined } {
    let status: number | undefined;
    this.console.run(command, (code) => {
      status = code;
    });
    const before = this.text.length;
    const deadline = this.host.now + 60e6;
    while (status === undefined && this.host.now < deadline && this.host.events.step()) this.#collect();
    this.#collect();
    return { output: this.text.slice(before), status };
  }

  wait(seconds: number): string {
    const before = this.text.length;
    this.host.events.runUntil(this.host.now + seconds * 1e6);
    this.#collect();
    return this.text.slice(before);
  }

  #collect(): void {
    for (let bytes = this.#reader.read(65_536); typeof bytes !== 'string' && bytes.length > 0; bytes = this.#reader.read(65_536))
      this.text += decode(bytes);
    if (this.host.bugs.length > 0) throw new Error(this.host.bugs.join('\n'));
  }
}

describe('the console of a page', () => {
  it('is one shell: variables, functions and the directory carry over', () => {
    const cell = new Cell();
    cell.run('x=5; f() { echo "f $x $1"; }; cd /tmp');
    expect(cell.run('f a; pwd; false')).toEqual({ output: 'f 5 a\n/tmp\n', status: 1 });
    expect(cell.run('echo $?')).toEqual({ output: '1\n', status: 0 });
  });

  it('runs several lines, and goes on behind a mistake', () => {
    const cell = new Cell();
    expect(cell.run('for i in 1 2\ndo echo $i\ndone\necho end').output).toBe('1\n2\nend\n');
    expect(cell.run('echo $((1/0)); echo dropped\necho next').output).toBe('bash: line 5: 1/0: division by 0 (error token is "0")\nnext\n');
    expect(cell.run('echo "unclosed')).toEqual({ output: 'bash: line 7: unexpected EOF while looking for matching `"\'\n', status: 2 });
    expect(cell.run('fi\necho on').output).toBe("bash: line 8: syntax error near unexpected token `fi'\nbash: line 8: `fi'\non\n");
  });

  it('counts lines as the recorder of the transcripts does', () => {
    const cell = new Cell({ firstLine: 4, linesBetween: 1 });
    expect(cell.run('nope').output).toBe('bash: line 4: nope: command not found\n');
    expect(cell.run('nope').output).toBe('bash: line 6: nope: command not found\n');
  });

  it('keeps background jobs and their output alive, and waits for them', () => {
    const cell = new Cell();
    expect(cell.run('(sleep 1; echo later) &').output).toBe('');
    expect(cell.run('echo now').output).toBe('now\n');
    expect(cell.wait(2)).toBe('later\n');
    cell.run('sleep 1 &');
    expect(cell.run('wait; echo waited').output).toBe('waited\n');
    cell.run('sleep 100 &');
    expect(cell.run('kill %1; sleep 0.1; jobs').status).toBe(0);
    expect(cell.run('jobs').output).toBe('');
  });

  it('runs what is queued in order', () => {
    const cell = new Cell();
    const done: string[] = [];
    cell.console.run('sleep 1; echo a', () => done.push('a'));
    cell.console.run('echo b', () => done.push('b'));
    expect(cell.wait(3)).toBe('a\nb\n');
    expect(done).toEqual(['a', 'b']);
  });

  it('is interrupted: programs die, the rest is dropped, the shell lives', () => {
    for (const command of [
      'sleep 100; echo no',
      'while true; do :; done; echo no',
      'yes > /dev/null; echo no',
      'sleep 100 | cat; echo no',
      'x=$(sleep 100); echo no',
      '(sleep 100; echo no); echo no',
      'wait_for() { sleep 100; echo no; }; wait_for\necho no',
      'sleep 50 & wait; echo no',
      'bash -c "sleep 100; echo no"; echo no',
    ]) {
      const cell = new Cell();
      cell.run('x=kept');
      let status: number | undefined;
      cell.console.run(command, (code) => {
        status = code;
      });
      cell.wait(2);
      expect(status).toBeUndefined();
      cell.console.interrupt();
      expect(cell.wait(2), command).toBe('');
      expect(status, command).toBe(130);
      expect(cell.run('echo $x').output, command).toBe('kept\n');
    }
  });

  it('lets a program that catches Ctrl-C end in its own way', () => {
    const cell = new Cell();
    let status: number | undefined;
    cell.console.run('polite; echo no', (code) => {
      status = code;
    });
    cell.wait(2);
    cell.console.interrupt();
    expect(cell.wait(2)).toBe('goodbye\n');
    expect(status).toBe(130);
  });

  it('spares background jobs from Ctrl-C', () => {
    const cell = new Cell();
    cell.run('(sleep 3; echo survived) &');
    cell.console.run('sleep 100');
    cell.wait(1);
    cell.console.interrupt();
    expect(cell.wait(4)).toBe('survived\n');
  });

  it('survives exit, set -e, ${x:?} and even kill -9', () => {
    const cell = new Cell();
    expect(cell.run('echo bye; exit 3; echo no')).toEqual({ output: 'bye\n', status: 3 });
    expect(cell.run('echo again')).toEqual({ output: 'again\n', status: 0 });
    expect(cell.run('set -e; false; echo no').status).toBe(1);
    expect(cell.run('echo ${x:?gone}; echo no').output).toContain('x: gone\n');
    expect(cell.run('kill -9 $$').status).toBe(137);
    expect(cell.run('echo back').output).toBe('back\n');
  });

  it('reads nothing from its input', () => {
    expect(new Cell().run('cat; read x; echo $?').output).toBe('1\n');
  });

  it('streams: output comes while the command runs', () => {
    const cell = new Cell();
    cell.console.run('for i in 1 2 3; do echo $i; sleep 1; done');
    expect(cell.wait(0.5)).toBe('1\n');
    expect(cell.wait(1)).toBe('2\n');
  });
});
