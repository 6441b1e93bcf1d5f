import fc from 'fast-check';
import { Session } from '../../cli/bash/readline/session.ts';
import { shellMachine } from '../../cli/bash/test-programs.ts';
import { fuzzMachine } from '../machine.ts';
import { nearText } from '../mutate.ts';
import { demandSame, target } from '../target.ts';
import { commandLines, shellScripts } from '../valid.ts';

const PROGRAMS = ['bash', 'cat', 'head', 'echo', 'seq', 'sleep', 'true', 'grep', 'sed'];

/** The shell's own signs and words, in any order. */
const WORDS =
  'if then else fi for in do done while until case esac { } ( ) (( )) [[ ]] ; ;; & && | || |& > >> < << <<< <<- >& 2>&1 $( ` ${ } $(( )) " \' \\ $x ${x} ${x:-y} ${#a[@]} a=1 a=(1 2) a[0]= $@ "$*" ~ * ? [a-z] {a,b} {1..3} echo true false read cd set -e shift local export declare -A printf %s test [ ] ! time function f() f return break continue exit eval trap wait jobs kill %1 : . \n \t # é \u0000 \udc80 =~ == -f !!'.split(
    ' ',
  );

/** bash -c with any text: it ends, or is ended, and the machine lives. */
export const shell = target(
  'bash text',
  8,
  () =>
    fc.oneof(
      { weight: 4, arbitrary: nearText(shellScripts()) },
      { weight: 2, arbitrary: nearText(commandLines()) },
      { weight: 1, arbitrary: fc.array(fc.constantFrom(...WORDS), { maxLength: 25 }).map((words) => words.join(' ')) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    ),
  (text) => {
    const machine = fuzzMachine(PROGRAMS);
    machine.run(['bash', '-c', text], 'a line\n', 3_000);
  },
);

/** A function that bash accepts, printed by `declare -f`, read and printed again: the same text. */
export const functions = target(
  'bash functions printed',
  4,
  () => nearText([...shellScripts(), ...commandLines()], 2),
  (text) => {
    const print = (body: string) => fuzzMachine(['bash']).run(['bash', '-c', body], '', 400);
    // A body that closes the brace itself would define something else.
    const first = print(`f() {\n${text}\n}\ndeclare -f f`);
    if (first.status !== 0 || !/^f \(\) \n\{ \n[\s\S]*\n\}\n$/.test(first.stdout) || first.stderr !== '') return;
    const second = print(`${first.stdout}declare -f f`);
    demandSame(second.stdout, first.stdout, 'declare -f of its own output');
  },
);

const KEYS =
  'a é 日 echo \\ " \' \r \t \x01 \x03 \x05 \x02 \x06 \x0b \x0c \x0e \x10 \x12 \x14 \x15 \x17 \x19 \x1a \x1b[A \x1b[B \x1b[C \x1b[D \x1b[H \x1b[3~ \x1b \x1bb \x1bd \x1b[200~ \x1b[201~ !! $( | & ; \x7f \xff'.split(
    ' ',
  );

/** Keys at a prompt, in terminals of any width. */
export const keys = target(
  'keys at a prompt',
  2,
  () => fc.tuple(fc.array(fc.constantFrom(...KEYS), { maxLength: 60 }), fc.integer({ min: 4, max: 30 })),
  ([typed, columns]) => {
    const session = new Session(shellMachine(), { columns });
    session.type(typed.join(''), 1);
    session.type('\x1b[201~\x03\x03', 1);
    demandSame(session.host.bugs, [], 'bugs');
  },
);
