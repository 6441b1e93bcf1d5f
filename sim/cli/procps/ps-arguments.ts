/** What a `ps` command line asks for. */
export interface Request {
  /** `-e`, `ax`, `a`, `x`, `-a`, `-d`, or lists only. */
  all: boolean;
  bsdAll: boolean;
  withoutTerminal: boolean;
  notLeaders: boolean;
  withTerminal: boolean;
  pids: number[];
  parents: number[];
  names: string[];
  users: string[];
  terminals: string[];
  sessions: number[];
  listed: boolean;
  invert: boolean;
  /** A ready-made format: '', f, F, l, j, u, v, and their BSD counterparts. */
  format: '' | '-f' | '-F' | '-l' | '-j' | 'u' | 'l' | 'j' | 'bsd' | 'X';
  columns: string[];
  headings: boolean;
  forest: boolean;
  sort: string[];
  wide: boolean;
  commandName: boolean;
}

/** Words of `ps`'s own complaint, after `error: `. */
export interface Refusal {
  error: string;
  unmodelled?: string;
}

const LISTS: Record<string, keyof Pick<Request, 'pids' | 'parents' | 'names' | 'users' | 'terminals' | 'sessions'>> = {
  p: 'pids',
  C: 'names',
  u: 'users',
  U: 'users',
  t: 'terminals',
  s: 'sessions',
  g: 'sessions',
};

const LONG_LISTS: Record<string, (typeof LISTS)[string]> = {
  pid: 'pids',
  ppid: 'parents',
  User: 'users',
  user: 'users',
  tty: 'terminals',
  sid: 'sessions',
};

/** Reads the arguments of `ps`, whose options come in three styles: `-e`, `aux`, `--sort=pid`. */
export class PsArguments {
  readonly request: Request = {
    all: false,
    bsdAll: false,
    withoutTerminal: false,
    notLeaders: false,
    withTerminal: false,
    pids: [],
    parents: [],
    names: [],
    users: [],
    terminals: [],
    sessions: [],
    listed: false,
    invert: false,
    format: '',
    columns: [],
    headings: true,
    forest: false,
    sort: [],
    wide: false,
    commandName: false,
  };
  readonly #args: string[];

  constructor(args: readonly string[]) {
    this.#args = [...args];
  }

  parse(): Request | Refusal {
    for (let arg = this.#args.shift(); arg !== undefined; arg = this.#args.shift()) {
      const wrong = arg.startsWith('--') ? this.#long(arg.slice(2)) : arg.startsWith('-') ? this.#unix(arg.slice(1)) : this.#bsd(arg);
      if (wrong) return wrong;
    }
    return this.request;
  }

  #list(name: (typeof LISTS)[string], text: string | undefined, what: string): Refusal | undefined {
    if (text === undefined || text === '') return { error: what };
    this.request.listed = true;
    for (const item of text.split(/[\s,]+/).filter((part) => part !== '')) {
      if (name === 'names' || name === 'users' || name === 'terminals') this.request[name].push(item);
      else if (/^\d+$/.test(item)) this.request[name].push(Number(item));
      else return { error: 'process ID list syntax error' };
    }
    return undefined;
  }

  #long(arg: string): Refusal | undefined {
    const equals = arg.indexOf('=');
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const value = () => (equals < 0 ? this.#args.shift() : arg.slice(equals + 1));
    const list = LONG_LISTS[name];
    if (list) return this.#list(list, value(), `list of process IDs must follow --${name}`);
    if (name === 'sort') this.request.sort.push(...(value() ?? '').split(','));
    else if (name === 'format') return this.#columns(value(), '--format');
    else if (name === 'forest') this.request.forest = true;
    else if (/^no-?head(ing|ers?|ings)?$/.test(name)) this.request.headings = false;
    else if (name === 'headers' || name === 'heading') this.request.headings = true;
    else if (name === 'deselect') this.request.invert = true;
    else if (!/^(cols|columns|width|rows|lines)$/.test(name)) return { error: 'unknown gnu long option' };
    else value();
    return undefined;
  }

  #columns(text: string | undefined, option: string): Refusal | undefined {
    if (text === undefined) return { error: `format specification must follow ${option}` };
    this.request.columns.push(...text.split(/[\s,]+/).filter((part) => part !== ''));
    return undefined;
  }

  #unix(letters: string): Refusal | undefined {
    const { request } = this;
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] as string;
      const rest = () => {
        const text = letters.slice(i + 1) || this.#args.shift();
        i = letters.length;
        return text;
      };
      const list = LISTS[letter];
      if (list) {
        const wrong = this.#list(list, rest(), letter === 'p' ? 'list of process IDs must follow -p' : `list must follow -${letter}`);
        if (wrong) return wrong;
      } else if (letter === 'o' || letter === 'O') {
        const wrong = this.#columns(rest(), '-o');
        if (wrong) return wrong;
      } else if (letter === 'e' || letter === 'A') request.all = true;
      else if (letter === 'a') request.withTerminal = true;
      else if (letter === 'd') request.notLeaders = true;
      else if (letter === 'f' || letter === 'F' || letter === 'l' || letter === 'j') {
        if (!(letter === 'f' && request.format !== '')) request.format = `-${letter}`;
      } else if (letter === 'x') request.withoutTerminal = true;
      else if (letter === 'N') request.invert = true;
      else if (letter === 'H') request.forest = true;
      else if (letter === 'w') request.wide = true;
      else if (letter === 'y' || letter === 'c') continue;
      else if ('LTmMZqn'.includes(letter)) return { error: '', unmodelled: `option '-${letter}'` };
      else return { error: 'unsupported SysV option' };
    }
    if (request.withoutTerminal && request.format === '') request.format = 'bsd';
    return undefined;
  }

  #bsd(letters: string): Refusal | undefined {
    const { request } = this;
    if (/^\d[\d,]*$/.test(letters)) return this.#list('pids', letters, '');
    for (let i = 0; i < letters.length; i++) {
      const letter = letters[i] as string;
      const rest = () => {
        const text = letters.slice(i + 1) || this.#args.shift();
        i = letters.length;
        return text;
      };
      if (letter === 'a') request.bsdAll = true;
      else if (letter === 'x') request.withoutTerminal = true;
      else if (letter === 'u' || letter === 'l' || letter === 'j') request.format = letter;
      else if (letter === 'f') request.forest = true;
      else if (letter === 'w') request.wide = true;
      else if (letter === 'h') request.headings = false;
      else if (letter === 'c') request.commandName = true;
      else if (letter === 'o') {
        const wrong = this.#columns(rest(), 'o');
        if (wrong) return wrong;
      } else if (letter === 'p' || letter === 't') {
        const wrong = this.#list(LISTS[letter] as (typeof LISTS)[string], rest(), 'list of process IDs must follow p');
        if (wrong) return wrong;
      } else if ('egmnrsvLSTUX'.includes(letter)) {
        if (!'egn'.includes(letter)) return { error: '', unmodelled: `option '${letter}'` };
      } else return { error: 'unsupported option (BSD syntax)' };
    }
    if (request.format === '') request.format = 'bsd';
    return undefined;
  }
}
