import type { Micros } from '../../base/time.ts';
import { MILLISECOND, SECOND } from '../../base/time.ts';
import { bulk, error, integer, NIL, OK, type Resp } from './resp.ts';

export const VERSION = '8.2.2';

/** The keys of a server; strings only. */
export class Store {
  readonly #values = new Map<string, { text: string; expires: Micros | undefined }>();
  readonly #now: () => Micros;
  readonly #port: number;
  readonly #started: Micros;
  clients = 0;
  accepted = 0;
  commands = 0;

  constructor(now: () => Micros, port: number) {
    this.#now = now;
    this.#port = port;
    this.#started = now();
  }

  /** Runs a command; the first word is its name. */
  run(words: readonly string[]): Resp {
    const [name = '', ...args] = words;
    this.commands++;
    const command = COMMANDS[name.toLowerCase()];
    if (!command) {
      const shown = args.map((arg) => `'${arg}' `).join('');
      return error(`ERR unknown command '${name}', with args beginning with: ${shown}`);
    }
    if (args.length < command.least || args.length > command.most)
      return error(`ERR wrong number of arguments for '${name.toLowerCase()}' command`);
    return command.run(this, args);
  }

  get(key: string): string | undefined {
    const found = this.#values.get(key);
    if (found?.expires !== undefined && found.expires <= this.#now()) {
      this.#values.delete(key);
      return undefined;
    }
    return found?.text;
  }

  set(key: string, text: string, lifetime?: Micros): void {
    this.#values.set(key, { text, expires: lifetime === undefined ? undefined : this.#now() + lifetime });
  }

  delete(key: string): boolean {
    return this.get(key) !== undefined && this.#values.delete(key);
  }

  keys(): string[] {
    return [...this.#values.keys()].filter((key) => this.get(key) !== undefined);
  }

  clear(): void {
    this.#values.clear();
  }

  /** Seconds left, -1 without a limit, -2 without a key. */
  lifetime(key: string): number {
    if (this.get(key) === undefined) return -2;
    const expires = this.#values.get(key)?.expires;
    return expires === undefined ? -1 : Math.round((expires - this.#now()) / SECOND);
  }

  expire(key: string, lifetime: Micros | undefined): boolean {
    const found = this.get(key) === undefined ? undefined : this.#values.get(key);
    if (!found) return false;
    found.expires = lifetime === undefined ? undefined : this.#now() + lifetime;
    return true;
  }

  info(): string {
    const uptime = Math.floor((this.#now() - this.#started) / SECOND);
    const sections = [
      [
        '# Server',
        `redis_version:${VERSION}`,
        'redis_mode:standalone',
        'os:Linux',
        `tcp_port:${this.#port}`,
        `uptime_in_seconds:${uptime}`,
      ],
      ['# Clients', `connected_clients:${this.clients}`],
      ['# Stats', `total_connections_received:${this.accepted}`, `total_commands_processed:${this.commands}`],
      ['# Replication', 'role:master', 'connected_slaves:0'],
      ['# Keyspace', ...(this.keys().length > 0 ? [`db0:keys=${this.keys().length},expires=0,avg_ttl=0`] : [])],
    ];
    return sections.map((lines) => lines.map((line) => `${line}\r\n`).join('')).join('\r\n');
  }
}

interface Command {
  least: number;
  most: number;
  run(store: Store, args: readonly string[]): Resp;
}

const MANY = Number.POSITIVE_INFINITY;

function add(store: Store, key: string, by: number): Resp {
  const before = store.get(key) ?? '0';
  if (!/^-?\d+$/.test(before) || !Number.isSafeInteger(by)) return error('ERR value is not an integer or out of range');
  const after = Number(before) + by;
  store.set(key, String(after));
  return integer(after);
}

function set(store: Store, [key = '', text = '', ...options]: readonly string[]): Resp {
  let lifetime: Micros | undefined;
  let only: 'nx' | 'xx' | undefined;
  for (let i = 0; i < options.length; i++) {
    const word = (options[i] as string).toLowerCase();
    if (word === 'nx' || word === 'xx') only = word;
    else if ((word === 'ex' || word === 'px') && /^\d+$/.test(options[i + 1] ?? ''))
      lifetime = Number(options[++i]) * (word === 'ex' ? SECOND : MILLISECOND);
    else return error('ERR syntax error');
  }
  if (only && (store.get(key) !== undefined) !== (only === 'xx')) return NIL;
  store.set(key, text, lifetime);
  return OK;
}

/** Redis's patterns: `*`, `?`, `[…]`. */
function pattern(text: string): RegExp {
  return new RegExp(
    `^${text
      .replaceAll(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
}

const COMMANDS: Readonly<Record<string, Command>> = {
  ping: { least: 0, most: 1, run: (_store, [text]) => (text === undefined ? { kind: 'status', text: 'PONG' } : bulk(text)) },
  echo: { least: 1, most: 1, run: (_store, [text = '']) => bulk(text) },
  get: {
    least: 1,
    most: 1,
    run: (store, [key = '']) => {
      const found = store.get(key);
      return found === undefined ? NIL : bulk(found);
    },
  },
  set: { least: 2, most: MANY, run: set },
  setex: { least: 3, most: 3, run: (store, [key = '', seconds = '', text = '']) => set(store, [key, text, 'ex', seconds]) },
  setnx: { least: 2, most: 2, run: (store, [key = '', text = '']) => integer(set(store, [key, text, 'nx']).kind === 'nil' ? 0 : 1) },
  append: {
    least: 2,
    most: 2,
    run: (store, [key = '', text = '']) => {
      const whole = (store.get(key) ?? '') + text;
      store.set(key, whole);
      return integer(whole.length);
    },
  },
  strlen: { least: 1, most: 1, run: (store, [key = '']) => integer((store.get(key) ?? '').length) },
  incr: { least: 1, most: 1, run: (store, [key = '']) => add(store, key, 1) },
  decr: { least: 1, most: 1, run: (store, [key = '']) => add(store, key, -1) },
  incrby: { least: 2, most: 2, run: (store, [key = '', by]) => add(store, key, Number(by)) },
  decrby: { least: 2, most: 2, run: (store, [key = '', by]) => add(store, key, -Number(by)) },
  del: { least: 1, most: MANY, run: (store, keys) => integer(keys.filter((key) => store.delete(key)).length) },
  exists: { least: 1, most: MANY, run: (store, keys) => integer(keys.filter((key) => store.get(key) !== undefined).length) },
  keys: {
    least: 1,
    most: 1,
    run: (store, [text = '']) => ({
      kind: 'array',
      items: store
        .keys()
        .filter((key) => pattern(text).test(key))
        .map(bulk),
    }),
  },
  mget: {
    least: 1,
    most: MANY,
    run: (store, keys) => ({ kind: 'array', items: keys.map((key) => (store.get(key) === undefined ? NIL : bulk(store.get(key) ?? ''))) }),
  },
  type: { least: 1, most: 1, run: (store, [key = '']) => ({ kind: 'status', text: store.get(key) === undefined ? 'none' : 'string' }) },
  ttl: { least: 1, most: 1, run: (store, [key = '']) => integer(store.lifetime(key)) },
  expire: { least: 2, most: 2, run: (store, [key = '', seconds]) => integer(store.expire(key, Number(seconds) * SECOND) ? 1 : 0) },
  persist: { least: 1, most: 1, run: (store, [key = '']) => integer(store.lifetime(key) >= 0 && store.expire(key, undefined) ? 1 : 0) },
  dbsize: { least: 0, most: 0, run: (store) => integer(store.keys().length) },
  flushdb: { least: 0, most: 1, run: flush },
  flushall: { least: 0, most: 1, run: flush },
  info: { least: 0, most: MANY, run: (store) => bulk(store.info()) },
  select: { least: 1, most: 1, run: (_store, [index]) => (index === '0' ? OK : error('ERR DB index is out of range')) },
  command: { least: 0, most: MANY, run: () => ({ kind: 'array', items: [] }) },
};

function flush(store: Store): Resp {
  store.clear();
  return OK;
}
