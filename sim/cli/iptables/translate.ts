import { momentOf, strftime } from '../../base/calendar.ts';
import { strerror } from '../../base/errno.ts';
import { type Command as Parsed, rulesOf } from '../../host/iptables/command.ts';
import { isFailure } from '../../host/iptables/failure.ts';
import type { Lookup } from '../../host/iptables/lookup.ts';
import { parseCommand } from '../../host/iptables/parse.ts';
import { splitWords } from '../../host/iptables/words.ts';
import { ruleInWords } from '../../host/nftables/xtables-translate.ts';
import type { Process, Program } from '../../host/process.ts';
import { Input } from '../../host/stdio.ts';
import type { Blocking } from '../../host/wait.ts';
import { getopt, hasOption, isFailure as isBadOption, optionValue } from '../getopt.ts';
import { fileLookup } from '../tool/lookup.ts';
import { showInformation } from './information.ts';
import { report, reportLine, VERSION } from './report.ts';

const RELEASE = (VERSION.split(' ')[0] as string).slice(1);

/** The lines of nft that a command comes to, what can't be said as a comment; `undefined` for commands that aren't translated. */
function linesOf(command: Parsed, args: readonly string[]): { lines: string[]; quoted: boolean } | undefined {
  const ip = command.family === 4 ? 'ip' : 'ip6';
  const plain = (line: string) => ({ lines: [line], quoted: false });
  const { table, chain } = command;
  switch (command.name) {
    case 'append':
    case 'insert': {
      const place = command.name === 'insert' && command.number > 1 ? ` index ${command.number}` : '';
      const lines: string[] = [];
      for (const rule of rulesOf(command.rule)) {
        const words = ruleInWords(rule, command.family, table);
        if (!words) return plain(`# ${args.map((word) => `${word} `).join('')}`);
        lines.push(...words.sets, `${command.name === 'append' ? 'add' : 'insert'} rule ${ip} ${table} ${chain}${place} ${words.text}`);
      }
      return { lines, quoted: true };
    }
    case 'list':
      return plain(`list table ${ip} ${table}`);
    case 'flush':
      return plain(chain === undefined ? `flush table ${ip} ${table}` : `flush chain ${ip} ${table} ${chain}`);
    case 'new-chain':
      return plain(`add chain ${ip} ${table} ${chain}`);
    case 'delete-chain':
      return plain(`delete chain ${ip} ${table} ${chain ?? '(null)'}`);
    default:
      return undefined;
  }
}

/** iptables-translate(8) and ip6tables-translate(8). */
export function translateProgram(family: 4 | 6): Program {
  const program = family === 4 ? 'iptables-translate' : 'ip6tables-translate';
  return function* (process: Process): Blocking<number> {
    const args = process.argv.slice(1);
    const { sets } = process.namespaces.net.netfilter;
    const command = parseCommand(args, { family, lookup: fileLookup(process), anyTable: true, setFamily: (name) => sets.family(name) });
    if (isFailure(command)) return yield* report(process, program, command);
    if ('ignored' in command) return 0;
    if ('show' in command) return yield* showInformation(process, program, family, command);
    const said = linesOf(command, args);
    if (!said) {
      yield* process.write(2, 'Translation not implemented\n');
      yield* process.write(1, 'nft ');
      return 1;
    }
    for (const line of said.lines) yield* process.write(1, `nft ${said.quoted ? `'${line}'` : line}\n`);
    return 0;
  };
}

const OPTIONS = [
  { name: 'help', short: 'h', long: 'help' },
  { name: 'file', short: 'f', long: 'file', argument: 'required' },
  { name: 'version', short: 'V', long: 'version' },
] as const;

/** iptables-restore-translate(8) and ip6tables-restore-translate(8). */
export function restoreTranslateProgram(family: 4 | 6): Program {
  const base = family === 4 ? 'iptables' : 'ip6tables';
  const program = `${base}-restore-translate`;
  const help = `${program} ${RELEASE} (c) 2014 by Pablo Neira Ayuso <pablo@netfilter.org>
Usage: ${program} [-h] [-f <FILE>] [-V]
	[ --help ]
	[ --file=<FILE> ]
	[ --version ]
`;
  return function* (process: Process): Blocking<number> {
    const parsed = getopt(OPTIONS, process.argv.slice(1));
    if (isBadOption(parsed)) {
      yield* process.write(2, `${program}: ${parsed.error}\n${help}`);
      return 0;
    }
    if (hasOption(parsed, 'help')) {
      yield* process.write(2, help);
      return 0;
    }
    if (hasOption(parsed, 'version')) {
      yield* process.write(1, `${program} v${RELEASE}\n`);
      return 0;
    }
    const file = optionValue(parsed, 'file');
    if (file === undefined) {
      yield* process.write(2, `ERROR: missing file name\n${help}`);
      return 0;
    }
    const fd = process.open(file);
    if (typeof fd === 'string') {
      yield* process.write(2, fd === 'ENOENT' ? `Cannot open file ${file}\n` : `Cannot open file ${file}: ${strerror(fd)}\n`);
      return 1;
    }
    return yield* translateFile(process, program, family, fd);
  };
}

function* translateFile(process: Process, program: string, family: 4 | 6, fd: number): Blocking<number> {
  const input = new Input(process, fd);
  const lookup = fileLookup(process);
  const date = strftime('%a %b %e %H:%M:%S %Y', momentOf(process.host.now));
  const complaining = `${family === 4 ? 'iptables' : 'ip6tables'}-translate-restore`;
  yield* process.write(1, `# Translated by ${program} v${RELEASE} on ${date}\n`);
  let table: string | undefined;
  for (let number = 1; ; number++) {
    const line = yield* input.line();
    if (line === undefined) break;
    const said = translateLine(process, line, table, family, lookup);
    if (typeof said !== 'string') return yield* reportLine(process, complaining, { ...said, line: number });
    if (line.startsWith('*')) table = line.slice(1).trim();
    else if (line === 'COMMIT') table = undefined;
    if (said !== '') yield* process.write(1, said);
    yield* process.spend(20);
  }
  yield* process.write(1, `# Completed on ${date}\n`);
  return 0;
}

const PRIORITIES: Record<string, number> = { raw: -300, mangle: -150, filter: 0, security: 0 };
const NAT_PRIORITIES: Record<string, number> = { PREROUTING: -100, INPUT: 100, OUTPUT: -100, POSTROUTING: 100 };

function translateLine(process: Process, line: string, table: string | undefined, family: 4 | 6, lookup: Lookup) {
  const ip = family === 4 ? 'ip' : 'ip6';
  const refused = { kind: 'refused', message: '' } as const;
  if (line === '' || line.startsWith('#') || line === 'COMMIT') return '';
  if (line.startsWith('*')) return `add table ${ip} ${line.slice(1).trim()}\n`;
  if (table === undefined) return refused;
  if (line.startsWith(':')) {
    const [name = '', policy = '-'] = line.slice(1).split(/[ \t]+/);
    if (policy === '-') return `add chain ${ip} ${table} ${name}\n`;
    const type = table === 'nat' ? 'nat' : table === 'mangle' && name === 'OUTPUT' ? 'route' : 'filter';
    const priority = table === 'nat' ? NAT_PRIORITIES[name] : PRIORITIES[table];
    const hook = `type ${type} hook ${name.toLowerCase()} priority ${priority}; policy ${policy.toLowerCase()};`;
    return `add chain ${ip} ${table} ${name} { ${hook} }\n`;
  }
  const words = splitWords(line.replace(/^\[\d+:\d+\]/, ''));
  const { sets } = process.namespaces.net.netfilter;
  const command = parseCommand(words, { family, lookup, table, anyTable: true, setFamily: (name) => sets.family(name) });
  if (isFailure(command)) return command;
  if ('ignored' in command || 'show' in command) return '';
  return (
    linesOf(command, ['-t', table, ...words])
      ?.lines.map((text) => `${text}\n`)
      .join('') ?? refused
  );
}
