import { strerror } from '../../base/errno.ts';
import { COOKED, type Termios, terminalOf, type Tty } from '../../host/tty.ts';
import { flag, type Tool, unmodelled } from '../tool/tool.ts';

const FLAGS: readonly (keyof Termios)[] = ['isig', 'icanon', 'echo', 'icrnl', 'onlcr'];

function characters(): string {
  return [
    'intr = ^C; quit = ^\\; erase = ^?; kill = ^U; eof = ^D; eol = <undef>; eol2 = <undef>;',
    'swtch = <undef>; start = ^Q; stop = ^S; susp = ^Z; rprnt = ^R; werase = ^W; lnext = ^V;',
    'discard = ^O; min = 1; time = 0;',
  ].join('\n');
}

function describe(tty: Tty, all: boolean): string {
  const { termios } = tty;
  const show = (name: keyof Termios) => (termios[name] ? name : `-${name}`);
  if (!all) {
    const changed = FLAGS.filter((name) => termios[name] !== COOKED[name]).map(show);
    return `speed 38400 baud; line = 0;\n${changed.length > 0 ? `${changed.join(' ')}\n` : ''}`;
  }
  return [
    `speed 38400 baud; rows ${tty.rows}; columns ${tty.columns}; line = 0;`,
    characters(),
    show('icrnl'),
    show('onlcr'),
    ['isig', 'icanon', 'echo'].map((name) => show(name as keyof Termios)).join(' '),
    '',
  ].join('\n');
}

/** Applies one setting; false for one that is not known. `size` values come as two arguments. */
function apply(tty: Tty, setting: string): boolean {
  const on = !setting.startsWith('-');
  const name = on ? setting : setting.slice(1);
  if (FLAGS.includes(name as keyof Termios)) tty.termios = { ...tty.termios, [name]: on };
  else if (name === 'sane') tty.termios = { ...COOKED };
  else if (name === 'raw' || name === 'cooked') {
    const raw = (name === 'raw') === on;
    tty.termios = { ...tty.termios, icanon: !raw, isig: !raw, icrnl: !raw, onlcr: !raw };
  } else if (name === 'cbreak') tty.termios = { ...tty.termios, icanon: !on };
  else return false;
  return true;
}

export const stty: Tool = {
  name: 'stty',
  suite: 'GNU coreutils',
  usage: ['[-F DEVICE | --file=DEVICE] [SETTING]...', '[-F DEVICE | --file=DEVICE] [-a|--all]'],
  about:
    'Print or change the settings of the terminal: size, rows N, cols N, sane, raw, cbreak, [-]echo, [-]icanon, [-]isig, [-]icrnl, [-]onlcr.',
  options: [flag('a', 'all', 'all settings'), { ...unmodelled('F', 'file'), argument: 'required' }, unmodelled('g', 'save')],
  stopAtOperand: true,
  rewrite: (args) => {
    const at = args.findIndex((arg) => /^-[a-z]{2,}/.test(arg));
    return at < 0 ? args : [...args.slice(0, at), '--', ...args.slice(at)];
  },
  *main(call) {
    const tty = terminalOf(call.process.fds.get(0));
    if (!tty) return yield* call.fail(`${call.either("'standard input'", 'standard input')}: ${strerror('ENOTTY')}`);
    const settings = [...call.operands];
    if (settings.length === 0) {
      yield* call.out.text(describe(tty, call.has('all')));
      return 0;
    }
    while (settings.length > 0) {
      const setting = settings.shift() as string;
      if (setting === 'size') yield* call.out.text(`${tty.rows} ${tty.columns}\n`);
      else if (/^(rows|cols|columns)$/.test(setting)) {
        const count = settings.shift();
        if (count === undefined) return yield* call.badUsage(`missing argument to ${call.quote(setting)}`);
        if (!/^\d+$/.test(count)) return yield* call.fail(`invalid integer argument: ${call.quote(count)}`);
        tty.resize(setting === 'rows' ? tty.columns : Number(count), setting === 'rows' ? Number(count) : tty.rows);
      } else if (!apply(tty, setting)) return yield* call.badUsage(`invalid argument ${call.quote(setting)}`);
    }
    return 0;
  },
};
