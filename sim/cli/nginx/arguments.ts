/** The command line, read. */
export interface Settings {
  path: string;
  globals: string;
  version: 'short' | 'long' | undefined;
  help: boolean;
  test: 'test' | 'dump' | undefined;
  quiet: boolean;
  signal: string | undefined;
}

export const HELP = `Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]
             [-e filename] [-c filename] [-g directives]

Options:
  -?,-h         : this help
  -v            : show version and exit
  -V            : show version and configure options then exit
  -t            : test configuration and exit
  -T            : test configuration, dump it and exit
  -q            : suppress non-error messages during configuration testing
  -s signal     : send signal to a master process: stop, quit, reopen, reload
  -p prefix     : set prefix path (default: /usr/share/nginx/)
  -e filename   : set error log file (default: stderr)
  -c filename   : set configuration file (default: /etc/nginx/nginx.conf)
  -g directives : set global directives out of configuration file

`;

const MISSING: Readonly<Record<string, string>> = {
  c: 'requires file name',
  g: 'requires parameter',
  s: 'requires parameter',
  p: 'requires directory name',
  e: 'requires file name',
};

/** Letters may be joined (`-tc FILE`); a value may stick to its letter (ngx_get_options). */
export function parseArguments(args: readonly string[]): Settings | { error: string } {
  const settings: Settings = {
    path: '/etc/nginx/nginx.conf',
    globals: '',
    version: undefined,
    help: false,
    test: undefined,
    quiet: false,
    signal: undefined,
  };
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (!word.startsWith('-')) return { error: `invalid option: "${word}"` };
    for (let at = 1; at < word.length; at++) {
      const letter = word[at] as string;
      if (letter in MISSING) {
        const value = word.slice(at + 1) || args[++i];
        if (value === undefined) return { error: `option "-${letter}" ${MISSING[letter]}` };
        const refused = assign(settings, letter, value);
        if (refused) return { error: refused };
        break;
      }
      const refused = flag(settings, letter);
      if (refused) return { error: refused };
    }
  }
  return settings;
}

function assign(settings: Settings, letter: string, value: string): string | undefined {
  if (letter === 'c') settings.path = value.startsWith('/') ? value : `/usr/share/nginx/${value}`;
  else if (letter === 'g') settings.globals = value;
  else if (letter === 's') {
    if (!['stop', 'quit', 'reopen', 'reload'].includes(value)) return `invalid option: "-s ${value}"`;
    settings.signal = value;
  } else return `option "-${letter}" is not modelled (see sim/FIDELITY.md)`;
  return undefined;
}

function flag(settings: Settings, letter: string): string | undefined {
  if (letter === 'v') settings.version = 'short';
  else if (letter === 'V') settings.version = 'long';
  else if (letter === 't') settings.test = 'test';
  else if (letter === 'T') settings.test = 'dump';
  else if (letter === 'q') settings.quiet = true;
  else if (letter === 'h' || letter === '?') settings.help = true;
  else return `invalid option: "${letter}"`;
  return undefined;
}
