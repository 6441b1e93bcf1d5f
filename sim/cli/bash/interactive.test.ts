import { describe, expect, it } from 'vitest';
import { Session } from './readline/session.ts';
import { shellMachine } from './test-programs.ts';

function session(files: Record<string, string> = {}, argv = ['bash']): Session {
  return new Session(shellMachine(files), { argv });
}

describe('an interactive shell', () => {
  it('asks for more with PS2 until a command is complete', () => {
    const s = session();
    s.type('if true\r').type('then echo yes\r').type('fi\r');
    expect(s.text).toBe('root@host1:~# if true\n> then echo yes\n> fi\nyes\nroot@host1:~#');
    s.type('cat <<E\ra\rE\r');
    expect(s.text.endsWith('> a\n> E\na\nroot@host1:~#')).toBe(true);
    s.type("echo 'a\rb'\r").type('echo x \\\ry\r').type('echo a |\rcat\r');
    expect(s.text.endsWith("echo 'a\n> b'\na\nb\nroot@host1:~# echo x \\\n> y\nx y\nroot@host1:~# echo a |\n> cat\na\nroot@host1:~#")).toBe(
      true,
    );
    s.type('while true\r').type('\x03');
    expect(s.text.endsWith('> ^C\nroot@host1:~#')).toBe(true);
  });

  it('reports errors without line numbers and lives on', () => {
    const s = session();
    s.type('nope\r').type('fi\r').type('echo $((1/0))\r').type('echo ${x?}\r').type('readonly r=1\r').type('r=2\r');
    expect(s.text).toContain('bash: nope: command not found\n');
    expect(s.text).toContain("bash: syntax error near unexpected token `fi'\n");
    expect(s.text).toContain('bash: 1/0: division by 0 (error token is "0")\n');
    expect(s.text).toContain('bash: x: parameter not set\n');
    expect(s.text).toContain('bash: r: readonly variable\n');
    expect(s.ended).toBe(false);
  });

  it('reads ~/.bashrc, and has its own PS1', () => {
    const s = session({ '/root/.bashrc': "alias hi='echo hello'\nPS1='\\W $((1+1))> '\n" });
    expect(s.text).toBe('~ 2>');
    expect(s.type('hi there\r').text).toContain('hello there');
  });

  it('uses terminal lines of the program while it runs', () => {
    const s = session();
    s.type('cat\r').type('abc\x7fd\r').type('\x04');
    expect(s.text).toBe('root@host1:~# cat\nabd\nabd\nroot@host1:~#');
    s.type('read -p "name? " x\r').type('Ada\r').type('echo "<$x>"\r');
    expect(s.text).toContain('name? Ada\n');
    expect(s.text).toContain('\n<Ada>\n');
    s.type('read -s x\r').type('secret\r').type('echo ${#x}\r');
    expect(s.text).not.toContain('secret');
    expect(s.text).toContain('\n6\n');
  });

  it('is a login shell when its name begins with a dash', () => {
    const s = session({ '/root/.profile': 'echo welcome\n' }, ['-bash']);
    expect(s.text).toBe('welcome\nroot@host1:~#');
    s.type('nope\r').type('logout\r');
    expect(s.text).toContain('-bash: nope: command not found');
    expect(s.lastLine).toBe('logout');
    expect(s.ended).toBe(true);
  });

  it('ends when the window is closed, and takes its jobs along', () => {
    const s = session();
    s.type('sleep 1000 &\r');
    s.tty.hangUp();
    s.wait(1);
    expect(s.ended).toBe(true);
    expect(s.host.processes().map((p) => p.argv[0])).not.toContain('sleep');
  });
});

describe('job control', () => {
  it('announces background jobs, and when they are done', () => {
    const s = session();
    s.type('sleep 2 &\r');
    expect(s.text).toMatch(/\n\[1\] \d+\nroot/);
    s.type('jobs\r');
    expect(s.text).toContain('[1]+  Running                    sleep 2 &');
    s.wait(3).type('\r');
    expect(s.text).toContain('[1]+  Done                       sleep 2\n');
    expect(s.type('false &\r').wait(1).type('\r').text).toContain('[1]+  Exit 1                     false');
  });

  it('stops with ^Z, goes on in the background or foreground', () => {
    const s = session();
    s.type('sleep 5\r').type('\x1a');
    expect(s.text).toContain('^Z\n[1]+  Stopped                    sleep 5\nroot');
    expect(s.type('echo $?\r').text).toContain('\n148\n');
    s.type('bg\r');
    expect(s.text).toContain('[1]+ sleep 5 &');
    s.type('fg\r', 1);
    expect(s.lastLine).toBe('sleep 5');
    s.wait(6);
    expect(s.lastLine).toBe('root@host1:~#');
    s.type('sleep 9 | cat\r').type('\x1a').type('fg %sleep\r').type('\x03');
    expect(s.text.endsWith('fg %sleep\nsleep 9 | cat\n^C\nroot@host1:~#')).toBe(true);
  });

  it('gives each pipeline a process group, and the terminal to the one in front', () => {
    const s = session();
    s.type('sleep 50 | cat\r');
    const running = s.host.processes().filter((p) => ['sleep', 'cat'].includes(p.name));
    expect(running).toHaveLength(2);
    expect(new Set(running.map((p) => p.pgid)).size).toBe(1);
    expect(s.tty.foreground).toBe(running[0]?.pgid);
    expect(s.tty.foreground).not.toBe(s.shell.pgid);
    s.type('\x03');
    expect(s.tty.foreground).toBe(s.shell.pgid);
    expect(s.host.processes().filter((p) => p.name === 'sleep')).toHaveLength(0);
  });

  it('kills by job number and tells which job died', () => {
    const s = session();
    s.type('sleep 50 &\r').type('sleep 60 &\r').type('kill %1\r').type('\r');
    expect(s.text).toContain('[1]-  Terminated                 sleep 50');
    s.type('kill -9 %2\r').type('\r');
    expect(s.text).toContain('[2]+  Killed                     sleep 60');
    expect(s.type('fg\r').text).toContain('bash: fg: current: no such job');
  });

  it('warns once about stopped jobs', () => {
    const s = session();
    s.type('sleep 50\r').type('\x1a').type('\x04');
    expect(s.text).toContain('exit\nThere are stopped jobs.');
    expect(s.ended).toBe(false);
    s.type('\x04');
    expect(s.ended).toBe(true);
  });
});

describe('Ctrl-C', () => {
  it('ends the program in front, its list and loops, but not the shell', () => {
    const s = session();
    s.type('sleep 50; echo not\r').type('\x03');
    expect(s.text).toBe('root@host1:~# sleep 50; echo not\n^C\nroot@host1:~#');
    s.type('while true; do sleep 1; done\r', 3).type('\x03');
    expect(s.lastLine).toBe('root@host1:~#');
    s.type('while :; do :; done\r', 1).type('\x03');
    expect(s.lastLine).toBe('root@host1:~#');
    s.type('x=$(sleep 50)\r').type('\x03');
    expect(s.type('echo $?\r').text).toContain('\n130\n');
  });

  it('lets a program that catches it say goodbye, as ping does', () => {
    const s = session();
    s.type('polite\r', 2).type('\x03', 2);
    expect(s.text).toBe('root@host1:~# polite\n^Cgoodbye\nroot@host1:~#');
  });

  it('does not reach background jobs', () => {
    const s = session();
    s.type('sleep 50 &\r').type('sleep 60\r').type('\x03').type('jobs\r');
    expect(s.text).toContain('[1]+  Running                    sleep 50 &');
  });

  it('interrupts wait and read', () => {
    const s = session();
    s.type('sleep 50 & wait\r').type('\x03').type('read x\r').type('\x03').type('echo alive\r');
    expect(s.text).toContain('\nalive\n');
  });

  it('runs a trap for it', () => {
    const s = session();
    s.type("trap 'echo caught' INT\r").type('sleep 5\r').type('\x03');
    expect(s.text).toContain('caught');
  });
});
