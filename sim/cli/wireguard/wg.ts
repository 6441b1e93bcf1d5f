import { decode } from '../../base/bytes.ts';
import { clamp, publicKeyOf } from '../../base/crypto/x25519.ts';
import { type Errno, strerror } from '../../base/errno.ts';
import { getrandom } from '../../host/getrandom.ts';
import { RegularFile } from '../../host/inode.ts';
import { getWireguard, setWireguard, wireguardNames } from '../../host/netlink/wireguard.ts';
import type { Process } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import { terminalOf } from '../../host/tty.ts';
import type { Blocking } from '../../host/wait.ts';
import { KEY_LENGTH } from '../../kernel/dev/wireguard/handshake.ts';
import { type Command, notModelled } from '../command.ts';
import { readArguments } from './config.ts';
import { readConfiguration, synchronise } from './config-file.ts';
import { formatKey, KEY_TEXT, parseKey } from './key.ts';
import { configuration, describe, showField, type Style } from './show.ts';
import { CONF_USAGE, SET_USAGE, SHOW_USAGE, usage, VERSION } from './usage.ts';

/** wg(8) of wireguard-tools. */
export const wg: Command = { name: 'wg', paths: ['/usr/bin/wg'], run: runWg };

/** wg-quick(8), a script around `ip`, `wg` and `iptables`. */
export const wgQuick: Command = { name: 'wg-quick', paths: ['/usr/bin/wg-quick'], run: refuseQuick };

function* refuseQuick(process: Process): Blocking<number> {
  return yield* fail(process, notModelled('wg-quick', "what the script does (see `ip link add type wireguard' and `wg setconf')"));
}

type Subcommand = (process: Process, name: string, args: readonly string[]) => Blocking<number>;

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  show,
  showconf,
  set,
  setconf,
  addconf: setconf,
  syncconf: setconf,
  genkey,
  genpsk: genkey,
  pubkey,
};

function* runWg(process: Process): Blocking<number> {
  const [program = 'wg', name = 'show', ...args] = process.argv;
  if (process.argv.length === 2 && ['-v', '--version', 'version'].includes(name)) return yield* say(process, VERSION);
  if (process.argv.length === 2 && ['-h', '--help', 'help'].includes(name)) return yield* say(process, usage(program));
  const run = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (run) return yield* run(process, name, args);
  return yield* fail(process, `Invalid subcommand: \`${name}'\n${usage(program)}`);
}

function* say(process: Process, text: string): Blocking<number> {
  yield* process.write(1, text);
  return 0;
}

function* fail(process: Process, text: string): Blocking<number> {
  yield* process.write(2, text);
  return 1;
}

function* misused(process: Process, text: string, status = 1): Blocking<number> {
  yield* process.write(2, `Usage: ${process.argv[0]} ${text}\n`);
  return status;
}

function refused(process: Process, what: string, errno: Errno): Blocking<number> {
  return fail(process, `${what}: ${strerror(errno)}\n`);
}

// ---- show -------------------------------------------------------------------------------------------------------------------

function styleOf(process: Process): Style {
  const mode = process.env.get('WG_COLOR_MODE');
  const colour = mode === 'always' || (mode !== 'never' && terminalOf(process.fds.get(1)) !== undefined);
  return { colour, keysShown: process.env.get('WG_HIDE_KEYS') === 'never', now: process.host.now };
}

function* show(process: Process, _name: string, args: readonly string[]): Blocking<number> {
  const [which = 'all', field, extra] = args;
  if (extra !== undefined) return yield* misused(process, SHOW_USAGE);
  if (which === 'all') return yield* showAll(process, field);
  if (which === 'interfaces') {
    if (field !== undefined) return yield* misused(process, SHOW_USAGE);
    const names = wireguardNames(process);
    return yield* say(process, names.length > 0 ? `${names.join(' ')}\n` : '');
  }
  if (field === undefined && ['-h', '--help', 'help'].includes(which)) return yield* misused(process, SHOW_USAGE, 0);
  const device = getWireguard(process, which);
  if (typeof device === 'string') return yield* refused(process, 'Unable to access interface', device);
  const text = field === undefined ? describe(device, styleOf(process)) : showField(device, field, false);
  return text === undefined ? yield* noField(process, field as string) : yield* say(process, text);
}

function* showAll(process: Process, field: string | undefined): Blocking<number> {
  const names = wireguardNames(process);
  let status = names.length > 0 ? 1 : 0;
  for (const [i, name] of names.entries()) {
    const device = getWireguard(process, name);
    if (typeof device === 'string') {
      yield* refused(process, `Unable to access interface ${name}`, device);
      continue;
    }
    const text = field === undefined ? describe(device, styleOf(process)) : showField(device, field, true);
    if (text === undefined) return yield* noField(process, field as string);
    yield* process.write(1, field === undefined && i < names.length - 1 ? `${text}\n` : text);
    status = 0;
  }
  return status;
}

function* noField(process: Process, field: string): Blocking<number> {
  yield* process.write(2, `Invalid parameter: \`${field}'\n`);
  return yield* misused(process, SHOW_USAGE);
}

function* showconf(process: Process, name: string, args: readonly string[]): Blocking<number> {
  if (args.length !== 1) return yield* misused(process, `${name} <interface>`);
  const device = getWireguard(process, args[0] as string);
  if (typeof device === 'string') return yield* refused(process, 'Unable to access interface', device);
  return yield* say(process, configuration(device));
}

// ---- set --------------------------------------------------------------------------------------------------------------------

function* set(process: Process, _name: string, args: readonly string[]): Blocking<number> {
  const [name = '', ...words] = args;
  if (words.length === 0) return yield* misused(process, SET_USAGE);
  const changes = yield* readArguments(process, words);
  if (!changes) return 1;
  const failed = setWireguard(process, name, changes);
  return failed ? yield* refused(process, 'Unable to modify interface', failed) : 0;
}

/** setconf, addconf and syncconf. */
function* setconf(process: Process, how: string, args: readonly string[]): Blocking<number> {
  const [name, path, extra] = args;
  if (name === undefined || path === undefined || extra !== undefined) return yield* misused(process, `${how} ${CONF_USAGE}`);
  const bytes = yield* process.readFile(path);
  if (typeof bytes === 'string') return yield* refused(process, 'fopen', bytes);
  const changes = yield* readConfiguration(process, decode(bytes), how === 'addconf');
  if (!changes) return 1;
  if (how === 'syncconf' && changes.peers.length > 0) {
    const present = getWireguard(process, name);
    if (typeof present === 'string') return yield* refused(process, 'Unable to retrieve current interface configuration', present);
    synchronise(changes, present.peers);
  }
  const failed = setWireguard(process, name, changes);
  return failed ? yield* refused(process, 'Unable to modify interface', failed) : 0;
}

// ---- keys -------------------------------------------------------------------------------------------------------------------

/** Bytes of the machine's own randomness, as a private key or as they are. */
function* genkey(process: Process, name: string, args: readonly string[]): Blocking<number> {
  if (args.length > 0) return yield* misused(process, name);
  if (openToOthers(process))
    yield* process.write(2, 'Warning: writing to world accessible file.\nConsider setting the umask to 077 and trying again.\n');
  const drawn = getrandom(process.host, KEY_LENGTH);
  return yield* say(process, `${formatKey(name === 'genkey' ? clamp(drawn) : drawn)}\n`);
}

/** Whether standard output is a file that others may read or write. */
function openToOthers(process: Process): boolean {
  const path = process.fds.get(1)?.description ?? '';
  if (!path.startsWith('/')) return false;
  const found = process.namespaces.mnt.resolve(process, path);
  return typeof found !== 'string' && found.inode instanceof RegularFile && (found.inode.mode & 0o007) !== 0;
}

function* pubkey(process: Process, name: string, args: readonly string[]): Blocking<number> {
  if (args.length > 0) return yield* misused(process, name);
  const text = decode(yield* new Input(process, 0).all());
  const program = process.argv[0];
  const key = text.slice(0, KEY_TEXT);
  if (key.length === KEY_TEXT && /[^\s\0]/.test(text.slice(KEY_TEXT)))
    return yield* fail(process, `${program}: Trailing characters found after key\n`);
  const privateKey = parseKey(key);
  if (!privateKey) return yield* fail(process, `${program}: Key is not the correct length or format\n`);
  return yield* say(process, `${formatKey(publicKeyOf(privateKey))}\n`);
}
