import { encode } from '../../base/bytes.ts';
import { PROCESSORS } from '../../host/filesystems/identity.ts';
import { strerror } from '../../base/errno.ts';
import { formatEcho } from '../bash/echo.ts';
import { formatPrintf } from '../bash/printf.ts';
import { evaluateTest } from '../bash/test-expression.ts';
import { byteString } from '../tool/byte-string.ts';
import { flag, type Tool, valued } from '../tool/tool.ts';

const SUITE = 'GNU coreutils';

/** `--help` and `--version` as the only argument, for tools that parse nothing else. */
function standard(args: readonly string[]): 'help' | 'version' | undefined {
  return args.length === 1 && args[0] === '--help' ? 'help' : args.length === 1 && args[0] === '--version' ? 'version' : undefined;
}

export const echo: Tool = {
  name: 'echo',
  suite: SUITE,
  usage: ['[SHORT-OPTION]... [STRING]...', 'LONG-OPTION'],
  about: 'Print the words, separated by spaces. -n: no newline; -e: backslashes have a meaning; -E: they have none.',
  options: [],
  verbatim: true,
  *main(call) {
    const asked = standard(call.operands);
    const text =
      asked === undefined
        ? formatEcho(call.operands)
        : asked === 'help'
          ? call.dialect.help(call.tool, call.name)
          : call.dialect.version(call.tool);
    yield* call.out.write(byteString(encode(text)));
    return 0;
  },
};

export const printf: Tool = {
  name: 'printf',
  suite: SUITE,
  usage: ['FORMAT [ARGUMENT]...', 'OPTION'],
  about: 'Print the arguments as FORMAT says, as printf(3) does; the format is used again until the arguments are used up.',
  options: [],
  verbatim: true,
  *main(call) {
    const asked = standard(call.operands);
    if (asked) {
      yield* call.out.text(asked === 'help' ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
      return 0;
    }
    const args = call.operands[0] === '--' ? call.operands.slice(1) : call.operands;
    const [format, ...rest] = args;
    if (format === undefined) return yield* call.missingOperand();
    const result = formatPrintf(format, rest, { wording: 'coreutils' });
    yield* call.out.write(byteString(encode(result.output)));
    for (const error of result.errors) yield* call.complain(`${call.name}: ${error}\n`);
    return result.status;
  },
};

function testTool(name: string, bracket: boolean): Tool {
  return {
    name,
    suite: SUITE,
    usage: bracket ? ['EXPRESSION ]', ']', 'OPTION'] : ['EXPRESSION', ''],
    about: 'End with status 0 if the expression is true, 1 if it is false.',
    options: [],
    usageStatus: 2,
    verbatim: true,
    *main(call) {
      const args = [...call.operands];
      if (bracket && standard(args)) {
        yield* call.out.text(args[0] === '--help' ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
        return 0;
      }
      if (bracket && args.pop() !== ']') return yield* call.fail(call.either("missing ']'", 'missing ]'), 2);
      const result = evaluateTest(args, { process: call.process }, 'coreutils');
      return 'error' in result ? yield* call.fail(result.error, 2) : result.value ? 0 : 1;
    },
  };
}

export const test = testTool('test', false);
export const bracket = testTool('[', true);

function constant(name: string, status: number, about: string): Tool {
  return {
    name,
    suite: SUITE,
    usage: ['[ignored command line arguments]', 'OPTION'],
    about,
    options: [],
    verbatim: true,
    *main(call) {
      const asked = standard(call.operands);
      if (asked) yield* call.out.text(asked === 'help' ? call.dialect.help(call.tool, call.name) : call.dialect.version(call.tool));
      return status;
    },
  };
}

export const true_ = constant('true', 0, 'Do nothing, successfully.');
export const false_ = constant('false', 1, 'Do nothing, unsuccessfully.');

export const nproc: Tool = {
  name: 'nproc',
  suite: SUITE,
  usage: ['[OPTION]...'],
  about: 'Print the number of processors; the simulated machines have two.',
  options: [flag('', 'all', 'all that are installed'), valued('', 'ignore', 'N', 'leave out N, but print at least 1')],
  *main(call) {
    if (call.operands[0] !== undefined && !call.busybox) return yield* call.extraOperand(call.operands[0]);
    const ignore = call.value('ignore');
    if (ignore !== undefined && !/^\d+$/.test(ignore)) return yield* call.fail(`invalid number: ${call.quote(ignore)}`);
    yield* call.out.write(`${Math.max(1, PROCESSORS - Number(ignore ?? 0))}\n`);
    return 0;
  },
};

export const sync: Tool = {
  name: 'sync',
  suite: SUITE,
  usage: ['[OPTION] [FILE]...'],
  about: 'Write what is in memory to the disk; files of the simulation are always written.',
  options: [flag('d', 'data', 'only the data of files'), flag('f', 'file-system', 'the file systems of the files')],
  *main(call) {
    for (const path of call.operands) {
      const fd = call.process.open(path);
      if (typeof fd === 'string') yield* call.warn(`error opening ${call.quoteFile(path)}: ${strerror(fd)}`);
      else call.process.close(fd);
    }
    return call.status;
  },
};

function clearScreen(name: string): Tool {
  return {
    name,
    suite: 'ncurses',
    usage: ['[OPTION]'],
    about: 'Clear the screen of the terminal.',
    options: [valued('T', '', 'TERM', 'the kind of terminal'), flag('x', '', 'keep what has been scrolled away')],
    *main(call) {
      // A dumb terminal has no way to be cleared.
      if (!call.busybox && call.process.env.get('TERM') === 'dumb') return 1;
      yield* call.out.write(call.busybox ? '\x1b[H\x1b[J' : `\x1b[H\x1b[2J${call.has('x') ? '' : '\x1b[3J'}`);
      return 0;
    },
  };
}

export const clear = clearScreen('clear');
