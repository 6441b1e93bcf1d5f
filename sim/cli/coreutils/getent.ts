import { formatIP, type IP, isLoopbackIPv4, parseIP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { RegularFile } from '../../host/inode.ts';
import { openRtNetlink } from '../../host/netlink/open.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { hostsLine, nameOfAddress, readHosts, resolveName } from '../name-resolution.ts';
import { accountLines } from '../tool/accounts.ts';
import { stat } from '../tool/filesystem.ts';
import { type Tool, unmodelled } from '../tool/tool.ts';

/** Lines of a file in /etc as words, without comments. */
function wordLines(process: Process, path: string): string[][] {
  const inode = stat(process, path);
  if (!(inode instanceof RegularFile)) return [];
  return decode(inode.bytes)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => line.split(/\s+/));
}

type Lookup = (process: Process, key: string | undefined) => Blocking<string[]>;

/** A lookup that reads files only, at once. */
function atOnce(find: (process: Process, key: string | undefined) => string[]): Lookup {
  return function* (process, key) {
    return find(process, key);
  };
}

function accounts(path: string): Lookup {
  return atOnce((process, key) =>
    accountLines(process, path)
      .filter((fields) => key === undefined || fields[0] === key || fields[2] === key)
      .map((fields) => fields.join(':')),
  );
}

function hostLine(address: IP, names: readonly string[]): string {
  return `${formatIP(address).padEnd(15)} ${names.join(' ')}`;
}

/** By address, or by name: IPv6 addresses if there are any, else IPv4 (gethostbyaddr(3), gethostbyname2(3)). */
function* hosts(process: Process, key: string | undefined): Blocking<string[]> {
  if (key === undefined) return (yield* readHosts(process)).map(({ address, names }) => hostLine(address, names));
  const address = parseIP(key);
  if (address !== undefined) {
    const line = yield* hostsLine(process, address);
    const name = line ? undefined : yield* nameOfAddress(process, address);
    return line ? [hostLine(address, line.names)] : name === undefined ? [] : [hostLine(address, [name])];
  }
  for (const family of [6, 4] as const) {
    const listed = (yield* readHosts(process)).filter(
      (line) => line.names.includes(key) && (typeof line.address === 'bigint') === (family === 6),
    );
    if (listed.length > 0) return listed.map((line) => hostLine(line.address, line.names));
    const found = yield* resolveName(process, key, family);
    if (typeof found === 'string') continue;
    const names = found.aliases ? [found.name, ...found.aliases] : [found.name];
    return found.addresses.map((each) => hostLine(each, names));
  }
  return [];
}

/** getaddrinfo(3)'s answers: an address per socket type. */
function ahosts(only: 4 | 6 | undefined): Lookup {
  return function* (process, key) {
    if (key === undefined) return yield* hosts(process, key);
    const found = yield* resolveName(process, key, only ?? configuredFamily(process));
    if (typeof found === 'string') return [];
    const name = found.numeric ? key : found.name;
    return found.addresses.flatMap((address, i) =>
      ['STREAM', 'DGRAM', 'RAW'].map((type, j) => `${formatIP(address).padEnd(15)} ${type.padEnd(6)} ${i === 0 && j === 0 ? name : ''}`),
    );
  };
}

/** The only family that this host has addresses of, loopback aside (AI_ADDRCONFIG); 0 for both or neither. */
function configuredFamily(process: Process): 0 | 4 | 6 {
  const addresses = openRtNetlink(process.namespaces.net)
    .addresses()
    .map(({ prefix }) => prefix.address);
  const four = addresses.some((address) => typeof address === 'number' && !isLoopbackIPv4(address));
  const six = addresses.some((address) => typeof address === 'bigint' && address !== 1n);
  return four === six ? 0 : four ? 4 : 6;
}

function services(process: Process, key: string | undefined): string[] {
  const [name, protocol] = (key ?? '').split('/');
  return wordLines(process, '/etc/services')
    .filter(([service, port = '', ...aliases]) => {
      if (key === undefined) return true;
      const [number, kind] = port.split('/');
      return (service === name || number === name || aliases.includes(name as string)) && (protocol === undefined || kind === protocol);
    })
    .slice(0, key === undefined ? undefined : 1)
    .map((words) => `${(words[0] as string).padEnd(21)} ${words.slice(1).join(' ')}`);
}

function protocols(process: Process, key: string | undefined): string[] {
  return wordLines(process, '/etc/protocols')
    .filter((words) => key === undefined || words.includes(key))
    .map((words) => `${(words[0] as string).padEnd(21)} ${words.slice(1).join(' ')}`);
}

const DATABASES: Record<string, Lookup> = {
  ahosts: ahosts(undefined),
  ahostsv4: ahosts(4),
  ahostsv6: ahosts(6),
  group: accounts('/etc/group'),
  hosts,
  passwd: accounts('/etc/passwd'),
  protocols: atOnce(protocols),
  services: atOnce(services),
};

const HELP = "Try `getent --help' or `getent --usage' for more information.\n";

export const getent: Tool = {
  name: 'getent',
  suite: 'Debian GLIBC',
  usage: ['[OPTION...] database [key ...]'],
  about: `Print entries of databases: ${Object.keys(DATABASES).join(' ')}.`,
  options: [unmodelled('i', 'no-idn'), { ...unmodelled('s', 'service'), argument: 'required' }],
  *main(call) {
    const [database, ...keys] = call.operands;
    if (database === undefined) {
      yield* call.complain(`${call.name}: wrong number of arguments\n`);
      yield* call.out.text(HELP);
      return 1;
    }
    const lookup = Object.hasOwn(DATABASES, database) ? DATABASES[database] : undefined;
    if (!lookup) {
      yield* call.complain(`Unknown database: ${database}\n`);
      yield* call.out.text(HELP);
      return 1;
    }
    let status = 0;
    for (const key of keys.length > 0 ? keys : [undefined]) {
      const lines = yield* lookup(call.process, key);
      if (lines.length === 0 && key !== undefined) status = 2;
      for (const line of lines) yield* call.out.text(`${line}\n`);
    }
    return status;
  },
};
