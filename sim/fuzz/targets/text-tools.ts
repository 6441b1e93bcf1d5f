import fc from 'fast-check';
import { commands } from '../../cli/registry.ts';
import { compilePosix, isPosixError } from '../../cli/posix-regex.ts';
import { fuzzMachine } from '../machine.ts';
import { nearText, nearWords } from '../mutate.ts';
import { demand, type Target, target } from '../target.ts';
import { argumentsOf, recordedArguments } from '../valid.ts';

/** A program in a tool's own language: the recorded ones, changed word by word and sign by sign, over a little input. */
function language(tool: string, share: number): Target {
  return target(
    `${tool} programs`,
    share,
    () => {
      const recorded = recordedArguments(tool);
      const programs = recorded.flatMap((args) => args.filter((word) => !word.startsWith('-') && word.length > 2));
      return fc.record({
        args: fc.oneof(
          { weight: 4, arbitrary: nearText(programs).map((text) => ['--', text.replaceAll('\0', '')]) },
          nearWords(recorded, 2),
        ),
        stdin: fc.constantFrom('', 'a b\nc d\n1,2\n', '{"a":[1,null,"x"]}\n[1,2]\n', 'no newline', '\xff\udc80\n'),
      });
    },
    ({ args, stdin }) => {
      fuzzMachine([tool]).run([tool, ...args], stdin, 300);
    },
  );
}

export const awk = language('awk', 6);
export const sed = language('sed', 6);
export const jq = language('jq', 6);

const LINES = [
  'grep -rnE a|b /etc',
  'cut -d: -f1,3- /etc/passwd',
  'sort -t: -k3,3nr /etc/passwd',
  'tr a-z A-Z',
  'head -n -1 /etc/hosts',
  'find /etc -name host* -type f',
  'date +%F',
  'xargs -n 1 echo',
  'printf %5.2f|%s\\n 3 x',
  'test -f /etc/hosts -a 1 -lt 2',
  'expr 1 + ( 2 * 3 )',
  'od -A d -t x1 /etc/hosts',
  'ps -eo pid,args --sort=-pid',
  'diff -u /etc/hosts /etc/passwd',
  'split -b 5 /etc/hosts /tmp/s',
  'seq -w 1 2 9',
  'kill -l 9',
  'timeout 1 sleep 5',
  'stat -c %n%s /etc/hosts',
  'column -t -s : /etc/passwd',
];
const TOOLS = [...new Set(LINES.map((line) => line.split(' ')[0] as string))];

/** The options of the text and file tools. */
export const coreutils = target(
  'coreutils options',
  4,
  () =>
    fc.oneof(
      ...TOOLS.map((tool) =>
        nearWords(
          argumentsOf(
            tool,
            LINES.filter((line) => line.startsWith(`${tool} `)).map((line) => line.slice(tool.length + 1)),
          ),
          3,
        ).map((words) => [tool, ...words]),
      ),
    ),
  (words) => {
    fuzzMachine(
      [...new Set([words[0] as string, 'echo', 'sleep'])].filter((name) => commands.some((command) => command.name === name)),
    ).run(words, 'b a\na:b\n', 300);
  },
);

const PATTERNS = [
  '^a.*[[:alpha:]]\\{2,3\\}$',
  '(a|b)+\\1',
  'x{1,}y?',
  '[^]a-z-]\\<w\\>',
  '\\(ab\\)*\\n',
  '[[.a.][=b=]]',
  'a**',
  '()',
  '\\w\\S\\b',
  '[z-a]',
];

/** POSIX patterns: a regular expression of JavaScript, or a message in libc's words. */
export const patterns = target(
  'POSIX patterns',
  4,
  () => fc.tuple(nearText(PATTERNS), fc.boolean(), fc.boolean()),
  ([text, extended, lenient]) => {
    const compiled = compilePosix(text, { extended, lenient });
    if (isPosixError(compiled)) demand(compiled.error !== 'Regular expression too big', () => `${text} did not compile`);
  },
);
