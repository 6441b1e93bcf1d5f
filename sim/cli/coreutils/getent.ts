import { formatIP, parseIP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { RegularFile } from '../../host/inode.ts';
import type { Process } from '../../host/process.ts';
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

type Lookup = (process: Process, key: string | undefined) => string[];

function accounts(path: string): Lookup {
  return (process, key) =>
    accountLines(process, path)
      .filter((fields) => key === undefined || fields[0] === key || fields[2] === key)
      .map((fields) => fields.join(':'));
}

function hostLine(words: string[]): string {
  return `${(words[0] as string).padEnd(15)} ${words.slice(1).join(' ')}`;
}

/** By name or address, in /etc/hosts only: name servers are not asked. */
function hosts(process: Process, key: string | undefined): string[] {
  const lines = wordLines(process, '/etc/hosts');
  if (key === undefined) return lines.map(hostLine);
  const address = parseIP(key);
  if (address !== undefined)
    return lines
      .filter((words) => parseIP(words[0] ?? '') === address)
      .slice(0, 1)
      .map(hostLine);
  const found = lines.filter((words) => words.slice(1).includes(key));
  const six = found.filter((words) => typeof parseIP(words[0] ?? '') === 'bigint');
  return (six.length > 0 ? six : found).map(hostLine);
}

/** getaddrinfo(3)'s answers: an address per socket type. */
function ahosts(only: 'bigint' | 'number' | undefined): Lookup {
  return (process, key) => {
    if (key === undefined) return hosts(process, key);
    const literal = parseIP(key);
    const found =
      literal !== undefined
        ? [literal]
        : wordLines(process, '/etc/hosts')
            .filter((words) => words.slice(1).includes(key))
            .map((words) => parseIP(words[0] ?? ''));
    const addresses = found.filter((address) => address !== undefined && (only === undefined || typeof address === only));
    return addresses.flatMap((address, i) =>
      ['STREAM', 'DGRAM', 'RAW'].map(
        (type, j) => `${formatIP(address as number | bigint).padEnd(15)} ${type.padEnd(6)} ${i === 0 && j === 0 ? key : ''}`,
      ),
    );
  };
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
  ahostsv4: ahosts('number'),
  ahostsv6: ahosts('bigint'),
  group: accounts('/etc/group'),
  hosts,
  passwd: accounts('/etc/passwd'),
  protocols,
  services,
};

const HELP = "Try `getent --help' or `getent --usage' for more information.\n";

export const getent: Tool = {
  name: 'getent',
  suite: 'Debian GLIBC',
  usage: ['[OPTION...] database [key ...]'],
  about: `Print entries of databases: ${Object.keys(DATABASES).join(' ')}. Only files are searched, no name servers.`,
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
      const lines = lookup(call.process, key);
      if (lines.length === 0 && key !== undefined) status = 2;
      for (const line of lines) yield* call.out.text(`${line}\n`);
    }
    return status;
  },
};
