import { decode, encode } from '../../base/bytes.ts';
import type { Blocking } from '../../host/wait.ts';
import { DiscardControl, ExitControl, InterruptControl } from './control.ts';
import { notifyJobs } from './foreground.ts';
import { jobState } from './jobs.ts';
import { type Piece, PieceReader, reportProblem, runText, runUnit } from './program.ts';
import { readLineBytes } from './read-line.ts';
import { Editor, type Edited } from './readline/editor.ts';
import { expandHistory } from './readline/history.ts';
import { expandPrompt } from './readline/prompt.ts';
import type { Shell } from './shell.ts';

export interface InteractiveOptions {
  norc: boolean;
  rcfile: string;
}

/** The prompt of Debian's root. */
const PS1 = '${debian_chroot:+($debian_chroot)}\\u@\\h:\\w\\$ ';

/** Reads commands at a prompt and runs them until `exit` or the end of the input. */
export function* runInteractive(shell: Shell, options: InteractiveOptions): Blocking<number> {
  const { process, tty } = shell;
  shell.options.shopt.set('expand_aliases', true);
  for (const letter of ['H', 'history', 'emacs']) shell.options.flags.add(letter);
  if (tty) {
    shell.options.flags.add('m');
    shell.monitor = true;
    if (process.sid !== process.pid) process.pgid = process.pid;
    tty.foreground = process.pgid;
    shell.variables.set('COLUMNS', String(tty.columns));
    shell.variables.set('LINES', String(tty.rows));
    process.onSignal('SIGWINCH', () => {
      shell.variables.set('COLUMNS', String(tty.columns));
      shell.variables.set('LINES', String(tty.rows));
    });
  }
  process.onSignal('SIGHUP', () => {
    for (const job of shell.jobs.jobs) if (!job.keep) process.host.signalGroup(job.pgid, 'SIGHUP');
    process.onSignal('SIGHUP', 'default');
    process.signal('SIGHUP');
  });
  const defaults: [string, string][] = [
    ['PS1', PS1],
    ['PS2', '> '],
    ['HISTSIZE', '500'],
    ['HISTFILE', '~/.bash_history'],
  ];
  for (const [name, text] of defaults) if (shell.variables.get(name) === undefined) shell.variables.set(name, text);
  if (shell.login) yield* runFileIfThere(shell, '/etc/profile');
  if (!options.norc) yield* runFileIfThere(shell, shell.login ? '~/.profile' : options.rcfile);
  yield* loadHistory(shell);
  const input = tty ? new Editor(shell, tty) : new PlainInput(shell);
  return yield* loop(shell, input);
}

interface LineInput {
  read(prompt: string): Blocking<Edited>;
}

/** `bash -i` without a terminal: prompts are printed, lines are read as they come. */
class PlainInput implements LineInput {
  readonly #shell: Shell;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  *read(prompt: string): Blocking<Edited> {
    yield* this.#shell.process.write(2, prompt.replace(/[\x01\x02]/g, ''));
    const bytes = yield* readLineBytes(this.#shell.process, 0);
    return bytes === undefined ? { kind: 'end' } : { kind: 'line', text: decode(bytes).replace(/\n$/, '') };
  }
}

function* loop(shell: Shell, input: LineInput): Blocking<number> {
  const reader = new PieceReader(shell, 1);
  let warned = false;
  let typed: string[] = [];
  for (;;) {
    yield* notifyJobs(shell);
    shell.interrupted = false;
    const command = shell.variables.get('PROMPT_COMMAND');
    if (command && !reader.pending) yield* guardedText(shell, command);
    const prompt = yield* expandPrompt(shell, shell.variables.get(reader.pending ? 'PS2' : 'PS1') ?? '');
    const edited = yield* input.read(prompt);
    if (edited.kind === 'interrupt') {
      reader.drop();
      typed = [];
      shell.status = 130;
      continue;
    }
    if (edited.kind === 'end') {
      if (shell.tty?.hungUp) return shell.status;
      if (reader.pending) {
        const left = reader.end();
        typed = [];
        if (left) yield* runPiece(shell, left);
        continue;
      }
      if (!warned && (yield* hasStoppedJobs(shell))) {
        warned = true;
        continue;
      }
      yield* shell.process.write(2, shell.login ? 'logout\n' : 'exit\n');
      yield* saveHistory(shell);
      return shell.status;
    }
    warned = false;
    const line = yield* withHistory(shell, edited.text);
    if (line === undefined) continue;
    typed.push(line);
    const piece = reader.push(`${line}\n`);
    if (!piece) continue;
    remember(shell, typed);
    typed = [];
    try {
      yield* runPiece(shell, piece);
    } catch (control) {
      if (control instanceof ExitControl) yield* saveHistory(shell);
      throw control;
    }
  }
}

function* hasStoppedJobs(shell: Shell): Blocking<boolean> {
  if (!shell.jobs.jobs.some((job) => jobState(job) === 'stopped')) return false;
  yield* shell.process.write(2, `${shell.login ? 'logout' : 'exit'}\nThere are stopped jobs.\n`);
  return true;
}

/** Runs what was typed; whatever goes wrong in it ends here. */
function* runPiece(shell: Shell, piece: Piece): Blocking<void> {
  if (piece.problem && piece.problem.messages.length > 0) {
    yield* reportProblem(shell, piece.unit.source, piece.unit.line, piece.problem, '');
    shell.status = 2;
    return;
  }
  yield* survive(shell, runUnit(shell, piece.unit, false));
}

function guardedText(shell: Shell, text: string): Blocking<void> {
  return survive(shell, runText(shell, text, 1, 'PROMPT_COMMAND: ', true));
}

function* survive(shell: Shell, work: Blocking<number>): Blocking<void> {
  try {
    yield* work;
  } catch (control) {
    if (control instanceof InterruptControl) {
      shell.status = control.status;
      yield* shell.process.write(2, '\n');
    } else if (control instanceof DiscardControl) shell.status = control.status;
    else if (control instanceof RangeError) {
      yield* shell.complain('commands are nested too deeply');
      shell.status = 1;
    } else throw control;
  }
  if (shell.tty) shell.tty.foreground = shell.process.pgid;
}

/** History expansion; the expanded line is shown, an unknown event is an error. */
function* withHistory(shell: Shell, line: string): Blocking<string | undefined> {
  if (!shell.option('H')) return line;
  const expansion = expandHistory(line, shell.history);
  if ('error' in expansion) {
    yield* shell.process.write(2, `${shell.displayName(shell.name)}: ${expansion.error}\n`);
    return undefined;
  }
  if (expansion.changed) yield* shell.process.write(2, `${expansion.text}\n`);
  return expansion.text;
}

/** Adds a command to the history: its lines joined, no duplicates in a row if HISTCONTROL says so. */
function remember(shell: Shell, typed: readonly string[]): void {
  const text = typed.length === 1 ? (typed[0] as string) : typed.some((line) => line.includes('<<')) ? typed.join('\n') : joinLines(typed);
  const control = shell.variables.get('HISTCONTROL') ?? '';
  if (text.trim() === '') return;
  if (/ignorespace|ignoreboth/.test(control) && text.startsWith(' ')) return;
  if (/ignoredups|ignoreboth/.test(control) && shell.history.at(-1) === text) return;
  shell.history.push(text);
  const size = Number(shell.variables.get('HISTSIZE') ?? 500);
  if (size >= 0 && shell.history.length > size) shell.history.splice(0, shell.history.length - size);
}

function joinLines(lines: readonly string[]): string {
  return lines.reduce(
    (all, line) =>
      all === '' ? line : /(?:\b(?:do|then|else|in)|[;{(|&])\s*$/.test(all) ? `${all} ${line.trim()}` : `${all}; ${line.trim()}`,
    '',
  );
}

function* runFileIfThere(shell: Shell, path: string): Blocking<void> {
  const bytes = yield* shell.process.readFile(path.replace(/^~/, shell.variables.get('HOME') ?? '/root'));
  if (typeof bytes === 'string') return;
  yield* survive(shell, runText(shell, decode(bytes), 1, ''));
}

function historyFile(shell: Shell): string {
  return (shell.variables.get('HISTFILE') ?? '').replace(/^~/, shell.variables.get('HOME') ?? '/root');
}

function* loadHistory(shell: Shell): Blocking<void> {
  const path = historyFile(shell);
  if (path === '') return;
  const bytes = yield* shell.process.readFile(path);
  if (typeof bytes !== 'string')
    shell.history.push(
      ...decode(bytes)
        .split('\n')
        .filter((line) => line !== ''),
    );
}

function* saveHistory(shell: Shell): Blocking<void> {
  const path = historyFile(shell);
  if (path === '') return;
  const fd = shell.process.open(path, { write: true, create: true, truncate: true });
  if (typeof fd === 'string') return;
  yield* shell.process.write(fd, encode(shell.history.map((line) => `${line}\n`).join('')));
  shell.process.close(fd);
}
