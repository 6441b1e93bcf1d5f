import { describe, expect, it } from 'vitest';
import type { Blocking } from '../../../host/wait.ts';
import type { Command, Completer } from '../../command.ts';
import { shellCommands } from '../main.ts';
import { shellMachine, testPrograms } from '../test-programs.ts';
import { testMachine } from '../../harness.ts';
import { Session } from './session.ts';

const files = { '/root/alpha.txt': 'a', '/root/alps/peak': 'p', '/root/beta one': 'b', '/root/日本語': 'x' };

function session(columns = 80, env: Record<string, string> = {}): Session {
  return new Session(shellMachine(files), { columns, env });
}

/** What the shell got, after editing a line in some way: the words are printed one by one. */
function edited(keys: string, columns = 80): string {
  const s = session(columns);
  s.type(`printf '<%s>' ${keys}\r`);
  return /^<.*>/m.exec(s.text)?.[0] ?? s.text;
}

describe('editing a line', () => {
  it('shows a prompt with user, host and directory', () => {
    const s = session();
    expect(s.text).toBe('root@host1:~#');
    expect(s.type('cd /tmp\r').lastLine).toBe('root@host1:/tmp#');
    expect(s.type('cd /root/alps\r').lastLine).toBe('root@host1:~/alps#');
  });

  it('moves and deletes with arrows, Home, End, Delete and Backspace', () => {
    expect(edited('ac\x1b[Db')).toBe('<abc>');
    expect(edited('abc\x1b[D\x1b[D\x7f')).toBe('<bc>');
    expect(edited('abc\x1b[D\x1b[D\x1b[3~')).toBe('<ac>');
    expect(edited('b c\x1b[D\x1b[D\x1b[D\x1b[C\x1b[D1')).toBe('<1b><c>');
    const s = session();
    expect(s.type('b\x1b[Hecho a\x1b[F c\r').text).toContain('\nab c\n');
    expect(s.type('b\x01echo a\x05 c\r').text.match(/ab c/g)).toHaveLength(4);
  });

  it('cuts and yanks: ^K ^U ^W ^Y, alt-d, alt-backspace', () => {
    expect(edited('one two\x17\x19\x19')).toBe('<one><twotwo>');
    expect(edited('a bc\x1b\x7f\x19x')).toBe('<a><bcx>');
    const s = session();
    s.type('garbage here\x15echo kept\r');
    expect(s.text).toContain('\nkept\n');
    s.type('echo one two three\x1bb\x1bb\x0bZ\r');
    expect(s.text).toContain('\none Z\n');
    s.type('echo x y\x1bb\x1bb\x1bd\r');
    expect(s.text).toContain('\ny\n');
  });

  it('transposes with ^T, undoes with ^_, changes case with alt-u', () => {
    expect(edited('ba\x14')).toBe('<ab>');
    expect(edited('abc\x17X\x1f\x1f')).toBe('<abc>');
    expect(edited('low\x1bb\x1bu')).toBe('<LOW>');
  });

  it('drops the line at ^C and ends the shell at ^D', () => {
    const s = session();
    s.type('echo never\x03');
    expect(s.text).toBe('root@host1:~# echo never^C\nroot@host1:~#');
    expect(s.type('echo $?\r').text).toContain('\n130\n');
    s.type('\x04');
    expect(s.lastLine).toBe('root@host1:~# exit');
    expect(s.ended).toBe(true);
  });

  it('deletes forward at ^D when there is text', () => {
    expect(edited('abc\x02\x02\x04')).toBe('<ac>');
  });

  it('clears the screen at ^L and keeps the line', () => {
    const s = session();
    s.type('echo a\r').type('half\x0c');
    expect(s.text).toBe('root@host1:~# half');
  });

  it('wraps lines longer than the terminal, and moves in them', () => {
    const s = session(20);
    s.type('echo 0123456789abcdefghij');
    expect(s.text).toBe('root@host1:~# echo 0\n123456789abcdefghij');
    expect([s.screen.row, s.screen.column]).toEqual([1, 19]);
    s.type('k');
    expect([s.screen.row, s.screen.column]).toEqual([2, 0]);
    s.type('\x1b[H');
    expect([s.screen.row, s.screen.column]).toEqual([0, 14]);
    s.type('\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C<');
    expect(s.text).toBe('root@host1:~# echo <\n0123456789abcdefghij\nk');
    s.type('\r');
    expect(s.text).toContain('bash: 0123456789abcdefghijk: No such file or directory'.slice(0, 20));
  });

  it('handles wide and multi-byte characters', () => {
    expect(edited('日本\x7f語é\x1b[Dx')).toBe('<日語xé>');
    const s = session(20);
    s.type('echo a日本');
    expect(s.text).toBe('root@host1:~# echo a\n日本');
    expect(s.screen.column).toBe(4);
  });

  it('shows control characters typed with a paste as ^X and takes pastes of several lines as text', () => {
    const s = session();
    s.type('\x1b[200~echo one\necho two\x1b[201~');
    expect(s.text).not.toContain('\none\n');
    s.type('\r');
    expect(s.text).toContain('\none\n');
    expect(s.text).toContain('two\n');
  });

  it('ignores unknown escape sequences', () => {
    expect(edited('a\x1b[24~b\x1bOPc')).toBe('<abc>');
  });
});

describe('history', () => {
  it('goes up and down, and keeps the line being typed', () => {
    const s = session();
    s.type('echo first\r').type('echo second\r').type('unfini\x1b[A\x1b[A');
    expect(s.lastLine).toBe('root@host1:~# echo first');
    s.type('\x1b[B');
    expect(s.lastLine).toBe('root@host1:~# echo second');
    s.type('\x0e');
    expect(s.lastLine).toBe('root@host1:~# unfini');
  });

  it('searches backwards with ^R', () => {
    const s = session();
    s.type('echo apple\r').type('echo banana\r').type('echo apricot\r');
    s.type('\x12ap');
    expect(s.lastLine).toBe("(reverse-i-search)`ap': echo apricot");
    s.type('\x12');
    expect(s.lastLine).toBe("(reverse-i-search)`ap': echo apple");
    s.type('zzz');
    expect(s.lastLine).toBe("(failed reverse-i-search)`apzzz': echo apple");
    s.type('\x07');
    expect(s.lastLine).toBe('root@host1:~#');
    s.type('\x12ban\r');
    expect(s.text.endsWith('root@host1:~# echo banana\nbanana\nroot@host1:~#')).toBe(true);
  });

  it('expands !!, !n, !str and says which event it does not find', () => {
    const s = session();
    s.type('echo a\r').type('echo b\r');
    expect(s.type('!!\r').text).toContain('!!\necho b\nb\n');
    expect(s.type('!1\r').text).toContain('!1\necho a\na\n');
    expect(s.type('!echo x\r').text).toContain('echo a x\na x\n');
    expect(s.type('!nope\r').text).toContain('bash: !nope: event not found');
    expect(s.type("echo 'no!!' \\!!\r").text).toContain('\nno!! !!\n');
    expect(s.type('history 2\r').text).toContain("    6  echo 'no!!' \\!!\n    7  history 2");
  });

  it('joins the lines of a command to one entry', () => {
    const s = session();
    s.type('for i in 1 2\rdo echo $i\rdone\r').type('\x1b[A');
    expect(s.lastLine).toBe('root@host1:~# for i in 1 2; do echo $i; done');
  });

  it('is kept in ~/.bash_history', () => {
    const host = shellMachine(files);
    new Session(host).type('echo kept\r').type('exit\r');
    const next = new Session(host);
    next.type('\x1b[A\x1b[A');
    expect(next.lastLine).toBe('root@host1:~# echo kept');
  });
});

describe('completion', () => {
  it('completes a file, a directory and a name with a blank', () => {
    const s = session();
    expect(s.type('cat alpha\t').lastLine).toBe('root@host1:~# cat alpha.txt');
    expect(s.type('be\t').lastLine).toBe('root@host1:~# cat alpha.txt beta\\ one');
    expect(s.type('alps\tp\t').lastLine).toBe('root@host1:~# cat alpha.txt beta\\ one alps/peak');
    expect(s.type('"be\t').lastLine).toBe('root@host1:~# cat alpha.txt beta\\ one alps/peak "beta one"');
  });

  it('goes as far as it is clear, then rings, then lists', () => {
    const s = session();
    s.type('cat a\t');
    expect(s.lastLine).toBe('root@host1:~# cat alp');
    expect(s.screen.bells).toBe(0);
    s.type('\t');
    expect(s.screen.bells).toBe(1);
    s.type('\t');
    expect(s.text).toBe('root@host1:~# cat alp\nalpha.txt  alps/\nroot@host1:~# cat alp');
  });

  it('knows commands, functions, variables and directories after cd', () => {
    const s = session();
    expect(s.type('unali\t').lastLine).toBe('root@host1:~# unalias');
    s.type('\x15my_func() { :; }\r');
    expect(s.type('my_\t').lastLine).toBe('root@host1:~# my_func');
    expect(s.type('\x15echo $HOSTN\t').lastLine).toBe('root@host1:~# echo $HOSTNAME');
    expect(s.type('\x15cd al\t').lastLine).toBe('root@host1:~# cd alps/');
    expect(s.type('\x15true | sle\t').lastLine).toBe('root@host1:~# true | sleep');
    expect(s.type('\x15X=1 if tru\t').lastLine).toBe('root@host1:~# X=1 if true');
  });

  it('asks the program, where it knows', () => {
    const fruit: Command = {
      name: 'fruit',
      paths: ['/usr/bin/fruit'],
      run: testPrograms[0]?.run as Command['run'],
      complete: (_, words) => (words.length === 1 ? ['apple', 'apricot'] : ['--ripe']),
    };
    function* completer(name: string): Blocking<Completer | undefined> {
      return name === fruit.name ? fruit.complete : undefined;
    }
    const commands: Command[] = [...shellCommands(completer), fruit];
    const s = new Session(testMachine(commands));
    expect(s.type('fruit app\t').lastLine).toBe('root@host1:~# fruit apple');
    expect(s.type('\t').lastLine).toBe('root@host1:~# fruit apple --ripe');
  });

  it('asks before it lists many', () => {
    const many = Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`/root/f${i}`, '']));
    const s = new Session(shellMachine(many));
    s.type('cat f\t\t');
    expect(s.lastLine).toBe('Display all 120 possibilities? (y or n)');
    s.type('n');
    expect(s.lastLine).toBe('root@host1:~# cat f');
    s.type('\ty');
    expect(s.text).toContain('f0    f107');
  });
});
