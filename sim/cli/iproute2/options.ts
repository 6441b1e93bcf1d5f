import { terminalOf } from '../../host/tty.ts';
import type { Options, Tool } from './tool.ts';
import { IP_USAGE } from './usage/ip.ts';
import { abbreviates, EXIT_MINUS_ONE, invalid, Quit } from './words.ts';

/** What the options leave: the object with its words, and the file of `-batch`. */
export interface AfterOptions {
  rest: string[];
  batch: string | undefined;
}

export const VERSION = '7.2.0';

/** Parses the options of `ip` in front of the object; each may be abbreviated, with one dash or two (ip/ip.c `main`). */
export function parseOptions(tool: Tool, args: readonly string[]): AfterOptions {
  let batch: string | undefined;
  let at = 0;
  for (; at < args.length; at++) {
    const given = args[at] as string;
    if (given === '--') {
      at++;
      break;
    }
    if (!given.startsWith('-')) break;
    const option = given.startsWith('--') ? given.slice(1) : given;
    if (abbreviates(option, '-loops')) tool.options.loops = Number.parseInt(required(args, ++at, 'loop count'), 10) || 0;
    else if (abbreviates(option, '-family')) setFamily(tool, required(args, ++at, 'family type'));
    else if (abbreviates(option, '-batch')) batch = required(args, ++at, 'batch file');
    else if (SWITCHES.some(({ names, set }) => names.some((name) => matches(option, name)) && apply(set, tool))) continue;
    else if (abbreviates(option, '-rcvbuf')) required(args, ++at, 'rcvbuf size');
    else if (setColor(tool, option)) continue;
    else if (abbreviates(option, '-help')) throw new Quit(IP_USAGE, EXIT_MINUS_ONE);
    else if (abbreviates(option, '-netns')) tool.net = tool.enter(args[++at] ?? '(null)');
    else if (abbreviates(option, '-Numeric')) tool.options.numeric = true;
    else if (abbreviates(option, '-all')) tool.options.all = true;
    else if (option === '-echo') throw tool.unmodelled('the option -echo');
    else throw new Quit(`Option "${option}" is unknown, try "ip -help".\n`, EXIT_MINUS_ONE);
  }
  return { rest: args.slice(at), batch };
}

function required(args: readonly string[], at: number, what: string): string {
  const value = args[at];
  if (value === undefined) throw new Quit(`Error: argument "${what}" is required\n`, EXIT_MINUS_ONE);
  return value;
}

/** `-4` and its like stand for themselves; the others may be abbreviated. */
function matches(option: string, name: string): boolean {
  return name.length === 2 ? option === name : abbreviates(option, name);
}

function apply(set: (tool: Tool) => void, tool: Tool): true {
  set(tool);
  return true;
}

const turn =
  (settings: Partial<Options>) =>
  ({ options }: Tool): void => {
    Object.assign(options, settings);
  };

/** Options without an argument, in the order that abbreviations are tried. */
const SWITCHES: readonly { names: readonly string[]; set: (tool: Tool) => void }[] = [
  { names: ['-4'], set: turn({ family: 4 }) },
  { names: ['-6'], set: turn({ family: 6 }) },
  { names: ['-0'], set: turn({ family: 'link' }) },
  { names: ['-M'], set: (tool) => tool.refuse(tool.unmodelled('the MPLS family')) },
  { names: ['-B'], set: (tool) => tool.refuse(tool.unmodelled('the bridge family of ip')) },
  { names: ['-human', '-human-readable'], set: turn({ human: true }) },
  { names: ['-iec'], set: turn({ iec: true }) },
  { names: ['-stats', '-statistics'], set: (tool) => turn({ stats: tool.options.stats + 1 })(tool) },
  { names: ['-details'], set: turn({ details: true }) },
  { names: ['-resolve'], set: turn({ resolve: true }) },
  { names: ['-oneline'], set: turn({ oneline: true }) },
  { names: ['-timestamp'], set: turn({ timestamp: true }) },
  { names: ['-tshort'], set: turn({ timestampShort: true }) },
  { names: ['-Version'], set: (tool) => printVersion(tool) },
  { names: ['-force'], set: turn({ force: true }) },
  { names: ['-brief'], set: turn({ brief: true }) },
  { names: ['-json'], set: turn({ json: true }) },
  { names: ['-pretty'], set: turn({ pretty: true }) },
];

function printVersion(tool: Tool): never {
  tool.print(`ip utility, iproute2-${VERSION}, libbpf 1.7.0\n`);
  throw new Quit('', 0);
}

function setFamily(tool: Tool, name: string): void {
  if (name === 'help') throw new Quit(IP_USAGE, EXIT_MINUS_ONE);
  if (name === 'inet') tool.options.family = 4;
  else if (name === 'inet6') tool.options.family = 6;
  else if (name === 'link') tool.options.family = 'link';
  else if (name === 'mpls' || name === 'bridge') throw tool.unmodelled(`the family ${name}`);
  else throw invalid('invalid protocol family', name);
}

/**
 * `-c`, `-color`, `-color=never` …: colors always, never, or on a terminal only; JSON has none.
 * @returns false for what is no such option
 */
export function setColor(tool: Tool, option: string): boolean {
  const [name = '', value = 'always'] = option.split('=');
  if (!abbreviates(name, '-color') || name === '-') return false;
  if (!['never', 'auto', 'always'].includes(value)) return false;
  tool.options.color = value === 'always' || (value === 'auto' && terminalOf(tool.process.fds.get(1)) !== undefined);
  return true;
}
