import { formatIP } from '../../base/address.ts';
import { decode } from '../../base/bytes.ts';
import { strerror } from '../../base/errno.ts';
import type { Process } from '../../host/process.ts';
import type { Blocking } from '../../host/wait.ts';
import { type ResolvedName, resolveName } from '../name-resolution.ts';
import { appletProgram, Die, options, type Speech } from './failure.ts';

/** busybox's hostname and dnsdomainname (networking/hostname.c). */
export const hostname = appletProgram('hostname', (process, args, speech) => runHostname(process, args, speech));
export const dnsdomainname = appletProgram('dnsdomainname', (process, _args, speech) => show(process, 'd', speech));

const SPECS = [
  { name: 'd', short: 'd', long: 'domain' },
  { name: 'f', short: 'f', long: 'fqdn' },
  { name: 'f', long: 'long' },
  { name: 'i', short: 'i', long: 'ip-address' },
  { name: 's', short: 's', long: 'short' },
  { name: 'v', short: 'v', long: 'verbose' },
  { name: 'F', short: 'F', long: 'file', argument: 'required' as const },
];

function* runHostname(process: Process, args: readonly string[], speech: Speech): Blocking<number> {
  const { options: given, operands } = options(SPECS, args);
  const file = given.findLast(({ name }) => name === 'F')?.value;
  if (file !== undefined) return yield* setFromFile(process, file);
  const shown = given.findLast(({ name }) => 'dfis'.includes(name))?.name;
  if (shown !== undefined) return yield* show(process, shown, speech);
  if (operands[0] !== undefined) return setName(process, operands[0]);
  speech.print(`${process.namespaces.uts.hostname}\n`);
  return 0;
}

function setName(process: Process, name: string): number {
  if (!process.capable('SYS_ADMIN', process.namespaces.uts)) throw new Die(`sethostname: ${strerror('EPERM')}`);
  if (name.length > 64) throw new Die(`sethostname: ${strerror('EINVAL')}`);
  process.namespaces.uts.hostname = name;
  return 0;
}

/** Every line that isn't a comment becomes the name in turn; the last one stays. */
function* setFromFile(process: Process, file: string): Blocking<number> {
  const bytes = yield* process.readFile(file);
  if (typeof bytes === 'string') throw new Die(`can't open '${file}': ${strerror(bytes)}`);
  const names = decode(bytes)
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  for (const name of names) setName(process, name);
  return 0;
}

function* show(process: Process, letter: string, speech: Speech): Blocking<number> {
  const name = process.namespaces.uts.hostname;
  if (letter === 's') {
    speech.print(`${name.split('.')[0]}\n`);
    return 0;
  }
  const resolved = yield* resolveName(process, name);
  if (typeof resolved === 'string') throw new Die(`${name}: Unknown host`);
  speech.print(textOf(letter, resolved));
  return 0;
}

/** A name without a domain has no domain to print, not even an empty line. */
function textOf(letter: string, { name, addresses }: ResolvedName): string {
  if (letter === 'f') return `${name}\n`;
  if (letter === 'd') return name.includes('.') ? `${name.slice(name.indexOf('.') + 1)}\n` : '';
  const four = addresses.filter((address) => typeof address === 'number');
  return `${(four.length > 0 ? four : addresses).map(formatIP).join(' ')}\n`;
}
